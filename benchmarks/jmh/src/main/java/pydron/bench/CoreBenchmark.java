package pydron.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import pydron.core.Core;
import pydron.core.Effect;
import pydron.core.Event;
import pydron.core.Facts;
import pydron.core.Outcome;

/// What one no-op task costs the core, from its submission until its value is freed, on one worker with two slots.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CoreBenchmark {
    private static final int TASKS = 1000;

    private Core core;
    private int next;

    @Setup
    public void begin() {
        core = new Core(Duration.ofSeconds(60), 1);
        next = 1;
        Facts.Worker worker = new Facts.Worker("w", "h", "3.11.7", 2, 0, 0, true);
        core.handle(new Event.WorkerJoined(1, worker, new long[0], List.of(), 4), 0);
        core.handle(new Event.JobOpened(1, new Facts.Driver("3.11.7", "python", "/", List.of(), "")), 0);
        Facts.Function function = new Facts.Function("f", "f.py", 1, Facts.Needs.ONE_SLOT, -1, 0, new byte[8]);
        core.handle(new Event.FunctionDefined(1, 1, function), 0);
        core.handle(new Event.RunBegun(1, 1), 0);
        perIndependentTask();
    }

    @Benchmark
    @OperationsPerInvocation(TASKS)
    public int perIndependentTask() {
        return live(false);
    }

    @Benchmark
    @OperationsPerInvocation(TASKS)
    public int perLinkOfAChain() {
        return live(true);
    }

    private int live(boolean chain) {
        int[] functions = new int[TASKS];
        int[] counts = new int[TASKS];
        int[] deps = new int[chain ? TASKS - 1 : 0];
        byte[][] args = new byte[TASKS][16];
        int[] values = new int[TASKS];
        Arrays.fill(functions, 1);
        for (int i = 0; i < TASKS; i++) {
            values[i] = next + i;
            if (chain && i > 0) {
                counts[i] = 1;
                deps[i - 1] = next + i - 1;
            }
        }
        List<Effect.Assign> assigned = new ArrayList<>();
        collect(
                core.handle(
                        new Event.TasksSubmitted(
                                1, 1, next, Event.TasksSubmitted.Place.HERE, functions, counts, deps, args),
                        0),
                assigned);
        next += TASKS;
        int done = 0;
        while (!assigned.isEmpty()) {
            List<Outcome.Report> reports = new ArrayList<>();
            for (Effect.TaskMention task : assigned.removeFirst().tasks()) {
                reports.add(new Outcome.Report(task.attempt(), new Outcome.Returned(new byte[8]), 1e-6));
            }
            done += reports.size();
            collect(core.handle(new Event.ResultsReported(1, reports), 0), assigned);
            collect(core.handle(new Event.CreditGranted(1, 1), 0), assigned);
        }
        core.handle(new Event.ValuesFreed(1, values), 0);
        if (done != TASKS) {
            throw new IllegalStateException(done + " tasks were done");
        }
        return done;
    }

    private static void collect(List<Effect> effects, List<Effect.Assign> assigned) {
        for (Effect effect : effects) {
            if (effect instanceof Effect.Assign assign) {
                assigned.add(assign);
            }
        }
    }
}
