package pydron.provision.model;

import java.time.Duration;
import java.util.Objects;

/// What clouds answer when they do not do what they were asked to: a closed set, because each kind has its
/// own consequence.
public sealed interface Problem {
    /// What the cloud said, for people.
    String detail();

    /// Not now: others have these machines.
    record NoCapacity(String detail) implements Problem {}

    /// Not with this account.
    ///
    /// @param quota which, and how much of it there is, as far as the cloud says
    record QuotaExceeded(String quota, String detail) implements Problem {
        public QuotaExceeded {
            Objects.requireNonNull(quota);
        }
    }

    /// Not with these credentials.
    record Unauthorized(String detail) implements Problem {}

    /// Not like this: there is no such image, type, zone or network.
    record Refused(String detail) implements Problem {}

    /// Not so often.
    record Throttled(Duration retryAfter, String detail) implements Problem {
        public Throttled {
            Objects.requireNonNull(retryAfter);
        }
    }

    /// No answer, or none that tells: it may have happened or not.
    record Unknown(String detail) implements Problem {}

    /// In words.
    default String text() {
        return switch (this) {
            case NoCapacity it -> "no capacity: " + it.detail();
            case QuotaExceeded it -> "quota of " + it.quota() + " reached: " + it.detail();
            case Unauthorized it -> "not allowed: " + it.detail();
            case Refused it -> "refused: " + it.detail();
            case Throttled it -> "asked too often: " + it.detail();
            case Unknown it -> "no clear answer: " + it.detail();
        };
    }
}
