package pydron.analysis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pydron.analysis.Catalogue.Need;
import pydron.analysis.Val.Kind;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Unit.Binding;
import pydron.analysis.ir.Guard;
import pydron.analysis.ir.Rule;

/// Evaluates calls abstractly: by what their callee is bound to, or by the name of the method and what is known of the
/// object.
final class CallEvaluator {
    private final Evaluator in;
    private final MethodEvaluator methods;
    final Constructors constructors;

    CallEvaluator(Evaluator in) {
        this.in = in;
        this.methods = new MethodEvaluator(in, this);
        this.constructors = new Constructors(in);
    }

    /// Evaluates the call that makes a progress bar: it looks at how many items there are, not at them.
    void progress(Expr.Call bar) {
        in.eval(bar.args().get(0), Need.SHALLOW);
        bar.args().stream().skip(1).forEach(arg -> in.eval(arg, Need.DEEP));
        for (Expr.Keyword keyword : bar.keywords()) {
            in.eval(keyword.value(), Need.DEEP);
            if (keyword.name().filter("file"::equals).isPresent() && !isStandardStream(keyword.value())) {
                in.facts.block(Rule.OUTPUT, "to a file of its own");
            }
        }
    }

    private Catalogue catalogue() {
        return in.names.catalogue();
    }

    Val call(Expr.Call e, Need need) {
        Optional<Binding> binding = in.names.binding(e.callee());
        if (binding.isPresent()) {
            switch (binding.get()) {
                case Binding.Functional _ -> {
                    arguments(e, Need.DEEP, false);
                    in.libraryObjects.ofUsers(e);
                    return in.fresh(e);
                }
                case Binding.Plain plain -> {
                    return plain(e, in.helpers.get(plain.index()));
                }
                case Binding.Record known -> {
                    return constructors.record(e, known.attributes());
                }
                case Binding.Library library -> {
                    if (library.canonical().equals("collections.defaultdict")) {
                        var made = constructors.defaultdict(e);
                        if (made.isPresent()) {
                            return made.get();
                        }
                    }
                    var entry = catalogue().callable(library.canonical());
                    if (entry.isPresent()) {
                        return library(e, library.canonical(), entry.get(), need);
                    }
                    return opaque(e, Rule.UNKNOWN_CALL, in.source(e.callee()));
                }
                case Binding.Pipeline _, Binding.Module _, Binding.Immutable _ -> {
                    return opaque(e, Rule.UNKNOWN_CALL, in.source(e.callee()));
                }
            }
        }
        Optional<String> type = in.libraryObjects.type(in.peek(e.callee()));
        if (type.isPresent()
                && catalogue().methods("__call__", List.of(type.get())).values().stream()
                        .anyMatch(Catalogue.Entry::isPure)) {
            in.eval(e.callee(), Need.DEEP);
            return in.fresh(e, arguments(e, Need.DEEP, true));
        }
        if (e.callee() instanceof Expr.Attribute method) {
            return methods.call(e, method, need);
        }
        return opaque(e, Rule.UNKNOWN_CALL, in.source(e.callee()));
    }

    /// A function of the user's without decorators.
    private Val plain(Expr.Call e, Helper helper) {
        if (helper.impure().isPresent()) {
            return opaque(e, Rule.EFFECTS, in.source(e.callee()));
        }
        Optional<List<Expr>> changed = changed(e, helper, helper.changes());
        Optional<List<Expr>> inside = changed(e, helper, helper.inside());
        if (changed.isEmpty()
                || inside.isEmpty()
                || !changed.get().stream().allMatch(this::isGivenObject)
                || inside.get().stream().anyMatch(this::holdsForeign)) {
            return opaque(e, Rule.SHARED_OBJECT, in.source(e.callee()));
        }
        Val args = arguments(e, Need.DEEP, true).withPending(false).withUnbound(false);
        methods.within(e, helper.methods());
        in.libraryObjects.ofUsers(e);
        for (Expr each : changed.get()) {
            Val base = in.trial(each, Need.DEEP);
            in.facts.mutated.addAll(inside.get().contains(each) ? in.state.reach(base) : base.sites());
            in.facts.mutatesElsewhere |=
                    in.variable(each).isEmpty() || inside.get().contains(each);
            Val stored = args.join(in.state.element(args)).withPending(false);
            in.state.make(e.id(), stored);
            Val added = stored.join(Val.made(e.id(), Kind.ANY));
            in.state.store(base, helper.external() ? added.join(Val.EXTERNAL) : added);
            in.state.storeKey(base, stored);
        }
        if (helper.atom()) {
            return Val.ATOM;
        }
        in.state.make(e.id(), helper.aliases() ? in.state.element(args).withPending(false) : Val.ATOM);
        Val made = Val.made(e.id(), Kind.ANY);
        Val all = helper.aliases() ? made.join(args).withKind(Kind.ANY).withSafe(false) : made;
        return helper.external() ? all.withExternal() : all;
    }

    /// The arguments that are changed; nothing if it is not clear which they are.
    private Optional<List<Expr>> changed(Expr.Call e, Helper helper, Set<Integer> parameters) {
        boolean unpacks = e.args().stream().anyMatch(Expr.Starred.class::isInstance)
                || e.keywords().stream().anyMatch(keyword -> keyword.name().isEmpty());
        if (parameters.isEmpty()) {
            return Optional.of(List.of());
        }
        if (unpacks || in.nesting > 0) {
            return Optional.empty();
        }
        var found = new ArrayList<Expr>();
        for (int parameter : parameters) {
            if (parameter < e.args().size()) {
                found.add(e.args().get(parameter));
            } else {
                String name = helper.parameters().get(parameter);
                e.keywords().stream()
                        .filter(keyword -> keyword.name().filter(name::equals).isPresent())
                        .forEach(keyword -> found.add(keyword.value()));
            }
        }
        return Optional.of(found);
    }

    /// Whether an object holds something that others can see.
    private boolean holdsForeign(Expr expr) {
        return in.state.holdsExternal(in.state.reach(in.trial(expr, Need.DEEP)));
    }

    private boolean isGivenObject(Expr expr) {
        Val known = in.trial(expr, Need.DEEP);
        return !in.state.isExternal(known)
                && !known.external()
                && !known.sites().isEmpty();
    }

    Val opaque(Expr.Call e, Rule rule, String subject) {
        if (Names.dotted(e.callee()).isEmpty() || e.callee() instanceof Expr.Attribute) {
            if (e.callee() instanceof Expr.Attribute attribute) {
                in.state.escape(in.eval(attribute.value(), Need.DEEP));
            } else {
                in.state.escape(in.eval(e.callee(), Need.DEEP));
            }
        } else {
            in.eval(e.callee(), Need.DEEP);
        }
        for (Expr arg : e.args()) {
            in.state.escape(in.eval(arg, Need.DEEP));
        }
        e.keywords().forEach(keyword -> in.state.escape(in.eval(keyword.value(), Need.DEEP)));
        in.facts.block(rule, subject);
        return Val.EXTERNAL;
    }

    /// Evaluates arguments; what they may be, joined.
    Val arguments(Expr.Call e, Need need, boolean guarded) {
        return joined(values(e, need, guarded));
    }

    /// What the arguments may be, the positional ones first.
    private List<Val> values(Expr.Call e, Need need, boolean guarded) {
        var values = new ArrayList<Val>();
        e.args().forEach(arg -> values.add(argument(arg, need, guarded)));
        e.keywords().forEach(keyword -> values.add(argument(keyword.value(), need, guarded)));
        return values;
    }

    private static Val joined(List<Val> values) {
        return values.stream().reduce(Val::join).orElse(Val.ATOM);
    }

    /// What is in the arguments, joined: of each what its own kind holds.
    ///
    /// @param values of all arguments
    /// @param called keywords whose value is only called: nothing of it is in what is made of the others
    private Val items(Expr.Call e, List<Val> values, Set<String> called) {
        int positional = e.args().size();
        var holders = new ArrayList<>(values.subList(0, positional));
        for (int i = 0; i < e.keywords().size(); i++) {
            if (e.keywords().get(i).name().filter(called::contains).isEmpty()) {
                holders.add(values.get(positional + i));
            }
        }
        return joined(holders.stream().map(in.state::element).toList());
    }

    Val argument(Expr arg, Need need, boolean guarded) {
        boolean lowered = in.variable(arg).isPresent();
        if (!lowered && arg instanceof Expr.Lambda lambda) {
            return lambda(lambda);
        }
        if (!lowered && arg instanceof Expr.Comprehension c && c.kind().equals("GeneratorExp")) {
            return in.comprehension(c);
        }
        if (arg instanceof Expr.Starred starred) {
            Val whole = in.eval(starred.value(), Need.DEEP);
            in.guardDeep(starred.value(), whole);
            in.iteration.over(whole);
            return in.state.element(whole);
        }
        if (in.names.binding(arg).filter(Binding.Library.class::isInstance).isPresent()) {
            return Val.ATOM; // `key=len`
        }
        Val value = in.eval(arg, need);
        if (guarded && need != Need.CARRY) {
            in.guard(arg, value, need == Need.DEEP ? Guard.Kind.DEEP : Guard.Kind.SHALLOW);
            in.iteration.over(value);
        }
        return value;
    }

    /// A function that is called while the op runs and not kept.
    private Val lambda(Expr.Lambda lambda) {
        lambda.parameters().defaults().forEach(value -> in.eval(value, Need.DEEP));
        in.nesting++;
        Map<String, Val> outer = new HashMap<>(in.inner);
        lambda.parameters().names().forEach(name -> in.inner.put(name, Val.EXTERNAL));
        in.eval(lambda.body(), Need.DEEP);
        in.inner.clear();
        in.inner.putAll(outer);
        in.nesting--;
        return Val.EXTERNAL.withSafe(true);
    }

    private Val library(Expr.Call e, String canonical, Catalogue.Entry entry, Need wanted) {
        if (entry.effect() == Catalogue.Effect.OPAQUE) {
            return opaque(e, Rule.UNKNOWN_CALL, in.source(e.callee()));
        }
        Optional<Rule> doubt = doubt(e, entry);
        if (doubt.isPresent()) {
            return opaque(e, doubt.get(), in.source(e.callee()));
        }
        Optional<Expr> changed = changedArgument(e, entry);
        if (changed.isPresent() && !isLocalObject(changed.get())) {
            return opaque(e, Rule.SHARED_OBJECT, in.source(e.callee()));
        }
        return switch (entry.effect()) {
            case OUTPUT -> output(e, entry);
            case MUTATES -> changing(e, entry, changed.orElseThrow());
            case PURE -> changed.isPresent() ? changing(e, entry, changed.get()) : pure(e, canonical, entry, wanted);
            case OPAQUE -> throw new IllegalStateException("handled above");
        };
    }

    /// Why a call of something that the catalogue knows may still do anything.
    Optional<Rule> doubt(Expr.Call e, Catalogue.Entry entry) {
        for (String called : entry.calls()) {
            Optional<Expr> function = called.matches("[1-9]")
                    ? Optional.of(Integer.parseInt(called) - 1)
                            .filter(i -> i < e.args().size())
                            .map(e.args()::get)
                    : e.keywords().stream()
                            .filter(keyword ->
                                    keyword.name().filter(called::equals).isPresent())
                            .map(Expr.Keyword::value)
                            .findFirst();
            if (function.filter(this::isUnknown).isPresent()) {
                return Optional.of(Rule.UNKNOWN_FUNCTION);
            }
        }
        boolean starred = e.args().stream().anyMatch(Expr.Starred.class::isInstance);
        boolean unpacked =
                e.keywords().stream().anyMatch(keyword -> keyword.name().isEmpty());
        if (starred && (!entry.calls().isEmpty() || entry.effect() == Catalogue.Effect.MUTATES)
                || starred && entry.most() < Integer.MAX_VALUE
                || unpacked
                        && (!entry.calls().isEmpty()
                                || !entry.unless().isEmpty()
                                || entry.most() < Integer.MAX_VALUE)) {
            return Optional.of(Rule.SHARED_OBJECT);
        }
        boolean overwrites = e.keywords().stream()
                .anyMatch(keyword ->
                        keyword.name().filter(entry.unless()::contains).isPresent());
        boolean isGiven = entry.effect() != Catalogue.Effect.MUTATES
                || entry.changed() <= e.args().size();
        if (overwrites || e.args().size() > entry.most() || !isGiven) {
            return Optional.of(Rule.SHARED_OBJECT);
        }
        return Optional.empty();
    }

    /// The argument that a function changes: the one the catalogue names, or `out=`.
    private Optional<Expr> changedArgument(Expr.Call e, Catalogue.Entry entry) {
        Optional<Expr> out = e.keywords().stream()
                .filter(keyword -> keyword.name().filter("out"::equals).isPresent())
                .map(Expr.Keyword::value)
                .filter(value -> !(value instanceof Expr.Constant))
                .findFirst();
        if (out.isPresent() || entry.effect() != Catalogue.Effect.MUTATES) {
            return out;
        }
        return Optional.of(e.args().get(entry.changed() - 1));
    }

    /// Whether the expression is a variable with an object that only this function can reach.
    boolean isLocalObject(Expr expr) {
        Val known = in.peek(expr);
        return in.nesting == 0
                && in.variable(expr).isPresent()
                && !in.state.isExternal(known)
                && !known.sites().isEmpty();
    }

    /// Printing there is no different from printing.
    private boolean isStandardStream(Expr file) {
        return in.names
                .binding(file)
                .filter(binding -> binding.equals(new Binding.Library("sys.stdout"))
                        || binding.equals(new Binding.Library("sys.stderr")))
                .isPresent();
    }

    Val output(Expr.Call e, Catalogue.Entry entry) {
        in.facts.output = true;
        for (Expr.Keyword keyword : e.keywords()) {
            if (keyword.name().filter("file"::equals).isPresent() && !isStandardStream(keyword.value())) {
                in.facts.block(Rule.OUTPUT, "to a file of its own");
            }
        }
        Val args = arguments(e, Need.DEEP, false);
        if (in.nesting > 0) {
            in.facts.block(Rule.OUTPUT, "inside a comprehension or lambda");
        }
        return entry.type().isEmpty() ? Val.ATOM : in.libraryObjects.made(entry.type(), e, args);
    }

    /// A function that changes one of its arguments, which may then hold the others.
    private Val changing(Expr.Call e, Catalogue.Entry entry, Expr changed) {
        Val base = in.eval(changed, Need.DEEP);
        in.guardDeep(changed, base);
        Val all = arguments(e, Need.DEEP, true).withPending(false);
        in.facts.mutated.addAll(base.sites());
        in.facts.looked.addAll(in.state.reach(all));
        in.state.store(base, all.join(in.state.element(all).withPending(false)));
        return entry.result() == Catalogue.Result.ATOM ? Val.ATOM : in.alias(e, base, Need.CARRY);
    }

    private Val pure(Expr.Call e, String canonical, Catalogue.Entry entry, Need wanted) {
        boolean keepsTuples = entry.result() == Catalogue.Result.ITERATOR && in.takenApart != e;
        List<Val> values = values(e, keepsTuples || wanted == Need.DEEP ? Need.DEEP : entry.need(), true);
        Val args = joined(values);
        return switch (entry.result()) {
            case ATOM -> canonical.equals("builtins.range") ? range(e) : Val.ATOM;
            case LIST -> made(e, items(e, values, entry.calls()), Kind.LIST);
            case SET -> made(e, items(e, values, entry.calls()), Kind.SET);
            case DICT -> made(e, items(e, values, entry.calls()), Kind.DICT);
            case ITERATOR -> iterator(e, canonical, args, items(e, values, entry.calls()));
            case TUPLES -> {
                Val element = items(e, values, entry.calls()).withPending(false);
                yield in.iteration.pairs(e, element, element, Val.ATOM);
            }
            case FRESH ->
                in.libraryObjects.made(entry.type(), e, args.withUnbound(false)).withSafe(true);
            case VIEW -> sharing(e, e.args().isEmpty() ? args : first(e, args));
            case ALIAS -> sharing(e, args);
        };
    }

    private Val iterator(Expr.Call e, String canonical, Val args, Val items) {
        return switch (canonical) {
            case "builtins.zip", "itertools.pairwise" -> in.iteration.pairs(e, items, items, args);
            case "builtins.enumerate" -> in.iteration.pairs(e, Val.ATOM, items, args);
            case "itertools.zip_longest" -> {
                Val any = items.join(args.withPending(false)); // `fillvalue=` may be in it
                yield in.iteration.pairs(e, any, any, args);
            }
            case "itertools.chain.from_iterable" -> in.iteration.iterator(e, in.state.element(items), args.join(items));
            case "itertools.repeat" -> in.iteration.iterator(e, args.withSafe(false), args);
            default -> in.iteration.iterator(e, items, args);
        };
    }

    /// What the first argument may be; with unpacked ones, what any may be.
    private Val first(Expr.Call e, Val all) {
        Expr arg = e.args().get(0);
        return arg instanceof Expr.Starred || in.variable(arg).isEmpty() ? all : in.peek(arg);
    }

    /// Something that may be, or share storage with, what `of` is.
    private Val sharing(Expr.Call e, Val of) {
        in.state.make(e.id(), in.state.element(of).withPending(false));
        return Val.made(e.id(), Kind.ANY)
                .join(of.withPending(false).withUnbound(false))
                .withKind(Kind.ANY)
                .withSafe(true);
    }

    private Val range(Expr.Call e) {
        in.state.make(e.id(), Val.ATOM);
        return Val.made(e.id(), Kind.TUPLE).withSafe(true);
    }

    private Val made(Expr.Call e, Val items, Kind kind) {
        in.state.make(e.id(), e.args().isEmpty() ? Val.ATOM : items);
        return Val.made(e.id(), kind);
    }

    /// Whether calling the value may do anything.
    boolean isUnknown(Expr function) {
        if (function instanceof Expr.Lambda || function instanceof Expr.Constant) {
            return false;
        }
        Optional<Binding> binding = in.names.binding(function);
        if (binding.isEmpty()) {
            // `itemgetter(…)` makes a function of what the catalogue knows. Any other call may give any function.
            return !(function instanceof Expr.Call call
                    && in.names
                            .entry(call.callee())
                            .filter(Catalogue.Entry::isPure)
                            .isPresent());
        }
        return switch (binding.get()) {
            case Binding.Functional _ -> false;
            case Binding.Library library ->
                catalogue()
                        .callable(library.canonical())
                        .filter(Catalogue.Entry::isPure)
                        .isEmpty();
            case Binding.Plain plain -> !in.helpers.get(plain.index()).isPure();
            case Binding.Pipeline _, Binding.Module _, Binding.Immutable _, Binding.Record _ -> true;
        };
    }
}
