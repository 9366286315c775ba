package pydron.provision.clouds;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import pydron.provision.cloud.Account;
import pydron.provision.cloud.Cloud;
import pydron.provision.local.LocalCloud;
import pydron.provision.settings.CloudSettings;
import pydron.provision.ssh.SshCloud;

/// From settings to adapters: the one place that knows all of them.
public final class Clouds {
    private Clouds() {}

    /// Both sides of one adapter.
    public record Opened(Cloud cloud, Account account) {
        public Opened {
            Objects.requireNonNull(cloud);
            Objects.requireNonNull(account);
        }
    }

    /// There is no adapter for this cloud.
    public static final class Unsupported extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unsupported(String name, String kind) {
            super("cloud '" + name + "': this Pydron cannot use clouds of kind '" + kind + "' yet");
        }
    }

    /// Connects to nothing yet: credentials that are missing are found out by the first call.
    ///
    /// @param name as the settings call it
    /// @throws Unsupported there is no adapter
    public static Opened open(CloudSettings settings, String name, Installation installation) {
        return switch (settings) {
            case CloudSettings.Local local -> {
                LocalCloud cloud = new LocalCloud(
                        name,
                        installation.id(),
                        local.maxProcesses(),
                        installation.folder().resolve("instances"));
                yield new Opened(cloud, cloud);
            }
            case CloudSettings.Ssh ssh -> {
                Optional<Path> identity =
                        ssh.identity().isEmpty() ? Optional.empty() : Optional.of(Path.of(ssh.identity()));
                SshCloud cloud = SshCloud.open(name, installation.id(), ssh.hosts(), identity);
                yield new Opened(cloud, cloud);
            }
            case CloudSettings.Aws _, CloudSettings.OpenStack _ -> throw new Unsupported(name, settings.kind());
        };
    }
}
