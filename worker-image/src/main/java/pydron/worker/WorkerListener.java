package pydron.worker;

/// Hears what a user of the worker may want to know. Called on threads of the worker; must not block.
public interface WorkerListener {
    /// Admitted by the scheduler, for the first time or again.
    default void connected() {}

    /// The scheduler cannot be reached; the worker keeps trying. Told once for each outage.
    default void disconnected(String reason) {}

    /// Something that a person has to mend, in words for that person.
    default void problem(String message) {}

    /// The worker will do nothing more: `asTold` by the scheduler that there is no more work, or else because it was
    /// refused or cannot start Python.
    default void ended(boolean asTold, String reason) {}
}
