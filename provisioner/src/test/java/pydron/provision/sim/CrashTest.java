package pydron.provision.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.claims.SqliteClaims;

/// The service ends at every single step that reaches outside of it, once, and in the next life at the next
/// one.
class CrashTest {
    private static final int LIVES = 3;

    @TempDir
    Path folder;

    @Test
    void atEveryStep() {
        long crashes = 0;
        for (long seed = 100; seed < 100 + LIVES; seed++) {
            Simulation.Parts quiet = new Simulation.Parts();
            quiet.crashes = false;
            Simulation whole = SimulationTest.life(seed, quiet);
            whole.run();
            long steps = Math.min(400, whole.fuse.steps());
            for (long step = 1; step <= steps; step++) {
                Simulation.Parts parts = new Simulation.Parts();
                parts.crashes = false;
                parts.crashAt = step;
                Simulation life = SimulationTest.life(seed, parts);
                try {
                    life.run();
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("Failed on seed " + seed + ", step " + step + ": " + e.getMessage(), e);
                }
                crashes += life.crashes;
            }
        }
        System.out.println("crashes at every step: " + crashes);
        assertThat(crashes).isGreaterThan(200);
    }

    /// The same lives with claims in a file, which is opened anew after each crash.
    @Test
    void withClaimsOnTheDisk() throws IOException {
        long crashes = 0;
        for (long seed = 0; seed < 12; seed++) {
            Path file = folder.resolve("claims-" + seed + ".db");
            Simulation.Parts parts = new Simulation.Parts();
            parts.reopen = () -> new SqliteClaims(file);
            Simulation onDisk = SimulationTest.life(seed, parts);
            long trace;
            try {
                trace = onDisk.run();
            } finally {
                onDisk.store.close();
            }
            assertThat(trace)
                    .as("seed %d on a disk as in memory", seed)
                    .isEqualTo(SimulationTest.life(seed, new Simulation.Parts()).run());
            crashes += onDisk.crashes;
            Files.delete(file);
        }
        assertThat(crashes).isPositive();
    }
}
