package pydron.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// When tasks are taken back from the batch that they wait in.
class StealingTest {
    private static final int JOB = 1;
    private static final long FIRST = 1000;

    private final Core core = new Core(Duration.ofSeconds(10), FIRST);
    private final List<Effect> out = new ArrayList<>();
    private long now;
    private int submitted = 1;

    private void when(Event event) {
        out.clear();
        out.addAll(core.handle(event, now));
    }

    private void after(int millis, Event event) {
        now += Duration.ofMillis(millis).toNanos();
        when(event);
    }

    private void worker(int session, int credit) {
        when(new Event.WorkerJoined(
                session,
                new Facts.Worker("w" + session, "w" + session, "3.11.9", 1, 0, 0, true),
                new long[0],
                List.of(),
                credit));
    }

    private void submit(int n) {
        when(new Event.TasksSubmitted(
                JOB,
                0,
                submitted,
                Event.TasksSubmitted.Place.HERE,
                new int[n],
                new int[n],
                new int[0],
                new byte[n][0]));
        submitted += n;
    }

    private void report(int session, Outcome outcome, double seconds, long... attempts) {
        when(new Event.ResultsReported(
                session,
                LongStream.of(attempts)
                        .mapToObj(attempt -> new Outcome.Report(attempt, outcome, seconds))
                        .toList()));
    }

    private List<Long> takenBack() {
        return out.stream()
                .filter(Effect.TakeBack.class::isInstance)
                .flatMap(e -> Arrays.stream(((Effect.TakeBack) e).attempts()).boxed())
                .toList();
    }

    private List<Effect.Assign> assigned() {
        return out.stream()
                .filter(Effect.Assign.class::isInstance)
                .map(Effect.Assign.class::cast)
                .toList();
    }

    private List<Integer> tasks() {
        return assigned().stream()
                .flatMap(assign -> assign.tasks().stream())
                .map(task -> (int) task.task())
                .toList();
    }

    private static final Outcome DONE = new Outcome.Returned(new byte[0]);
    private static final Outcome GIVEN_BACK = new Outcome.Lost(Outcome.Reason.GIVEN_BACK, "");

    /// Ten tasks that should take a millisecond each, five of them running in one worker's slot and five behind them.
    private void tenBriefTasks() {
        when(new Event.JobOpened(JOB, new Facts.Driver("3.11.2", "python", "/", List.of(), "main.py")));
        when(new Event.FunctionDefined(
                JOB, 0, new Facts.Function("f", "main.py", 1, Facts.Needs.ONE_SLOT, -1, 0, new byte[0])));
        when(new Event.RunBegun(JOB, 0));
        worker(1, 2);
        submit(1);
        report(1, DONE, 0.001, FIRST);
        when(new Event.CreditGranted(1, 1));
        submit(10);
        assertThat(assigned()).hasSize(2).allMatch(assign -> assign.tasks().size() == 5);
    }

    @Test
    void whatWaitsBehindALateTaskGoesToWhoHasTime() {
        tenBriefTasks();
        worker(2, 4);
        after(50, new Event.TimePassed());
        assertThat(takenBack()).as("not late yet").isEmpty();
        after(100, new Event.TimePassed());
        assertThat(takenBack()).containsExactly(FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 4, FIRST + 5);

        report(1, GIVEN_BACK, 0, FIRST + 2, FIRST + 3, FIRST + 4, FIRST + 5);
        assertThat(assigned()).allMatch(assign -> assign.session() == 2);
        assertThat(tasks()).as("in their order").containsExactly(3, 4, 5);
        report(2, DONE, 0.001, FIRST + 11, FIRST + 12);
        assertThat(tasks()).containsExactly(6);
        report(2, DONE, 0.001, FIRST + 13, FIRST + 14);
        assertThat(core.statistics().done()).isEqualTo(5);
        report(1, DONE, 0.001, FIRST + 2);
        assertThat(core.counters().lateReports()).isEqualTo(1);
        assertThat(core.statistics().done()).isEqualTo(5);
    }

    @Test
    void nothingIsTakenBackForNobodyAndNothingTwice() {
        tenBriefTasks();
        after(300, new Event.TimePassed());
        assertThat(takenBack()).as("nobody has time").isEmpty();
        worker(2, 4);
        List<Long> taken = new ArrayList<>(takenBack());
        after(100, new Event.TimePassed());
        taken.addAll(takenBack());
        assertThat(taken)
                .as("one batch for each idle slot at a time")
                .hasSize(10)
                .doesNotHaveDuplicates();
        after(100, new Event.TimePassed());
        assertThat(takenBack()).isEmpty();
    }

    @Test
    void nothingMoreIsQueuedBehindWhatIsLate() {
        tenBriefTasks();
        report(1, DONE, 0.001, FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 4, FIRST + 5);
        when(new Event.CreditGranted(1, 1));
        worker(2, 4);
        after(300, new Event.TimePassed());
        submit(20);
        assertThat(assigned()).isNotEmpty().allMatch(assign -> assign.session() == 2);
    }
}
