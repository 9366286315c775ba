package pydron.analysis;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import pydron.analysis.Catalogue.Effect;
import pydron.analysis.Catalogue.Entry;
import pydron.analysis.Catalogue.Need;
import pydron.analysis.Catalogue.Result;
import pydron.analysis.Val.Kind;
import pydron.analysis.ast.Expr;
import pydron.analysis.ir.Guard;

/// Evaluates calls of methods. What a method does depends on the type of its object, which is seldom known here: the
/// plan is made for one possible meaning of the name, and a guard lists the types for which that is right. The driver
/// looks at the real type, and for another one the call waits for everything earlier (docs/catalogue.md).
///
/// The detail of such a guard is `deep` or `shallow` (how much of the object is looked at), `+` behind it if a call
/// that does something else could make a difference
/// later, the name, and the types, all with spaces between.
final class MethodEvaluator {
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
        var known = types(method.value());
        boolean typed = !known.isEmpty()
                && (known != ATOMS || !catalogue.methods(name, known).isEmpty());
        var meanings = new TreeMap<>(typed ? catalogue.methods(name, known) : catalogue.methods(name));
        if (!typed) {
            // Output of an object that only may be a progress bar: it would be set aside before that is known.
            meanings.values().removeIf(entry -> entry.effect() == Effect.OPAQUE || entry.effect() == Effect.OUTPUT);
        }
        if (meanings.isEmpty() || !typed && in.nesting > 0 && isGlobal(method.value())) {
            return calls.opaque(e, "nothing is known about the method '" + name + "'");
        }
        boolean local = calls.isLocalObject(method.value());
        var plan = plan(meanings, typed, local);
        if (plan.isEmpty()) {
            return calls.opaque(e, "'" + calls.describe(method) + "' may change an object that others can see");
        }
        Optional<String> doubt = doubt(e, name, plan, typed, local);
        if (doubt.isPresent()) {
            return calls.opaque(e, doubt.get());
        }
        if (!typed) {
            // Should the object be of another type, then its method may keep what it is given.
            e.args().forEach(arg -> in.state.escape(in.peek(arg)));
            e.keywords().forEach(keyword -> in.state.escape(in.peek(keyword.value())));
        }
        return switch (effect(plan, e)) {
            case PURE -> pure(e, method, plan, typed, need);
            case MUTATES -> mutator(e, method, plan, typed);
            case OUTPUT -> output(e, method, plan);
            case OPAQUE -> throw new IllegalStateException("opaque methods are in no plan");
        };
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
    private List<String> types(Expr object) {
        return switch (in.kindOf(object)) {
            case LIST -> List.of("builtins.list");
            case DICT -> List.of("builtins.dict");
            case SET -> List.of("builtins.set");
            case TUPLE -> List.of("builtins.tuple", "builtins.range");
            case ATOM -> ATOMS;
            case OBJECT -> in.madeType(in.peek(object)).map(List::of).orElse(List.of());
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

    private Optional<String> doubt(
            Expr.Call e, String name, SortedMap<String, Entry> plan, boolean typed, boolean local) {
        for (Entry entry : plan.values()) {
            Optional<String> doubt = calls.doubt(e, entry, name);
            if (doubt.isPresent()) {
                return doubt;
            }
        }
        boolean unpacked =
                e.keywords().stream().anyMatch(keyword -> keyword.name().isEmpty());
        if (unpacked && !name.equals("format")) {
            return Optional.of("what is unpacked into '" + name + "' may be changed by it");
        }
        if (keyword(e, "out").isPresent()) {
            return Optional.of("'" + name + "' changes what it is given as out");
        }
        if (keyword(e, "inplace").isPresent() && !local) {
            return Optional.of("'" + name + "' with inplace changes an object that others can see");
        }
        return Optional.empty();
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
        String depth = look + (in.isChangedSomewhere(base, e) ? "+" : "");
        String detail = depth + " " + method.attr() + " " + String.join(" ", plan.keySet());
        if (in.nesting == 0 && method.value().id() >= 0) {
            in.facts.guard(new Guard(method.value().id(), Guard.Kind.METHOD, detail));
        } else {
            in.variable(method.value()).ifPresent(in::checkDeeply);
            in.facts.guard(new Guard(e.id(), Guard.Kind.INSIDE, detail));
        }
    }

    private Val pure(Expr.Call e, Expr.Attribute method, SortedMap<String, Entry> plan, boolean typed, Need need) {
        String name = method.attr();
        Kind kind = in.kindOf(method.value());
        boolean shallow = plan.values().stream().allMatch(entry -> entry.need() == Need.SHALLOW);
        boolean mayHold = in.state.mayHold(in.peek(method.value()))
                || in.variable(method.value()).isEmpty();
        boolean passesOn = shallow && (!mayHold || need == Need.CARRY && !name.equals("items") || in.takenApart == e);
        Val base = in.eval(method.value(), passesOn ? Need.SHALLOW : Need.DEEP);
        if (!typed) {
            guard(e, method, base, plan, shallow ? "shallow" : "deep");
        } else if (kind != Kind.ATOM) {
            in.guard(method.value(), base, shallow ? Guard.Kind.SHALLOW : Guard.Kind.DEEP);
        }
        Val args = calls.arguments(e, name.equals("get") && kind == Kind.DICT ? Need.SHALLOW : Need.DEEP, true);
        Result result = join(plan);
        return switch (result) {
            case ATOM -> typed ? Val.ATOM : in.alias(e, base, need).withSafe(true);
            case FRESH -> {
                if (kind == Kind.LIST || kind == Kind.DICT || kind == Kind.SET) {
                    in.state.make(e.id(), in.state.element(base).join(in.state.element(args)));
                    yield Val.made(e.id(), kind);
                }
                yield in.madeOf(typed ? type(plan) : "", e, base, args);
            }
            case LIST, SET, DICT -> {
                in.state.make(e.id(), in.state.element(base.kind() == Kind.ATOM ? Val.ATOM : base));
                yield Val.made(e.id(), typed ? Kind.valueOf(result.name()) : Kind.ANY)
                        .withSafe(!typed);
            }
            case ITERATOR -> {
                in.state.make(e.id(), in.state.element(base));
                yield Val.made(e.id(), Kind.ITERATOR).withSafe(true);
            }
            case VIEW, ALIAS -> {
                if (name.equals("get")) {
                    Val found = in.state.element(base).join(args);
                    yield need == Need.CARRY
                            ? found.withSafe(false)
                            : found.withPending(false).withSafe(true);
                }
                Val alias = in.alias(e, base, need).withSafe(true);
                yield result == Result.VIEW
                        ? alias
                        : alias.join(args.withPending(false)).withKind(Kind.ANY);
            }
        };
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

    private Val mutator(Expr.Call e, Expr.Attribute method, SortedMap<String, Entry> plan, boolean typed) {
        String name = method.attr();
        Kind kind = in.kindOf(method.value());
        boolean looksInside =
                plan.values().stream().anyMatch(entry -> entry.effect() == Effect.MUTATES && entry.need() == Need.DEEP);
        Val base = in.eval(method.value(), looksInside ? Need.DEEP : Need.SHALLOW);
        if (!typed) {
            guard(e, method, base, plan, looksInside ? "deep" : "shallow");
        }
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
        if ((kind == Kind.LIST && name.equals("insert") || kind == Kind.DICT && name.equals("setdefault"))
                && e.args().size() == 2) {
            Val key = in.eval(e.args().get(0), Need.DEEP);
            in.guardDeep(e.args().get(0), key);
            in.state.store(base, in.eval(e.args().get(1), Need.CARRY));
            return name.equals("insert") ? Val.ATOM : in.state.element(base);
        }
        Val args = calls.arguments(e, Need.DEEP, true);
        in.state.store(base, args.withPending(false).join(in.state.element(args).withPending(false)));
        if (looksInside && typed) {
            in.guardDeep(method.value(), base.withKind(Kind.ANY));
        }
        return switch (join(plan)) {
            case ATOM -> kind == Kind.ANY ? in.alias(e, base, Need.CARRY) : Val.ATOM;
            case FRESH -> in.fresh(e, base, args);
            case LIST, SET, DICT, ITERATOR, VIEW, ALIAS -> {
                boolean isContainer = kind == Kind.LIST || kind == Kind.DICT || kind == Kind.SET;
                yield isContainer
                        ? in.state.element(base).withSafe(false)
                        : in.alias(e, base, Need.CARRY)
                                .join(in.state.element(base))
                                .withKind(Kind.ANY);
            }
        };
    }
}
