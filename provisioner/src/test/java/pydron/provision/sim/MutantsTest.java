package pydron.provision.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import pydron.provision.apply.Planning;
import pydron.provision.claims.Change;
import pydron.provision.claims.Claims;
import pydron.provision.claims.ForwardingClaims;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimState;
import pydron.provision.model.End;
import pydron.provision.model.Money;
import pydron.provision.model.PoolState;
import pydron.provision.plan.Action;
import pydron.provision.plan.Graces;
import pydron.provision.plan.Holding;
import pydron.provision.plan.Inventory;
import pydron.provision.plan.Limits;
import pydron.provision.plan.Plan;
import pydron.provision.plan.Planner;
import pydron.provision.plan.Policy;
import pydron.provision.plan.Rules;
import pydron.provision.plan.Scaling;
import pydron.provision.plan.Watch;

/// Each rule of the oracle is broken by a fault planted into the planner or the applier, and says so.
class MutantsTest {
    private static final int SEEDS = 10_000;

    private static void found(String rule, Supplier<Simulation.Parts> mutant) {
        TreeMap<String, Long> others = new TreeMap<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                SimulationTest.life(seed, mutant.get()).run();
            } catch (Oracle.Broken broken) {
                if (broken.rule.equals(rule)) {
                    return;
                }
                others.put(broken.rule, seed);
            }
        }
        assertThat(others).as("rules that were broken instead").containsKey(rule);
    }

    private static Supplier<Simulation.Parts> planning(Planning planning) {
        return () -> {
            Simulation.Parts parts = new Simulation.Parts();
            parts.planning = planning;
            return parts;
        };
    }

    private static Planning seeing(UnaryOperator<Inventory> eyes) {
        return (policy, demand, inventory, now) -> Planner.plan(policy, demand, eyes.apply(inventory), now);
    }

    private static Planning wanting(UnaryOperator<Policy> wish) {
        return (policy, demand, inventory, now) -> Planner.plan(wish.apply(policy), demand, inventory, now);
    }

    private static Planning without(Predicate<Action> forgotten) {
        return changing(it -> forgotten.test(it) ? List.of() : List.of(it));
    }

    private static Planning changing(Function<Action, List<Action>> change) {
        return (policy, demand, inventory, now) -> {
            Plan plan = Planner.plan(policy, demand, inventory, now);
            List<Action> actions = new ArrayList<>();
            plan.actions().forEach(it -> actions.addAll(change.apply(it)));
            return new Plan(actions, plan.waiting());
        };
    }

    private static Inventory holdings(Inventory inventory, UnaryOperator<List<Holding>> change) {
        return new Inventory(
                inventory.watch(),
                change.apply(inventory.holdings()),
                inventory.strays(),
                inventory.pools(),
                inventory.spent());
    }

    private static Policy limits(Policy policy, Limits limits) {
        return new Policy(limits, policy.scaling(), policy.rules(), policy.pools(), policy.closing());
    }

    private static Policy graces(Policy policy, UnaryOperator<Graces> change) {
        Rules rules = policy.rules();
        Rules other = new Rules(change.apply(rules.graces()), rules.backOff(), rules.lease(), rules.settle());
        return new Policy(policy.limits(), policy.scaling(), other, policy.pools(), policy.closing());
    }

    /// A claim that was asked for and not answered is no instance yet.
    @Test
    void requestsInFlightAreForgotten() {
        found(
                "no more instances than the limit",
                planning(seeing(inventory -> holdings(
                        inventory,
                        all -> all.stream()
                                .filter(it -> !(it.claim().state() instanceof ClaimState.Requested))
                                .toList()))));
    }

    @Test
    void terminatingInstancesNoLongerCount() {
        found(
                "no more cores than the limit",
                planning(seeing(inventory -> holdings(
                        inventory,
                        all -> all.stream()
                                .filter(it -> !(it.claim().state() instanceof ClaimState.Terminating))
                                .toList()))));
    }

    @Test
    void leftOversDoNotCount() {
        found(
                "no more instances than the limit",
                planning(seeing(it -> new Inventory(it.watch(), it.holdings(), List.of(), it.pools(), it.spent()))));
    }

    @Test
    void oneCoreTooMany() {
        found(
                "no more cores than the limit",
                planning(wanting(it -> limits(
                        it,
                        new Limits(
                                it.limits().instances(),
                                it.limits().cores() + 1,
                                it.limits().perHour(),
                                it.limits().budget(),
                                it.limits().lifetime())))));
    }

    @Test
    void aLittleTooMuchMoneyAnHour() {
        found(
                "no more money an hour than the limit",
                planning(wanting(it -> limits(
                        it,
                        new Limits(
                                it.limits().instances(),
                                it.limits().cores(),
                                it.limits().perHour().plus(Money.of("0.2")),
                                it.limits().budget(),
                                it.limits().lifetime())))));
    }

    /// Counts what instances have cost by now, not what their leases may still come to.
    @Test
    void committedMoneyIsForgotten() {
        found("no more money than the budget", planning((policy, demand, inventory, now) -> {
            Money committed = Money.ZERO;
            for (Holding holding : inventory.holdings()) {
                Claim claim = holding.claim();
                committed = committed.plus(claim.committed(now)).minus(claim.costBy(now));
            }
            Limits limits = policy.limits();
            Limits wider = new Limits(
                    limits.instances(),
                    limits.cores(),
                    limits.perHour(),
                    limits.budget().plus(committed),
                    limits.lifetime());
            return Planner.plan(limits(policy, wider), demand, inventory, now);
        }));
    }

    @Test
    void closedClaimsCostNothing() {
        found(
                "no more money than the budget",
                planning(seeing(it -> new Inventory(it.watch(), it.holdings(), it.strays(), it.pools(), Money.ZERO))));
    }

    @Test
    void aLittleTooMuchMoneyInAll() {
        found(
                "no more money than the budget",
                planning(wanting(it -> limits(
                        it,
                        new Limits(
                                it.limits().instances(),
                                it.limits().cores(),
                                it.limits().perHour(),
                                it.limits().budget().plus(Money.of("0.25")),
                                it.limits().lifetime())))));
    }

    @Test
    void strayInstancesAreLeftAlone() {
        found("no orphan outlives its grace", planning(without(Action.Remove.class::isInstance)));
    }

    @Test
    void lostRepliesAreTakenForFailures() {
        found(
                "no more instances than the limit",
                planning(wanting(it -> graces(
                        it,
                        graces -> new Graces(
                                graces.join(),
                                Duration.ofSeconds(1),
                                graces.stray(),
                                graces.reconnect(),
                                graces.drain(),
                                graces.again())))));
    }

    @Test
    void claimsWithoutInstancesAreNeverClosed() {
        found("no work, no instances", planning(without(Action.Close.class::isInstance)));
    }

    @Test
    void idleInstancesStay() {
        found(
                "no work, no instances",
                planning(without(it -> it instanceof Action.Drain drain
                        && drain.claim().state() instanceof ClaimState.Draining draining
                        && draining.why() == End.IDLE)));
    }

    @Test
    void instancesAreTerminatedInsteadOfDrained() {
        found(
                "a busy instance works on until its grace is over",
                planning(changing(action -> action instanceof Action.Drain drain
                                && drain.claim().state() instanceof ClaimState.Draining it
                        ? List.of(new Action.Terminate(drain.claim()
                                .with(new ClaimState.Terminating(it.instance(), it.since(), it.since(), it.why()))))
                        : List.of(action))));
    }

    /// After a restart, workers take some seconds to come back.
    @Test
    void workersGetNoTimeToComeBack() {
        found(
                "a busy instance works on until its grace is over",
                planning(wanting(it -> graces(
                        it,
                        graces -> new Graces(
                                graces.join(),
                                graces.missing(),
                                graces.stray(),
                                Duration.ZERO,
                                graces.drain(),
                                graces.again())))));
    }

    @Test
    void anyTaskIsShortEnoughForSpot() {
        found(
                "spot only for short tasks",
                planning(wanting(it -> new Policy(
                        it.limits(),
                        new Scaling(it.scaling().idle(), it.scaling().warm(), Duration.ofHours(1)),
                        it.rules(),
                        it.pools(),
                        it.closing()))));
    }

    @Test
    void failuresOfPoolsAreForgotten() {
        found(
                "pools rest after failures",
                planning(seeing(it -> new Inventory(it.watch(), it.holdings(), it.strays(), Map.of(), it.spent()))));
    }

    @Test
    void pausedPoolsAreOpened() {
        found("paused pools stay shut", planning(seeing(it -> {
            Map<String, PoolState> pools = new TreeMap<>(it.pools());
            pools.values().removeIf(PoolState.Paused.class::isInstance);
            return new Inventory(it.watch(), it.holdings(), it.strays(), pools, it.spent());
        })));
    }

    /// Starts although the cloud has never said what is there.
    @Test
    void silentCloudsAreTakenForEmpty() {
        found(
                "no more instances than the limit",
                planning(seeing(it -> new Inventory(
                        new Watch(
                                it.watch().since(),
                                new TreeSet<>(List.of("fake")),
                                it.watch().tokens()),
                        it.holdings(),
                        it.strays(),
                        it.pools(),
                        it.spent()))));
    }

    @Test
    void everyCloudIsThoughtToKnowTokens() {
        found(
                "asked once without tokens",
                planning(seeing(it -> new Inventory(
                        new Watch(it.watch().since(), it.watch().listed(), new TreeSet<>(List.of("fake"))),
                        it.holdings(),
                        it.strays(),
                        it.pools(),
                        it.spent()))));
    }

    @Test
    void nothingIsStarted() {
        found("work makes instances start", planning(without(Action.Start.class::isInstance)));
    }

    /// The applier calls the cloud first and writes afterwards.
    @Test
    void claimsAreWrittenTooLate() {
        found("recorded before it is asked for", () -> {
            Simulation.Parts parts = new Simulation.Parts();
            parts.claims = Late::new;
            return parts;
        });
    }

    private static final class Late extends ForwardingClaims {
        Late(Claims inner) {
            super(inner);
        }

        @Override
        public void write(List<Change> changes) {
            super.write(changes.stream()
                    .filter(it ->
                            !(it instanceof Change.Put put && put.claim().state() instanceof ClaimState.Requested))
                    .toList());
        }
    }
}
