package pydron.provision.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.ClaimState;
import pydron.provision.model.End;
import pydron.provision.model.InstanceId;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.PoolState;
import pydron.provision.model.Price;
import pydron.provision.model.Resources;

class PlannerTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final Resources ONE = new Resources(1, 0, 0);
    private static final Pool MAIN = pool("main", new Resources(4, 16, 0), "0.2", false);
    private static final Pool SPOT = pool("spot", new Resources(4, 16, 0), "0.05", true);
    private static final Pool GPU = pool("gpu", new Resources(8, 64, 1), "1.5", false);
    private static final Limits LIMITS = new Limits(10, 100, Money.of("10"), Money.of("100"), Duration.ofHours(12));

    private static Pool pool(String name, Resources size, String price, boolean spot) {
        return new Pool(
                name, new Machine("lab", "t", ""), size, new Price(Money.of(price), spot), Duration.ofSeconds(60));
    }

    private static Policy policy(Limits limits, Pool... pools) {
        return new Policy(
                limits,
                new Scaling(Duration.ofMinutes(5), 0, Duration.ofMinutes(2)),
                Rules.STANDARD,
                List.of(pools),
                false);
    }

    private static Demand tasks(Resources needs, int ready, int seconds) {
        return new Demand(
                List.of(new Work(needs, ready, 0, Optional.of(Duration.ofSeconds(seconds)))),
                Optional.of(new Demand.Burst(NOW.minusSeconds(60), NOW.minusSeconds(30))));
    }

    private static Inventory having(Holding... holdings) {
        return inventory(Map.of(), holdings);
    }

    private static Inventory inventory(Map<String, PoolState> pools, Holding... holdings) {
        return new Inventory(
                new Watch(NOW.minus(Duration.ofHours(1)), Set.of("lab"), Set.of()),
                List.of(holdings),
                List.of(),
                pools,
                Money.ZERO);
    }

    private static Holding working(int number, WorkerView worker) {
        return working(number, MAIN, worker);
    }

    private static Holding working(int number, Pool pool, WorkerView worker) {
        InstanceId instance = new InstanceId("i-" + number);
        return new Holding(
                new Claim(
                        new ClaimId("c-" + number),
                        pool,
                        NOW.minus(Duration.ofHours(1)),
                        NOW.plus(Duration.ofMinutes(9)),
                        new ClaimState.Working(instance, NOW.minus(Duration.ofMinutes(50)))),
                new Sight.Alive(instance),
                Optional.of(worker));
    }

    private static WorkerView idle(int minutes, long onlyCopies) {
        return new WorkerView(true, true, 0, onlyCopies, NOW.minus(Duration.ofMinutes(minutes)), false);
    }

    private static List<String> starts(Plan plan) {
        return plan.actions().stream()
                .filter(Action.Start.class::isInstance)
                .map(it -> ((Action.Start) it).pool().name())
                .toList();
    }

    private static List<String> drained(Plan plan) {
        return plan.actions().stream()
                .filter(Action.Drain.class::isInstance)
                .map(it -> ((Action.Drain) it).claim().id() + " "
                        + ((ClaimState.Draining) ((Action.Drain) it).claim().state()).why())
                .toList();
    }

    private static Holding booting(Duration since, Hindrance hindrance) {
        InstanceId instance = new InstanceId("i-7");
        Claim claim = new Claim(
                new ClaimId("c-7"),
                MAIN,
                NOW.minus(since),
                NOW.plus(Duration.ofMinutes(9)),
                new ClaimState.Booting(instance, NOW.minus(since)));
        return new Holding(claim, new Sight.Alive(instance), Optional.empty(), Optional.of(hindrance));
    }

    private static String reason(Plan plan) {
        return plan.actions().stream()
                .filter(Action.SetPool.class::isInstance)
                .map(it -> ((PoolState.BackingOff) ((Action.SetPool) it).state()).reason())
                .findFirst()
                .orElse("");
    }

    @Test
    void whatCanNeverJoinEndsAtOnceAndItsPoolIsToldWhy() {
        Hindrance hindrance = new Hindrance("the image has no Python", true);
        Plan plan = Planner.plan(
                policy(LIMITS, MAIN), Demand.NONE, inventory(Map.of(), booting(Duration.ofSeconds(5), hindrance)), NOW);
        assertThat(plan.actions())
                .anyMatch(it -> it instanceof Action.Terminate terminate
                        && terminate.claim().state() instanceof ClaimState.Terminating state
                        && state.why() == End.NEVER_JOINED);
        assertThat(reason(plan)).isEqualTo("instance i-7 cannot join: the image has no Python");
    }

    @Test
    void whatMayStillJoinHasItsTimeAndThenItsPoolIsToldWhatKeptIt() {
        Hindrance hindrance = new Hindrance("no sshd answers", false);
        Plan early = Planner.plan(
                policy(LIMITS, MAIN), Demand.NONE, inventory(Map.of(), booting(Duration.ofSeconds(5), hindrance)), NOW);
        assertThat(early.actions()).isEmpty();
        Plan late = Planner.plan(
                policy(LIMITS, MAIN), Demand.NONE, inventory(Map.of(), booting(Duration.ofMinutes(8), hindrance)), NOW);
        assertThat(reason(late)).isEqualTo("instance i-7 did not join in time: no sshd answers");
    }

    @Test
    void longTasksGetASlotEach() {
        Plan plan = Planner.plan(policy(LIMITS, MAIN), tasks(ONE, 11, 600), having(), NOW);
        assertThat(starts(plan)).containsExactly("main", "main", "main");
        assertThat(plan.waiting()).isEmpty();
    }

    /// 2000 seconds of work on slots that boot for one minute and idle for five: five slots, two machines.
    @Test
    void shortTasksShareSlotsThatAreWorthTheirBoot() {
        assertThat(starts(Planner.plan(policy(LIMITS, MAIN), tasks(ONE, 2000, 1), having(), NOW)))
                .hasSize(2);
    }

    @Test
    void oneShortTaskIsWorthAMachineWhenThereIsNone() {
        assertThat(starts(Planner.plan(policy(LIMITS, MAIN), tasks(ONE, 1, 1), having(), NOW)))
                .hasSize(1);
    }

    @Test
    void aBurstIsAnsweredWhenItIsOver() {
        Demand coming = new Demand(
                List.of(new Work(ONE, 100, 0, Optional.empty())),
                Optional.of(new Demand.Burst(NOW.minusMillis(900), NOW.minusMillis(100))));
        assertThat(starts(Planner.plan(policy(LIMITS, MAIN), coming, having(), NOW)))
                .isEmpty();
        assertThat(starts(Planner.plan(policy(LIMITS, MAIN), coming, having(), NOW.plusSeconds(1))))
                .isNotEmpty();
    }

    @Test
    void spotIsForMeasuredShortTasks() {
        Policy policy = policy(LIMITS, SPOT, MAIN);
        assertThat(starts(Planner.plan(policy, tasks(ONE, 4, 100), having(), NOW)))
                .containsExactly("spot");
        assertThat(starts(Planner.plan(policy, tasks(ONE, 4, 200), having(), NOW)))
                .containsExactly("main");
        Demand unmeasured = new Demand(List.of(new Work(ONE, 4, 0, Optional.empty())), Optional.empty());
        assertThat(starts(Planner.plan(policy, unmeasured, having(), NOW))).containsExactly("main");
    }

    @Test
    void tasksForGpusStartGpusAndTheRestFindsRoomBeside() {
        Demand both = new Demand(
                List.of(
                        new Work(ONE, 4, 0, Optional.of(Duration.ofMinutes(10))),
                        new Work(new Resources(1, 8, 1), 1, 0, Optional.of(Duration.ofMinutes(10)))),
                Optional.empty());
        assertThat(starts(Planner.plan(policy(LIMITS, MAIN, GPU), both, having(), NOW)))
                .containsExactly("gpu");
    }

    @Test
    void aLimitSaysWhichAndWhatWaits() {
        Limits two = new Limits(2, 100, Money.of("10"), Money.of("100"), Duration.ofHours(12));
        Plan plan = Planner.plan(policy(two, MAIN), tasks(ONE, 40, 600), having(), NOW);
        assertThat(starts(plan)).hasSize(2);
        assertThat(plan.waiting())
                .containsExactly(new Waiting(ONE, 32, new Waiting.LimitReached(Waiting.Limit.INSTANCES, "main")));
    }

    /// A first lease is 16 minutes: boot, join, lease. 0.2 an hour for 16 minutes is 0.053334.
    @Test
    void theBudgetCoversWholeLeases() {
        Limits little = new Limits(10, 100, Money.of("10"), Money.of("0.16"), Duration.ofHours(12));
        Plan plan = Planner.plan(policy(little, MAIN), tasks(ONE, 40, 600), having(), NOW);
        assertThat(starts(plan)).hasSize(2);
        assertThat(plan.waiting().getFirst().reason())
                .isEqualTo(new Waiting.LimitReached(Waiting.Limit.BUDGET, "main"));
    }

    @Test
    void aPoolThatRestsIsPassedOver() {
        PoolState resting = new PoolState.BackingOff(1, NOW.plusSeconds(10), "no capacity");
        Plan plan =
                Planner.plan(policy(LIMITS, SPOT, MAIN), tasks(ONE, 4, 100), inventory(Map.of("spot", resting)), NOW);
        assertThat(starts(plan)).containsExactly("main");
    }

    @Test
    void whatTheCloudTakesBackIsReplacedOnDemand() {
        WorkerView leaving = new WorkerView(true, false, 2, 0, NOW, true);
        Plan plan =
                Planner.plan(policy(LIMITS, SPOT, MAIN), tasks(ONE, 4, 100), having(working(1, SPOT, leaving)), NOW);
        assertThat(drained(plan)).containsExactly("c-1 " + End.INTERRUPTED);
        assertThat(starts(plan)).containsExactly("main");
        assertThat(reason(plan)).isEqualTo("the cloud took instances back");
        // Once for each instance: the pool does not rest longer because its end takes a while.
        plan = Planner.plan(policy(LIMITS, SPOT, MAIN), Demand.NONE, having(working(1, idle(1, 0))), NOW);
        assertThat(plan.actions()).noneMatch(Action.SetPool.class::isInstance);
    }

    @Test
    void aPoolThatRecoversIsTriedWithOne() {
        PoolState rested = new PoolState.BackingOff(2, NOW.minusSeconds(1), "no capacity");
        Plan plan = Planner.plan(policy(LIMITS, MAIN), tasks(ONE, 40, 600), inventory(Map.of("main", rested)), NOW);
        assertThat(starts(plan)).hasSize(1);
        assertThat(plan.waiting().getFirst().reason()).isEqualTo(new Waiting.PoolTried("main"));
    }

    @Test
    void withoutOnlyCopiesGoesFirst() {
        Limits one = new Limits(1, 100, Money.of("10"), Money.of("100"), Duration.ofHours(12));
        Plan plan = Planner.plan(
                policy(one, MAIN), Demand.NONE, having(working(1, idle(2, 500)), working(2, idle(2, 0))), NOW);
        assertThat(drained(plan)).containsExactly("c-2 " + End.OVER_LIMIT);
    }

    @Test
    void idleOnesEndAndBusyOnesStay() {
        WorkerView busy = new WorkerView(true, true, 3, 0, NOW.minus(Duration.ofHours(1)), false);
        Plan plan = Planner.plan(
                policy(LIMITS, MAIN),
                Demand.NONE,
                having(working(1, busy), working(2, idle(6, 0)), working(3, idle(4, 0))),
                NOW);
        assertThat(drained(plan)).containsExactly("c-2 " + End.IDLE);
    }

    @Test
    void sameInputSamePlan() {
        Inventory inventory = having(working(1, idle(6, 1)), working(2, idle(6, 2)));
        Plan plan = Planner.plan(policy(LIMITS, SPOT, MAIN), tasks(ONE, 100, 30), inventory, NOW);
        assertThat(Planner.plan(policy(LIMITS, SPOT, MAIN), tasks(ONE, 100, 30), inventory, NOW))
                .isEqualTo(plan);
    }

    /// The budget is 50 ms; a loaded machine gets ten times as long before this fails.
    @Test
    void tenThousandInstances() {
        List<Holding> holdings = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            holdings.add(working(i, i % 3 == 0 ? idle(i % 9, i % 5) : new WorkerView(true, true, 2, 0, NOW, false)));
        }
        Inventory inventory = new Inventory(
                new Watch(NOW.minus(Duration.ofHours(1)), Set.of("lab"), Set.of()),
                holdings,
                List.of(),
                Map.of(),
                Money.ZERO);
        Limits wide = new Limits(20_000, 200_000, Money.of("10000"), Money.of("1000000"), Duration.ofHours(12));
        Policy policy = policy(wide, SPOT, MAIN, GPU);
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 30; round++) {
            long begin = System.nanoTime();
            Plan plan = Planner.plan(policy, tasks(ONE, 60_000, 300), inventory, NOW);
            best = Math.min(best, System.nanoTime() - begin);
            assertThat(plan.actions()).isNotEmpty();
        }
        System.out.printf("planner: %.1f ms for 10 000 instances%n", best / 1e6);
        assertThat(best).isLessThan(500_000_000);
    }
}
