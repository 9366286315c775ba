package pydron.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Sentences about the core: some events, and what comes out of the last one.
class CoreTest {
    private static final int JOB = 1;
    private static final long FIRST = 1000;

    private final Core core = new Core(Duration.ofSeconds(10), FIRST);
    private long now;

    private List<Effect> when(Event event) {
        return List.copyOf(core.handle(event, now));
    }

    private void job() {
        when(new Event.JobOpened(JOB, new Facts.Driver("3.11.2", "python", "/", List.of(), "main.py")));
        function(0, Facts.Needs.ONE_SLOT, -1);
        when(new Event.RunBegun(JOB, 0));
    }

    private void function(int number, Facts.Needs needs, int retries) {
        when(new Event.FunctionDefined(
                JOB, number, new Facts.Function("f", "main.py", 1, needs, retries, 0, new byte[0])));
    }

    private List<Effect> worker(int session, int slots, boolean shares) {
        return worker(session, "w" + session, "3.11.9", slots, shares, new long[0], List.of());
    }

    private List<Effect> worker(
            int session, String id, String python, int slots, boolean shares, long[] running, List<Facts.Held> held) {
        return when(new Event.WorkerJoined(
                session, new Facts.Worker(id, id, python, slots, 0, 0, shares), running, held, 2 * slots));
    }

    private List<Effect> submit(int region, int first, int... deps) {
        return submitted(region, first, false, 1, deps);
    }

    private List<Effect> submitted(int region, int first, boolean quiet, int n, int... deps) {
        int[] counts = new int[n];
        counts[0] = deps.length;
        byte[][] args = new byte[n][0];
        return when(new Event.TasksSubmitted(
                JOB,
                region,
                first,
                quiet ? Event.TasksSubmitted.Place.QUIET : Event.TasksSubmitted.Place.HERE,
                new int[n],
                counts,
                deps,
                args));
    }

    private List<Effect> reports(int session, long attempt, Outcome outcome) {
        return when(new Event.ResultsReported(session, List.of(new Outcome.Report(attempt, outcome, 0.5))));
    }

    private static Outcome lost(Outcome.Reason reason) {
        return new Outcome.Lost(reason, "exit code 1");
    }

    private static <T> List<T> only(Class<T> type, List<Effect> effects) {
        return effects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static List<Long> attempts(List<Effect> effects) {
        return only(Effect.Assign.class, effects).stream()
                .flatMap(a -> a.tasks().stream())
                .map(Effect.TaskMention::attempt)
                .toList();
    }

    private static final Outcome.Returned NOTHING = new Outcome.Returned(new byte[0]);

    @Test
    void theDriversOldPathOfAValueSaysNothingOfTheCopyHere() {
        job();
        worker(1, 1, true);
        when(new Event.TasksSubmitted(
                JOB, 0, 1, Event.TasksSubmitted.Place.HERE, new int[1], new int[1], new int[0], new byte[1][0]));
        when(new Event.ValuesWanted(JOB, new int[] {1}));
        reports(1, FIRST, new Outcome.Stored(8, "w1/file"));
        when(new Event.DrainOrdered("w1", Duration.ofSeconds(5)));
        when(new Event.UploadFinished(((long) JOB << 32) | 1, "kept/file", 8));
        when(new Event.WorkerLeft(1, "drained"));
        when(new Event.FileUnreadable(((long) JOB << 32) | 1, ""));
        assertThat(only(Effect.SendValues.class, when(new Event.ValuesWanted(JOB, new int[] {1}))))
                .singleElement()
                .satisfies(sent ->
                        assertThat(sent.values().getFirst().payload()).isEqualTo(new Effect.Payload.File("kept/file")));
    }

    @Test
    void aDrainingWorkerGetsNoTasksAndIsAskedForWhatOnlyItHas() {
        job();
        worker(1, 1, false);
        submit(0, 1);
        reports(1, FIRST, new Outcome.Stored(8, ""));
        List<Effect> effects = when(new Event.DrainOrdered("w1", Duration.ofSeconds(5)));
        assertThat(only(Effect.Drain.class, effects)).containsExactly(new Effect.Drain(1, Duration.ofSeconds(5)));
        assertThat(only(Effect.RequestUpload.class, effects))
                .containsExactly(new Effect.RequestUpload(1, ((long) JOB << 32) | 1, ""));
        assertThat(attempts(submit(0, 2))).isEmpty();
        assertThat(core.sights(now).getFirst().onlyCopies()).isEqualTo(1);
        when(new Event.UploadFinished(((long) JOB << 32) | 1, "kept/file", 8));
        assertThat(core.sights(now).getFirst().onlyCopies()).isZero();
        assertThat(attempts(worker(2, 1, false))).hasSize(1);
    }

    @Test
    void aDrainingWorkerThatComesBackIsToldAgain() {
        job();
        worker(1, 1, false);
        when(new Event.DrainOrdered("w1", Duration.ofSeconds(5)));
        List<Effect> effects = worker(2, "w1", "3.11.9", 1, false, new long[0], List.of());
        assertThat(only(Effect.Drain.class, effects)).containsExactly(new Effect.Drain(2, Duration.ofSeconds(5)));
        assertThat(attempts(submit(0, 1))).isEmpty();
    }

    @Test
    void fourUnknownTasksGoToFourSlotsAndTheFifthWaits() {
        job();
        worker(1, 4, true);
        List<Effect> out = submitted(0, 0, false, 5);
        assertThat(only(Effect.Assign.class, out))
                .hasSize(4)
                .allMatch(a -> a.tasks().size() == 1);
        assertThat(attempts(reports(1, FIRST, NOTHING))).hasSize(1);
    }

    @Test
    void fourLongTasksSpreadOverTwoWorkersOfTwoSlots() {
        job();
        worker(1, 2, true);
        worker(2, 2, true);
        List<Effect> out = submitted(0, 0, false, 4);
        assertThat(only(Effect.Assign.class, out))
                .extracting(Effect.Assign::session)
                .containsExactlyInAnyOrder(1, 1, 2, 2);
    }

    @Test
    void aQuietTaskGoesRatherToAnotherWorkerThanTheOneThatMadeItsInput() {
        assertThat(secondOpinionOn(NOTHING)).isEqualTo(2);
    }

    @Test
    void aQuietTaskGoesToAnotherWorkerEvenIfItsInputIsLargeAndHasToBeBrought() {
        assertThat(secondOpinionOn(new Outcome.Stored(1 << 30, "/values/large")))
                .isEqualTo(2);
    }

    /// The worker of a quiet task whose input was made by worker 1.
    private int secondOpinionOn(Outcome first) {
        job();
        worker(1, 2, false);
        List<Effect> out = submitted(0, 0, false, 1);
        worker(2, 2, false);
        submitted(0, 1, true, 1, 0);
        return only(Effect.Assign.class, reports(1, attempts(out).getFirst(), first))
                .getFirst()
                .session();
    }

    @Test
    void shortTasksTravelInBatchesOfAnEighthOfWhatIsLeftAndOneBatchWaitsBehindEachSlot() {
        job();
        worker(1, 1, true);
        submit(0, 0);
        when(new Event.ResultsReported(1, List.of(new Outcome.Report(FIRST, NOTHING, 0.001))));
        List<Effect> out = submitted(0, 1, false, 100);
        assertThat(only(Effect.Assign.class, out))
                .extracting(a -> a.tasks().size())
                .containsExactly(12);
        assertThat(only(Effect.Assign.class, when(new Event.CreditGranted(1, 5))))
                .hasSize(1);
        assertThat(when(new Event.CreditGranted(1, 5))).isEmpty();
    }

    @Test
    void nothingIsQueuedBehindATaskThatMayLast() {
        job();
        function(1, Facts.Needs.ONE_SLOT, -1);
        worker(1, 1, true);
        submit(0, 0);
        when(new Event.ResultsReported(1, List.of(new Outcome.Report(FIRST, NOTHING, 0.001))));
        when(new Event.TasksSubmitted(
                JOB, 0, 1, Event.TasksSubmitted.Place.HERE, new int[] {1}, new int[1], new int[0], new byte[1][0]));
        assertThat(submit(0, 2)).isEmpty();
    }

    @Test
    void aTaskRunsWhenItsInputsExist() {
        job();
        worker(1, 2, true);
        submit(0, 0);
        assertThat(submit(0, 1, 0)).isEmpty();
        List<Effect> out = reports(1, FIRST, new Outcome.Returned(new byte[] {7}));
        Effect.Assign assign = only(Effect.Assign.class, out).getFirst();
        assertThat(assign.values()).hasSize(1);
        assertThat(assign.tasks().getFirst().deps()).containsExactly(1L << 32);
    }

    @Test
    void aTaskWaitsForAValueThatTheDriverHasOnlyAnnounced() {
        job();
        worker(1, 2, true);
        assertThat(submit(0, 1, 0)).isEmpty();
        assertThat(attempts(when(new Event.InlinePut(JOB, 0, new int[0], new byte[0]))))
                .hasSize(1);
    }

    @Test
    void anAliasStandsForWhatItNames() {
        job();
        worker(1, 2, true);
        submit(0, 5);
        assertThat(submit(0, 1, 0)).isEmpty();
        when(new Event.ValueAliased(JOB, 0, 5));
        List<Effect> out = reports(1, FIRST, NOTHING);
        assertThat(only(Effect.Assign.class, out).getFirst().tasks().getFirst().deps())
                .containsExactly(1L << 32 | 5);
    }

    @Test
    void anAliasOfItselfEndsTheDriverAndNotTheScheduler() {
        job();
        when(new Event.ValueAliased(JOB, 1, 0));
        assertThat(when(new Event.ValueAliased(JOB, 0, 1))).hasExactlyElementsOfTypes(Effect.DropDriver.class);
    }

    @Test
    void theFirstFailureInProgramOrderIsRaisedAndNotTheFirstInTime() {
        job();
        worker(1, 2, true);
        submit(0, 0);
        submit(0, 1);
        assertThat(only(Effect.RaiseTask.class, reports(1, FIRST + 1, new Outcome.Raised(new byte[] {2}))))
                .isEmpty();
        List<Effect> out = reports(1, FIRST, new Outcome.Raised(new byte[] {1}));
        assertThat(only(Effect.RaiseTask.class, out))
                .extracting(Effect.RaiseTask::task)
                .containsExactly(0);
    }

    @Test
    void whatComesAfterAFailureIsCancelled() {
        job();
        worker(1, 2, true);
        submit(0, 0);
        submit(0, 1);
        List<Effect> out = reports(1, FIRST, new Outcome.Raised(new byte[] {1}));
        assertThat(only(Effect.Cancel.class, out).getFirst().attempts()).containsExactly(FIRST + 1);
        long late = core.counters().lateReports();
        assertThat(reports(1, FIRST + 1, NOTHING)).isEmpty();
        assertThat(core.counters().lateReports()).isEqualTo(late + 1);
    }

    @Test
    void whatIsPrintedIsNotLostWhenItComesAfterTheResult() {
        job();
        worker(1, 2, true);
        submit(0, 0);
        reports(1, FIRST, NOTHING);
        byte[] text = {'a'};
        assertThat(only(Effect.ForwardOutput.class, when(new Event.OutputPrinted(1, FIRST, false, text))))
                .containsExactly(new Effect.ForwardOutput(JOB, 0, false, text));
        assertThat(only(Effect.ForwardOutput.class, when(new Event.OutputPrinted(1, FIRST + 1, false, text))))
                .isEmpty();
    }

    @Test
    void whatTheDriverAppendsBeforeItHasReadTheRaiseIsDiscarded() {
        job();
        worker(1, 4, true);
        when(new Event.MarkerSet(JOB, 0, 9));
        submit(0, 0);
        reports(1, FIRST, new Outcome.Raised(new byte[] {1}));
        assertThat(submit(0, 1)).isEmpty();
        when(new Event.MarkerDropped(JOB, 9));
        assertThat(attempts(submit(0, 2))).hasSize(1);
    }

    @Test
    void aRowOfBriefRequestsIsReleasedTogetherInProgramOrder() {
        job();
        worker(1, 1, true);
        submit(0, 0);
        for (int r = 1; r <= 3; r++) {
            when(new Event.RegionForked(JOB, 0, r));
        }
        for (int r : new int[] {2, 3, 1}) {
            when(new Event.OrderAsked(JOB, r, 10 + r, true));
        }
        List<Effect> out = reports(1, FIRST, NOTHING);
        assertThat(only(Effect.Release.class, out)).hasSize(1);
        assertThat(only(Effect.Release.class, out).getFirst().tokens()).containsExactly(11, 12, 13);
    }

    @Test
    void afterAFailureInARowOfBriefRequestsNoFurtherOneIsReleased() {
        job();
        for (int r = 1; r <= 3; r++) {
            when(new Event.RegionForked(JOB, 0, r));
        }
        when(new Event.OrderAsked(JOB, 1, 11, true));
        when(new Event.OrderAsked(JOB, 2, 12, true));
        List<Effect> out = when(new Event.RegionFailed(JOB, 1));
        assertThat(only(Effect.RaiseRegion.class, out)).hasSize(1);
        assertThat(when(new Event.OrderAsked(JOB, 3, 13, true))).isEmpty();
    }

    @Test
    void aTaskThatKillsTwoProcessesFailsWithItsOwnError() {
        job();
        worker(1, 1, true);
        submit(0, 0);
        assertThat(attempts(reports(1, FIRST, lost(Outcome.Reason.PROCESS_DIED))))
                .containsExactly(FIRST + 1);
        List<Effect> out = reports(1, FIRST + 1, lost(Outcome.Reason.PROCESS_DIED));
        byte[] record = only(Effect.RaiseTask.class, out).getFirst().record();
        assertThat(record[0]).isZero();
        assertThat(new String(Arrays.copyOfRange(record, 1, record.length), java.nio.charset.StandardCharsets.UTF_8))
                .contains("lost", "its process died at 2 attempts", "exit code 1");
    }

    @Test
    void tasksOfABatchThatDiedAreTriedAloneBeforeAnyIsBlamed() {
        job();
        worker(1, 1, true);
        submit(0, 0);
        when(new Event.ResultsReported(1, List.of(new Outcome.Report(FIRST, NOTHING, 0.001))));
        List<Long> batch = attempts(submitted(0, 1, false, 4));
        assertThat(batch).hasSize(4);
        List<Outcome.Report> reports = new ArrayList<>();
        batch.forEach(a -> reports.add(new Outcome.Report(a, lost(Outcome.Reason.PROCESS_DIED), 0)));
        when(new Event.CreditGranted(1, 10));
        List<Effect> out = when(new Event.ResultsReported(1, reports));
        assertThat(only(Effect.Assign.class, out))
                .hasSize(1)
                .allMatch(a -> a.tasks().size() == 1);
        assertThat(only(Effect.RaiseTask.class, out)).isEmpty();
    }

    @Test
    void whereItsRequirementsCannotBeInstalledAProgramIsNotGivenAgain() {
        job();
        worker(1, 1, true);
        submit(0, 0);
        worker(2, 1, true);
        List<Effect> out = reports(1, FIRST, lost(Outcome.Reason.ENVIRONMENT));
        assertThat(only(Effect.Assign.class, out))
                .extracting(Effect.Assign::session)
                .containsExactly(2);
        assertThat(only(Effect.Notify.class, out))
                .extracting(Effect.Notify::text)
                .containsExactly("what the program requires cannot be installed on w1: exit code 1");
        when(new Event.CreditGranted(1, 10));
        assertThat(only(Effect.Assign.class, submit(0, 1))).isEmpty();
        // Another program may need something else.
        when(new Event.JobOpened(2, new Facts.Driver("3.11.2", "python", "/", List.of(), "other.py")));
        when(new Event.FunctionDefined(
                2, 0, new Facts.Function("g", "other.py", 1, Facts.Needs.ONE_SLOT, -1, 0, new byte[0])));
        when(new Event.RunBegun(2, 0));
        assertThat(only(
                        Effect.Assign.class,
                        when(new Event.TasksSubmitted(
                                2,
                                0,
                                0,
                                Event.TasksSubmitted.Place.HERE,
                                new int[1],
                                new int[1],
                                new int[0],
                                new byte[1][0]))))
                .extracting(Effect.Assign::session)
                .containsExactly(1);
    }

    @Test
    void whereNobodyIsLeftWhoCouldRunItAProgramFailsWithTheReason() {
        job();
        worker(1, 1, true);
        submit(0, 0);
        submit(0, 1);
        List<Effect> out = reports(1, FIRST, lost(Outcome.Reason.ENVIRONMENT));
        byte[] record = only(Effect.RaiseTask.class, out).getFirst().record();
        assertThat(new String(Arrays.copyOfRange(record, 1, record.length), java.nio.charset.StandardCharsets.UTF_8))
                .contains("lost", "cannot be installed on w1: exit code 1");
        // The next run of the same program fails as well, until somebody comes who may do better.
        when(new Event.RunEnded(JOB, 0));
        when(new Event.CreditGranted(1, 10));
        when(new Event.RunBegun(JOB, 1));
        when(new Event.TasksSubmitted(
                JOB, 1, 2, Event.TasksSubmitted.Place.HERE, new int[1], new int[1], new int[0], new byte[1][0]));
        worker(2, 1, true);
        when(new Event.RunEnded(JOB, 1));
        when(new Event.RunBegun(JOB, 4));
        out = when(new Event.TasksSubmitted(
                JOB, 4, 3, Event.TasksSubmitted.Place.HERE, new int[1], new int[1], new int[0], new byte[1][0]));
        assertThat(only(Effect.Assign.class, out))
                .extracting(Effect.Assign::session)
                .containsExactly(2);
    }

    @Test
    void aWorkerThatCannotServeAProgramThatGoesOnElsewhereIsToLeave() {
        job();
        worker(1, 1, true);
        submit(0, 0);
        worker(2, 1, true);
        reports(1, FIRST, lost(Outcome.Reason.ENVIRONMENT));
        now += Duration.ofSeconds(9).toNanos();
        for (int i = 0; i < 8; i++) {
            now += Duration.ofSeconds(8).toNanos();
            when(new Event.WorkerSpoke(1));
            when(new Event.WorkerSpoke(2));
        }
        assertThat(only(Effect.Drain.class, when(new Event.TimePassed())))
                .extracting(Effect.Drain::session)
                .containsExactly(1);
        // Once its program is over it is as good as any.
        when(new Event.JobClosed(JOB));
        assertThat(only(Effect.Drain.class, when(new Event.TimePassed()))).isEmpty();
    }

    @Test
    void aTimeoutIsRetriedOnlyWhereTheUserAskedForRetries() {
        job();
        function(1, Facts.Needs.ONE_SLOT, 1);
        worker(1, 1, true);
        submit(0, 0);
        assertThat(only(Effect.RaiseTask.class, reports(1, FIRST, lost(Outcome.Reason.TIMEOUT))))
                .hasSize(1);
        when(new Event.RunEnded(JOB, 0));
        when(new Event.CreditGranted(1, 10));
        when(new Event.RunBegun(JOB, 1));
        when(new Event.TasksSubmitted(
                JOB, 1, 1, Event.TasksSubmitted.Place.HERE, new int[] {1}, new int[1], new int[0], new byte[1][0]));
        assertThat(attempts(reports(1, FIRST + 1, lost(Outcome.Reason.TIMEOUT))))
                .containsExactly(FIRST + 2);
        assertThat(only(Effect.RaiseTask.class, reports(1, FIRST + 2, lost(Outcome.Reason.TIMEOUT))))
                .hasSize(1);
    }

    @Test
    void aQuietFailureIsOnlySeenByWhoWantsTheValue() {
        job();
        worker(1, 1, true);
        submitted(0, 0, true, 1);
        assertThat(reports(1, FIRST, new Outcome.Raised(new byte[] {5}))).isEmpty();
        List<Effect> out = when(new Event.ValuesWanted(JOB, new int[] {0}));
        assertThat(only(Effect.SendValues.class, out)
                        .getFirst()
                        .values()
                        .getFirst()
                        .payload())
                .isInstanceOf(Effect.Payload.Failure.class);
    }

    @Test
    void aQuietTaskThatNobodyCanReachIsCancelled() {
        job();
        worker(1, 1, true);
        submitted(0, 0, true, 1);
        assertThat(only(Effect.Cancel.class, when(new Event.ValuesFreed(JOB, new int[] {0}))))
                .hasSize(1);
    }

    @Test
    void aTaskThatDependsOnAValueOfTheDriversMemoryIsRunByTheDriver() {
        job();
        worker(1, 1, true);
        submit(0, 1, 0);
        List<Effect> out = when(new Event.ValueKeptInDriver(JOB, 0));
        assertThat(only(Effect.Rerun.class, out).getFirst().deps()).containsExactly(0);
    }

    @Test
    void aValueThatOnlyALostWorkerHeldIsComputedAgainWhenItIsWanted() {
        job();
        worker(1, 1, true);
        submit(0, 0);
        reports(1, FIRST, new Outcome.Stored(1_000_000, "/shm/0"));
        when(new Event.WorkerLeft(1, "gone"));
        assertThat(only(Effect.SendValues.class, when(new Event.ValuesWanted(JOB, new int[] {0}))))
                .isEmpty();
        assertThat(attempts(worker(2, 1, true))).containsExactly(FIRST + 1);
        List<Effect> out = reports(2, FIRST + 1, new Outcome.Stored(1_000_000, "/shm/1"));
        assertThat(only(Effect.SendValues.class, out)
                        .getFirst()
                        .values()
                        .getFirst()
                        .payload())
                .isEqualTo(new Effect.Payload.File("/shm/1"));
    }

    @Test
    void aReconnectKeepsWhatTheWorkerStillHasAndRepeatsWhatWasLostOnTheWay() {
        job();
        worker(1, "w", "3.11.9", 2, true, new long[0], List.of());
        submit(0, 0);
        submit(0, 1);
        when(new Event.WorkerCutOff(1));
        List<Effect> out = worker(2, "w", "3.11.9", 2, true, new long[] {FIRST + 1, 77}, List.of());
        assertThat(only(Effect.Welcome.class, out).getFirst().forget()).containsExactly(77);
        assertThat(attempts(out)).containsExactly(FIRST + 2);
        assertThat(reports(1, FIRST, NOTHING)).isEmpty();
        assertThat(core.counters().staleSessions()).isEqualTo(1);
    }

    @Test
    void whatAWorkerWithABrokenStreamHadIsGivenToAnotherIfItIsBriefAndLeftToItIfItMayLast() {
        job();
        worker(1, "w", "3.11.9", 1, true, new long[0], List.of());
        submit(0, 0);
        reports(1, FIRST, NOTHING); // half a second
        submit(0, 1);
        function(1, Facts.Needs.ONE_SLOT, -1);
        when(new Event.TasksSubmitted(
                JOB, 0, 2, Event.TasksSubmitted.Place.HERE, new int[] {1}, new int[1], new int[0], new byte[1][0]));
        worker(2, 1, true);
        submit(0, 3);
        when(new Event.WorkerCutOff(1));
        when(new Event.WorkerCutOff(2));
        worker(3, 2, true);
        assertThat(attempts(when(new Event.TimePassed()))).isEmpty();
        now = Duration.ofSeconds(1).toNanos();
        assertThat(attempts(when(new Event.TimePassed()))).containsExactly(FIRST + 4);
        List<Effect> out = worker(4, "w", "3.11.9", 1, true, new long[] {FIRST + 1}, List.of());
        assertThat(only(Effect.Welcome.class, out).getFirst().forget()).containsExactly(FIRST + 1);
    }

    @Test
    void aWorkerThatIsSilentForItsLeaseIsLost() {
        job();
        worker(1, 1, true);
        submit(0, 0);
        now = Duration.ofSeconds(11).toNanos();
        worker(2, 1, true);
        List<Effect> out = when(new Event.TimePassed());
        assertThat(only(Effect.Refuse.class, out).getFirst().retry()).isTrue();
        assertThat(attempts(out)).containsExactly(FIRST + 1);
    }

    @Test
    void aWorkerWithAnotherPythonIsNotUsedAndTheUserIsToldOnce() {
        job();
        worker(1, "old", "3.9.2", 4, true, new long[0], List.of());
        List<Effect> out = submit(0, 0);
        assertThat(only(Effect.Assign.class, out)).isEmpty();
        assertThat(only(Effect.Notify.class, out).getFirst().text())
                .contains("3.9.2")
                .contains("3.11.2");
        assertThat(submit(0, 1)).isEmpty();
    }

    @Test
    void aTaskThatWantsMoreThanThereIsRunsAllTheSame() {
        job();
        function(1, new Facts.Needs(64, 1L << 50, 8), -1);
        worker(1, 2, true);
        List<Effect> out = when(new Event.TasksSubmitted(
                JOB, 0, 0, Event.TasksSubmitted.Place.HERE, new int[] {1}, new int[1], new int[0], new byte[1][0]));
        assertThat(attempts(out)).hasSize(1);
        assertThat(submit(0, 1)).as("it takes all slots").isEmpty();
    }

    @Test
    void twoJobsShareTheSlots() {
        job();
        when(new Event.JobOpened(2, new Facts.Driver("3.11.2", "python", "/", List.of(), "b.py")));
        when(new Event.FunctionDefined(
                2, 0, new Facts.Function("g", "b.py", 1, Facts.Needs.ONE_SLOT, -1, 0, new byte[0])));
        when(new Event.RunBegun(2, 0));
        submitted(0, 0, false, 10);
        when(new Event.TasksSubmitted(
                2, 0, 0, Event.TasksSubmitted.Place.HERE, new int[10], new int[10], new int[0], new byte[10][0]));
        List<Effect> out = worker(1, 4, true);
        assertThat(only(Effect.Assign.class, out))
                .extracting(a -> a.tasks().getFirst().task() >>> 32)
                .containsExactlyInAnyOrder(1L, 2L, 1L, 2L);
    }

    @Test
    void aWaitingTaskTakesLessThanSixHundredBytesAndAMillionEndAtOnce() {
        job();
        worker(1, 1, true);
        submit(0, 0);
        long before = used();
        int n = 200_000;
        for (int i = 1; i <= n; i += 1000) {
            int[] counts = new int[1000];
            int[] deps = new int[1000];
            byte[][] args = new byte[1000][];
            for (int k = 0; k < 1000; k++) {
                counts[k] = 1;
                deps[k] = i + k - 1; // A chain: the worst for anything recursive.
                args[k] = new byte[60];
            }
            when(new Event.TasksSubmitted(
                    JOB, 0, i, Event.TasksSubmitted.Place.HERE, new int[1000], counts, deps, args));
        }
        long each = (used() - before) / n;
        assertThat(each).isLessThan(600);
        List<Effect> out = reports(1, FIRST, new Outcome.Raised(new byte[] {1}));
        assertThat(only(Effect.RaiseTask.class, out)).hasSize(1);
        when(new Event.RunEnded(JOB, 0));
        when(new Event.ValuesFreed(JOB, new int[] {0}));
        assertThat(core.census()).isEqualTo(new Core.Census(1, 0, 0, 0, 0, 0));
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime r = Runtime.getRuntime();
        return r.totalMemory() - r.freeMemory();
    }
}
