package pydron.analysis;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Unit.Binding;
import pydron.analysis.ir.Op;

/// Tells calls apart by what their callee is bound to.
final class Calls {
    private final Names names;

    Calls(Names names) {
        this.names = names;
    }

    /// Whether the expression is a call of a functional or of a pipeline.
    boolean hoistable(Expr expr) {
        return expr instanceof Expr.Call call && isHoistable(call.callee());
    }

    Op.Call op(Expr.Call call, String target) {
        Binding binding = names.binding(call.callee()).orElseThrow();
        int pipeline = binding instanceof Binding.Pipeline p ? p.index() : -1;
        var kind = binding instanceof Binding.Pipeline ? Op.Call.Kind.PIPELINE : Op.Call.Kind.FUNCTIONAL;
        return new Op.Call(target, kind, pipeline, call.callee(), call.args(), call.keywords(), call.id(), call.line());
    }

    /// Whether iterating over the call's result shows the progress of the loop: a progress bar around its argument.
    boolean showsProgress(Expr iterable) {
        return iterable instanceof Expr.Call call
                && !call.args().isEmpty()
                && !(call.args().get(0) instanceof Expr.Starred)
                && names.entry(call.callee()).filter(Catalogue.Entry::progress).isPresent()
                && call.keywords().stream()
                        .noneMatch(keyword ->
                                keyword.name().isEmpty() || keyword.name().get().equals("iterable"));
    }

    /// The generator expression (or `map` of a functional) that a call consumes to its end and whose elements contain
    /// a hoistable call.
    Optional<Expr> consumed(Expr expr) {
        if (!(expr instanceof Expr.Call call) || call.args().isEmpty() || !isTotal(call)) {
            return Optional.empty();
        }
        Expr first = call.args().get(0);
        boolean others = call.args().size() == 1;
        boolean generates = generates(first);
        boolean maps = first instanceof Expr.Call map
                && map.args().size() == 2
                && map.keywords().isEmpty()
                && !(map.args().get(1) instanceof Expr.Starred)
                && names.binding(map.callee())
                        .filter(new Binding.Library("builtins.map")::equals)
                        .isPresent()
                && isHoistable(map.args().get(0));
        return (generates || maps) && (others || isSum(call)) ? Optional.of(first) : Optional.empty();
    }

    /// The generator expression that `any`, `all`, or `next` with something to fall back on asks for elements until one
    /// decides, if what it does for an element contains a hoistable call.
    Optional<Expr.Comprehension> searched(Expr expr) {
        if (!(expr instanceof Expr.Call call) || !call.keywords().isEmpty()) {
            return Optional.empty();
        }
        int args = names.binding(call.callee())
                .filter(Binding.Library.class::isInstance)
                .map(binding -> SEARCHING.getOrDefault(((Binding.Library) binding).canonical(), -1))
                .orElse(-1);
        boolean searches = call.args().size() == args
                && generates(call.args().get(0))
                && call.args().stream().noneMatch(Expr.Starred.class::isInstance);
        return searches ? Optional.of((Expr.Comprehension) call.args().get(0)) : Optional.empty();
    }

    boolean isAny(Expr.Call call) {
        return names.binding(call.callee())
                .filter(new Binding.Library("builtins.any")::equals)
                .isPresent();
    }

    /// With how many arguments.
    private static final Map<String, Integer> SEARCHING =
            Map.of("builtins.any", 1, "builtins.all", 1, "builtins.next", 2);

    private boolean generates(Expr expr) {
        return expr instanceof Expr.Comprehension c
                && c.kind().equals("GeneratorExp")
                && !asksForNext(c)
                && (hasHoistable(c.element())
                        || c.clauses().stream()
                                .anyMatch(clause -> hasHoistable(clause.iterable())
                                        || clause.conditions().stream().anyMatch(this::hasHoistable)));
    }

    /// Whether it may come to the end of an iterator: a generator turns that into another exception, a loop does not.
    private boolean asksForNext(Expr expr) {
        boolean next = expr instanceof Expr.Call call
                && call.args().size() == 1
                && names.binding(call.callee())
                        .filter(new Binding.Library("builtins.next")::equals)
                        .isPresent();
        return next || Walk.childrenOf(expr).stream().anyMatch(this::asksForNext);
    }

    /// The `key` of `max`, `min` or `sorted` of one iterable, if calling it means calls that can be taken out.
    Optional<Expr> key(Expr expr) {
        if (!(expr instanceof Expr.Call call)
                || call.args().size() != 1
                || call.args().get(0) instanceof Expr.Starred
                || names.binding(call.callee())
                        .filter(b -> b instanceof Binding.Library library && KEYED.contains(library.canonical()))
                        .isEmpty()) {
            return Optional.empty();
        }
        return call.keywords().stream()
                .filter(keyword -> keyword.name().filter("key"::equals).isPresent())
                .map(Expr.Keyword::value)
                .filter(key -> isHoistable(key)
                        || key instanceof Expr.Lambda lambda
                                && lambda.parameters().single()
                                && hasHoistable(lambda.body()))
                .findFirst();
    }

    private static final Set<String> KEYED = Set.of("builtins.max", "builtins.min", "builtins.sorted");

    private boolean isHoistable(Expr callee) {
        return names.binding(callee)
                .filter(b -> b instanceof Binding.Functional || b instanceof Binding.Pipeline)
                .isPresent();
    }

    /// Whether iterating gives tuples that were made for the occasion: their elements may be pending, they are not.
    boolean makesTuples(Expr iterable) {
        if (!(iterable instanceof Expr.Call call)) {
            return false;
        }
        Optional<Binding> binding = names.binding(call.callee());
        if (binding.isEmpty()) {
            return call.callee() instanceof Expr.Attribute method
                    && method.attr().equals("items");
        }
        return binding.get() instanceof Binding.Library library
                && (library.canonical().equals("builtins.zip")
                        || library.canonical().equals("builtins.enumerate"));
    }

    private boolean isSum(Expr.Call call) {
        return names.binding(call.callee())
                .filter(new Binding.Library("builtins.sum")::equals)
                .isPresent();
    }

    private boolean isTotal(Expr.Call call) {
        if (call.callee() instanceof Expr.Attribute attribute
                && attribute.attr().equals("join")
                && attribute.value() instanceof Expr.Constant) {
            return true;
        }
        return names.entry(call.callee()).filter(Catalogue.Entry::total).isPresent();
    }

    private boolean hasHoistable(Expr expr) {
        if (expr instanceof Expr.Lambda) {
            return false;
        }
        return hoistable(expr) || Walk.childrenOf(expr).stream().anyMatch(this::hasHoistable);
    }
}
