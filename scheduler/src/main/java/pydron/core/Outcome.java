package pydron.core;

/// What became of an attempt.
public sealed interface Outcome {
    /// The result, pickled, small enough to travel.
    record Returned(byte[] pickle) implements Outcome {}

    /// The result is a value file at the worker; the path is empty where no memory is shared.
    record Stored(long size, String path) implements Outcome {}

    /// The user's function raised.
    record Raised(byte[] record) implements Outcome {}

    /// The attempt came to no outcome of its own.
    record Lost(Reason reason, String detail) implements Outcome {}

    enum Reason {
        UNKNOWN,
        PROCESS_DIED,
        TIMEOUT,
        MEMORY,
        CANCELLED,
        STORE_FULL,
        UNPICKLABLE_RESULT,
        UNPICKLABLE_ARGUMENT,
        ENVIRONMENT,
        GIVEN_BACK
    }

    /// One line of a worker's report.
    record Report(long attempt, Outcome outcome, double seconds) {}
}
