package pydron.provision.model;

import java.time.Instant;
import java.util.Objects;

/// Whether instances may be started in a pool.
public sealed interface PoolState {
    record Healthy() implements PoolState {}

    /// Something went wrong lately.
    ///
    /// @param failures in a row; one round of several starts counts once
    /// @param retry when it is tried again, with a single instance
    record BackingOff(int failures, Instant retry, String reason) implements PoolState {
        public BackingOff {
            Objects.requireNonNull(retry);
            Objects.requireNonNull(reason);
        }
    }

    /// Went wrong so often that somebody has to look; a person resumes it.
    record Paused(Instant since, String reason) implements PoolState {
        public Paused {
            Objects.requireNonNull(since);
            Objects.requireNonNull(reason);
        }
    }
}
