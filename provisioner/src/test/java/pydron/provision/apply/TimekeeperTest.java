package pydron.provision.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import pydron.provision.claims.Change;
import pydron.provision.claims.MemoryClaims;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.ClaimState;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Resources;

class TimekeeperTest {
    private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
    private final MemoryClaims claims = new MemoryClaims();
    private long nanos = 5_000_000_000L;

    private Timekeeper at(Instant wall) {
        return new Timekeeper(claims, wall, () -> nanos);
    }

    private void earlierProcess(Instant tick, Instant leaseEnd) {
        Pool pool = new Pool(
                "p", new Machine("c", "t", ""), new Resources(1, 0, 0), new Price(Money.of("1"), false), Duration.ZERO);
        claims.write(List.of(
                new Change.Tick(tick),
                new Change.Put(new Claim(new ClaimId("c1"), pool, tick, leaseEnd, new ClaimState.Requested(tick, 1)))));
    }

    @Test
    void withinAProcessOnlyElapsedTimeCounts() {
        Timekeeper time = at(NOON);
        nanos += 3_000_000_000L;
        assertThat(time.now()).isEqualTo(NOON.plusSeconds(3));
    }

    @Test
    void theNextProcessBelievesTheClock() {
        earlierProcess(NOON, NOON.plusSeconds(600));
        assertThat(at(NOON.plusSeconds(60)).begin()).isEqualTo(NOON.plusSeconds(60));
    }

    @Test
    void aClockThatWasSetBackIsNotBelieved() {
        earlierProcess(NOON, NOON.plusSeconds(600));
        assertThat(at(NOON.minusSeconds(1)).begin()).isEqualTo(NOON.plusSeconds(600));
    }
}
