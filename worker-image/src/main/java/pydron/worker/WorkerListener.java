package pydron.worker;

/// Hears what a user of the worker may want to know. Called on threads of the worker; must not block.
public interface WorkerListener {
    /// Admitted by the scheduler, for the first time or again.
    default void connected() {}

    /// The scheduler cannot be reached; the worker keeps trying. Told once for each outage.
    default void disconnected(String reason) {}

    /// Something that a person has to mend, in words for that person.
    default void problem(String message) {}

    /// The worker is over and will do nothing more: drained, refused, or unable to start Python.
    default void ended(String reason) {}
}
