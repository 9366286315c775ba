package pydron.analysis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import pydron.analysis.Catalogue.Effect;
import pydron.analysis.Catalogue.Entry;
import pydron.analysis.Catalogue.Need;
import pydron.analysis.Catalogue.Result;
import pydron.analysis.Val.Kind;
import pydron.analysis.ast.Expr;
import pydron.analysis.ir.Guard;
import pydron.analysis.ir.Rule;

/// Evaluates calls of methods. What a method does depends on the type of its object, which is seldom known here: the
/// plan is made for one possible meaning of the name, and a guard lists the types for which that is right. The driver
/// looks at the real type, and for another one the call waits for everything earlier (docs/catalogue.md).
///
/// The detail of such a guard is `deep` or `shallow` (how much of the object is looked at), `+` behind it if a call
/// that does something else could make a difference
/// later, the name, and the types, all with spaces between.
final class MethodEvaluator {
    private static final Set<String> VIEWS = Set.of("keys", "values", "items");
    private static final List<String> ATOMS = List.of(
            "builtins.bool",
            "builtins.bytes",
            "builtins.complex",
            "builtins.float",
            "builtins.int",
            "builtins.range",
            "builtins.str");

    private final Evaluator in;
    private final CallEvaluator calls;

    MethodEvaluator(Evaluator in, CallEvaluator calls) {
        this.in = in;
        this.calls = calls;
    }

    Val call(Expr.Call e, Expr.Attribute method, Need need) {
        String name = method.attr();
        Catalogue catalogue = in.names.catalogue();
        Val object = object(method.value());
        boolean local = in.nesting == 0
                && !in.state.isExternal(object)
                && !object.sites().isEmpty();
        var known = types(method.value(), object);
        boolean typed = !known.isEmpty()
                && (known != ATOMS || !catalogue.methods(name, known).isEmpty());
        var meanings = new TreeMap<>(typed ? catalogue.methods(name, known) : catalogue.methods(name));
        if (!typed) {
            // Output of an object that only may be a progress bar: it would be set aside before that is known.
            meanings.values().removeIf(entry -> entry.effect() == Effect.OPAQUE || entry.effect() == Effect.OUTPUT);
        }
        if (meanings.isEmpty() || !typed && !canBeChecked(method.value(), object)) {
            return calls.opaque(e, Rule.UNKNOWN_CALL, in.source(method));
        }
        var plan = plan(meanings, typed, local);
        if (plan.isEmpty()) {
            return calls.opaque(e, Rule.SHARED_OBJECT, in.source(method));
        }
        Optional<Rule> doubt = doubt(e, name, plan, local);
        if (doubt.isPresent()) {
            return calls.opaque(e, doubt.get(), in.source(method));
        }
        Effect effect = effect(plan, e);
        if (!typed && effect == Effect.PURE) {
            // Should the object be of another type, then its method may keep what it is given.
            e.args().forEach(arg -> in.state.escape(in.peek(arg)));
            e.keywords().forEach(keyword -> in.state.escape(in.peek(keyword.value())));
        }
        return switch (effect) {
            case PURE -> pure(e, method, plan, typed, need);
            case MUTATES -> mutator(e, method, plan, typed, need);
            case OUTPUT -> output(e, method, plan);
            case OPAQUE -> throw new IllegalStateException("opaque methods are in no plan");
        };
    }

    /// What the object may be, which is an element of another one perhaps.
    private Val object(Expr object) {
        Optional<String> variable = in.variable(object);
        if (in.nesting > 0) {
            return variable.map(in.inner::get).orElseGet(() -> in.peek(object));
        }
        return variable.isPresent() ? in.peek(object) : in.trial(object, Need.SHALLOW);
    }

    /// Whether something of ours looks at the type of the object before the method is called.
    private boolean canBeChecked(Expr expr, Val object) {
        boolean isGlobal = isGlobal(expr);
        if (!in.unchecked) {
            return in.nesting == 0 || !isGlobal;
        }
        // What its caller gives it, and what a library made of that.
        return !isGlobal && !in.state.isExternal(object) && !in.libraryObjects.mayBeOfUsers(object);
    }

    /// A function is called that calls methods of what it is given.
    void within(Expr.Call e, Set<String> details) {
        if (details.isEmpty()) {
            return;
        }
        var all = new ArrayList<>(e.args());
        e.keywords().forEach(keyword -> all.add(keyword.value()));
        for (Expr arg : all) {
            Expr given = arg instanceof Expr.Starred starred ? starred.value() : arg;
            if (in.nesting == 0 && given.id() >= 0) {
                in.facts.guard(new Guard(given.id(), Guard.Kind.WITHIN, String.join(";", details)));
            } else {
                in.variable(given).ifPresent(in::checkDeeply);
            }
        }
        if (in.nesting > 0) {
            details.forEach(detail -> in.facts.inside.add(new Guard(e.id(), Guard.Kind.INSIDE, detail)));
        }
    }

    /// Whether the object is reached from a variable of the module, which no check inside a comprehension looks at.
    private boolean isGlobal(Expr object) {
        return switch (object) {
            case Expr.Attribute attribute -> isGlobal(attribute.value());
            case Expr.Name name ->
                in.variable(name)
                        .filter(variable -> !in.inner.containsKey(variable) && !in.names.isLocal(variable))
                        .isPresent();
            default -> false;
        };
    }

    /// The types that the object certainly has one of; none if only the driver can say.
    private List<String> types(Expr expr, Val object) {
        boolean isElement = in.nesting == 0 && in.variable(expr).isEmpty() && !object.external();
        Kind kind = in.kindOf(expr);
        return switch (kind == Kind.ANY && isElement ? object.kind() : kind) {
            case LIST -> List.of("builtins.list");
            case DICT -> List.of("builtins.dict");
            case DEFAULTDICT -> List.of("collections.defaultdict");
            case SET -> List.of("builtins.set");
            case TUPLE -> List.of("builtins.tuple", "builtins.range");
            case ATOM -> ATOMS;
            case OBJECT -> in.libraryObjects.type(object).map(List::of).orElse(List.of());
            case ITERATOR, ANY -> List.of();
        };
    }

    /// The types whose methods of the name the call is planned for; none if it has to happen in order.
    private static SortedMap<String, Entry> plan(SortedMap<String, Entry> meanings, boolean typed, boolean local) {
        boolean changes = has(meanings, Effect.MUTATES);
        if (has(meanings, Effect.OPAQUE)) {
            return new TreeMap<>();
        }
        if (typed) {
            return changes && !local ? new TreeMap<>() : meanings;
        }
        if (local && changes) {
            return meanings;
        }
        if (meanings.entrySet().stream()
                .anyMatch(each -> isContainer(each.getKey()) && each.getValue().effect() == Effect.MUTATES)) {
            return new TreeMap<>();
        }
        return without(meanings, Effect.MUTATES);
    }

    /// What a variable most likely holds when a method of it changes something.
    private static boolean isContainer(String type) {
        return type.startsWith("builtins.") || type.startsWith("collections.");
    }

    private static boolean has(SortedMap<String, Entry> meanings, Effect effect) {
        return meanings.values().stream().anyMatch(entry -> entry.effect() == effect);
    }

    private static SortedMap<String, Entry> without(SortedMap<String, Entry> meanings, Effect effect) {
        var rest = new TreeMap<>(meanings);
        rest.values().removeIf(entry -> entry.effect() == effect);
        return rest;
    }

    private Optional<Rule> doubt(Expr.Call e, String name, SortedMap<String, Entry> plan, boolean local) {
        for (Entry entry : plan.values()) {
            Optional<Rule> doubt = calls.doubt(e, entry);
            if (doubt.isPresent()) {
                return doubt;
            }
        }
        boolean unpacked =
                e.keywords().stream().anyMatch(keyword -> keyword.name().isEmpty());
        boolean changes = unpacked && !name.equals("format")
                || keyword(e, "out").isPresent()
                || keyword(e, "inplace").isPresent() && !local;
        return changes ? Optional.of(Rule.SHARED_OBJECT) : Optional.empty();
    }

    private static Optional<Expr> keyword(Expr.Call e, String name) {
        return e.keywords().stream()
                .filter(keyword -> keyword.name().filter(name::equals).isPresent())
                .map(Expr.Keyword::value)
                .findFirst();
    }

    private static Effect effect(SortedMap<String, Entry> plan, Expr.Call e) {
        boolean changes = has(plan, Effect.MUTATES) || keyword(e, "inplace").isPresent();
        return changes ? Effect.MUTATES : has(plan, Effect.OUTPUT) ? Effect.OUTPUT : Effect.PURE;
    }

    /// Has the driver look at the type of the object.
    private void guard(Expr.Call e, Expr.Attribute method, Val base, SortedMap<String, Entry> plan, String look) {
        String depth = look + (in.libraryObjects.isChangedSomewhere(base, e) ? "+" : "");
        String detail = depth + " " + method.attr() + " " + String.join(" ", plan.keySet());
        if (in.nesting == 0 && method.value().id() >= 0) {
            in.facts.guard(new Guard(method.value().id(), Guard.Kind.METHOD, detail));
        } else {
            in.variable(method.value()).ifPresent(in::checkDeeply);
            in.facts.inside.add(new Guard(e.id(), Guard.Kind.INSIDE, detail));
        }
    }

    private Val pure(Expr.Call e, Expr.Attribute method, SortedMap<String, Entry> plan, boolean typed, Need need) {
        String name = method.attr();
        Kind kind = in.kindOf(method.value());
        boolean shallow = plan.values().stream().allMatch(entry -> entry.need() == Need.SHALLOW);
        boolean mayHold = in.state.mayHold(in.peek(method.value()))
                || in.variable(method.value()).isEmpty();
        // A view that is kept cannot be looked into later.
        boolean carries = need == Need.CARRY && !VIEWS.contains(name);
        boolean passesOn = shallow && (!mayHold || carries || in.takenApart == e);
        Val base = in.eval(method.value(), passesOn ? Need.SHALLOW : Need.DEEP);
        if (!typed || kind == Kind.OBJECT) {
            guard(e, method, base, plan, shallow ? "shallow" : "deep");
        } else if (kind != Kind.ATOM) {
            in.guard(method.value(), base, shallow ? Guard.Kind.SHALLOW : Guard.Kind.DEEP);
        }
        Val args = calls.arguments(e, name.equals("get") && kind.isDict() ? Need.SHALLOW : Need.DEEP, true);
        if (shallow) {
            Optional<Val> found = ofContainer(e, name, base, args, kind, need);
            if (found.isPresent()) {
                return found.get();
            }
        }
        Result result = join(plan);
        return switch (result) {
            case ATOM -> typed ? Val.ATOM : in.alias(e, base, need).withSafe(true);
            case FRESH -> {
                if (kind == Kind.SET) {
                    in.state.make(e.id(), in.state.element(base).join(in.state.element(args)));
                    yield Val.made(e.id(), kind);
                }
                yield in.libraryObjects.made(typed ? type(plan) : "", e, base, args);
            }
            case LIST, SET, DICT -> {
                in.state.make(e.id(), in.state.element(base.kind() == Kind.ATOM ? Val.ATOM : base));
                yield Val.made(e.id(), typed ? Kind.valueOf(result.name()) : Kind.ANY)
                        .withSafe(!typed);
            }
            case ITERATOR -> in.iteration.view(e, in.state.element(base), base);
            case TUPLES, VIEW, ALIAS -> {
                Val alias = in.alias(e, base, need).withSafe(true);
                yield result == Result.VIEW
                        ? alias
                        : alias.join(args.withPending(false)).withKind(Kind.ANY);
            }
        };
    }

    /// What methods of containers give that do not look at what is in them.
    private Optional<Val> ofContainer(Expr.Call e, String name, Val base, Val args, Kind kind, Need need) {
        switch (name) {
            case "copy" -> {
                if (kind == Kind.ANY || kind == Kind.OBJECT) {
                    return Optional.empty();
                }
                in.state.make(e.id(), in.state.lookup(base));
                Val copy = Val.made(e.id(), kind);
                in.state.keysOf(base).ifPresent(key -> in.state.storeKey(copy, key));
                return Optional.of(copy);
            }
            case "items" -> {
                boolean known = base.kind().isDict() && !in.state.isExternal(base);
                Val key = known ? in.state.keysOf(base).orElse(Val.UNBOUND) : in.state.element(base);
                return Optional.of(in.iteration.view(e, in.iteration.tuple(e, key, in.state.lookup(base)), base));
            }
            case "keys" -> {
                return Optional.of(in.iteration.view(e, in.state.element(base), base));
            }
            case "values" -> {
                return Optional.of(in.iteration.view(e, in.state.lookup(base), base));
            }
            case "get" -> {
                Val found = in.state.lookup(base).join(args);
                return Optional.of(
                        need == Need.CARRY
                                ? found.withSafe(false)
                                : found.withPending(false).withSafe(true));
            }
            default -> {
                return Optional.empty();
            }
        }
    }

    /// What the result may be, whatever the type of the object.
    private static Result join(SortedMap<String, Entry> plan) {
        var results = plan.values().stream().map(Entry::result).distinct().toList();
        if (results.size() == 1) {
            return results.get(0);
        }
        boolean isNew = results.stream().noneMatch(result -> result == Result.VIEW || result == Result.ALIAS);
        return isNew ? Result.FRESH : results.contains(Result.ALIAS) ? Result.ALIAS : Result.VIEW;
    }

    private static String type(SortedMap<String, Entry> plan) {
        var types = plan.values().stream().map(Entry::type).distinct().toList();
        return types.size() == 1 ? types.get(0) : "";
    }

    private Val output(Expr.Call e, Expr.Attribute method, SortedMap<String, Entry> plan) {
        Val base = in.eval(method.value(), Need.SHALLOW);
        // What it shows it remembers: who looks at it later comes later.
        in.facts.mutated.addAll(base.sites());
        in.facts.looked.addAll(base.sites());
        return calls.output(e, plan.values().iterator().next());
    }

    private Val mutator(Expr.Call e, Expr.Attribute method, SortedMap<String, Entry> plan, boolean typed, Need need) {
        String name = method.attr();
        boolean looksInside =
                plan.values().stream().anyMatch(entry -> entry.effect() == Effect.MUTATES && entry.need() == Need.DEEP);
        Val base = in.eval(method.value(), looksInside ? Need.DEEP : Need.SHALLOW);
        // What is taken out is looked at where the call stands: it must be there before.
        boolean taken = need != Need.CARRY && in.state.element(base).pending();
        if (taken) {
            in.eval(method.value(), Need.DEEP);
        }
        Kind kind = in.kindOf(method.value()) == Kind.ANY ? base.kind() : in.kindOf(method.value());
        boolean isContainer = kind == Kind.LIST || kind.isDict() || kind == Kind.SET;
        boolean isContained = typed && kind != Kind.OBJECT || isContainer;
        if (!isContained) {
            guard(e, method, base, plan, looksInside ? "deep" : "shallow");
        }
        in.facts.mutatesElsewhere |= in.variable(method.value()).isEmpty();
        in.facts.mutated.addAll(base.sites());
        in.facts.looked.addAll(base.sites());
        if (kind == Kind.LIST && name.equals("append")) {
            e.args().forEach(arg -> in.state.store(base, in.eval(arg, Need.CARRY)));
            return Val.ATOM;
        }
        if (kind == Kind.LIST && name.equals("extend") && e.args().size() == 1) {
            Val items = calls.argument(e.args().get(0), Need.SHALLOW, true);
            in.state.store(base, in.state.element(items));
            return Val.ATOM;
        }
        if ((kind == Kind.LIST && name.equals("insert") || kind.isDict() && name.equals("setdefault"))
                && e.args().size() == 2) {
            Val key = in.eval(e.args().get(0), Need.DEEP);
            in.guardDeep(e.args().get(0), key);
            boolean inserts = name.equals("insert");
            in.state.store(base, in.eval(e.args().get(1), inserts ? Need.CARRY : need));
            if (inserts) {
                return Val.ATOM;
            }
            in.state.storeKey(base, key);
            return takenOut(in.state.lookup(base), need != Need.CARRY);
        }
        Val args = calls.arguments(e, Need.DEEP, true);
        in.state.store(base, args.withPending(false).join(in.state.element(args).withPending(false)));
        if (kind != Kind.LIST && kind != Kind.SET) {
            in.state.storeKey(base, in.state.element(args).join(args));
        }
        if (looksInside && isContained) {
            in.guardDeep(method.value(), base.withKind(Kind.ANY));
        }
        if (isContainer) {
            return switch (name) {
                case "popitem" -> takenOut(in.state.element(base), taken);
                case "pop", "setdefault" -> takenOut(in.state.lookup(base), taken);
                default -> Val.ATOM;
            };
        }
        return switch (join(plan)) {
            case ATOM -> typed ? Val.ATOM : takenOut(in.alias(e, base, Need.CARRY), taken);
            case FRESH -> in.fresh(e, base, args);
            case LIST, SET, DICT, ITERATOR, TUPLES, VIEW, ALIAS ->
                takenOut(in.alias(e, base, Need.CARRY).join(in.state.element(base)), taken)
                        .withKind(Kind.ANY);
        };
    }

    /// @param complete whether everything in the container has its value by now
    private static Val takenOut(Val element, boolean complete) {
        return element.withSafe(false).withPending(element.pending() && !complete);
    }
}
