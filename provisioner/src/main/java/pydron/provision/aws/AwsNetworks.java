package pydron.provision.aws;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import pydron.provision.model.Problem;
import software.amazon.awssdk.services.ec2.model.DescribeSubnetsRequest;

/// Which of the settings' subnets an instance goes to: the one in its zone.
public final class AwsNetworks {
    private final AwsSession session;
    private final Map<String, String> zones = new ConcurrentHashMap<>();

    public AwsNetworks(AwsSession session) {
        this.session = session;
    }

    /// @param zone empty: any
    /// @return empty for the default one
    /// @throws AwsFailure when none of them is in this zone, or it cannot be found out
    public Optional<String> subnetIn(String zone) {
        List<String> set = session.options().network().subnets();
        if (set.isEmpty()) {
            return Optional.empty();
        } else if (set.size() == 1 || zone.isEmpty()) {
            return Optional.of(set.getFirst());
        }
        if (zones.isEmpty()) {
            session.call(
                            "DescribeSubnets",
                            () -> session.ec2()
                                    .describeSubnets(DescribeSubnetsRequest.builder()
                                            .subnetIds(set)
                                            .build()))
                    .subnets()
                    .forEach(it -> zones.put(it.subnetId(), it.availabilityZone()));
        }
        return Optional.of(set.stream()
                .filter(it -> zone.equals(zones.get(it)))
                .findFirst()
                .orElseThrow(() -> new AwsFailure(new Problem.Refused(
                        "none of the subnets " + String.join(", ", set) + " is in zone '" + zone + "'"))));
    }
}
