package pydron.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Sentences about calls that are computed before their turn.
class AheadTasksTest {
    private static final int JOB = 1;
    private static final long FIRST = 1000;
    private static final Outcome RETURNED = new Outcome.Returned(new byte[0]);
    private static final Outcome RAISED = new Outcome.Raised(new byte[] {1});

    private final Core core = new Core(Duration.ofSeconds(10), FIRST);

    @BeforeEach
    void aJobAndAWorkerWithOneSlot() {
        when(new Event.JobOpened(JOB, new Facts.Driver("3.11.2", "python", "/", List.of(), "main.py")));
        when(new Event.FunctionDefined(
                JOB, 0, new Facts.Function("f", "main.py", 1, Facts.Needs.ONE_SLOT, -1, 0, new byte[0])));
        when(new Event.RunBegun(JOB, 0));
        when(new Event.WorkerJoined(1, new Facts.Worker("w", "w", "3.11.9", 1, 0, 0, true), new long[0], List.of(), 2));
    }

    private List<Effect> when(Event event) {
        return List.copyOf(core.handle(event, 0));
    }

    private List<Effect> submit(int task, Event.TasksSubmitted.Place place) {
        return when(new Event.TasksSubmitted(JOB, 0, task, place, new int[1], new int[1], new int[0], new byte[1][0]));
    }

    private List<Effect> foresee(int task) {
        return submit(task, Event.TasksSubmitted.Place.AHEAD);
    }

    private List<Effect> adopt(int task) {
        return when(new Event.TaskAdopted(JOB, 0, task));
    }

    private List<Effect> drop(int task) {
        return when(new Event.ValuesFreed(JOB, new int[] {task}));
    }

    private List<Effect> report(long attempt, Outcome outcome, double seconds) {
        return when(new Event.ResultsReported(1, List.of(new Outcome.Report(attempt, outcome, seconds))));
    }

    private static List<Long> tasks(List<Effect> effects) {
        return only(Effect.Assign.class, effects).stream()
                .flatMap(a -> a.tasks().stream())
                .map(t -> t.task() & 0xFFFFFFFFL)
                .toList();
    }

    private static <T> List<T> only(Class<T> type, List<Effect> effects) {
        return effects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    @Test
    void itHoldsNobodyBack() {
        foresee(0);
        assertThat(only(Effect.Release.class, when(new Event.OrderAsked(JOB, 0, 7, false))))
                .hasSize(1);
    }

    @Test
    void onceAdoptedItHoldsBackWhatComesAfterIt() {
        foresee(0);
        adopt(0);
        assertThat(when(new Event.OrderAsked(JOB, 0, 7, false))).isEmpty();
        assertThat(only(Effect.Release.class, report(FIRST, RETURNED, 0.5))).hasSize(1);
    }

    @Test
    void aCallThatIsMadeComesBeforeThoseThatAreForeseen() {
        foresee(0);
        foresee(1);
        submit(2, Event.TasksSubmitted.Place.HERE);
        assertThat(tasks(report(FIRST, RETURNED, 0.5))).containsExactly(2L);
        when(new Event.CreditGranted(1, 5));
        assertThat(tasks(report(FIRST + 1, RETURNED, 0.5))).containsExactly(1L);
    }

    @Test
    void adoptedItComesBeforeThoseThatAreForeseen() {
        foresee(0);
        foresee(1);
        foresee(2);
        adopt(2);
        assertThat(tasks(report(FIRST, RETURNED, 0.5))).containsExactly(2L);
    }

    @Test
    void itsFailureIsNobodysUntilItIsAdopted() {
        foresee(0);
        assertThat(only(Effect.ToDriver.class, report(FIRST, RAISED, 0.5)).stream()
                        .filter(e -> !(e instanceof Effect.ShowProgress)))
                .isEmpty();
        List<Effect> out = adopt(0);
        assertThat(only(Effect.RaiseTask.class, out)).hasSize(1);
    }

    @Test
    void itsFailureIsForgottenWhenItIsDropped() {
        foresee(0);
        report(FIRST, RAISED, 0.5);
        drop(0);
        when(new Event.RunEnded(JOB, 0));
        assertThat(core.census()).isEqualTo(new Core.Census(1, 0, 0, 0, 0, 0));
    }

    @Test
    void itsResultIsThereWhenItIsAdopted() {
        foresee(0);
        report(FIRST, RETURNED, 0.5);
        adopt(0);
        assertThat(only(Effect.SendValues.class, when(new Event.ValuesWanted(JOB, new int[] {0}))))
                .hasSize(1);
        assertThat(core.statistics().ahead()).isEqualTo(new Core.Ahead(1, 1, 0));
    }

    @Test
    void whatItPrintsIsKeptUntilItIsAdopted() {
        foresee(0);
        byte[] text = {'a', '\n'};
        assertThat(only(Effect.ForwardOutput.class, when(new Event.OutputPrinted(1, FIRST, false, text))))
                .isEmpty();
        report(FIRST, RETURNED, 0.5);
        assertThat(only(Effect.ForwardOutput.class, adopt(0)))
                .containsExactly(new Effect.ForwardOutput(JOB, 0, false, text));
    }

    @Test
    void whatItPrintsIsLostWhenItIsDropped() {
        foresee(0);
        when(new Event.OutputPrinted(1, FIRST, false, new byte[] {'a'}));
        assertThat(only(Effect.ForwardOutput.class, drop(0))).isEmpty();
        assertThat(only(Effect.ForwardOutput.class, report(FIRST, RETURNED, 0.5)))
                .isEmpty();
    }

    @Test
    void oneThatPrintsWithoutEndIsStoppedAndRunsAgainWhenItIsAdopted() {
        foresee(0);
        List<Effect> out = when(new Event.OutputPrinted(1, FIRST, false, new byte[300_000]));
        assertThat(only(Effect.Cancel.class, out)).hasSize(1);
        when(new Event.CreditGranted(1, 1));
        out = adopt(0);
        assertThat(only(Effect.ForwardOutput.class, out)).isEmpty();
        assertThat(tasks(out)).containsExactly(0L);
    }

    @Test
    void oneThatOnlyTheDriverCanRunWaitsUntilItIsAdopted() {
        foresee(0);
        List<Effect> out = report(FIRST, new Outcome.Lost(Outcome.Reason.UNPICKLABLE_RESULT, "a lambda"), 0.5);
        assertThat(only(Effect.Rerun.class, out)).isEmpty();
        assertThat(tasks(adopt(0))).containsExactly(0L);
        out = report(FIRST + 1, new Outcome.Lost(Outcome.Reason.UNPICKLABLE_RESULT, "a lambda"), 0.5);
        assertThat(only(Effect.Rerun.class, out)).hasSize(1);
    }

    @Test
    void aFullStoreIsNoFailureOfIt() {
        foresee(0);
        report(FIRST, new Outcome.Lost(Outcome.Reason.STORE_FULL, "no room"), 0.5);
        assertThat(core.stageOf(JOB, 0)).isEqualTo(Task.Stage.WAITING);
        assertThat(tasks(adopt(0))).containsExactly(0L);
    }

    @Test
    void resultsThatNobodyAskedForAreBounded() {
        foresee(0);
        report(FIRST, new Outcome.Stored(1L << 28, "/file"), 0.5);
        assertThat(tasks(foresee(1))).isEmpty();
        // So are those that were asked for: it has to go, too.
        assertThat(tasks(adopt(0))).isEmpty();
        assertThat(tasks(drop(0))).containsExactly(1L);
    }

    @Test
    void aRunningOneThatIsDroppedIsStopped() {
        foresee(0);
        List<Effect> out = drop(0);
        assertThat(only(Effect.Cancel.class, out)).hasSize(1);
        assertThat(only(Effect.Cancel.class, out).getFirst().attempts()).containsExactly(FIRST);
    }

    @Test
    void oneThatWillSoonBeOverIsLetRunAndCounted() {
        submit(0, Event.TasksSubmitted.Place.HERE);
        report(FIRST, RETURNED, 0.25);
        when(new Event.CreditGranted(1, 1));
        foresee(1);
        assertThat(only(Effect.Cancel.class, drop(1))).isEmpty();
        report(FIRST + 1, RETURNED, 0.5);
        assertThat(core.statistics().ahead()).isEqualTo(new Core.Ahead(1, 0, 0.5));
        assertThat(core.stageOf(JOB, 1)).isNull();
    }

    @Test
    void oneThatIsLetRunCountsWhenTheDriverGoes() {
        submit(0, Event.TasksSubmitted.Place.HERE);
        report(FIRST, RETURNED, 0.25);
        when(new Event.CreditGranted(1, 1));
        foresee(1);
        drop(1);
        when(new Event.JobClosed(JOB));
        assertThat(core.statistics().ahead()).isEqualTo(new Core.Ahead(1, 0, 0.125));
    }

    @Test
    void oneThatWasLetRunAndLostIsNotTriedAgain() {
        submit(0, Event.TasksSubmitted.Place.HERE);
        report(FIRST, RETURNED, 0.25);
        when(new Event.CreditGranted(1, 1));
        foresee(1);
        drop(1);
        report(FIRST + 1, new Outcome.Lost(Outcome.Reason.UNKNOWN, "gone"), 0);
        assertThat(core.stageOf(JOB, 1)).isNull();
    }

    @Test
    void theEndOfTheRunDropsWhatWasNotAdopted() {
        foresee(0);
        foresee(1);
        when(new Event.RunEnded(JOB, 0));
        drop(0);
        drop(1);
        assertThat(core.census()).isEqualTo(new Core.Census(1, 0, 0, 0, 0, 0));
        assertThat(adopt(0)).isEmpty();
    }

    @Test
    void adoptedIntoABodyThatHasFailedItIsDropped() {
        when(new Event.MarkerSet(JOB, 0, 5));
        submit(0, Event.TasksSubmitted.Place.HERE);
        foresee(1);
        assertThat(only(Effect.RaiseTask.class, report(FIRST, RAISED, 5))).hasSize(1);
        adopt(1);
        when(new Event.MarkerDropped(JOB, 5));
        assertThat(core.statistics().ahead().used()).isZero();
        when(new Event.RunEnded(JOB, 0));
        when(new Event.ValuesFreed(JOB, new int[] {0, 1}));
        assertThat(core.census()).isEqualTo(new Core.Census(1, 0, 0, 0, 0, 0));
    }
}
