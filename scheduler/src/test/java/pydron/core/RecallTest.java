package pydron.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A worker whose machine is taken away by its cloud.
class RecallTest {
    private static final int JOB = 1;

    private final Core core = new Core(Duration.ofSeconds(10), 1000);
    private long now;

    private List<Effect> when(Event event) {
        now += 1_000_000_000L;
        return core.handle(event, now);
    }

    private List<Effect> worker(int session, String id) {
        Facts.Worker facts = new Facts.Worker(id, id, "3.11.9", 1, 0, 0, false);
        return when(new Event.WorkerJoined(session, facts, new long[0], List.of(), 2));
    }

    private List<Effect> submit(int first) {
        return when(new Event.TasksSubmitted(
                JOB, 0, first, Event.TasksSubmitted.Place.HERE, new int[1], new int[1], new int[0], new byte[1][0]));
    }

    private static List<Integer> assigned(List<Effect> effects) {
        return effects.stream()
                .filter(Effect.Assign.class::isInstance)
                .map(it -> ((Effect.Assign) it).session())
                .toList();
    }

    private static List<Effect.Drain> drains(List<Effect> effects) {
        return effects.stream()
                .filter(Effect.Drain.class::isInstance)
                .map(Effect.Drain.class::cast)
                .toList();
    }

    @BeforeEach
    void job() {
        when(new Event.JobOpened(JOB, new Facts.Driver("3.11.2", "python", "/", List.of(), "main.py")));
        when(new Event.FunctionDefined(
                JOB, 0, new Facts.Function("f", "main.py", 1, Facts.Needs.ONE_SLOT, -1, 0, new byte[0])));
        when(new Event.RunBegun(JOB, 0));
        worker(1, "w1");
    }

    @Test
    void itIsDrainedAndOthersSeeWhy() {
        assertThat(core.sights(now).getFirst().recalled()).isFalse();
        assertThat(drains(when(new Event.WorkerRecalled(1, Duration.ofSeconds(100)))))
                .containsExactly(new Effect.Drain(1, Duration.ofSeconds(100)));
        assertThat(core.sights(now)).singleElement().satisfies(it -> {
            assertThat(it.recalled()).isTrue();
            assertThat(it.draining()).isTrue();
        });
        assertThat(assigned(submit(1))).isEmpty();
        assertThat(assigned(worker(2, "w2"))).containsExactly(2);
    }

    @Test
    void noOrderMakesItsEndLater() {
        when(new Event.WorkerRecalled(1, Duration.ofSeconds(100)));
        assertThat(drains(when(new Event.DrainOrdered("w1", Duration.ofSeconds(600)))))
                .containsExactly(new Effect.Drain(1, Duration.ofSeconds(99)));
        assertThat(drains(when(new Event.DrainOrdered("w1", Duration.ofSeconds(5)))))
                .containsExactly(new Effect.Drain(1, Duration.ofSeconds(5)));
    }

    @Test
    void itIsStillSoWhenItComesBackAfterABreak() {
        when(new Event.WorkerRecalled(1, Duration.ofSeconds(100)));
        when(new Event.WorkerCutOff(1));
        assertThat(drains(worker(3, "w1"))).containsExactly(new Effect.Drain(3, Duration.ofSeconds(98)));
        assertThat(core.sights(now).getFirst().recalled()).isTrue();
        assertThat(assigned(submit(1))).isEmpty();
    }
}
