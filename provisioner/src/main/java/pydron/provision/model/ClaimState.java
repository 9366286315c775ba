package pydron.provision.model;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// The life of an instance: requested, booting, working, draining, terminating, gone. Each state holds what
/// is true in it.
public sealed interface ClaimState {
    /// Recorded; the cloud is about to be called, or was, and nobody knows what came of it.
    ///
    /// @param asked when it was last called
    /// @param times how often, more than once only where the cloud knows the claim's token
    record Requested(Instant asked, int times) implements ClaimState {
        public Requested {
            Objects.requireNonNull(asked);
        }
    }

    /// The cloud has it; its worker has not joined.
    record Booting(InstanceId instance, Instant since) implements ClaimState {
        public Booting {
            Objects.requireNonNull(instance);
            Objects.requireNonNull(since);
        }
    }

    record Working(InstanceId instance, Instant since) implements ClaimState {
        public Working {
            Objects.requireNonNull(instance);
            Objects.requireNonNull(since);
        }
    }

    /// It gets no more tasks, finishes those it has, and hands over what only it holds.
    ///
    /// @param deadline when it ends, finished or not
    record Draining(InstanceId instance, Instant since, Instant deadline, End why) implements ClaimState {
        public Draining {
            Objects.requireNonNull(instance);
            Objects.requireNonNull(since);
            Objects.requireNonNull(deadline);
            Objects.requireNonNull(why);
        }
    }

    /// The cloud is told to end it until it says that it has.
    ///
    /// @param asked when it was last told
    record Terminating(InstanceId instance, Instant since, Instant asked, End why) implements ClaimState {
        public Terminating {
            Objects.requireNonNull(instance);
            Objects.requireNonNull(since);
            Objects.requireNonNull(asked);
            Objects.requireNonNull(why);
        }
    }

    /// @param cost the most that it can have cost
    record Gone(Instant at, End why, Money cost) implements ClaimState {
        public Gone {
            Objects.requireNonNull(at);
            Objects.requireNonNull(why);
            Objects.requireNonNull(cost);
        }
    }

    /// The cloud's name for it, where that is known.
    default Optional<InstanceId> instanceId() {
        return switch (this) {
            case Requested _, Gone _ -> Optional.empty();
            case Booting it -> Optional.of(it.instance());
            case Working it -> Optional.of(it.instance());
            case Draining it -> Optional.of(it.instance());
            case Terminating it -> Optional.of(it.instance());
        };
    }
}
