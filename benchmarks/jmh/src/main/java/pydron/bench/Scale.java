package pydron.bench;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import pydron.core.Core;
import pydron.core.Effect;
import pydron.core.Event;
import pydron.core.Facts;
import pydron.core.Outcome;

/// The core against a fleet that exists only here: 10 000 workers with 25 slots each, 1 000 000 tasks of 10 s, of
/// which every fourth needs the results of two others. Time is invented; what is measured is the time in the core.
///
/// Prints one line of JSON: decisions a second on one core (`scale_rate`), the longest event in ms (`scale_longest`),
/// and bytes of heap for each task that waits (`waiting_memory`). `-Dworkers=N -Dtasks=N` change the size.
public final class Scale {
    private static final int SLOTS = 25;
    private static final int FRAME = 500;
    private static final double SECONDS = 10;
    private static final byte[] PICKLE = new byte[24];

    private final Core core = new Core(Duration.ofSeconds(60), 1);
    private final int workers;
    private final int tasks;
    private final ArrayDeque<Running> running = new ArrayDeque<>();
    private long now;
    private long inCore;
    private long longest;
    private String longestEvent = "";
    private long decisions;
    private int done;

    /// All tasks last equally long, so the one that began first ends first.
    private record Running(long end, int session, long[] attempts) {}

    private Scale(int workers, int tasks) {
        this.workers = workers;
        this.tasks = tasks;
    }

    public static void main(String[] arguments) {
        boolean quick = Arrays.asList(arguments).contains("--quick");
        int workers = Integer.getInteger("workers", quick ? 500 : 10_000);
        int tasks = Integer.getInteger("tasks", quick ? 20_000 : 1_000_000);
        double memory = waitingMemory(tasks);
        // Once before, so that what is measured is not the compiler.
        new Scale(workers / 10, tasks / 10).run();
        Scale scale = new Scale(workers, tasks);
        scale.run();
        System.err.printf(Locale.ROOT, "longest event: %s%n", scale.longestEvent);
        System.out.printf(
                Locale.ROOT,
                "{\"scale_rate\": %.0f, \"scale_longest\": %.3f, \"waiting_memory\": %.0f}%n",
                scale.decisions * 1e9 / scale.inCore,
                scale.longest / 1e6,
                memory);
    }

    private void run() {
        for (int w = 1; w <= workers; w++) {
            Facts.Worker facts = new Facts.Worker("w" + w, "host" + w, "3.11.7", SLOTS, 64L << 30, 0, false);
            handle(new Event.WorkerJoined(w, facts, new long[0], List.of(), 2 * SLOTS));
        }
        open(core);
        for (int first = 1; first <= tasks; first += FRAME) {
            handle(submission(first, Math.min(FRAME, tasks - first + 1)));
        }
        while (!running.isEmpty()) {
            Running next = running.poll();
            now = next.end;
            List<Outcome.Report> reports = new ArrayList<>();
            for (long attempt : next.attempts) {
                reports.add(new Outcome.Report(attempt, new Outcome.Stored(10_000_000, ""), SECONDS));
            }
            done += next.attempts.length;
            handle(new Event.ResultsReported(next.session, reports));
            handle(new Event.CreditGranted(next.session, 1));
        }
        if (done != tasks) {
            throw new IllegalStateException(done + " of " + tasks + " tasks were done");
        }
    }

    private static void open(Core core) {
        core.handle(new Event.JobOpened(1, new Facts.Driver("3.11.7", "python", "/", List.of(), "")), 0);
        Facts.Function facts = new Facts.Function("f", "f.py", 1, Facts.Needs.ONE_SLOT, -1, 0, PICKLE);
        core.handle(new Event.FunctionDefined(1, 1, facts), 0);
        core.handle(new Event.RunBegun(1, 1), 0);
    }

    /// Every fourth task needs the two before it.
    private static Event.TasksSubmitted submission(int first, int n) {
        int[] functions = new int[n];
        Arrays.fill(functions, 1);
        int[] counts = new int[n];
        int[] deps = new int[2 * n];
        int all = 0;
        byte[][] args = new byte[n][];
        for (int i = 0; i < n; i++) {
            args[i] = new byte[24];
            if ((first + i) % 4 == 0) {
                counts[i] = 2;
                deps[all++] = first + i - 1;
                deps[all++] = first + i - 2;
            }
        }
        return new Event.TasksSubmitted(
                1, 1, first, Event.TasksSubmitted.Place.HERE, functions, counts, Arrays.copyOf(deps, all), args);
    }

    private void handle(Event event) {
        long begin = System.nanoTime();
        List<Effect> effects = core.handle(event, now);
        long took = System.nanoTime() - begin;
        inCore += took;
        if (took > longest) {
            longest = took;
            longestEvent = event.getClass().getSimpleName() + " at " + now / 1_000_000_000 + " s";
        }
        for (Effect effect : effects) {
            if (effect instanceof Effect.Assign assign) {
                long[] attempts = assign.tasks().stream()
                        .mapToLong(Effect.TaskMention::attempt)
                        .toArray();
                decisions += attempts.length;
                running.add(new Running(now + (long) (SECONDS * 1e9) * attempts.length, assign.session(), attempts));
            }
        }
    }

    /// Heap that a scheduler without workers needs for each task that waits.
    private static double waitingMemory(int tasks) {
        Core idle = new Core(Duration.ofSeconds(60), 1);
        open(idle);
        long before = used();
        for (int first = 1; first <= tasks; first += FRAME) {
            idle.handle(submission(first, Math.min(FRAME, tasks - first + 1)), 0);
        }
        long after = used();
        if (idle.statistics().waiting() != tasks) {
            throw new IllegalStateException("tasks are missing");
        }
        return (double) (after - before) / tasks;
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
