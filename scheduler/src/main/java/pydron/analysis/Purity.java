package pydron.analysis;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import pydron.analysis.Val.Kind;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;

/// Collects, while a function is analysed, whether it does more than compute a value, and where that value comes from.
///
/// The function is taken as one that nobody but its caller knows: what it is given are objects that it must not change.
/// It will be called as it is, with arguments whose types hide no code of the user's.
final class Purity {
    private static final int FIRST_PARAMETER = -1_000_000;

    private List<String> positional = List.of();
    /// The objects that are given as arguments, and those that they hold.
    private final Map<Integer, Integer> parameters = new TreeMap<>();

    private final Map<Integer, Integer> held = new TreeMap<>();
    private final Set<Integer> changes = new TreeSet<>();
    private final Set<Integer> inside = new TreeSet<>();
    private Optional<Reason> impure = Optional.empty();
    private final Set<String> methods = new TreeSet<>();
    private boolean atom = true;
    private boolean aliases;
    private boolean external;

    /// The state in which the function begins.
    State begin(Names names) {
        var state = new State();
        positional = names.positional();
        for (String name : names.parameters()) {
            int site = FIRST_PARAMETER - 2 * parameters.size();
            held.put(site - 1, parameters.size());
            parameters.put(site, parameters.size());
            state.make(site, Val.made(site - 1, Kind.ANY));
            state.make(site - 1, Val.made(site - 1, Kind.ANY));
            state.assign(name, Val.made(site, Kind.ANY));
        }
        return state;
    }

    private void found(Rule rule, String subject) {
        if (impure.isEmpty()) {
            impure = Optional.of(new Reason(rule, subject));
        }
    }

    void note(Facts facts, State state) {
        Stream.concat(facts.guards.values().stream(), facts.inside.stream())
                .filter(guard -> guard.kind().isOfMethods())
                .forEach(guard -> methods.addAll(List.of(guard.detail().split(";"))));
        if (impure.isEmpty()) {
            impure = facts.blocks();
        }
        if (facts.output) {
            found(Rule.OUTPUT, "something");
        }
        for (int site : facts.mutated) {
            int parameter = parameters.getOrDefault(site, held.getOrDefault(site, -1));
            if (parameter >= positional.size()) {
                found(Rule.SHARED_OBJECT, String.join(", ", facts.needs.keySet()));
            } else if (parameter >= 0) {
                changes.add(parameter);
                external |= state.holdsExternal(Set.of(site));
                if (held.containsKey(site)) {
                    inside.add(parameter);
                }
            }
        }
        if (!facts.atoms.isEmpty()) {
            found(Rule.SHARED_OBJECT, String.join(", ", facts.needs.keySet()));
        }
    }

    void call(Op.Call call, Evaluator evaluator) {
        found(Rule.UNKNOWN_CALL, evaluator.source(call.callee()));
    }

    void returns(Val value, State state) {
        atom &= value.kind() == Kind.ATOM;
        var reach = state.reach(value);
        aliases |= reach.stream().anyMatch(site -> parameters.containsKey(site) || held.containsKey(site));
        external |= state.isExternal(value) || state.holdsExternal(reach);
    }

    Helper result(boolean blocks) {
        if (blocks && impure.isEmpty()) {
            impure = Optional.of(new Reason(Rule.STATEMENT, "it does something that must happen in order"));
        }
        return impure.map(Helper::impure)
                .orElseGet(() ->
                        new Helper(Optional.empty(), changes, inside, positional, atom, aliases, external, methods));
    }
}
