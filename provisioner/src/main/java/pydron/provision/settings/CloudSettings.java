package pydron.provision.settings;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import pydron.provision.model.Address;

/// Where instances come from. Credentials are never here: they stay where the user keeps them, and are only
/// named.
public sealed interface CloudSettings {
    /// What the settings call this kind.
    String kind();

    /// How instances connect to the service without a tunnel; empty: a tunnel is opened for each.
    default Optional<Direct> direct() {
        return Optional.empty();
    }

    /// @param address where instances connect to
    /// @param listen where this machine waits for them; empty: there, too. It differs behind a router
    record Direct(Address address, Optional<Address> listen) {
        public Direct {
            Objects.requireNonNull(address);
            Objects.requireNonNull(listen);
        }
    }

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
    /// @param direct as in [CloudSettings#direct]
    record Network(
            List<String> networks,
            List<String> securityGroups,
            Optional<Boolean> publicAddress,
            Optional<Direct> direct) {
        public static final Network ANY = new Network(List.of(), List.of(), Optional.empty(), Optional.empty());

        public Network {
            networks = List.copyOf(networks);
            securityGroups = List.copyOf(securityGroups);
            Objects.requireNonNull(publicAddress);
            Objects.requireNonNull(direct);
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

        @Override
        public Optional<Direct> direct() {
            return network.direct();
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

        @Override
        public Optional<Direct> direct() {
            return network.direct();
        }
    }

    /// Machines that are there already.
    ///
    /// @param hosts as `ssh` is told: `host`, `user@host`, `user@host:port`, or a name of `~/.ssh/config`
    /// @param identity the file of the private key; empty: as `ssh` finds it
    record Ssh(List<String> hosts, String identity, Optional<Direct> direct) implements CloudSettings {
        public Ssh {
            hosts = List.copyOf(hosts);
            Objects.requireNonNull(identity);
            Objects.requireNonNull(direct);
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
