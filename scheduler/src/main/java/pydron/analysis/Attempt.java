package pydron.analysis;

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
}
