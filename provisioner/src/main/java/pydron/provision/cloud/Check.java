package pydron.provision.cloud;

import java.util.Objects;

/// One line of `pydron cloud test`.
///
/// @param what was looked at, as "credentials"
/// @param text what was found; where it is not good, what to do about it
public record Check(String what, Outcome outcome, String text) {
    public enum Outcome {
        GOOD,
        /// Works, and should be known.
        WARNING,
        BAD
    }

    public Check {
        Objects.requireNonNull(what);
        Objects.requireNonNull(outcome);
        Objects.requireNonNull(text);
    }
}
