package pydron.provision.clouds;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import pydron.provision.aws.AwsOptions;
import pydron.provision.aws.AwsStaging;
import pydron.provision.cloud.Account;
import pydron.provision.cloud.Cloud;
import pydron.provision.jclouds.Ec2Cloud;
import pydron.provision.jclouds.NovaCloud;
import pydron.provision.jclouds.NovaOptions;
import pydron.provision.join.Staging;
import pydron.provision.local.LocalCloud;
import pydron.provision.openstack.AccessFinder;
import pydron.provision.openstack.Surroundings;
import pydron.provision.settings.CloudSettings;
import pydron.provision.ssh.SshCloud;

/// From settings to adapters: the one place that knows all of them.
public final class Clouds {
    private Clouds() {}

    /// Both sides of one adapter.
    ///
    /// @param staging from where instances fetch the worker; empty: it is brought to each of them
    public record Opened(Cloud cloud, Account account, Optional<Staging> staging) {
        Opened(Cloud cloud, Account account) {
            this(cloud, account, Optional.empty());
        }

        public Opened {
            Objects.requireNonNull(cloud);
            Objects.requireNonNull(account);
            Objects.requireNonNull(staging);
        }
    }

    /// There is no such thing on that kind of cloud.
    public static final class Unsupported extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /// A key that has no meaning there.
        Unsupported(String name, String key, String why) {
            super("cloud '" + name + "': '" + key + "' cannot be used: " + why);
        }
    }

    /// Connects to nothing yet: credentials that are missing are found out by the first call.
    ///
    /// @param name as the settings call it
    /// @throws Unsupported a setting has no meaning there
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
            case CloudSettings.Aws aws -> {
                Ec2Cloud cloud = aws(aws, name, installation);
                yield new Opened(
                        cloud,
                        cloud,
                        aws.bucket().isEmpty()
                                ? Optional.empty()
                                : Optional.of(AwsStaging.open(aws.region(), aws.profile(), aws.bucket())));
            }
            case CloudSettings.Ssh ssh -> {
                Optional<Path> identity =
                        ssh.identity().isEmpty() ? Optional.empty() : Optional.of(home(ssh.identity()));
                SshCloud cloud = SshCloud.open(name, installation.id(), ssh.hosts(), identity);
                yield new Opened(cloud, cloud);
            }
        };
    }

    private static Path home(String path) {
        return path.startsWith("~/")
                ? Surroundings.homeOfThisProcess().resolve(path.substring(2))
                : Path.of(path).toAbsolutePath();
    }

    private static Ec2Cloud aws(CloudSettings.Aws settings, String name, Installation installation) {
        AwsOptions options = new AwsOptions(
                settings.image().name(),
                settings.instanceProfile(),
                settings.image().rootGiB(),
                new AwsOptions.Network(
                        settings.network().networks(),
                        settings.network().securityGroups(),
                        settings.network().publicAddress()),
                Optional.empty());
        return Ec2Cloud.open(name, installation.id(), settings.region(), settings.profile(), options);
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
