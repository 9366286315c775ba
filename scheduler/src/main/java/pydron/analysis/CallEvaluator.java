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
    private final Catalogue catalogue = Catalogue.STANDARD;
    final Constructors constructors;

    CallEvaluator(Evaluator in) {
        this.in = in;
        constructors = new Constructors(in);
    }

    Val call(Expr.Call e, Need need) {
        Optional<Binding> binding = in.names.binding(e.callee());
        if (binding.isPresent()) {
            switch (binding.get()) {
                case Binding.Functional _ -> {
                    arguments(e, Need.DEEP, false);
                    return in.fresh(e);
                }
                case Binding.Plain plain -> {
                    return plain(e, in.helpers.get(plain.index()));
                }
                case Binding.Record _ -> {
                    return constructors.record(e);
                }
                case Binding.Library library -> {
                    if (library.canonical().equals("collections.defaultdict")) {
                        var made = constructors.defaultdict(e);
                        if (made.isPresent()) {
                            return made.get();
                        }
                    }
                    var entry = catalogue.callable(library.canonical());
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
        if (e.callee() instanceof Expr.Attribute method) {
            return method(e, method, need);
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
                || !changed.get().stream().allMatch(this::isLocalObject)
                || inside.get().stream().anyMatch(this::holdsForeign)) {
            return opaque(e, Rule.SHARED_OBJECT, in.source(e.callee()));
        }
        Val args = arguments(e, Need.DEEP, true).withPending(false).withUnbound(false);
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

    private boolean isLocalObject(Expr expr) {
        Val known = in.trial(expr, Need.DEEP);
        return !in.state.isExternal(known)
                && !known.external()
                && !known.sites().isEmpty();
    }

    private Val opaque(Expr.Call e, Rule rule, String subject) {
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
    private Val arguments(Expr.Call e, Need need, boolean guarded) {
        Val all = Val.ATOM;
        for (Expr arg : e.args()) {
            all = all.join(argument(arg, need, guarded));
        }
        for (Expr.Keyword keyword : e.keywords()) {
            all = all.join(argument(keyword.value(), need, guarded));
        }
        return all;
    }

    private Val argument(Expr arg, Need need, boolean guarded) {
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
        if (entry.effect() == Catalogue.Effect.OUTPUT) {
            in.facts.output = true;
            for (Expr.Keyword keyword : e.keywords()) {
                if (keyword.name().filter("file"::equals).isPresent()) {
                    in.facts.block(Rule.OUTPUT, "to a file of its own");
                }
            }
            arguments(e, Need.DEEP, false);
            if (in.nesting > 0) {
                in.facts.block(Rule.OUTPUT, "inside a comprehension or lambda");
            }
            return Val.ATOM;
        }
        for (Expr arg : e.args()) {
            if (isUnknownFunction(arg, canonical)) {
                arguments(e, Need.DEEP, false);
                in.facts.block(Rule.UNKNOWN_FUNCTION, in.source(e.callee()));
                return Val.EXTERNAL;
            }
        }
        for (Expr.Keyword keyword : e.keywords()) {
            boolean isFunction = keyword.name()
                    .filter(n -> n.equals("key") || n.equals("default_factory"))
                    .isPresent();
            if (isFunction && isUnknown(keyword.value())) {
                arguments(e, Need.DEEP, false);
                in.facts.block(Rule.UNKNOWN_FUNCTION, in.source(e.callee()));
                return Val.EXTERNAL;
            }
        }
        boolean keepsTuples = entry.result() == Catalogue.Result.ITERATOR && in.takenApart != e;
        Val args = arguments(e, keepsTuples || wanted == Need.DEEP ? Need.DEEP : entry.need(), true);
        return switch (entry.result()) {
            case ATOM -> canonical.equals("builtins.range") ? range(e) : Val.ATOM;
            case LIST -> made(e, args, Kind.LIST);
            case SET -> made(e, args, Kind.SET);
            case DICT -> made(e, args, Kind.DICT);
            case ITERATOR ->
                switch (canonical) {
                    case "builtins.zip" -> in.iteration.pairs(e, in.state.element(args), in.state.element(args), args);
                    case "builtins.enumerate" -> in.iteration.pairs(e, Val.ATOM, in.state.element(args), args);
                    default -> in.iteration.iterator(e, in.state.element(args), args);
                };
            case ALIAS -> {
                in.state.make(e.id(), in.state.element(args).withPending(false));
                yield Val.made(e.id(), Kind.ANY)
                        .join(args.withPending(false).withUnbound(false))
                        .withKind(Kind.ANY)
                        .withSafe(true);
            }
        };
    }

    private Val range(Expr.Call e) {
        in.state.make(e.id(), Val.ATOM);
        return Val.made(e.id(), Kind.TUPLE).withSafe(true);
    }

    private Val made(Expr.Call e, Val args, Kind kind) {
        in.state.make(e.id(), e.args().isEmpty() ? Val.ATOM : in.state.element(args));
        return Val.made(e.id(), kind);
    }

    private boolean isUnknownFunction(Expr arg, String canonical) {
        boolean takesFunction = switch (canonical) {
            case "builtins.map", "builtins.filter", "functools.partial", "functools.cmp_to_key", "functools.reduce" ->
                true;
            default -> false;
        };
        return takesFunction
                && !(arg instanceof Expr.Constant)
                && arg instanceof Expr.Name
                && isUnknown(arg)
                && !in.names.isLocal(((Expr.Name) arg).name());
    }

    /// Whether calling the value may do anything.
    private boolean isUnknown(Expr function) {
        if (function instanceof Expr.Lambda || function instanceof Expr.Constant) {
            return false;
        }
        Optional<Binding> binding = in.names.binding(function);
        if (binding.isEmpty()) {
            return !(function instanceof Expr.Call); // itemgetter(…) was judged on its own
        }
        return switch (binding.get()) {
            case Binding.Functional _ -> false;
            case Binding.Library library ->
                catalogue
                        .callable(library.canonical())
                        .filter(entry -> entry.effect() == Catalogue.Effect.PURE)
                        .isEmpty();
            case Binding.Plain plain -> !in.helpers.get(plain.index()).isPure();
            case Binding.Pipeline _, Binding.Module _, Binding.Immutable _, Binding.Record _ -> true;
        };
    }

    private Val method(Expr.Call e, Expr.Attribute method, Need need) {
        String name = method.attr();
        Kind kind = in.kindOf(method.value());
        if (catalogue.isMutator(name) && in.nesting == 0) {
            Val known = in.variable(method.value()).isPresent()
                    ? in.peek(method.value())
                    : in.trial(method.value(), Need.SHALLOW);
            if (!in.state.isExternal(known) && !known.sites().isEmpty()) {
                return mutator(e, method, name, kind);
            }
            return opaque(e, Rule.SHARED_OBJECT, in.source(method));
        }
        if (!catalogue.isPureMethod(name)) {
            return opaque(e, Rule.UNKNOWN_CALL, in.source(method));
        }
        for (Expr.Keyword keyword : e.keywords()) {
            if (keyword.name().filter("key"::equals).isPresent() && isUnknown(keyword.value())) {
                return opaque(e, Rule.UNKNOWN_FUNCTION, in.source(method));
            }
        }
        boolean shallow = switch (name) {
            case "get", "keys", "items", "values", "copy" -> true;
            default -> false;
        };
        boolean mayHold = in.state.mayHold(in.peek(method.value()))
                || in.variable(method.value()).isEmpty();
        boolean passesOn = shallow && (!mayHold || need == Need.CARRY && !name.equals("items") || in.takenApart == e);
        Val base = in.eval(method.value(), passesOn ? Need.SHALLOW : Need.DEEP);
        in.guard(method.value(), base, shallow ? Guard.Kind.SHALLOW : Guard.Kind.DEEP);
        Val args = arguments(e, name.equals("get") && kind.isDict() ? Need.SHALLOW : Need.DEEP, true);
        return switch (name) {
            case "copy" -> {
                if (kind == Kind.ANY) {
                    yield in.fresh(e, base);
                }
                in.state.make(e.id(), in.state.lookup(base));
                Val copy = Val.made(e.id(), kind);
                in.state.keysOf(base).ifPresent(key -> in.state.storeKey(copy, key));
                yield copy;
            }
            case "items" -> {
                boolean known = base.kind().isDict() && !in.state.isExternal(base);
                Val key = known ? in.state.keysOf(base).orElse(Val.UNBOUND) : in.state.element(base);
                yield in.iteration.view(e, in.iteration.tuple(e, key, in.state.lookup(base)), base);
            }
            case "keys", "values" -> {
                yield in.iteration.view(
                        e, name.equals("values") ? in.state.lookup(base) : in.state.element(base), base);
            }
            case "get" -> {
                Val found = in.state.lookup(base).join(args);
                yield need == Need.CARRY
                        ? found.withSafe(false)
                        : found.withPending(false).withSafe(true);
            }
            default ->
                base.kind() == Kind.ATOM ? Val.ATOM : in.alias(e, base, need).withSafe(true);
        };
    }

    private Val mutator(Expr.Call e, Expr.Attribute method, String name, Kind kind) {
        boolean looksInside = name.equals("sort") || name.equals("remove");
        Val base = in.eval(method.value(), looksInside ? Need.DEEP : Need.SHALLOW);
        if (kind == Kind.ANY) {
            kind = base.kind();
        }
        if (kind != Kind.LIST && !kind.isDict() && kind != Kind.SET) {
            in.guard(method.value(), base, Guard.Kind.SHALLOW);
        }
        in.facts.mutatesElsewhere |= in.variable(method.value()).isEmpty();
        in.facts.mutated.addAll(base.sites());
        in.facts.looked.addAll(base.sites());
        if (kind == Kind.LIST && name.equals("append")) {
            e.args().forEach(arg -> in.state.store(base, in.eval(arg, Need.CARRY)));
            return Val.ATOM;
        }
        if (kind == Kind.LIST && name.equals("extend") && e.args().size() == 1) {
            Val items = argument(e.args().get(0), Need.SHALLOW, true);
            in.state.store(base, in.state.element(items));
            return Val.ATOM;
        }
        if ((kind == Kind.LIST && name.equals("insert") || kind.isDict() && name.equals("setdefault"))
                && e.args().size() == 2) {
            Val key = in.eval(e.args().get(0), Need.DEEP);
            in.guardDeep(e.args().get(0), key);
            in.state.store(base, in.eval(e.args().get(1), Need.CARRY));
            if (name.equals("insert")) {
                return Val.ATOM;
            }
            in.state.storeKey(base, key);
            return in.state.lookup(base);
        }
        for (Expr.Keyword keyword : e.keywords()) {
            if (keyword.name().filter("key"::equals).isPresent() && isUnknown(keyword.value())) {
                in.facts.block(Rule.UNKNOWN_FUNCTION, in.source(method));
            }
        }
        Val args = arguments(e, Need.DEEP, true);
        in.state.store(base, args.withPending(false).join(in.state.element(args).withPending(false)));
        if (kind != Kind.LIST && kind != Kind.SET) {
            in.state.storeKey(base, in.state.element(args).join(args));
        }
        if (looksInside) {
            in.guardDeep(method.value(), base.withKind(Kind.ANY));
        }
        return switch (name) {
            case "popitem" -> in.state.element(base).withSafe(false);
            case "pop", "setdefault" -> in.state.lookup(base).withSafe(false);
            default -> kind == Kind.ANY ? in.alias(e, base, Need.CARRY) : Val.ATOM;
        };
    }
}
