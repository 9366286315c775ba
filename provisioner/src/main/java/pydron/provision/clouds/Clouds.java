package pydron.provision.clouds;

import java.util.Objects;
import pydron.provision.cloud.Account;
import pydron.provision.cloud.Cloud;
import pydron.provision.jclouds.NovaCloud;
import pydron.provision.jclouds.NovaOptions;
import pydron.provision.local.LocalCloud;
import pydron.provision.openstack.AccessFinder;
import pydron.provision.openstack.Surroundings;
import pydron.provision.settings.CloudSettings;

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

        /// A key that has no meaning there.
        Unsupported(String name, String key, String why) {
            super("cloud '" + name + "': '" + key + "' cannot be used: " + why);
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
            case CloudSettings.OpenStack openStack -> {
                NovaCloud cloud = openStack(openStack, name, installation);
                yield new Opened(cloud, cloud);
            }
            case CloudSettings.Aws _, CloudSettings.Ssh _ -> throw new Unsupported(name, settings.kind());
        };
    }

    private static NovaCloud openStack(CloudSettings.OpenStack settings, String name, Installation installation) {
        if (settings.image().rootGiB() > 0) {
            throw new Unsupported(name, "root-gib", "on OpenStack a flavor says how large the disk is");
        }
        boolean hidden = settings.network().publicAddress().filter(it -> !it).isPresent();
        NovaOptions.Network network = new NovaOptions.Network(
                settings.network().networks(),
                settings.network().securityGroups(),
                hidden ? "" : settings.floatingNetwork());
        return NovaCloud.open(
                name,
                installation.id(),
                new AccessFinder(Surroundings.ofThisProcess()).named(settings.cloud(), settings.region()),
                new NovaOptions(settings.image().name(), network, "", false));
    }
}
