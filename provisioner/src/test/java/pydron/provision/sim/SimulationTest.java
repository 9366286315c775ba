package pydron.provision.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The provisioner on thousands of invented lives, each twice. A failure names its seed: `-Dsim.seed=4711`
/// runs that one, `-Dsim.loud=true` tells what happened in it.
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("sim.seeds", 5000);

    static Simulation life(long seed, Simulation.Parts parts) {
        return new Simulation(Scenario.random(new SplittableRandom(seed)), seed, parts);
    }

    @Test
    void invented() {
        long one = Long.getLong("sim.seed", -1);
        long crashes = 0;
        long starts = 0;
        long finished = 0;
        for (long seed = one < 0 ? 0 : one; seed < (one < 0 ? SEEDS : one + 1); seed++) {
            Simulation first = life(seed, new Simulation.Parts());
            try {
                long trace = first.run();
                assertThat(life(seed, new Simulation.Parts()).run())
                        .as("the same life again")
                        .isEqualTo(trace);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("Failed on seed " + seed + ": " + e.getMessage(), e);
            }
            crashes += first.crashes;
            starts += first.starts;
            finished += first.tasks.finished;
        }
        System.out.printf("simulated: %d lives, %d crashes, %d starts, %d tasks%n", SEEDS, crashes, starts, finished);
    }
}
