package pydron.provision.plan;

import java.time.Instant;
import java.util.Objects;
import pydron.provision.model.Thing;

/// Something with our tag that is no open claim's instance.
///
/// @param since since when this process has seen it
public record Stray(String cloud, Thing thing, Instant since) {
    public Stray {
        Objects.requireNonNull(cloud);
        Objects.requireNonNull(thing);
        Objects.requireNonNull(since);
    }
}
