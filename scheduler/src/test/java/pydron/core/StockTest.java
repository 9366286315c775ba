package pydron.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Results that nobody has used yet: when there are enough, only what somebody waits for is computed.
class StockTest {
    private static final int JOB = 1;
    private static final long FIRST = 1000;
    private static final int REGION = 7;

    private final Core core = new Core(Duration.ofSeconds(10), FIRST, 100);

    private List<Effect> when(Event event) {
        return List.copyOf(core.handle(event, 0));
    }

    /// A worker with one slot; a region of the driver's that is not through, so that what follows is behind it.
    @BeforeEach
    void aJobWhoseDriverIsAtWork() {
        when(new Event.JobOpened(JOB, new Facts.Driver("3.11.2", "python", "/", List.of(), "main.py")));
        Facts.Function f = new Facts.Function("f", "main.py", 1, Facts.Needs.ONE_SLOT, -1, 0, new byte[0]);
        when(new Event.FunctionDefined(JOB, 0, f));
        when(new Event.RunBegun(JOB, 0));
        Facts.Worker w = new Facts.Worker("w1", "w1", "3.11.9", 1, 0, 0, true);
        when(new Event.WorkerJoined(1, w, new long[0], List.of(), 2));
        when(new Event.RegionForked(JOB, 0, REGION));
    }

    private List<Effect> submit(int first, int n, int... deps) {
        int[] counts = new int[n];
        counts[0] = deps.length;
        return when(new Event.TasksSubmitted(
                JOB, 0, first, Event.TasksSubmitted.Place.HERE, new int[n], counts, deps, new byte[n][0]));
    }

    /// The worker is through with the one task it had, and takes another.
    private List<Integer> done(int number, long bytes) {
        when(new Event.CreditGranted(1, 1));
        return started(when(new Event.ResultsReported(
                1, List.of(new Outcome.Report(FIRST + number, new Outcome.Stored(bytes, "/values/" + number), 1)))));
    }

    private static List<Integer> started(List<Effect> effects) {
        return effects.stream()
                .filter(Effect.Assign.class::isInstance)
                .flatMap(e -> ((Effect.Assign) e).tasks().stream())
                .map(task -> (int) (task.attempt() - FIRST))
                .toList();
    }

    private static int[] numbers(int... numbers) {
        return numbers;
    }

    @Test
    void withEnoughInStockNothingMoreIsStarted() {
        assertThat(started(submit(0, 5))).containsExactly(0);
        assertThat(done(0, 60)).containsExactly(1);
        assertThat(done(1, 60)).isEmpty();
    }

    @Test
    void whatIsFreedMakesRoom() {
        submit(0, 5);
        done(0, 60);
        done(1, 60);
        assertThat(started(when(new Event.ValuesFreed(JOB, numbers(0))))).containsExactly(2);
    }

    @Test
    void whatTheDriverAsksForIsComputedAllTheSame() {
        submit(0, 5);
        done(0, 60);
        done(1, 60);
        assertThat(started(when(new Event.ValuesWanted(JOB, numbers(4)))))
                .as("the third attempt, which is of the fifth task")
                .containsExactly(2);
        assertThat(core.stageOf(JOB, 4)).isEqualTo(Task.Stage.ASSIGNED);
        assertThat(core.stageOf(JOB, 2)).isEqualTo(Task.Stage.READY);
    }

    @Test
    void soIsWhatThatIsMadeOf() {
        submit(0, 4);
        submit(4, 1, 3);
        done(0, 60);
        done(1, 60);
        when(new Event.ValuesWanted(JOB, numbers(4)));
        assertThat(core.stageOf(JOB, 3)).isEqualTo(Task.Stage.ASSIGNED);
    }

    @Test
    void nothingOfTheDriversIsBeforeATaskThatItWaitsForInOrder() {
        submit(0, 5);
        done(0, 60);
        assertThat(done(1, 60)).isEmpty();
        assertThat(started(when(new Event.RegionClosed(JOB, REGION)))).containsExactly(2);
        assertThat(done(2, 60)).containsExactly(3);
    }

    private int ready(long seconds) {
        return core.demand(seconds * 1_000_000_000).groups().stream()
                .mapToInt(Demand.Group::ready)
                .sum();
    }

    /// More machines would only wait for the driver, too.
    @Test
    void whatIsHeldBackIsNoReasonForMoreMachines() {
        submit(0, 9);
        assertThat(ready(0)).isEqualTo(8);
        done(0, 60);
        assertThat(ready(1)).isEqualTo(7);
        done(1, 60);
        assertThat(ready(2)).isZero();
        when(new Event.ValuesWanted(JOB, numbers(4)));
        when(new Event.ValuesWanted(JOB, numbers(5)));
        assertThat(ready(3)).as("one runs, one waits for the slot").isEqualTo(1);
        // A driver that makes room now and then is still slow.
        when(new Event.ValuesFreed(JOB, numbers(0, 1)));
        assertThat(ready(4)).isEqualTo(1);
        assertThat(ready(70)).as("it has kept up for a minute").isGreaterThan(4);
    }

    @Test
    void aLostResultIsNotInStock() {
        submit(0, 5);
        done(0, 60);
        done(1, 60);
        assertThat(started(when(new Event.ValueVanished(1, ((long) JOB << 32) | 1, "disk full"))))
                .containsExactly(2);
    }
}
