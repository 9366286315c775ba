package pydron.provision.aws;

import java.util.ArrayList;
import java.util.List;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Check.Outcome;
import pydron.provision.model.Problem;
import software.amazon.awssdk.services.ec2.model.IpPermission;
import software.amazon.awssdk.services.ec2.model.SecurityGroup;
import software.amazon.awssdk.services.ec2.model.Subnet;

/// Whether instances could be reached by SSH: their subnet gives them a public address, and a security group of
/// theirs lets port 22 in.
final class AwsReach {
    private static final int SSH = 22;

    private final AwsSession session;

    AwsReach(AwsSession session) {
        this.session = session;
    }

    List<Check> check() {
        List<Check> checks = new ArrayList<>();
        try {
            List<Subnet> subnets = subnets();
            for (Subnet subnet : subnets) {
                checks.add(subnet(subnet));
            }
            checks.add(groups(subnets.getFirst().vpcId()));
        } catch (AwsFailure failure) {
            checks.add(new Check("network", Outcome.BAD, failure.problem().text()));
        }
        return checks;
    }

    private List<Subnet> subnets() {
        List<String> set = session.options().network().subnets();
        List<Subnet> found = session.call(
                        "DescribeSubnets",
                        () -> session.ec2().describeSubnets(it -> {
                            if (set.isEmpty()) {
                                it.filters(AwsImages.filter("default-for-az", "true"));
                            } else {
                                it.subnetIds(set);
                            }
                        }))
                .subnets();
        if (found.isEmpty()) {
            throw new AwsFailure(new Problem.Refused(
                    "there is no default network in " + session.region() + ": name a subnet in the settings"));
        }
        return found;
    }

    private Check subnet(Subnet subnet) {
        int free = subnet.availableIpAddressCount() == null ? 0 : subnet.availableIpAddressCount();
        boolean isPublic =
                session.options().network().publicAddress().orElse(Boolean.TRUE.equals(subnet.mapPublicIpOnLaunch()));
        String what = "subnet " + subnet.subnetId() + " in " + subnet.availabilityZone();
        if (free == 0) {
            return new Check("network", Outcome.BAD, what + " has no free address");
        } else if (!isPublic) {
            return new Check(
                    "network",
                    Outcome.WARNING,
                    what + " gives instances no public address: they can be reached from within their network only");
        }
        return new Check("network", Outcome.GOOD, what + ", " + free + " free addresses");
    }

    private Check groups(String vpc) {
        List<String> set = session.options().network().securityGroups();
        List<SecurityGroup> groups = session.call(
                        "DescribeSecurityGroups",
                        () -> session.ec2().describeSecurityGroups(it -> {
                            if (set.isEmpty()) {
                                it.filters(AwsImages.filter("group-name", "default"), AwsImages.filter("vpc-id", vpc));
                            } else {
                                it.groupIds(set);
                            }
                        }))
                .securityGroups();
        List<String> names = groups.stream()
                .map(it -> it.groupId() + " '" + it.groupName() + "'")
                .toList();
        String what = "security group " + String.join(", ", names);
        return groups.stream().flatMap(it -> it.ipPermissions().stream()).anyMatch(AwsReach::letsSshIn)
                ? new Check("network", Outcome.GOOD, what + " lets SSH in")
                : new Check(
                        "network",
                        Outcome.BAD,
                        what + " lets no SSH (port 22) in: add a rule for this machine's public address, or name"
                                + " another group in the settings");
    }

    private static boolean letsSshIn(IpPermission rule) {
        boolean fromAddresses = !rule.ipRanges().isEmpty()
                || !rule.ipv6Ranges().isEmpty()
                || !rule.prefixListIds().isEmpty();
        return fromAddresses
                && switch (rule.ipProtocol()) {
                    case "-1" -> true;
                    case "tcp", "6" -> rule.fromPort() == null || rule.fromPort() <= SSH && SSH <= rule.toPort();
                    default -> false;
                };
    }
}
