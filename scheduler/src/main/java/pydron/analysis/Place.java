package pydron.analysis;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import pydron.analysis.ir.Reason;

/// A line of a pipeline, and what its plan says of it: for people who ask what runs at the same time, and what does
/// not.
///
/// @param pipeline qualified name
/// @param code the op in the words of Python
/// @param reason for all kinds but the first three
/// @param inLoop whether it is in a loop that has calls which could run at the same time
/// @param held the calls that it holds back
public record Place(
        String pipeline,
        String file,
        int line,
        Kind kind,
        String code,
        Optional<Reason> reason,
        boolean inLoop,
        List<Held> held) {
    public Place {
        Objects.requireNonNull(pipeline);
        Objects.requireNonNull(file);
        held = List.copyOf(held);
    }

    public enum Kind {
        /// A call that becomes a task, or of a pipeline whose calls do.
        TASK,
        /// Set aside while something it needs is not there; what follows goes on.
        SET_ASIDE,
        /// Happens in order, without holding back what follows.
        IN_ORDER,
        /// Waits only if a value has a type that nobody knows, or if the pipeline is given a result that is not there.
        MAY_WAIT,
        /// What follows has to wait.
        WAITS,
        /// The whole pipeline is ordinary Python.
        AS_IT_IS
    }

    /// A call that may have to wait.
    public record Held(String code, int line) {}

    /// Whether it keeps the calls of a loop from running at the same time.
    public boolean isSyncPointInLoop() {
        return switch (kind) {
            case TASK, SET_ASIDE, IN_ORDER, MAY_WAIT -> false;
            case WAITS -> inLoop;
            case AS_IT_IS -> !held.isEmpty();
        };
    }
}
