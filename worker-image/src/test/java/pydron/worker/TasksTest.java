package pydron.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.proto.Cancel;
import pydron.proto.Function;
import pydron.proto.Lost;
import pydron.proto.Result;
import pydron.proto.SchedulerMessage;
import pydron.proto.TakeBack;

/// What becomes of tasks: results, exceptions, output, and every way in which a task process can end under them.
class TasksTest {
    private static Pickles pickles;

    @TempDir
    Path folder;

    private WorkerFixture fixture;
    private ScriptedScheduler scheduler;

    @BeforeAll
    static void startPickles() throws Exception {
        pickles = new Pickles();
    }

    @AfterAll
    static void stopPickles() {
        pickles.close();
    }

    @BeforeEach
    void startWorker() throws Exception {
        fixture = WorkerFixture.with(pickles, folder, 2);
        scheduler = fixture.scheduler;
        scheduler.hello();
    }

    @AfterEach
    void stopWorker() throws Exception {
        fixture.close();
    }

    private String inline(Result result) {
        assertThat(result.hasInline()).as(result.toString()).isTrue();
        return pickles.show(result.getInline());
    }

    @Test
    void aBatchRunsInOrderAndItsCreditComesBack() throws Exception {
        assertThat(scheduler.credit).hasValue(4);
        String[] args = IntStream.range(0, 256).mapToObj(i -> "(" + i + ",)").toArray(String[]::new);
        scheduler.assign(fixture.calls(1000, "def f(x): return x * 2", args));
        Map<Long, Result> results = scheduler.results(256);
        assertThat(results.keySet()).containsExactlyElementsOf(WorkerFixture.attempts(1000, 256));
        assertThat(inline(results.get(1100L))).isEqualTo("200");
        assertThat(results.get(1100L).getSeconds()).isBetween(0.0, 0.1);
        WorkerFixture.await("credit", () -> scheduler.credit.get() == 4);
    }

    @Test
    void batchesRunOnAllSlotsAtTheSameTime() throws Exception {
        Function.Builder sleeps =
                fixture.function(WorkerFixture.JOB, "import time, os\ndef f():\n time.sleep(0.3)\n return os.getpid()");
        long began = System.nanoTime();
        scheduler.assign(fixture.calls(1, sleeps, "()"));
        scheduler.assign(fixture.calls(2, sleeps, "()"));
        Map<Long, Result> results = scheduler.results(2);
        assertThat((System.nanoTime() - began) / 1e9).isLessThan(0.55);
        assertThat(inline(results.get(1L))).isNotEqualTo(inline(results.get(2L)));
    }

    @Test
    void anExceptionIsReportedWithItsFramesAndTheRestOfTheBatchRuns() throws Exception {
        scheduler.assign(fixture.calls(1, """
                def f(x):
                    if x == 2:
                        raise ValueError("no " + str(x))
                    if x == 3:
                        raise SystemExit(5)
                    return x
                """, "(1,)", "(2,)", "(3,)", "(4,)"));
        Map<Long, Result> results = scheduler.results(4);
        assertThat(inline(results.get(4L))).isEqualTo("4");
        assertThat(pickles.show(results.get(2L).getRaised()))
                .contains(
                        "'type': 'builtins.ValueError'", "'message': 'no 2'", "('user.py', 3, 'f')", "'call': 'f1(2)'");
        assertThat(pickles.show(results.get(3L).getRaised())).contains("builtins.SystemExit");
    }

    @Test
    void whatCannotTravelIsTheDriversToRun() throws Exception {
        scheduler.assign(fixture.calls(1, "import sys\ndef f(): return sys._getframe()", "()"));
        Lost result = scheduler.result().getLost();
        assertThat(result.getReason()).isEqualTo(Lost.Reason.UNPICKLABLE_RESULT);
        assertThat(result.getDetail()).contains("frame");
        Function.Builder broken = fixture.function(WorkerFixture.JOB, "def f(): pass");
        scheduler.assign(fixture.calls(
                2,
                broken.setPickle(pickles.value("b'not a pickle of a function'").substring(3)),
                "()"));
        assertThat(scheduler.result().getLost().getReason()).isEqualTo(Lost.Reason.UNPICKLABLE_ARGUMENT);
    }

    @Test
    void onlyTheRunningTaskIsLostWhenItsProcessIsKilledAndItsChildrenDieToo() throws Exception {
        scheduler.assign(fixture.calls(
                1,
                """
                def f(x, marks):
                    import os, signal, subprocess, sys
                    if x == 3 and not os.path.exists(marks):
                        child = subprocess.Popen(["sleep", "60"])
                        with open(marks, "w") as out:
                            out.write(str(child.pid))
                        os.write(2, b"last words\\n")
                        os.kill(os.getpid(), signal.SIGKILL)
                    return x
                """,
                IntStream.range(1, 7)
                        .mapToObj(i -> "(" + i + ", '" + mark() + "')")
                        .toArray(String[]::new)));
        Map<Long, Result> results = scheduler.results(6);
        Lost lost = results.get(3L).getLost();
        assertThat(lost.getReason()).isEqualTo(Lost.Reason.PROCESS_DIED);
        assertThat(lost.getDetail()).contains("SIGKILL", "last words");
        assertThat(List.of(1L, 2L, 4L, 5L, 6L))
                .allSatisfy(a -> assertThat(inline(results.get(a))).isEqualTo("" + a));
        WorkerFixture.await("credit", () -> scheduler.credit.get() == 4);
        WorkerFixture.await(
                "the child's end",
                () -> ProcessHandle.of(child()).map(p -> !p.isAlive()).orElse(true));
        WorkerFixture.await(
                "a new process, and a spare one", () -> fixture.processes().size() == 3);
    }

    private Path mark() {
        return folder.resolve("mark");
    }

    private long child() {
        try {
            return Long.parseLong(Files.readString(mark()));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aCrashOfTheInterpreterNamesTheSignalAndExitItsStatus() throws Exception {
        scheduler.assign(fixture.calls(1, "import ctypes\ndef f(): ctypes.string_at(0)", "()"));
        assertThat(scheduler.result().getLost().getDetail()).contains("SIGSEGV");
        scheduler.assign(fixture.calls(2, "import os\ndef f(): os._exit(9)", "()"));
        assertThat(scheduler.result().getLost().getDetail()).contains("exit status 9");
    }

    @Test
    void aTaskOverItsTimeoutIsStoppedAndOnlyThatOne() throws Exception {
        Function.Builder slow = fixture.function(WorkerFixture.JOB, "import time\ndef f(s):\n time.sleep(s)\n return s")
                .setTimeoutS(0.4);
        scheduler.assign(fixture.calls(1, slow, "(0,)", "(30,)", "(0.1,)"));
        Map<Long, Result> results = scheduler.results(3);
        assertThat(results.get(2L).getLost().getReason()).isEqualTo(Lost.Reason.TIMEOUT);
        assertThat(results.get(2L).getLost().getDetail()).contains("timeout of 0.4 s");
        assertThat(inline(results.get(1L))).isEqualTo("0");
        assertThat(inline(results.get(3L))).isEqualTo("0.1");
    }

    @Test
    void aTaskOverItsMemoryLimitIsStopped() throws Exception {
        Function.Builder large = fixture.function(
                        WorkerFixture.JOB,
                        "import time\ndef f(n):\n x = bytearray(n)\n time.sleep(n / 1e7)\n return len(x)")
                .setMemoryBytes(100_000_000);
        scheduler.assign(fixture.calls(1, large, "(1000,)", "(200000000,)"));
        Map<Long, Result> results = scheduler.results(2);
        assertThat(inline(results.get(1L))).isEqualTo("1000");
        assertThat(results.get(2L).getLost().getReason()).isEqualTo(Lost.Reason.MEMORY);
        assertThat(results.get(2L).getLost().getDetail()).contains("95.4 MiB");
    }

    @Test
    void cancelledTasksOweNothingAndOthersGoOn() throws Exception {
        Function.Builder slow =
                fixture.function(WorkerFixture.JOB, "import time\ndef f(s):\n time.sleep(s)\n return s");
        scheduler.assign(fixture.calls(1, slow, "(30,)", "(0.01,)"));
        scheduler.assign(fixture.calls(11, slow, "(30,)"));
        scheduler.assign(fixture.calls(21, slow, "(30,)", "(0.02,)"));
        scheduler.assign(fixture.calls(31, slow, "(30,)"));
        Thread.sleep(100);
        // A running one with a follower, a running one alone, a waiting one with a follower, a waiting one alone.
        scheduler.send(SchedulerMessage.newBuilder()
                .setCancel(Cancel.newBuilder().addAllAttempts(List.of(1L, 11L, 21L, 31L))));
        Map<Long, Result> results = scheduler.results(2);
        assertThat(inline(results.get(2L))).isEqualTo("0.01");
        assertThat(inline(results.get(22L))).isEqualTo("0.02");
        WorkerFixture.await("credit", () -> scheduler.credit.get() == 4);
        assertThat(scheduler.hasResult()).isFalse();
    }

    @Test
    void whatHasNotBegunIsGivenBackWhenOthersHaveTime() throws Exception {
        Function.Builder slow =
                fixture.function(WorkerFixture.JOB, "import time\ndef f(s):\n time.sleep(s)\n return s");
        scheduler.assign(fixture.calls(1, slow, "(1,)", "(0.01,)", "(0.02,)"));
        scheduler.assign(fixture.calls(11, slow, "(1,)"));
        scheduler.assign(fixture.calls(21, slow, "(0.03,)", "(0.04,)"));
        Thread.sleep(100);
        scheduler.send(SchedulerMessage.newBuilder()
                .setTakeBack(TakeBack.newBuilder().addAllAttempts(List.of(1L, 2L, 3L, 11L, 21L))));
        Map<Long, Result> results = scheduler.results(6);
        for (long attempt : List.of(2L, 3L, 21L)) {
            assertThat(results.get(attempt).getLost().getReason()).isEqualTo(Lost.Reason.GIVEN_BACK);
        }
        assertThat(inline(results.get(1L))).isEqualTo("1");
        assertThat(inline(results.get(11L))).isEqualTo("1");
        assertThat(inline(results.get(22L))).isEqualTo("0.04");
        WorkerFixture.await("credit", () -> scheduler.credit.get() == 4);
        scheduler.assign(fixture.calls(31, slow, "(0.05,)", "(0.06,)"));
        assertThat(scheduler.results(2).keySet()).containsExactlyInAnyOrder(31L, 32L);
    }

    @Test
    void afterATaskWasStoppedASpareProcessIsReadyForTheNext() throws Exception {
        Function.Builder pid =
                fixture.function(WorkerFixture.JOB, "import os, time\ndef f(s):\n time.sleep(s)\n return os.getpid()");
        assertThat(fixture.processes()).hasSize(2);
        scheduler.assign(fixture.calls(1, pid, "(30,)"));
        scheduler.assign(fixture.calls(2, pid, "(30,)"));
        Thread.sleep(100);
        scheduler.send(
                SchedulerMessage.newBuilder().setCancel(Cancel.newBuilder().addAttempts(1)));
        WorkerFixture.await("a spare", () -> fixture.processes().size() == 3);
        Thread.sleep(500);
        List<Long> before = fixture.processes().stream().map(ProcessHandle::pid).toList();
        scheduler.send(
                SchedulerMessage.newBuilder().setCancel(Cancel.newBuilder().addAttempts(2)));
        scheduler.assign(fixture.calls(3, pid, "(0,)"));
        scheduler.assign(fixture.calls(4, pid, "(0.2,)"));
        Map<Long, Result> results = scheduler.results(2);
        assertThat(before)
                .as("processes that were there")
                .contains(Long.parseLong(inline(results.get(3L))), Long.parseLong(inline(results.get(4L))));
    }

    @Test
    void aCancelledTaskIsStoppedWhenItsTurnComes() throws Exception {
        Function.Builder slow =
                fixture.function(WorkerFixture.JOB, "import time\ndef f(s):\n time.sleep(s)\n return s");
        scheduler.assign(fixture.calls(1, slow, "(0.3,)", "(30,)", "(0.01,)"));
        Thread.sleep(100);
        scheduler.send(
                SchedulerMessage.newBuilder().setCancel(Cancel.newBuilder().addAttempts(2)));
        Map<Long, Result> results = scheduler.results(2);
        assertThat(results.keySet()).containsExactlyInAnyOrder(1L, 3L);
    }

    @Test
    void outputIsAttributedToItsTaskInWholeLinesHoweverItWasPrinted() throws Exception {
        Function.Builder prints = fixture.function(WorkerFixture.JOB, """
                def f(x):
                    import os, subprocess, sys
                    print("hello", x)
                    print("oops", file=sys.stderr)
                    os.write(1, b"raw %d\\n" % x)
                    subprocess.run(["echo", "child %d" % x])
                    print("no end of line", end="")
                """);
        scheduler.assign(fixture.calls(1, prints, "(1,)"));
        scheduler.assign(fixture.calls(2, prints, "(2,)"));
        scheduler.results(2);
        // All of it comes before the results: after them nobody would know whose it is.
        assertThat(printedLines())
                .containsExactlyInAnyOrder(
                        "1 out hello 1",
                        "1 err oops",
                        "1 out raw 1",
                        "1 out child 1",
                        "1 out no end of line",
                        "2 out hello 2",
                        "2 err oops",
                        "2 out raw 2",
                        "2 out child 2",
                        "2 out no end of line");
    }

    /// Lines with their task; one message may hold several.
    private List<String> printedLines() {
        return scheduler.printed().stream()
                .flatMap(p -> p.substring(6).lines().map(line -> p.substring(0, 6) + line))
                .toList();
    }

    @Test
    void theOutputOfABatchIsAttributedTaskByTask() throws Exception {
        String[] args = IntStream.range(1, 51).mapToObj(i -> "(" + i + ",)").toArray(String[]::new);
        scheduler.assign(fixture.calls(1, "def f(x): print('line', x); print(x, end='')", args));
        scheduler.results(50);
        assertThat(scheduler.printed())
                .containsExactlyElementsOf(IntStream.range(1, 51)
                        .boxed()
                        .flatMap(i -> Stream.of(i + " out line " + i + "\n", i + " out " + i))
                        .toList());
    }

    @Test
    void aFloodOfOutputWaitsForTheSchedulerInsteadOfFillingTheMemory() throws Exception {
        Path progress = folder.resolve("progress");
        scheduler.pause();
        scheduler.assign(fixture.calls(1, """
                def f(path):
                    for i in range(100):
                        print("x" * 999_999)
                        with open(path, "w") as out:
                            out.write(str(i))
                """, "('" + progress + "',)"));
        Thread.sleep(1500);
        assertThat(Integer.parseInt(Files.readString(progress))).isBetween(10, 60);
        scheduler.resume();
        scheduler.result();
        assertThat(scheduler.printed().stream().mapToLong(String::length).sum()).isBetween(100_000_000L, 100_100_000L);
    }

    @Test
    void quickResultsDoNotWaitForASlowTaskBehindThem() throws Exception {
        scheduler.assign(fixture.calls(
                1, "import time\ndef f(s):\n time.sleep(s)\n return s", "(0,)", "(0,)", "(0,)", "(1.5,)"));
        long began = System.nanoTime();
        scheduler.results(3);
        assertThat((System.nanoTime() - began) / 1e9).isLessThan(1.0);
        scheduler.result();
    }

    @Test
    void jobsDoNotShareAProcess() throws Exception {
        String counts = "def f():\n import math, os\n math.seen = getattr(math, 'seen', 0) + 1\n return math.seen";
        Function.Builder one = fixture.function(1, counts);
        Function.Builder two = fixture.function(2, counts);
        for (int i = 0; i < 4; i++) {
            scheduler.assign(fixture.calls(10 + i, i % 2 == 0 ? one : two, "()"));
            assertThat(inline(scheduler.result())).isEqualTo("" + (i / 2 + 1));
        }
        assertThat(fixture.processes()).hasSize(2);
    }

    @Test
    void aBatchOfNoOpsCostsTheWorkerLittle() throws Exception {
        Function.Builder nothing = fixture.function(WorkerFixture.JOB, "def f(x): return None");
        String[] args = IntStream.range(0, 256).mapToObj(i -> "(" + i + ",)").toArray(String[]::new);
        var batch = fixture.calls(1, nothing, args);
        double best = Double.MAX_VALUE;
        for (int i = 0; i < 200; i++) {
            long began = System.nanoTime();
            scheduler.assign(batch);
            for (int k = 0; k < 256; k++) {
                scheduler.result();
            }
            best = Math.min(best, (System.nanoTime() - began) / 1e6);
        }
        System.out.printf("256 no-op tasks, there and back: %.2f ms%n", best);
        assertThat(best).as("ms for 256 no-op tasks, there and back").isLessThan(10);
    }
}
