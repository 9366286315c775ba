package pydron.cli.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import pydron.core.Demand;
import pydron.core.Facts;
import pydron.provision.model.Resources;
import pydron.provision.plan.Work;

class DemandWatchTest {
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
    private final DemandWatch watch = new DemandWatch();

    private static Demand demand(int ready, long submitted) {
        return new Demand(
                List.of(new Demand.Group(new Facts.Needs(1.5, 1 << 20, 1), ready, 2, OptionalDouble.of(0.5))),
                List.of(),
                submitted);
    }

    @Test
    void coresAreRoundedUp() {
        assertThat(watch.look(demand(3, 5), T).work())
                .containsExactly(new Work(new Resources(2, 1 << 20, 1), 3, 2, Optional.of(Duration.ofMillis(500))));
    }

    @Test
    void aBurstBeginsWithTheFirstAndLastsToTheLatest() {
        assertThat(watch.look(demand(0, 0), T).burst()).isEmpty();
        assertThat(watch.look(demand(3, 3), T.plusSeconds(1)).burst())
                .contains(new pydron.provision.plan.Demand.Burst(T.plusSeconds(1), T.plusSeconds(1)));
        assertThat(watch.look(demand(3, 6), T.plusSeconds(2)).burst())
                .contains(new pydron.provision.plan.Demand.Burst(T.plusSeconds(1), T.plusSeconds(2)));
        assertThat(watch.look(demand(3, 6), T.plusSeconds(3)).burst())
                .contains(new pydron.provision.plan.Demand.Burst(T.plusSeconds(1), T.plusSeconds(2)));
        assertThat(watch.look(demand(0, 6), T.plusSeconds(4)).burst()).isEmpty();
    }

    @Test
    void aBurstIsLookedAtAgainWhenItIsOver() {
        Duration settle = Duration.ofSeconds(1);
        watch.look(demand(0, 0), T);
        assertThat(watch.settlesIn(settle, T)).isEmpty();
        watch.look(demand(3, 3), T);
        assertThat(watch.settlesIn(settle, T.plusMillis(300))).contains(Duration.ofMillis(700));
        assertThat(watch.settlesIn(settle, T.plusSeconds(2))).isEmpty();
    }
}
