package pydron.provision.settings;

import java.util.Objects;

/// Where instances come from. Credentials are never here: they stay where the user keeps them, and are only
/// named.
public sealed interface CloudSettings {
    /// @param profile of the user's AWS files; empty: the default chain
    record Aws(String profile, String region) implements CloudSettings {
        public Aws {
            Objects.requireNonNull(profile);
            Objects.requireNonNull(region);
        }
    }

    /// @param cloud its name in `clouds.yaml`; empty: the variables `OS_*`
    record OpenStack(String cloud) implements CloudSettings {
        public OpenStack {
            Objects.requireNonNull(cloud);
        }
    }
}
