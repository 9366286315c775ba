package pydron.provision.settings;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Where instances come from. Credentials are never here: they stay where the user keeps them, and are only
/// named.
public sealed interface CloudSettings {
    /// What the settings call this kind.
    String kind();

    /// What instances boot from.
    ///
    /// @param name of the image, or its identity; empty: the adapter looks for a Debian
    /// @param rootGiB size of the root volume in GiB; 0: as large as the image's
    record Image(String name, int rootGiB) {
        public static final Image ANY = new Image("", 0);

        public Image {
            Objects.requireNonNull(name);
        }
    }

    /// Where instances are connected.
    ///
    /// @param networks subnets on AWS, networks on OpenStack; empty: the account's default
    /// @param securityGroups empty: the network's default
    /// @param publicAddress whether instances get one; empty: as the network says
    record Network(List<String> networks, List<String> securityGroups, Optional<Boolean> publicAddress) {
        public static final Network ANY = new Network(List.of(), List.of(), Optional.empty());

        public Network {
            networks = List.copyOf(networks);
            securityGroups = List.copyOf(securityGroups);
            Objects.requireNonNull(publicAddress);
        }
    }

    /// @param profile of the user's AWS files; empty: the default chain
    /// @param region empty: as the profile says
    /// @param instanceProfile that instances get; empty: none
    /// @param bucket of S3, from where instances fetch the worker; empty: it comes over ssh
    record Aws(String profile, String region, Image image, Network network, String instanceProfile, String bucket)
            implements CloudSettings {
        public Aws {
            Objects.requireNonNull(profile);
            Objects.requireNonNull(region);
            Objects.requireNonNull(image);
            Objects.requireNonNull(network);
            Objects.requireNonNull(instanceProfile);
            Objects.requireNonNull(bucket);
        }

        @Override
        public String kind() {
            return "aws";
        }
    }

    /// @param cloud its name in `clouds.yaml`; empty: the variables `OS_*`
    /// @param region empty: as `clouds.yaml` says
    /// @param floatingNetwork where public addresses come from; empty: instances get none
    record OpenStack(String cloud, String region, Image image, Network network, String floatingNetwork)
            implements CloudSettings {
        public OpenStack {
            Objects.requireNonNull(cloud);
            Objects.requireNonNull(region);
            Objects.requireNonNull(image);
            Objects.requireNonNull(network);
            Objects.requireNonNull(floatingNetwork);
        }

        @Override
        public String kind() {
            return "openstack";
        }
    }

    /// Machines that are there already.
    ///
    /// @param hosts as `ssh` is told: `host`, `user@host`, `user@host:port`, or a name of `~/.ssh/config`
    /// @param identity the file of the private key; empty: as `ssh` finds it
    record Ssh(List<String> hosts, String identity) implements CloudSettings {
        public Ssh {
            hosts = List.copyOf(hosts);
            Objects.requireNonNull(identity);
        }

        @Override
        public String kind() {
            return "ssh";
        }
    }

    /// Processes on this machine.
    ///
    /// @param maxProcesses instances at a time
    record Local(int maxProcesses) implements CloudSettings {
        @Override
        public String kind() {
            return "local";
        }
    }
}
