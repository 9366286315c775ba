package pydron.analysis;

import java.util.Collection;
import java.util.Set;

/// The body of a `try` around the current op: variables its handlers read, and the states it may be left in.
final class Attempt {
    final Set<String> visible;
    State left;

    Attempt(Set<String> visible) {
        this.visible = visible;
    }

    void join(State state) {
        left = left == null ? state.copy() : left.join(state);
    }

    /// Inside a `try`, what a handler can see must not happen before what precedes it has succeeded.
    static boolean see(Collection<Attempt> attempts, Facts facts) {
        return attempts.stream()
                .anyMatch(attempt ->
                        !facts.mutated.isEmpty() || facts.assigned.stream().anyMatch(attempt.visible::contains));
    }

    /// The same of what is no op of its own: whether it assigns a variable that a handler can see, or changes an object
    /// that can be reached from one.
    static boolean seeChange(Collection<Attempt> attempts, State state, Facts facts) {
        return attempts.stream()
                .flatMap(attempt -> attempt.visible.stream())
                .anyMatch(name -> facts.assigned.contains(name)
                        || state.reach(state.variable(name)).stream().anyMatch(facts.mutated::contains));
    }
}
