package pydron.provision.jclouds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pydron.provision.aws.AwsKeys;
import pydron.provision.aws.AwsOptions;
import pydron.provision.aws.AwsSession;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Listing;
import pydron.provision.cloud.Removal;
import pydron.provision.ec2.Ec2StandIn;
import pydron.provision.ec2.Hypervisor;
import pydron.provision.model.ClaimId;
import pydron.provision.model.InstanceId;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Problem;
import pydron.provision.model.Resources;
import pydron.provision.model.Thing;

/// What EC2 may answer, and what becomes of it.
class Ec2AnswersTest {
    private static final AwsKeys LASTING =
            new AwsKeys(Ec2StandIn.IDENTITY, Ec2StandIn.SECRET, Optional.empty(), Optional.empty());

    private final Ec2StandIn ec2 = Ec2StandIn.start(0, Hypervisor.NONE);
    private final AtomicReference<AwsKeys> keys = new AtomicReference<>(LASTING);
    private Instant now = Instant.parse("2026-11-21T12:00:00Z");
    private Ec2Cloud cloud = with(AwsOptions.DEFAULT);

    private Ec2Cloud with(AwsOptions options) {
        return at(ec2.url(), options);
    }

    private Ec2Cloud at(URI url, AwsOptions options) {
        AwsOptions here = new AwsOptions(
                options.image(),
                options.instanceProfile(),
                options.rootGiB(),
                options.network(),
                Optional.of(new AwsOptions.Endpoints(url, url, url)));
        return new Ec2Cloud("aws", "installation-1", AwsSession.with(Ec2StandIn.REGION, keys::get, here), () -> now);
    }

    private void reopen(AwsOptions options) {
        cloud.close();
        cloud = with(options);
    }

    @AfterEach
    void close() {
        cloud.close();
        ec2.close();
    }

    private static LaunchRequest request(String claim, String type, String zone, boolean spot) {
        Pool pool = new Pool(
                "pool",
                new Machine("aws", type, zone),
                new Resources(2, 4L << 30, 0),
                new Price(Money.of("0.06"), spot),
                Duration.ofSeconds(60));
        return new LaunchRequest(new ClaimId(claim), pool, Duration.ofMinutes(10), "#!/bin/sh\ntrue\n");
    }

    private static LaunchRequest request(String claim) {
        return request(claim, "m7i.large", "", false);
    }

    private InstanceId started(LaunchRequest request) {
        assertThat(cloud.start(request)).isInstanceOf(Launch.Started.class);
        return new InstanceId(ec2.states().keySet().stream().reduce((a, b) -> b).orElseThrow());
    }

    private Problem refused(LaunchRequest request) {
        Launch launch = cloud.start(request);
        assertThat(launch).isInstanceOf(Launch.Failed.class);
        return ((Launch.Failed) launch).problem();
    }

    private List<Thing> listed() {
        Listing listing = cloud.list();
        assertThat(listing).isInstanceOf(Listing.Seen.class);
        return ((Listing.Seen) listing).things();
    }

    private static void eventually(BooleanSupplier holds) {
        for (int i = 0; i < 500 && !holds.getAsBoolean(); i++) {
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        assertThat(holds.getAsBoolean()).isTrue();
    }

    @Test
    void whatIsStartedIsAsItHasToBe() {
        String group = ec2.group("workers", Map.of("port", "22"));
        reopen(new AwsOptions(
                "ami-0f00000000000006a",
                "pydron-worker",
                20,
                new AwsOptions.Network(List.of("subnet-0123456789abcdef0"), List.of(group), Optional.empty()),
                Optional.empty()));
        String id =
                started(request("claim-1", "t3.medium", "eu-central-1a", false)).value();
        assertThat(ec2.parameter(id, "ClientToken")).isEqualTo("claim-1");
        assertThat(ec2.parameter(id, "MetadataOptions.HttpTokens")).isEqualTo("required");
        assertThat(ec2.parameter(id, "InstanceInitiatedShutdownBehavior")).isEqualTo("terminate");
        assertThat(ec2.parameter(id, "BlockDeviceMapping.1.DeviceName")).isEqualTo("/dev/sda1");
        assertThat(ec2.parameter(id, "BlockDeviceMapping.1.Ebs.Encrypted")).isEqualTo("true");
        assertThat(ec2.parameter(id, "BlockDeviceMapping.1.Ebs.VolumeType")).isEqualTo("gp3");
        assertThat(ec2.parameter(id, "BlockDeviceMapping.1.Ebs.VolumeSize")).isEqualTo("20");
        assertThat(ec2.parameter(id, "BlockDeviceMapping.1.Ebs.DeleteOnTermination"))
                .isEqualTo("true");
        assertThat(ec2.parameter(id, "IamInstanceProfile.Name")).isEqualTo("pydron-worker");
        assertThat(ec2.parameter(id, "SubnetId")).isEqualTo("subnet-0123456789abcdef0");
        assertThat(ec2.parameter(id, "SecurityGroupId.1")).isEqualTo(group);
        assertThat(ec2.parameter(id, "CreditSpecification.CpuCredits")).isEqualTo("standard");
        assertThat(ec2.parameter(id, "InstanceMarketOptions.MarketType")).isEmpty();
        assertThat(ec2.parameter(id, "TagSpecification.2.ResourceType")).isEqualTo("volume");
        assertThat(ec2.parameter(id, "TagSpecification.2.Tag.5.Value")).isEqualTo("2026-11-21T12:10:00Z");
        assertThat(listed()).extracting(Thing::kind).containsExactly(Thing.Kind.INSTANCE, Thing.Kind.VOLUME);
    }

    @Test
    void aPublicAddressIsAskedOfAnInterface() {
        reopen(new AwsOptions(
                "",
                "",
                0,
                new AwsOptions.Network(
                        List.of("subnet-0123456789abcdef0", "subnet-0123456789abcdef1"),
                        List.of("sg-0123456789abcdef0"),
                        Optional.of(true)),
                Optional.empty()));
        String id =
                started(request("claim-1", "m7i.large", "eu-central-1b", false)).value();
        assertThat(ec2.parameter(id, "NetworkInterface.1.AssociatePublicIpAddress"))
                .isEqualTo("true");
        assertThat(ec2.parameter(id, "NetworkInterface.1.SubnetId")).isEqualTo("subnet-0123456789abcdef1");
        assertThat(ec2.parameter(id, "SubnetId")).isEmpty();
        assertThat(refused(request("claim-2", "m7i.large", "eu-central-1c", false)))
                .isInstanceOf(Problem.Refused.class)
                .matches(it -> it.detail().contains("eu-central-1c"));
    }

    @Test
    void theNewestDebianOfTheTypesArchitectureIsStarted() {
        String intel = started(request("claim-1", "m7i.large", "", false)).value();
        assertThat(ec2.parameter(intel, "ImageId")).isEqualTo("ami-0d00000000000002a");
        String arm = started(request("claim-2", "c7g.large", "", false)).value();
        assertThat(ec2.parameter(arm, "ImageId")).isEqualTo("ami-0d00000000000003a");
    }

    @Test
    void spotIsAskedForAtItsPriceAndGoesWhenTakenBack() {
        String id = started(request("claim-1", "m7i.large", "", true)).value();
        assertThat(ec2.parameter(id, "InstanceMarketOptions.SpotOptions.MaxPrice"))
                .isEqualTo("0.06");
        assertThat(ec2.parameter(id, "InstanceMarketOptions.SpotOptions.SpotInstanceType"))
                .isEqualTo("one-time");
        ec2.times(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ofMillis(50));
        ec2.interrupt(id);
        eventually(() -> listed().stream().allMatch(it -> it.life() == Thing.Life.ENDED));
        assertThat(ec2.leftovers()).isEmpty();
        assertThat(refused(request("claim-2", "m7i.2xlarge", "", true))).isInstanceOf(Problem.NoCapacity.class);
    }

    @Test
    void capacityAndQuotaAreToldApart() {
        ec2.exhaust("m7i.large", "eu-central-1a");
        assertThat(refused(request("claim-1", "m7i.large", "eu-central-1a", false)))
                .isInstanceOf(Problem.NoCapacity.class)
                .matches(it -> it.detail().contains("eu-central-1a"));
        started(request("claim-2", "m7i.large", "eu-central-1b", false));
        ec2.quota(2, 0, 99);
        assertThat(refused(request("claim-3"))).isInstanceOfSatisfying(Problem.QuotaExceeded.class, it -> {
            assertThat(it.quota()).contains("vCPUs");
            assertThat(it.detail()).contains("limit of 2");
        });
        assertThat(refused(request("claim-4", "m7i.large", "", true)))
                .isInstanceOfSatisfying(
                        Problem.QuotaExceeded.class,
                        it -> assertThat(it.quota()).isEqualTo("spot instances"));
        ec2.quota(99, 0, 1);
        assertThat(refused(request("claim-5"))).isInstanceOf(Problem.QuotaExceeded.class);
    }

    @ParameterizedTest
    @CsvSource({"ec2:RunInstances", "ec2:CreateTags", "ec2:DescribeImages", "ec2:DescribeInstanceTypes"})
    void aMissingPermissionIsNamed(String action) {
        ec2.deny(action);
        assertThat(refused(request("claim-1")))
                .isInstanceOf(Problem.Unauthorized.class)
                .matches(it -> it.detail().contains("no permission for " + action), "names " + action)
                .matches(it -> it.detail().length() < 500, "is readable");
        assertThat(ec2.states()).isEmpty();
    }

    @Test
    void whatTheListOrTheEndMayNotDoIsNamed() {
        String id = started(request("claim-1")).value();
        ec2.deny("ec2:TerminateInstances");
        assertThat(cloud.remove(Thing.Kind.INSTANCE, id))
                .isInstanceOfSatisfying(
                        Removal.Failed.class,
                        it -> assertThat(it.problem().detail()).contains("ec2:TerminateInstances"));
        ec2.deny("ec2:DescribeKeyPairs");
        assertThat(cloud.list())
                .isInstanceOfSatisfying(
                        Listing.Failed.class,
                        it -> assertThat(it.problem().detail()).contains("ec2:DescribeKeyPairs"));
    }

    @ParameterizedTest
    @CsvSource({
        "400, InvalidAMIID.NotFound, Refused",
        "400, InvalidSubnetID.NotFound, Refused",
        "400, Unsupported, Refused",
        "400, UnknownParameter, Refused",
        "400, VPCIdNotSpecified, Refused",
        "500, InsufficientInstanceCapacity, NoCapacity",
        "400, InsufficientFreeAddressesInSubnet, QuotaExceeded",
        "400, VolumeLimitExceeded, QuotaExceeded",
        "400, SomethingNewLimitExceeded, QuotaExceeded",
        "503, RequestLimitExceeded, Throttled",
        "400, Throttling, Throttled",
        "403, OptInRequired, Unauthorized",
        "400, PendingVerification, Unauthorized",
        "400, RequestExpired, Unauthorized",
        "400, Blocked, Unauthorized",
        "500, InternalError, Unknown",
        "503, Unavailable, Unknown",
        "503, ServiceUnavailable, Unknown"
    })
    void eachErrorHasItsConsequence(int status, String code, String kind) {
        ec2.fail("RunInstances", status, code, "as it is");
        Problem problem = refused(request("claim-1"));
        assertThat(problem.getClass().getSimpleName()).isEqualTo(kind);
        assertThat(problem.detail()).contains(code).contains("as it is");
        assertThat(ec2.served().stream().filter("RunInstances"::equals)).hasSize(1);
    }

    @Test
    void theImageInTheSettingsIsNamedWhenThereIsNone() {
        reopen(new AwsOptions("ami-00000000000000000", "", 0, AwsOptions.DEFAULT.network(), Optional.empty()));
        assertThat(refused(request("claim-1")))
                .isInstanceOf(Problem.Refused.class)
                .matches(it -> it.detail().contains("ami-00000000000000000"));
        reopen(new AwsOptions("debian", "", 0, AwsOptions.DEFAULT.network(), Optional.empty()));
        assertThat(refused(request("claim-1")))
                .isInstanceOf(Problem.Refused.class)
                .matches(it -> it.detail().contains("debian"));
    }

    @Test
    void throttlingIsAnAnswerEverywhere() {
        String id = started(request("claim-1")).value();
        for (String action : List.of("RunInstances", "DescribeVolumes", "TerminateInstances")) {
            ec2.trouble(action, Ec2StandIn.Trouble.THROTTLED, 1);
        }
        assertThat(refused(request("claim-2"))).isInstanceOf(Problem.Throttled.class);
        assertThat(cloud.list())
                .isInstanceOfSatisfying(
                        Listing.Failed.class, it -> assertThat(it.problem()).isInstanceOf(Problem.Throttled.class));
        assertThat(cloud.remove(Thing.Kind.INSTANCE, id))
                .isInstanceOfSatisfying(
                        Removal.Failed.class, it -> assertThat(it.problem()).isInstanceOf(Problem.Throttled.class));
        assertThat(ec2.states()).hasSize(1);
    }

    @Test
    void aLostReplyIsUnknownAndAskingAgainFindsTheInstance() {
        ec2.trouble("RunInstances", Ec2StandIn.Trouble.CUT_AFTER, 1);
        assertThat(refused(request("claim-1"))).isInstanceOf(Problem.Unknown.class);
        assertThat(ec2.served().stream().filter("RunInstances"::equals))
                .as("calls")
                .hasSize(1);
        assertThat(ec2.states()).hasSize(1);
        String id = ec2.states().keySet().iterator().next();
        assertThat(cloud.start(request("claim-1"))).isEqualTo(new Launch.Started(new InstanceId(id)));
        // Said differently: its lease ends later now.
        LaunchRequest later = new LaunchRequest(
                new ClaimId("claim-1"), request("claim-1").pool(), Duration.ofMinutes(20), "#!/bin/sh\nfalse\n");
        assertThat(cloud.start(later)).isEqualTo(new Launch.Started(new InstanceId(id)));
        assertThat(ec2.states()).hasSize(1);
    }

    @Test
    void askingAgainLaterSaysTheSame() {
        now = Instant.now();
        reopen(AwsOptions.DEFAULT);
        ec2.times(Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1), Duration.ZERO);
        Launch first = cloud.start(request("claim-1"));
        now = now.plusSeconds(30);
        assertThat(cloud.start(request("claim-1"))).isEqualTo(first).isInstanceOf(Launch.Started.class);
    }

    @Test
    void askingAgainDifferentlyIsUnknownAsLongAsTheListIsBehind() {
        ec2.times(Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1), Duration.ZERO);
        assertThat(cloud.start(request("claim-1"))).isInstanceOf(Launch.Started.class);
        LaunchRequest later = new LaunchRequest(
                new ClaimId("claim-1"), request("claim-1").pool(), Duration.ofMinutes(20), "#!/bin/sh\nfalse\n");
        assertThat(refused(later)).isInstanceOf(Problem.Unknown.class);
        assertThat(ec2.states()).hasSize(1);
        assertThat(cloud.remove(
                        Thing.Kind.INSTANCE, ec2.states().keySet().iterator().next()))
                .isEqualTo(new Removal.NotThere());
    }

    @Test
    void noAnswerIsUnknown() throws Exception {
        ec2.trouble("RunInstances", Ec2StandIn.Trouble.CUT_BEFORE, 1);
        assertThat(refused(request("claim-1"))).isInstanceOf(Problem.Unknown.class);
        ec2.trouble("RunInstances", Ec2StandIn.Trouble.GARBLED, 1);
        assertThat(refused(request("claim-1"))).isInstanceOf(Problem.Unknown.class);
        ec2.trouble("DescribeInstances", Ec2StandIn.Trouble.CUT_AFTER, 1);
        assertThat(cloud.list())
                .isInstanceOfSatisfying(
                        Listing.Failed.class, it -> assertThat(it.problem()).isInstanceOf(Problem.Unknown.class));
        try (ServerSocket nobody = new ServerSocket(0)) {
            URI closed = URI.create("http://127.0.0.1:" + nobody.getLocalPort());
            nobody.close();
            try (Ec2Cloud away = at(closed, AwsOptions.DEFAULT)) {
                assertThat(away.list())
                        .isInstanceOfSatisfying(
                                Listing.Failed.class,
                                it -> assertThat(it.problem()).isInstanceOf(Problem.Unknown.class));
            }
        }
    }

    @Test
    void temporaryCredentialsAreReadAgain() {
        ec2.credentials("ASIAOLD", "old", "token-1", Instant.now().plusSeconds(60));
        ec2.credentials("ASIANEW", "new", "token-2", Instant.now().plusSeconds(60));
        keys.set(new AwsKeys("ASIAOLD", "old", Optional.of("token-1"), Optional.empty()));
        assertThat(listed()).isEmpty();
        ec2.credentials("ASIAOLD", "old", "token-1", Instant.now().minusSeconds(1));
        assertThat(cloud.list())
                .isInstanceOfSatisfying(
                        Listing.Failed.class,
                        it -> assertThat(it.problem())
                                .isInstanceOf(Problem.Unauthorized.class)
                                .matches(p -> p.detail().contains("expired")));
        keys.set(new AwsKeys("ASIANEW", "new", Optional.of("token-2"), Optional.empty()));
        assertThat(listed()).isEmpty();
        keys.set(new AwsKeys("ASIANEW", "new", Optional.of("token-1"), Optional.empty()));
        assertThat(cloud.list()).isInstanceOf(Listing.Failed.class);
    }

    @Test
    void aWrongClockIsNamed() {
        for (Duration skew : List.of(Duration.ofMinutes(10), Duration.ofMinutes(-10))) {
            ec2.skew(skew);
            assertThat(cloud.list())
                    .isInstanceOfSatisfying(
                            Listing.Failed.class,
                            it -> assertThat(it.problem())
                                    .isInstanceOf(Problem.Unauthorized.class)
                                    .matches(p -> p.detail().contains("clock")));
        }
    }

    @Test
    void listsOfManyPagesAreWhole() {
        ec2.quota(10_000, 0, 10_000);
        for (int i = 0; i < 2100; i++) {
            ec2.volume(Map.of("pydron-installation", "installation-1", "pydron-claim", "claim-" + i));
        }
        ec2.volume(Map.of("pydron-installation", "another"));
        List<Thing> things = listed();
        assertThat(things).hasSize(2100);
        assertThat(new HashSet<>(things)).hasSize(2100);
        assertThat(ec2.served().stream().filter("DescribeVolumes"::equals)).hasSize(3);
    }

    @Test
    void allKindsAreFoundAndDeleted() {
        Map<String, String> ours = Map.of("pydron-installation", "installation-1");
        String volume = ec2.volume(ours);
        String key = ec2.keyPair("left over", ours);
        String group = ec2.group("left over", ours);
        String foreign = ec2.keyPair("somebody's", Map.of());
        assertThat(listed()).extracting(Thing::id).containsExactlyInAnyOrder(volume, key, group);
        for (Thing thing : listed()) {
            assertThat(cloud.remove(thing.kind(), thing.id())).isEqualTo(new Removal.Accepted());
            assertThat(cloud.remove(thing.kind(), thing.id())).isEqualTo(new Removal.NotThere());
        }
        assertThat(cloud.remove(Thing.Kind.KEY_PAIR, foreign)).isEqualTo(new Removal.NotThere());
        assertThat(ec2.leftovers()).containsExactly(foreign);
    }

    @Test
    void namesWithWildCardsRemoveNothing() {
        String id = started(request("claim-1")).value();
        eventually(() -> listed().size() == 2);
        for (String hostile : List.of("*", "i-*", id.substring(0, id.length() - 1) + "?", "", "i-1", "<i>&\u0000é")) {
            assertThat(cloud.remove(Thing.Kind.INSTANCE, hostile)).isNotEqualTo(new Removal.Accepted());
        }
        assertThat(listed()).allMatch(it -> it.life() == Thing.Life.ALIVE);
    }

    @Test
    void tagsThatOthersChangedDoNoHarm() {
        String id = started(request("claim-1")).value();
        ec2.tag(
                id,
                Map.of(
                        "pydron-installation",
                        "installation-1",
                        "pydron-claim",
                        "<script>&amp;\"'".repeat(9),
                        "pydron-cores",
                        "1e9999999",
                        "pydron-per-hour",
                        "-1",
                        "</item>",
                        "]]>"));
        Thing thing = listed().getFirst();
        assertThat(thing.claim()).isEmpty();
        assertThat(thing.footprint()).isEqualTo(Thing.Footprint.NONE);
        assertThat(cloud.remove(Thing.Kind.INSTANCE, id)).isEqualTo(new Removal.Accepted());
    }

    @Test
    void secretsOfUserDataAreNotWrittenAnywhere() {
        ec2.fail("RunInstances", 500, "InternalError", "as it is");
        ec2.trouble("RunInstances", Ec2StandIn.Trouble.GARBLED, 1);
        LaunchRequest secret = new LaunchRequest(
                new ClaimId("c-1"), request("c-1").pool(), Duration.ofMinutes(1), "once-and-never-again");
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThat(refused(secret).toString()).doesNotContain("once-and");
            assertThat(refused(secret).toString()).doesNotContain("once-and");
        } finally {
            System.setErr(before);
        }
        assertThat(said.toString(StandardCharsets.UTF_8))
                .doesNotContain("once-and")
                .doesNotContain(Base64.getEncoder()
                        .encodeToString("once-and-never".getBytes(StandardCharsets.UTF_8))
                        .substring(0, 12))
                .doesNotContain("RunInstances");
    }

    @Test
    void userDataThatIsTooLongIsRefusedBeforehand() {
        LaunchRequest most = new LaunchRequest(
                new ClaimId("c-1"), request("c-1").pool(), Duration.ofMinutes(1), "é".repeat(8 * 1024));
        assertThat(cloud.start(most)).isInstanceOf(Launch.Started.class);
        LaunchRequest more = new LaunchRequest(
                new ClaimId("c-2"), request("c-2").pool(), Duration.ofMinutes(1), "é".repeat(8 * 1024) + "x");
        assertThat(refused(more)).isInstanceOf(Problem.Refused.class);
        assertThat(ec2.states()).hasSize(1);
    }
}
