package pydron.provision.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import pydron.provision.model.ClaimId;
import pydron.provision.model.InstanceId;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Problem;
import pydron.provision.model.Resources;
import pydron.provision.model.Thing;

/// What every adapter must do. One class for each extends it, and says how to get at the cloud.
public abstract class CloudContract {
    private int claims;

    /// A cloud without anything of this installation, the same one for all of a test.
    protected abstract Cloud cloud();

    /// The same account, as another installation sees it.
    protected abstract Cloud ofAnotherInstallation();

    /// The same account, with credentials that are not valid.
    protected abstract Cloud withWrongCredentials();

    /// A type that can be started here.
    protected abstract String type();

    /// Makes the next start meet the account's quota.
    protected abstract void exhaustQuota();

    /// Lets time pass between two looks at the cloud; false when it was long enough.
    protected abstract boolean again(int times);

    protected final ClaimId claim() {
        return new ClaimId("contract-" + getClass().getSimpleName() + "-" + claims++);
    }

    protected final LaunchRequest request(ClaimId claim, String type) {
        Pool pool = new Pool(
                "contract",
                new Machine(cloud().name(), type, ""),
                new Resources(2, 4L << 30, 0),
                new Price(Money.of("0.05"), false),
                Duration.ofSeconds(60));
        return new LaunchRequest(claim, pool, Duration.ofMinutes(10), "#!/bin/sh\ntrue\n");
    }

    private InstanceId started(ClaimId claim) {
        Launch launch = cloud().start(request(claim, type()));
        assertThat(launch).isInstanceOf(Launch.Started.class);
        return ((Launch.Started) launch).instance();
    }

    private static List<Thing> list(Cloud cloud) {
        Listing listing = cloud.list();
        assertThat(listing).isInstanceOf(Listing.Seen.class);
        return ((Listing.Seen) listing).things();
    }

    private static Optional<Thing> find(Cloud cloud, InstanceId id) {
        return list(cloud).stream()
                .filter(it -> it.kind() == Thing.Kind.INSTANCE && it.id().equals(id.value()))
                .findFirst();
    }

    private Optional<Thing> eventually(InstanceId id, Predicate<Optional<Thing>> wanted) {
        Optional<Thing> seen = find(cloud(), id);
        for (int times = 0; !wanted.test(seen) && again(times); times++) {
            seen = find(cloud(), id);
        }
        assertThat(seen).as("instance %s in the list", id).matches(wanted);
        return seen;
    }

    private static boolean alive(Optional<Thing> thing) {
        return thing.filter(it -> it.life() == Thing.Life.ALIVE).isPresent();
    }

    @Test
    void whatWasStartedIsListedWithItsClaimAndFootprint() {
        ClaimId claim = claim();
        InstanceId id = started(claim);
        Thing thing = eventually(id, CloudContract::alive).orElseThrow();
        assertThat(thing.claim()).contains(claim);
        assertThat(thing.footprint()).isEqualTo(new Thing.Footprint(2, Money.of("0.05")));
    }

    @Test
    void twoClaimsAreTwoInstances() {
        assertThat(started(claim())).isNotEqualTo(started(claim()));
    }

    @Test
    void whatWasRemovedEnds() {
        InstanceId id = started(claim());
        eventually(id, CloudContract::alive);
        assertThat(cloud().remove(Thing.Kind.INSTANCE, id.value())).isEqualTo(new Removal.Accepted());
        eventually(id, it -> !alive(it));
    }

    @Test
    void removingTwiceDoesNoHarm() {
        InstanceId id = started(claim());
        eventually(id, CloudContract::alive);
        cloud().remove(Thing.Kind.INSTANCE, id.value());
        assertThat(cloud().remove(Thing.Kind.INSTANCE, id.value()))
                .isIn(new Removal.Accepted(), new Removal.NotThere());
        eventually(id, it -> !alive(it));
        assertThat(cloud().remove(Thing.Kind.INSTANCE, id.value()))
                .isIn(new Removal.Accepted(), new Removal.NotThere());
    }

    @Test
    void whatNeverWasIsNotThere() {
        InstanceId id = started(claim());
        eventually(id, CloudContract::alive);
        cloud().remove(Thing.Kind.INSTANCE, id.value());
        assertThat(cloud().remove(Thing.Kind.INSTANCE, absent(id.value()))).isEqualTo(new Removal.NotThere());
    }

    /// An identity of the same form that nothing has.
    private static String absent(String id) {
        StringBuilder result = new StringBuilder(id);
        for (int i = id.length() - 1; i >= 0 && i >= id.length() - 8; i--) {
            char c = id.charAt(i);
            if (Character.isDigit(c)) {
                result.setCharAt(i, c == '9' ? '0' : (char) (c + 1));
            }
        }
        return result.toString();
    }

    @Test
    void theSameClaimTwiceIsOneInstance() {
        Assumptions.assumeTrue(cloud().honoursTokens(), "this cloud has no idempotency tokens");
        ClaimId claim = claim();
        assertThat(started(claim)).isEqualTo(started(claim));
    }

    @Test
    void othersSeeAndEndNothingOfOurs() {
        InstanceId id = started(claim());
        eventually(id, CloudContract::alive);
        assertThat(find(ofAnotherInstallation(), id)).isEmpty();
        assertThat(ofAnotherInstallation().remove(Thing.Kind.INSTANCE, id.value()))
                .isEqualTo(new Removal.NotThere());
        assertThat(find(cloud(), id)).matches(CloudContract::alive);
    }

    @Test
    void anUnknownTypeIsRefusedByName() {
        Launch launch = cloud().start(request(claim(), "no-such-type"));
        assertThat(launch)
                .isInstanceOfSatisfying(
                        Launch.Failed.class,
                        failed -> assertThat(failed.problem())
                                .isInstanceOf(Problem.Refused.class)
                                .matches(it -> it.detail().contains("no-such-type")));
        assertThat(list(cloud())).isEmpty();
    }

    @Test
    void theQuotaIsAnAnswer() {
        exhaustQuota();
        Launch launch = cloud().start(request(claim(), type()));
        assertThat(launch)
                .isInstanceOfSatisfying(
                        Launch.Failed.class,
                        failed -> assertThat(failed.problem()).isInstanceOf(Problem.QuotaExceeded.class));
    }

    @Test
    void wrongCredentialsAreAnAnswer() {
        Cloud wrong = withWrongCredentials();
        assertThat(wrong.list())
                .isInstanceOfSatisfying(
                        Listing.Failed.class,
                        failed -> assertThat(failed.problem()).isInstanceOf(Problem.Unauthorized.class));
        assertThat(wrong.start(request(claim(), type())))
                .isInstanceOfSatisfying(
                        Launch.Failed.class,
                        failed -> assertThat(failed.problem()).isInstanceOf(Problem.Unauthorized.class));
        assertThat(wrong.remove(Thing.Kind.INSTANCE, "i-0"))
                .isInstanceOfSatisfying(
                        Removal.Failed.class,
                        failed -> assertThat(failed.problem()).isInstanceOf(Problem.Unauthorized.class));
    }
}
