package pydron.provision.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import pydron.provision.model.PoolState;
import pydron.provision.model.Problem;

class BackOffTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final PoolState HEALTHY = new PoolState.Healthy();
    private static final Problem FULL = new Problem.NoCapacity("try another zone");
    private final BackOff backOff = new BackOff(Duration.ofSeconds(30), Duration.ofMinutes(2), 3);

    private static PoolState resting(int failures, int seconds) {
        return new PoolState.BackingOff(failures, NOW.plusSeconds(seconds), "no capacity: try another zone");
    }

    @Test
    void eachFailureDoublesTheRestUpToTheMost() {
        PoolState state = backOff.after(HEALTHY, FULL, NOW);
        assertThat(state).isEqualTo(resting(1, 30));
        assertThat(backOff.after(state, FULL, NOW.plusSeconds(30))).isEqualTo(resting(2, 90));
        assertThat(backOff.after(resting(7, 0), FULL, NOW)).isEqualTo(resting(8, 120));
    }

    @Test
    void failuresDuringTheRestAreTheSameFailure() {
        assertThat(backOff.after(resting(1, 30), FULL, NOW.plusSeconds(1))).isEqualTo(resting(1, 30));
    }

    @Test
    void whatTimeMendsNeverPauses() {
        assertThat(backOff.after(resting(50, 0), FULL, NOW)).isEqualTo(resting(51, 120));
    }

    @Test
    void whatTimeDoesNotMendPauses() {
        Problem refused = new Problem.Refused("there is no image 'x'");
        assertThat(backOff.after(resting(1, 0), refused, NOW)).isInstanceOf(PoolState.BackingOff.class);
        PoolState paused = new PoolState.Paused(NOW, "refused: there is no image 'x'");
        assertThat(backOff.after(resting(2, 0), refused, NOW)).isEqualTo(paused);
        assertThat(backOff.after(paused, FULL, NOW.plusSeconds(9))).isEqualTo(paused);
    }

    @Test
    void beingToldToWaitIsNoFailure() {
        Problem throttled = new Problem.Throttled(Duration.ofSeconds(7), "slow down");
        assertThat(backOff.after(HEALTHY, throttled, NOW))
                .isEqualTo(new PoolState.BackingOff(0, NOW.plusSeconds(7), "asked too often: slow down"));
    }
}
