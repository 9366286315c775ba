package pydron.provision.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Check.Outcome;
import pydron.provision.cloud.Offer;
import pydron.provision.ec2.Ec2StandIn;
import pydron.provision.ec2.Hypervisor;
import pydron.provision.jclouds.Ec2Cloud;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Resources;

/// What `pydron cloud test` finds in an account, and what is said about it.
class AwsAccountTest {
    private final Ec2StandIn ec2 = Ec2StandIn.start(0, Hypervisor.NONE);
    private final AtomicReference<AwsKeys> keys = new AtomicReference<>(
            new AwsKeys(Ec2StandIn.IDENTITY, Ec2StandIn.SECRET, Optional.empty(), Optional.empty()));
    /// How far this machine's clock is ahead.
    private Duration ahead = Duration.ZERO;

    private final String group = ec2.group("workers", Map.of("port", "22"));
    private Ec2Cloud cloud = with("", List.of(), List.of(group));

    private Ec2Cloud with(String image, List<String> subnets, List<String> groups) {
        AwsOptions options = new AwsOptions(
                image,
                "",
                0,
                new AwsOptions.Network(subnets, groups, Optional.empty()),
                Optional.of(new AwsOptions.Endpoints(ec2.url(), ec2.url(), ec2.url())));
        return new Ec2Cloud(
                "aws",
                "installation-1",
                AwsSession.with(Ec2StandIn.REGION, keys::get, options),
                () -> InstantSource.system().instant().plus(ahead));
    }

    private void reopen(String image, List<String> subnets, List<String> groups) {
        cloud.close();
        cloud = with(image, subnets, groups);
    }

    @AfterEach
    void close() {
        cloud.close();
        ec2.close();
    }

    private static Pool pool(String type, String zone, int cores, String perHour, boolean spot) {
        return new Pool(
                "small",
                new Machine("aws", type, zone),
                new Resources(cores, 1L << 30, 0),
                new Price(Money.of(perHour), spot),
                Duration.ofSeconds(60));
    }

    private static Pool small() {
        return pool("m7i.large", "", 2, "0.1208", false);
    }

    private List<Check> bad(Pool... pools) {
        return cloud.check(List.of(pools)).stream()
                .filter(it -> it.outcome() != Outcome.GOOD)
                .toList();
    }

    private void says(Outcome outcome, String what, String part, Pool... pools) {
        assertThat(bad(pools))
                .anyMatch(it -> it.outcome() == outcome
                        && it.what().equals(what)
                        && it.text().contains(part));
    }

    @Test
    void anAccountInOrderHasNothingBad() {
        List<Check> checks = cloud.check(List.of(small(), pool("g5.xlarge", "eu-central-1b", 4, "2", false)));
        assertThat(checks.stream().filter(it -> it.outcome() != Outcome.GOOD))
                .singleElement()
                .matches(it -> it.what().equals("quota") && it.text().contains("L-DB2E81BA"), "no GPUs are allowed");
        assertThat(checks)
                .extracting(Check::what)
                .contains("credentials", "clock", "permission", "pool 'small'", "network", "quota", "prices");
        assertThat(checks)
                .extracting(Check::text)
                .anyMatch(it -> it.contains("enough for 32 more of pool 'small'"))
                .anyMatch(it -> it.contains("debian-12-amd64-20260901-2300"));
        assertThat(ec2.states()).as("what trials started").isEmpty();
    }

    @Test
    void credentialsThatAreNotValidAreAllThatIsSaid() {
        keys.set(new AwsKeys(Ec2StandIn.IDENTITY, "wrong", Optional.empty(), Optional.empty()));
        assertThat(cloud.check(List.of(small()))).extracting(Check::what).containsExactly("credentials", "clock");
        says(Outcome.BAD, "credentials", "not valid", small());
    }

    @Test
    void credentialsThatEndSoonAreAWarning() {
        Instant soon = Instant.now().plusSeconds(600);
        ec2.credentials("ASIA1", "secret", "token", soon);
        keys.set(new AwsKeys("ASIA1", "secret", Optional.of("token"), Optional.of(soon)));
        assertThat(cloud.check(List.of()).getFirst())
                .matches(it -> it.outcome() == Outcome.WARNING)
                .matches(it ->
                        it.text().contains("valid until " + soon.toString().substring(0, 19)));
        ec2.credentials("ASIA1", "secret", "token", Instant.now().minusSeconds(1));
        says(Outcome.BAD, "credentials", "expired");
    }

    @Test
    void aWrongClockIsToldFromWrongCredentials() {
        ec2.skew(Duration.ofMinutes(20));
        ahead = Duration.ofMinutes(-20);
        says(Outcome.BAD, "clock", "behind that of AWS");
        ec2.skew(Duration.ZERO);
        ahead = Duration.ofMinutes(2);
        says(Outcome.WARNING, "clock", "ahead of that of AWS");
    }

    @Test
    void eachMissingPermissionIsNamed() {
        ec2.deny("ec2:DescribeVolumes", "ec2:DescribeKeyPairs", "ec2:TerminateInstances", "ec2:CreateTags");
        says(Outcome.BAD, "permission", "no permission for ec2:DescribeVolumes", small());
        says(Outcome.BAD, "permission", "no permission for ec2:DescribeKeyPairs", small());
        says(Outcome.WARNING, "permission", "ec2:TerminateInstances is not allowed on everything", small());
        says(Outcome.BAD, "pool 'small'", "no permission for ec2:CreateTags", small());
        ec2.deny("ec2:RunInstances", "servicequotas:GetServiceQuota", "pricing:GetProducts");
        says(Outcome.BAD, "pool 'small'", "no permission for ec2:RunInstances", small());
        says(Outcome.WARNING, "quota", "servicequotas:GetServiceQuota", small());
        says(Outcome.WARNING, "prices", "pricing:GetProducts", small());
    }

    @Test
    void poolsThatCannotBeStartedSayWhy() {
        says(Outcome.BAD, "pool 'small'", "no-such.type", pool("no-such.type", "", 2, "1", false));
        says(Outcome.BAD, "pool 'small'", "only in eu-central-1b", pool("g5.xlarge", "eu-central-1c", 4, "2", false));
        says(Outcome.BAD, "pool 'small'", "has 2 cores", pool("m7i.large", "", 8, "1", false));
        says(Outcome.WARNING, "pool 'small'", "0.1208 USD an hour", pool("m7i.large", "", 2, "0.05", false));
        ec2.quota(1, 1, 9);
        says(Outcome.BAD, "quota", "enough for 0 more", small());
        reopen("ami-0d00000000000003a", List.of(), List.of(group));
        says(Outcome.BAD, "pool 'small'", "architecture", small());
    }

    @Test
    void aNetworkThatBlocksIsNamed() {
        reopen("", List.of("subnet-0123456789abcdef0"), List.of("sg-0123456789abcdef0"));
        says(Outcome.BAD, "network", "sg-0123456789abcdef0 'default' lets no SSH (port 22) in", small());
        reopen("", List.of("subnet-00000000000000000"), List.of(group));
        says(Outcome.BAD, "network", "subnet-00000000000000000", small());
        reopen("", List.of(), List.of("sg-00000000000000000"));
        says(Outcome.BAD, "network", "sg-00000000000000000", small());
    }

    @Test
    void offersHaveTheListsPrices() {
        List<Offer> offers = cloud.offers();
        assertThat(offers).hasSize(14);
        Offer first = offers.getFirst();
        assertThat(first.type()).isEqualTo("t3.micro");
        assertThat(first.price()).contains(new Price(Money.of("0.0042"), true));
        assertThat(offers).anySatisfy(it -> {
            assertThat(it.type()).isEqualTo("g5.xlarge");
            assertThat(it.size()).isEqualTo(new Resources(4, 16L << 30, 1));
            assertThat(it.price()).contains(new Price(Money.of("1.258"), false));
        });
    }

    @Test
    void withoutThePriceListPricesAreOldAndSaySo() {
        ec2.deny("pricing:GetProducts", "ec2:DescribeSpotPriceHistory");
        List<Offer> offers = cloud.offers();
        assertThat(offers).hasSize(7).allMatch(it -> it.asOf().getYear() == 2025);
        assertThat(offers.getFirst().price()).contains(new Price(Money.of("0.012"), false));
        assertThat(offers.getLast().price()).as("of what is not in the table").isEmpty();
        ec2.deny("ec2:DescribeInstanceTypes");
        assertThat(cloud.offers()).isEmpty();
    }
}
