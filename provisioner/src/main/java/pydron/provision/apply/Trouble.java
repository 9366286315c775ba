package pydron.provision.apply;

import java.util.Objects;
import pydron.provision.model.Problem;

/// A call that a cloud did not answer as wanted.
///
/// @param what `start`, `list`, or what was to be removed
public record Trouble(String cloud, String what, Problem problem) {
    public Trouble {
        Objects.requireNonNull(cloud);
        Objects.requireNonNull(what);
        Objects.requireNonNull(problem);
    }
}
