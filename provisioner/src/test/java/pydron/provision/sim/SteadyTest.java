package pydron.provision.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import pydron.provision.apply.Planning;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Resources;
import pydron.provision.plan.Limits;
import pydron.provision.plan.Planner;
import pydron.provision.plan.Policy;
import pydron.provision.plan.Rules;
import pydron.provision.plan.Scaling;

/// How it scales when nothing goes wrong.
class SteadyTest {
    private static final Limits WIDE = new Limits(50, 400, Money.of("100"), Money.of("10000"), Duration.ofHours(100));

    private static Simulation calm(Duration each, Duration idle, Planning planning) {
        Pool pool = Scenario.pool("main", 4, "0.2", 60, false);
        Policy policy = new Policy(WIDE, new Scaling(idle, 0, Duration.ZERO), Rules.STANDARD, List.of(pool), false);
        Scenario scenario = new Scenario(policy, List.of(new SimTasks.Kind(new Resources(1, 0, 0), each)), true, 0, 0);
        Simulation.Parts parts = new Simulation.Parts();
        parts.planning = planning;
        parts.crashes = false;
        return new Simulation(scenario, 1, parts);
    }

    private interface Arrivals {
        int next(Simulation sim);
    }

    /// As many tasks come as have finished.
    private static Arrivals replacing(int tasks) {
        return sim -> (int) (tasks + sim.tasks.finished - sim.tasks.arrived);
    }

    /// So many cores are kept at work, whatever the tasks do.
    private static Arrivals keepingBusy(double cores, Duration step, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] due = {0};
        return sim -> {
            due[0] +=
                    cores * step.toMillis() / sim.tasks.kinds.getFirst().each.toMillis() * random.nextDouble(0.9, 1.1);
            int count = (int) due[0];
            due[0] -= count;
            return count;
        };
    }

    private static final Duration STEP = Duration.ofSeconds(5);

    /// @return how many are started from the second hour to the fourth: whatever ends and is missed later,
    /// is
    private static int starts(Duration each, Arrivals arrivals, Planning planning) {
        Simulation sim = calm(each, Duration.ofMinutes(5), planning);
        int settled = 0;
        Instant hour = sim.now.plus(Duration.ofHours(1));
        while (sim.now.isBefore(hour.plus(Duration.ofHours(3)))) {
            int count = arrivals.next(sim);
            if (count > 0) {
                sim.tasks.arrive(sim.tasks.kinds.getFirst(), count, sim.now);
            }
            sim.step(STEP);
            if (sim.now.isBefore(hour)) {
                settled = sim.starts;
            }
        }
        assertThat(sim.tasks.finished).isPositive();
        return sim.starts - settled;
    }

    @Test
    void asManyTasksAsBeforeStartNothing() {
        for (int seconds : new int[] {1, 7, 20, 60, 300, 1200}) {
            for (int tasks : new int[] {1, 3, 4, 5, 13, 50}) {
                assertThat(starts(Duration.ofSeconds(seconds), replacing(tasks), Planner::plan))
                        .as("%d tasks of %d s", tasks, seconds)
                        .isZero();
            }
        }
    }

    @Test
    void aSteadyRateStartsNothing() {
        for (int seconds : new int[] {1, 7, 20}) {
            for (double cores : new double[] {0.5, 2, 3.5, 7.9, 10, 22}) {
                assertThat(starts(Duration.ofSeconds(seconds), keepingBusy(cores, STEP, 1), Planner::plan))
                        .as("tasks of %d s that keep %s cores busy", seconds, cores)
                        .isZero();
            }
        }
    }

    /// The proof that this would be seen: a planner that lets go of whatever is idle at the moment.
    @Test
    void whoLetsGoAtOnceStartsAgain() {
        Planning hasty = (policy, demand, inventory, now) -> Planner.plan(
                new Policy(
                        policy.limits(),
                        new Scaling(Duration.ZERO, 0, Duration.ZERO),
                        policy.rules(),
                        policy.pools(),
                        false),
                demand,
                inventory,
                now);
        assertThat(starts(Duration.ofSeconds(7), keepingBusy(0.5, STEP, 1), hasty))
                .isGreaterThan(20);
    }

    /// Twelve bursts of work in an hour, with instances that may be idle as long as they boot. The figure
    /// counts what is paid and not used.
    @Test
    void aBurstyHour() {
        Duration boot = Duration.ofSeconds(60);
        Simulation sim = calm(Duration.ofSeconds(20), boot, Planner::plan);
        SplittableRandom random = new SplittableRandom(3);
        double paid = 0;
        double used = 0;
        double booting = 0;
        Duration step = Duration.ofSeconds(2);
        for (int round = 0; round < 1800 || !sim.store.open().isEmpty(); round++) {
            if (round % 150 == 0 && round < 1800) {
                sim.tasks.arrive(sim.tasks.kinds.getFirst(), random.nextInt(100, 600), sim.now);
            }
            sim.step(step);
            for (Guest guest : sim.alive) {
                double slots = guest.instance.pool().size().cores();
                paid += 2;
                used += 2 * guest.runs.size() / slots;
                booting += guest.connected ? 0 : 2;
            }
        }
        double idle = paid - used - booting;
        System.out.printf(
                "bursty hour: %d starts, %.0f instance-seconds paid, %.0f booting, %.0f used, %.0f idle; %d times %s%n",
                sim.starts, paid, booting, used, idle, sim.ends, boot);
        // Who knows all bursts beforehand, and has to let each instance idle for as long as the settings say before it
        // ends, pays for that, for booting and for the work: nothing else.
        double unavoidable = sim.ends * boot.toSeconds();
        double best = unavoidable / (used + booting + unavoidable);
        System.out.printf(
                "bursty hour: %.1f %% of what is paid is idle, %.1f %% at best%n", 100 * idle / paid, 100 * best);
        assertThat(idle / paid).isLessThan(best + 0.05);
        assertThat(sim.tasks.waiting()).isFalse();
        // Each instance that was let go had waited for as long as it may; the rest is the ends of bursts.
        assertThat(idle - sim.ends * boot.toSeconds()).isLessThan(0.25 * paid);
    }
}
