package pydron.analysis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ast.Unit;
import pydron.analysis.ast.Unit.Binding;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;

/// Scopes of one pipeline: which names are its locals, which of these other code may see, and what the rest is bound
/// to.
final class Names {
    private static final int LONGEST = 30;

    private final Unit.Function function;
    private final Catalogue catalogue;
    private final Set<String> locals = new LinkedHashSet<>();
    private final Set<String> declared = new LinkedHashSet<>();
    private final Set<String> captured = new LinkedHashSet<>();
    private final Set<String> assigned = new LinkedHashSet<>();
    private final Map<String, Integer> definitions = new LinkedHashMap<>();
    private final Set<String> localFunctionals = new LinkedHashSet<>();
    /// Functions defined inside this one that are analysed as pipelines.
    private final Set<String> localPipelines = new LinkedHashSet<>();
    private boolean rebinds;
    private Reason unsupported;

    Names(Unit.Function function, Catalogue catalogue) {
        this.function = function;
        this.catalogue = catalogue;
        var definition = function.definition();
        locals.addAll(definition.parameters().names());
        Walk.statements(definition.body(), this::statement, this::expression);
        locals.addAll(assigned);
        locals.removeAll(declared);
        captured.retainAll(locals);
        localFunctionals.removeIf(name -> definitions.getOrDefault(name, 0) != 1);
        localPipelines.removeIf(name -> definitions.getOrDefault(name, 0) != 1
                || parameters().contains(name)
                || declared.contains(name)
                || !(function.bindings().get(name) instanceof Binding.Pipeline));
    }

    /// What is known of libraries.
    Catalogue catalogue() {
        return catalogue;
    }

    /// What is known of the callable that a dotted expression is bound to.
    Optional<Catalogue.Entry> entry(Expr callee) {
        return binding(callee)
                .flatMap(b -> b instanceof Binding.Library library
                        ? catalogue.callable(library.canonical())
                        : Optional.empty());
    }

    /// Why the function runs plainly, if it must.
    Optional<Reason> unsupported() {
        return Optional.ofNullable(unsupported);
    }

    boolean isLocal(String name) {
        return locals.contains(name) || name.startsWith("$");
    }

    /// Whether code outside this function's straight line may read or write the variable.
    boolean isShared(String name) {
        return captured.contains(name) || declared.contains(name);
    }

    /// Whether there are expressions (`:=`) that give a variable a value.
    boolean rebinds() {
        return rebinds;
    }

    Set<String> parameters() {
        return new LinkedHashSet<>(function.definition().parameters().names());
    }

    /// The parameters that arguments can be given to by position.
    List<String> positional() {
        var parameters = function.definition().parameters();
        return parameters.names().subList(0, parameters.positional());
    }

    /// What a dotted expression is bound to, where that is known.
    Optional<Binding> binding(Expr expr) {
        if (expr instanceof Expr.Name name && localFunctionals.contains(name.name())) {
            return Optional.of(new Binding.Functional());
        }
        if (expr instanceof Expr.Name name && localPipelines.contains(name.name())) {
            return Optional.of(function.bindings().get(name.name()));
        }
        return dotted(expr).flatMap(this::binding);
    }

    private Optional<Binding> binding(String dotted) {
        int dot = dotted.indexOf('.');
        String root = dot < 0 ? dotted : dotted.substring(0, dot);
        boolean isParameter = function.definition().parameters().names().contains(root);
        if (assigned.contains(root) || declared.contains(root) || (locals.contains(root) && !isParameter)) {
            return Optional.empty();
        }
        return Optional.ofNullable(function.bindings().get(dotted));
    }

    /// A name, or a name and some attributes of it, as text. Longer chains than the driver tells bindings of are none.
    static Optional<String> dotted(Expr expr) {
        var attributes = new ArrayDeque<String>();
        Expr base = expr;
        while (base instanceof Expr.Attribute attribute && attributes.size() < LONGEST) {
            attributes.push(attribute.attr());
            base = attribute.value();
        }
        if (!(base instanceof Expr.Name name) || name.name().startsWith("$")) {
            return Optional.empty();
        }
        attributes.push(name.name());
        return Optional.of(String.join(".", attributes));
    }

    private void refuse(Rule rule, String subject) {
        if (unsupported == null) {
            unsupported = new Reason(rule, subject);
        }
    }

    private void bind(String name) {
        assigned.add(name);
        definitions.merge(name, 1, Integer::sum);
    }

    private void statement(Stmt stmt) {
        switch (stmt) {
            case Stmt.Assign assign -> assign.targets().forEach(this::bindTarget);
            case Stmt.AugAssign assign -> bindTarget(assign.target());
            case Stmt.AnnAssign assign -> bindTarget(assign.target());
            case Stmt.For loop -> bindTarget(loop.target());
            case Stmt.With with -> with.items().forEach(item -> item.target().ifPresent(this::bindTarget));
            case Stmt.Try attempt ->
                attempt.handlers().forEach(handler -> handler.name().ifPresent(this::bind));
            case Stmt.Delete delete -> delete.targets().forEach(this::bindTarget);
            case Stmt.Declare declare -> declared.addAll(declare.names());
            case Stmt.FunctionDef inner -> {
                bind(inner.name());
                if (inner.decorators().size() == 1
                        && isFunctionalDecorator(inner.decorators().get(0))) {
                    localFunctionals.add(inner.name());
                }
                if (inner.decorators().isEmpty()) {
                    localPipelines.add(inner.name());
                }
                captureFrom(inner.parameters().names(), inner.body(), List.of());
            }
            case Stmt.Other other -> {
                other.binds().forEach(this::bind);
                switch (other.type()) {
                    case "AsyncFor", "AsyncWith" -> refuse(Rule.COROUTINE, "");
                    case "TryStar" -> refuse(Rule.NOT_ANALYSABLE, "uses except*");
                    case "ImportFrom" -> {
                        if (other.binds().contains("*")) {
                            refuse(Rule.NOT_ANALYSABLE, "imports *");
                        }
                    }
                    case "ClassDef" -> captureFrom(List.of(), other.inner(), other.expressions());
                    default -> {}
                }
            }
            default -> {}
        }
    }

    private boolean isFunctionalDecorator(Expr decorator) {
        Expr callee = decorator instanceof Expr.Call call ? call.callee() : decorator;
        return dotted(callee)
                .map(function.bindings()::get)
                .filter(b -> b instanceof Binding.Library library
                        && library.canonical().equals("pydron.functional"))
                .isPresent();
    }

    private void bindTarget(Expr target) {
        switch (target) {
            case Expr.Name name -> bind(name.name());
            case Expr.Display display -> display.elements().forEach(this::bindTarget);
            case Expr.Starred starred -> bindTarget(starred.value());
            default -> {}
        }
    }

    private void expression(Expr expr) {
        switch (expr) {
            case Expr.Walrus walrus -> {
                rebinds = true;
                bindTarget(walrus.target());
            }
            case Expr.Other other -> {
                switch (other.type()) {
                    case "Yield", "YieldFrom" -> refuse(Rule.GENERATOR, "");
                    case "Await" -> refuse(Rule.COROUTINE, "");
                    default -> refuse(Rule.NOT_ANALYSABLE, "uses " + other.type());
                }
            }
            case Expr.Name name -> {
                if (FRAME_FUNCTIONS.contains(name.name())) {
                    refuse(Rule.NOT_ANALYSABLE, "uses " + name.name() + ", which looks at the running function itself");
                }
            }
            case Expr.Comprehension comprehension -> {
                if (comprehension.clauses().stream().anyMatch(Expr.Clause::isAsync)) {
                    refuse(Rule.COROUTINE, "");
                }
            }
            default -> {}
        }
    }

    private static final Set<String> FRAME_FUNCTIONS =
            Set.of("locals", "vars", "dir", "exec", "eval", "globals", "super", "__class__", "breakpoint");

    /// Names that a nested function or class body takes from this function, or gives to it.
    private void captureFrom(List<String> parameters, List<Stmt> body, List<Expr> expressions) {
        var used = new LinkedHashSet<String>();
        Walk.everything(body, used::add);
        expressions.forEach(expr -> Walk.names(expr, used::add));
        parameters.forEach(used::remove);
        captured.addAll(used);
    }

    /// Marks what a lambda or generator expression that outlives its statement takes from this function.
    void capture(Expr expr) {
        var used = new ArrayList<String>();
        if (expr instanceof Expr.Lambda lambda) {
            Walk.names(lambda.body(), used::add);
            used.removeAll(lambda.parameters().names());
        } else {
            Walk.names(expr, used::add);
        }
        captured.addAll(used);
        captured.retainAll(locals);
    }
}
