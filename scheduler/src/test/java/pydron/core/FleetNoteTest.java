package pydron.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What there is to say of the machines reaches each user, once.
class FleetNoteTest {
    private final Core core = new Core(Duration.ofSeconds(10), 1000);
    private long now;

    private List<String> told(Event event) {
        now += 1_000_000_000L;
        return core.handle(event, now).stream()
                .filter(Effect.Notify.class::isInstance)
                .map(it -> ((Effect.Notify) it).text())
                .toList();
    }

    private void job(int job) {
        told(new Event.JobOpened(job, new Facts.Driver("3.11.2", "python", "/", List.of(), "main.py")));
    }

    @Test
    void onceToEachJobThatHasARun() {
        job(1);
        told(new Event.FleetDescribed("2 instances", "waits for the budget"));
        assertThat(told(new Event.TimePassed())).isEmpty();
        told(new Event.RunBegun(1, 0));
        assertThat(told(new Event.TimePassed())).containsExactly("waits for the budget");
        assertThat(told(new Event.TimePassed())).isEmpty();
        job(2);
        told(new Event.RunBegun(2, 0));
        assertThat(told(new Event.TimePassed())).containsExactly("waits for the budget");
        told(new Event.FleetDescribed("2 instances", ""));
        assertThat(told(new Event.TimePassed())).isEmpty();
        told(new Event.FleetDescribed("2 instances", "waits for the budget"));
        assertThat(told(new Event.TimePassed())).hasSize(2);
    }

    @Test
    void theLineIsPartOfTheProgress() {
        job(1);
        told(new Event.RunBegun(1, 0));
        told(new Event.FleetDescribed("2 instances", ""));
        now += 1_000_000_000L;
        assertThat(core.handle(new Event.TimePassed(), now))
                .contains(new Effect.ShowProgress(1, 0, 0, 0, 0, 0, "2 instances"));
    }
}
