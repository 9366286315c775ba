package pydron.provision.model;

import java.util.Objects;

/// Which machine to ask which cloud for.
///
/// @param zone empty when the cloud may choose
public record Machine(String cloud, String type, String zone) {
    public Machine {
        Objects.requireNonNull(cloud);
        Objects.requireNonNull(type);
        Objects.requireNonNull(zone);
    }
}
