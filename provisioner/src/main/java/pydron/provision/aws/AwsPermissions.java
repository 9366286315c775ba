package pydron.provision.aws;

import java.util.ArrayList;
import java.util.List;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Check.Outcome;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;

/// Which actions the credentials allow, found out by trials that EC2 does not carry out. What a start needs shows
/// when one is rehearsed with its image and network.
final class AwsPermissions {
    /// Names of the right form that nothing has: whether they are looked at says whether the action is allowed.
    private static final String NO_INSTANCE = "i-00000000000000000";

    private static final String NO_VOLUME = "vol-00000000000000000";
    private static final String NO_GROUP = "sg-00000000000000000";
    private static final String NO_KEY = "pydron-no-such-key";

    /// @param onOurs policies may rightly allow it on what has our tag, and nothing else
    private record Trial(String action, boolean onOurs, Runnable call) {}

    private final AwsSession session;

    AwsPermissions(AwsSession session) {
        this.session = session;
    }

    List<Check> check() {
        List<Check> checks = new ArrayList<>();
        List<String> allowed = new ArrayList<>();
        for (Trial trial : trials(session.ec2())) {
            String action = "ec2:" + trial.action();
            switch (answer(trial)) {
                case "" -> allowed.add(action);
                case String problem
                when trial.onOurs() ->
                    checks.add(new Check(
                            "permission",
                            Outcome.WARNING,
                            action + " is not allowed on everything; right if the policy allows it on what has the"
                                    + " tag pydron-installation, else allow it: " + problem));
                case String problem -> checks.add(new Check("permission", Outcome.BAD, problem));
            }
        }
        if (!allowed.isEmpty()) {
            checks.addFirst(new Check("permission", Outcome.GOOD, String.join(", ", allowed)));
        }
        return checks;
    }

    private static List<Trial> trials(Ec2Client ec2) {
        return List.of(
                new Trial("DescribeInstances", false, () -> ec2.describeInstances(it -> it.dryRun(true))),
                new Trial("DescribeVolumes", false, () -> ec2.describeVolumes(it -> it.dryRun(true))),
                new Trial("DescribeKeyPairs", false, () -> ec2.describeKeyPairs(it -> it.dryRun(true))),
                new Trial("DescribeSecurityGroups", false, () -> ec2.describeSecurityGroups(it -> it.dryRun(true))),
                new Trial(
                        "DescribeImages",
                        false,
                        () -> ec2.describeImages(it -> it.dryRun(true).owners("self"))),
                new Trial("DescribeInstanceTypes", false, () -> ec2.describeInstanceTypes(it -> it.dryRun(true))),
                new Trial(
                        "DescribeInstanceTypeOfferings",
                        false,
                        () -> ec2.describeInstanceTypeOfferings(it -> it.dryRun(true))),
                new Trial("DescribeSubnets", false, () -> ec2.describeSubnets(it -> it.dryRun(true))),
                new Trial("DescribeSpotPriceHistory", false, () -> ec2.describeSpotPriceHistory(it -> it.dryRun(true))),
                new Trial(
                        "TerminateInstances",
                        true,
                        () -> ec2.terminateInstances(it -> it.dryRun(true).instanceIds(NO_INSTANCE))),
                new Trial(
                        "DeleteVolume",
                        true,
                        () -> ec2.deleteVolume(it -> it.dryRun(true).volumeId(NO_VOLUME))),
                new Trial(
                        "DeleteKeyPair",
                        true,
                        () -> ec2.deleteKeyPair(it -> it.dryRun(true).keyName(NO_KEY))),
                new Trial(
                        "DeleteSecurityGroup",
                        true,
                        () -> ec2.deleteSecurityGroup(it -> it.dryRun(true).groupId(NO_GROUP))));
    }

    /// What is in the way, empty when nothing is.
    private static String answer(Trial trial) {
        try {
            trial.call().run();
            return "";
        } catch (AwsServiceException e) {
            String code = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
            boolean looked = "DryRunOperation".equals(code) || code != null && code.endsWith(".NotFound");
            return looked ? "" : AwsSession.problem(trial.action(), e).text();
        } catch (SdkException e) {
            return trial.action() + ": " + e.getMessage();
        }
    }
}
