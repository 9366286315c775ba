package pydron.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/// What waits and what runs, by what it asks for.
class DemandTest {
    private static final int JOB = 1;
    private static final Facts.Needs LARGE = new Facts.Needs(4, 1L << 30, 0);

    private final Core core = new Core(Duration.ofSeconds(10), 1000);

    DemandTest() {
        core.handle(new Event.JobOpened(JOB, new Facts.Driver("3.11.2", "python", "/", List.of(), "main.py")), 0);
        function(0, "small", Facts.Needs.ONE_SLOT);
        function(1, "large", LARGE);
        core.handle(new Event.RunBegun(JOB, 0), 0);
    }

    private void function(int number, String name, Facts.Needs needs) {
        core.handle(
                new Event.FunctionDefined(
                        JOB, number, new Facts.Function(name, "main.py", 7, needs, -1, 0, new byte[0])),
                0);
    }

    private void submit(int first, int function, Event.TasksSubmitted.Place place, int n, int... deps) {
        int[] functions = new int[n];
        java.util.Arrays.fill(functions, function);
        int[] counts = new int[n];
        counts[0] = deps.length;
        core.handle(new Event.TasksSubmitted(JOB, 0, first, place, functions, counts, deps, new byte[n][0]), 0);
    }

    private void worker(int session, int slots) {
        core.handle(
                new Event.WorkerJoined(
                        session,
                        new Facts.Worker("w" + session, "host", "3.11.9", slots, 0, 0, true),
                        new long[0],
                        List.of(),
                        slots),
                0);
    }

    @Test
    void tasksThatAskForTheSameAreOneGroup() {
        submit(1, 0, Event.TasksSubmitted.Place.HERE, 5);
        submit(10, 1, Event.TasksSubmitted.Place.HERE, 2);
        assertThat(core.demand(0).groups())
                .containsExactly(
                        new Demand.Group(Facts.Needs.ONE_SLOT, 5, 0, OptionalDouble.empty()),
                        new Demand.Group(LARGE, 2, 0, OptionalDouble.empty()));
        assertThat(core.demand(0).submitted()).isEqualTo(7);
    }

    @Test
    void whatWaitsForInputsOrIsOnlyForeseenDoesNotCount() {
        submit(1, 0, Event.TasksSubmitted.Place.HERE, 1);
        submit(2, 0, Event.TasksSubmitted.Place.HERE, 1, 1);
        submit(3, 0, Event.TasksSubmitted.Place.AHEAD, 4);
        assertThat(core.demand(0).groups())
                .containsExactly(new Demand.Group(Facts.Needs.ONE_SLOT, 1, 0, OptionalDouble.empty()));
    }

    @Test
    void whatRunsIsCountedAndMeasured() {
        submit(1, 0, Event.TasksSubmitted.Place.HERE, 3);
        worker(1, 1);
        core.handle(
                new Event.ResultsReported(1, List.of(new Outcome.Report(1000, new Outcome.Returned(new byte[0]), 2.5))),
                0);
        core.handle(new Event.CreditGranted(1, 1), 0);
        assertThat(core.demand(0).groups())
                .containsExactly(new Demand.Group(Facts.Needs.ONE_SLOT, 1, 1, OptionalDouble.of(2.5)));
        assertThat(core.demand(0).functions()).containsExactly(new Demand.Measured("small", "main.py", 7, 2.5));
    }

    @Test
    void nothingIsLeftWhenTheRunIsOver() {
        submit(1, 0, Event.TasksSubmitted.Place.HERE, 5);
        worker(1, 2);
        core.handle(new Event.RunEnded(JOB, 0), 0);
        assertThat(core.demand(0).groups()).isEmpty();
    }
}
