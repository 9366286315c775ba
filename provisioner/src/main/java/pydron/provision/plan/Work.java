package pydron.provision.plan;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import pydron.provision.model.Resources;

/// Tasks that ask for the same.
///
/// @param ready could run now
/// @param running do run, on instances
/// @param each how long one takes, as measured; empty when none has finished
public record Work(Resources needs, int ready, int running, Optional<Duration> each) {
    public Work {
        Objects.requireNonNull(needs);
        Objects.requireNonNull(each);
        if (ready < 0 || running < 0) {
            throw new IllegalArgumentException("negative work: " + ready + ", " + running);
        }
    }
}
