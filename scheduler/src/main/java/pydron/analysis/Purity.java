package pydron.analysis;

import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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

    private final Set<Integer> parameters = new TreeSet<>();
    private Optional<Reason> impure = Optional.empty();
    private boolean atom = true;
    private boolean aliases;
    private boolean external;

    /// The state in which the function begins.
    State begin(Names names) {
        var state = new State();
        for (String name : new ArrayList<>(names.parameters())) {
            int site = FIRST_PARAMETER - parameters.size();
            parameters.add(site);
            state.assign(name, Val.made(site, Kind.ANY));
        }
        return state;
    }

    private void found(Rule rule, String subject) {
        if (impure.isEmpty()) {
            impure = Optional.of(new Reason(rule, subject));
        }
    }

    void note(Facts facts) {
        if (impure.isEmpty()) {
            impure = facts.blocks();
        }
        if (facts.output) {
            found(Rule.OUTPUT, "something");
        }
        if (!facts.atoms.isEmpty() || facts.mutated.stream().anyMatch(parameters::contains)) {
            found(Rule.SHARED_OBJECT, String.join(", ", facts.needs.keySet()));
        }
    }

    void call(Op.Call call, Evaluator evaluator) {
        found(Rule.UNKNOWN_CALL, evaluator.source(call.callee()));
    }

    void returns(Val value, State state) {
        atom &= value.kind() == Kind.ATOM;
        var reach = state.reach(value);
        aliases |= reach.stream().anyMatch(parameters::contains);
        external |= state.isExternal(value) || state.holdsExternal(reach);
    }

    Helper result(boolean blocks) {
        if (blocks && impure.isEmpty()) {
            impure = Optional.of(new Reason(Rule.STATEMENT, "it does something that must happen in order"));
        }
        return impure.map(Helper::impure).orElseGet(() -> new Helper(Optional.empty(), atom, aliases, external));
    }
}
