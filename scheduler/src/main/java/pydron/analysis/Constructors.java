package pydron.analysis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import pydron.analysis.Catalogue.Need;
import pydron.analysis.Val.Kind;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Unit.Binding;
import pydron.analysis.ir.Guard;

/// Calls of classes whose objects are known to be nothing but holders of what they are given.
final class Constructors {
    private static final Set<String> ATOMS = Set.of(
            "builtins.int",
            "builtins.float",
            "builtins.complex",
            "builtins.str",
            "builtins.bytes",
            "builtins.bool",
            "builtins.tuple",
            "builtins.frozenset");

    private static final int FIRST_DEFAULT = -2_000_000;

    private final Evaluator in;
    /// The containers that records get where none is given, by record and attribute.
    private final Map<String, Integer> defaults = new HashMap<>();

    /// The dictionaries that make their values when they are asked for them.
    private final Set<Integer> making = new TreeSet<>();

    Constructors(Evaluator in) {
        this.in = in;
    }

    /// An object with attributes (or elements) that are the arguments.
    Val record(Expr.Call e, List<String> attributes) {
        Val holding = Val.UNBOUND;
        var given = new ArrayList<Val>();
        var named = new TreeMap<String, Val>();
        boolean known = !attributes.isEmpty() && e.args().size() <= attributes.size();
        for (Expr arg : e.args()) {
            Val value = in.eval(arg instanceof Expr.Starred starred ? starred.value() : arg, Need.DEEP);
            if (arg instanceof Expr.Starred starred) {
                in.guardDeep(starred.value(), value);
                value = in.state.element(value);
                known = false;
            }
            given.add(value.withPending(false));
            holding = holding.join(value.withPending(false));
        }
        for (Expr.Keyword keyword : e.keywords()) {
            Val value = in.eval(keyword.value(), Need.DEEP);
            if (keyword.name().isEmpty()) {
                in.guardDeep(keyword.value(), value);
                value = in.state.element(value);
                known = false;
            }
            Val its = value.withPending(false);
            keyword.name().ifPresent(name -> named.put(name, its));
            holding = holding.join(its);
        }
        in.state.keep(holding);
        in.state.make(e.id(), holding);
        in.state.seal(holding);
        if (known) {
            in.state.makeRecord(e.id(), values(e, attributes, given, named));
        }
        in.libraryObjects.ofUsers(e);
        return Val.made(e.id(), Kind.ANY);
    }

    /// What the attributes of a new record are.
    private Map<String, Val> values(Expr.Call e, List<String> attributes, List<Val> given, Map<String, Val> named) {
        var values = new TreeMap<String, Val>();
        for (int i = 0; i < attributes.size(); i++) {
            String[] parts = attributes.get(i).split("=");
            String name = parts[0];
            if (i < given.size()) {
                values.put(name, given.get(i));
            } else if (named.containsKey(name)) {
                values.put(name, named.get(name));
            } else if (parts.length > 1 && !parts[1].equals("atom")) {
                int site = FIRST_DEFAULT - defaults.computeIfAbsent(e.id() + "." + name, _ -> defaults.size());
                in.state.make(site, Val.UNBOUND);
                in.state.seal(Val.made(site, Kind.ANY));
                values.put(name, Val.made(site, Kind.valueOf(parts[1].toUpperCase(Locale.ROOT))));
            } else {
                values.put(name, Val.ATOM);
            }
        }
        return values;
    }

    Val display(Expr.Display e, Need wanted) {
        Kind kind = in.kindOf(e);
        // A list can be completed in place later, a tuple cannot; a set looks at what it takes in.
        Need least = kind == Kind.LIST ? Need.CARRY : kind == Kind.TUPLE ? Need.SHALLOW : Need.DEEP;
        Need need = wanted == Need.DEEP ? Need.DEEP : least;
        Val holding = Val.UNBOUND;
        for (Expr element : e.elements()) {
            Val value = in.eval(element, need);
            if (kind == Kind.SET) {
                in.guardDeep(element instanceof Expr.Starred starred ? starred.value() : element, value);
            }
            if (element instanceof Expr.Starred && value.pending() && kind != Kind.LIST) {
                in.facts.needs.replaceAll((name, old) -> old == Need.SHALLOW ? Need.DEEP : old);
            }
            holding = holding.join(value);
        }
        in.state.keep(holding);
        in.state.make(e.id(), holding);
        return Val.made(e.id(), kind);
    }

    Val dict(Expr.Dict e, Need wanted) {
        Need need = wanted == Need.DEEP ? Need.DEEP : Need.CARRY;
        Val made = Val.made(e.id(), Kind.DICT);
        Val holding = Val.UNBOUND;
        for (Expr.Entry entry : e.entries()) {
            if (entry.key().isPresent()) {
                Val key = in.eval(entry.key().get(), Need.DEEP);
                in.guardDeep(entry.key().get(), key);
                in.state.storeKey(made, key);
                holding = holding.join(in.eval(entry.value(), need));
            } else {
                Val other = in.eval(entry.value(), Evaluator.max(need, Need.SHALLOW));
                in.guard(entry.value(), other, Guard.Kind.SHALLOW);
                holding = holding.join(in.state.element(other));
            }
        }
        in.state.keep(holding);
        in.state.make(e.id(), holding);
        return made;
    }

    /// `defaultdict(factory)`, where it is known what the factory makes.
    Optional<Val> defaultdict(Expr.Call e) {
        if (e.args().size() != 1 || !e.keywords().isEmpty()) {
            return Optional.empty();
        }
        return made(e.args().get(0)).map(value -> {
            in.state.make(e.id(), value);
            making.add(e.id());
            return Val.made(e.id(), Kind.DEFAULTDICT);
        });
    }

    private Optional<Val> made(Expr factory) {
        if (factory instanceof Expr.Lambda lambda) {
            return lambda.parameters().names().isEmpty() ? simple(lambda.body()) : Optional.empty();
        }
        return in.names
                .binding(factory)
                .filter(Binding.Library.class::isInstance)
                .map(binding -> ((Binding.Library) binding).canonical())
                .flatMap(canonical -> switch (canonical) {
                    case "builtins.list" -> Optional.of(container(factory, Kind.LIST));
                    case "builtins.set" -> Optional.of(container(factory, Kind.SET));
                    case "builtins.dict" -> Optional.of(container(factory, Kind.DICT));
                    default -> ATOMS.contains(canonical) ? Optional.of(Val.ATOM) : Optional.empty();
                });
    }

    /// What an expression makes that names nothing: a constant, or containers of such.
    private Optional<Val> simple(Expr expr) {
        return switch (expr) {
            case Expr.Constant _ -> Optional.of(Val.ATOM);
            case Expr.Display display
            when !display.kind().equals("Tuple")
                    && display.elements().stream().allMatch(Expr.Constant.class::isInstance) -> {
                Val made = container(display, display.kind().equals("List") ? Kind.LIST : Kind.SET);
                in.state.store(made, Val.ATOM);
                yield Optional.of(made);
            }
            case Expr.Dict dict when dict.entries().isEmpty() -> Optional.of(container(dict, Kind.DICT));
            case Expr.Call call
            when in.names
                    .binding(call.callee())
                    .filter(new Binding.Library("collections.defaultdict")::equals)
                    .isPresent() -> defaultdict(call);
            default -> Optional.empty();
        };
    }

    private Val container(Expr at, Kind kind) {
        in.state.make(at.id(), Val.UNBOUND);
        return Val.made(at.id(), kind);
    }

    /// Looking something up makes it, in these dictionaries.
    void lookUp(Expr.Subscript e, Val base, Val index) {
        var changed = new TreeSet<>(base.sites());
        changed.retainAll(making);
        if (!changed.isEmpty()) {
            in.facts.mutated.addAll(changed);
            in.facts.mutatesElsewhere |= in.variable(e.value()).isEmpty();
            in.state.storeKey(base, index);
        }
    }
}
