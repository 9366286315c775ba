package pydron.provision.aws;

import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// How instances are started in an account of AWS, beyond what a pool says.
///
/// @param image an AMI's identity; empty: the newest Debian 12 for the type's architecture
/// @param instanceProfile the name of the IAM instance profile that instances get; empty: none
/// @param rootGiB size of the root volume in GiB; 0: as large as the image's
public record AwsOptions(
        String image, String instanceProfile, int rootGiB, Network network, Optional<Endpoints> endpoints) {
    public static final AwsOptions DEFAULT =
            new AwsOptions("", "", 0, new Network(List.of(), List.of(), Optional.empty()), Optional.empty());

    /// @param subnets their identities, of one network; with several, the one in the pool's zone is used, or the
    /// first; empty: the default one
    /// @param securityGroups their identities; empty: the network's default group
    /// @param publicAddress whether instances get one; empty: as the subnet says
    public record Network(List<String> subnets, List<String> securityGroups, Optional<Boolean> publicAddress) {
        public Network {
            subnets = List.copyOf(subnets);
            securityGroups = List.copyOf(securityGroups);
            Objects.requireNonNull(publicAddress);
        }
    }

    /// Other places than those of the region; where there are none, the SDK's own variables and settings say
    /// (`AWS_ENDPOINT_URL_EC2`, …).
    ///
    /// @param json what answers for prices and quotas
    public record Endpoints(URI ec2, URI sts, URI json) {
        public Endpoints {
            Objects.requireNonNull(ec2);
            Objects.requireNonNull(sts);
            Objects.requireNonNull(json);
        }
    }

    public AwsOptions {
        Objects.requireNonNull(image);
        Objects.requireNonNull(instanceProfile);
        Objects.requireNonNull(network);
        Objects.requireNonNull(endpoints);
        if (rootGiB < 0 || rootGiB > 16_384) {
            throw new IllegalArgumentException("a root volume has up to 16384 GiB: " + rootGiB);
        }
    }
}
