package pydron.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Whose turn it is among tasks that could run: what began first is brought to its end first.
class TurnsTest {
    private static final int JOB = 1;
    private static final Outcome.Returned NOTHING = new Outcome.Returned(new byte[0]);

    private final Core core = new Core(Duration.ofSeconds(10), 1000);
    private final List<Integer> order = new ArrayList<>();
    private final TreeMap<Long, Integer> running = new TreeMap<>();

    TurnsTest() {
        when(new Event.JobOpened(JOB, new Facts.Driver("3.11.2", "python", "/", List.of(), "main.py")));
        when(new Event.FunctionDefined(
                JOB, 0, new Facts.Function("f", "main.py", 1, Facts.Needs.ONE_SLOT, -1, 0, new byte[0])));
        when(new Event.RunBegun(JOB, 0));
    }

    private void when(Event event) {
        for (Effect effect : core.handle(event, 0)) {
            if (effect instanceof Effect.Assign assign) {
                for (Effect.TaskMention task : assign.tasks()) {
                    order.add((int) task.task());
                    running.put(task.attempt(), (int) task.task());
                }
            }
        }
    }

    private void worker() {
        when(new Event.WorkerJoined(1, new Facts.Worker("w", "w", "3.11.9", 1, 0, 0, true), new long[0], List.of(), 1));
    }

    private void submit(int region, int first, int... deps) {
        when(new Event.TasksSubmitted(
                JOB,
                region,
                first,
                Event.TasksSubmitted.Place.HERE,
                new int[1],
                new int[] {deps.length},
                deps,
                new byte[1][0]));
    }

    private void fork(int parent, int region) {
        when(new Event.RegionForked(JOB, parent, region));
    }

    private void oneIsDone() {
        var first = running.pollFirstEntry();
        when(new Event.ResultsReported(1, List.of(new Outcome.Report(first.getKey(), NOTHING, 0.5))));
        when(new Event.CreditGranted(1, 1));
    }

    private List<Integer> allInOrder() {
        while (!running.isEmpty()) {
            oneIsDone();
        }
        return order;
    }

    @Test
    void eachItemOfALoopIsBroughtToItsEnd() {
        for (int i = 1; i <= 9; i += 3) {
            submit(0, i);
            submit(0, i + 1, i);
            submit(0, i + 2, i + 1);
        }
        worker();
        assertThat(allInOrder()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void whatWasSetAsideGoesOnBeforeWhatCameLater() {
        submit(0, 1);
        fork(0, 100);
        submit(0, 2);
        fork(0, 101);
        submit(0, 3);
        worker();
        fork(100, 102);
        submit(101, 4);
        submit(102, 5);
        submit(100, 6);
        submit(0, 7);
        assertThat(allInOrder()).containsExactly(1, 5, 6, 2, 4, 3, 7);
    }

    @Test
    void aTaskThatComesBackIsBeforeLaterOnes() {
        submit(0, 1);
        submit(0, 2);
        submit(0, 3, 1);
        worker();
        when(new Event.WorkerLeft(1, "it was killed"));
        running.clear();
        order.clear();
        worker();
        assertThat(allInOrder()).containsExactly(1, 2, 3);
    }

    @Test
    void rowsKeepTheirOrder() {
        for (int seed = 0; seed < 200; seed++) {
            search(new Random(seed));
        }
    }

    /// Against a list that is sorted anew each time.
    private static void search(Random random) {
        var job = new Job(JOB, new Facts.Driver("3.11.2", "python", "/", List.of(), "main.py"));
        var row = new ReadyTasks.Row(Facts.Needs.ONE_SLOT, false);
        List<Task> model = new ArrayList<>();
        for (int step = 0; step < 60; step++) {
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    var task = new Task(new Value(job, step), null, null, Value.NONE, Task.Standing.ITEM);
                    task.since = random.nextBoolean() ? step : random.nextInt(step + 1);
                    task.stage = Task.Stage.READY;
                    row.add(task);
                    model.add(task);
                    model.sort(Task.TURN);
                }
                case 2 -> assertThat(row.poll()).isSameAs(model.isEmpty() ? null : model.removeFirst());
                case 3 -> {
                    int rest = random.nextInt(3);
                    var wanted = model.stream()
                            .filter(t -> t.value.number % 3 == rest)
                            .findFirst();
                    Task first = row.first(t -> t.value.number % 3 == rest);
                    assertThat(first).isSameAs(wanted.orElse(null));
                    if (first != null) {
                        row.drop(first);
                        model.remove(first);
                    }
                }
                default -> {
                    if (!model.isEmpty()) {
                        model.remove(random.nextInt(model.size())).stage = Task.Stage.CANCELLED;
                        row.died();
                    }
                }
            }
            assertThat(row.size()).isEqualTo(model.size());
            assertThat(row.peek()).isSameAs(model.isEmpty() ? null : model.getFirst());
        }
    }
}
