package pydron.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.proto.Assign;
import pydron.proto.Drain;
import pydron.proto.Free;
import pydron.proto.Function;
import pydron.proto.Hello;
import pydron.proto.Lost;
import pydron.proto.Over;
import pydron.proto.Refused;
import pydron.proto.Result;
import pydron.proto.SchedulerMessage;
import pydron.proto.Upload;
import pydron.proto.Value;
import pydron.proto.Welcome;
import pydron.proto.WorkerMessage.KindCase;

/// The worker and the scheduler: breaks of the stream, values to and fro, the end of it.
class ConnectionTest {
    private static final String SLEEP = "import time\ndef f(s):\n time.sleep(s)\n return s";
    private static final String LARGE = "def f(n): return b'x' * n";

    private static Pickles pickles;

    @TempDir
    Path folder;

    @BeforeAll
    static void startPickles() throws Exception {
        pickles = new Pickles();
    }

    @AfterAll
    static void stopPickles() {
        pickles.close();
    }

    private WorkerFixture start(int slots) throws Exception {
        return WorkerFixture.with(pickles, folder, slots);
    }

    @Test
    void helloSaysWhatThereIs() throws Exception {
        try (WorkerFixture fixture = start(3)) {
            Hello hello = fixture.scheduler.hello();
            assertThat(hello.getProtocol()).isEqualTo("pydron-worker-1");
            assertThat(hello.getPythonVersion()).matches("3\\.\\d+\\.\\d+.*");
            assertThat(hello.getPackagesMap()).containsKey("cloudpickle");
            assertThat(hello.getSlots()).isEqualTo(3);
            assertThat(hello.getCredit()).isEqualTo(6);
            assertThat(hello.getWorkerId()).isEqualTo(fixture.worker.id()).startsWith("test-");
            fixture.scheduler.other(KindCase.HEARTBEAT);
        }
    }

    @Test
    void aBreakLosesNothing() throws Exception {
        try (WorkerFixture fixture = start(2)) {
            ScriptedScheduler scheduler = fixture.scheduler;
            Hello first = scheduler.hello();
            Function.Builder sleep = fixture.function(WorkerFixture.JOB, SLEEP);
            scheduler.assign(fixture.calls(1, sleep, "(0.1,)", "(0.7,)"));
            scheduler.assign(fixture.calls(11, sleep, "(0.2,)"));
            scheduler.assign(fixture.calls(21, sleep, "(0.01,)", "(0.01,)"));
            scheduler.lose();
            Thread.sleep(350); // 1, 11, 21, 22 finish and are reported to nobody
            scheduler.cut();
            Hello again = scheduler.hello();
            assertThat(again.getWorkerId()).isEqualTo(first.getWorkerId());
            assertThat(again.getRunningList()).containsExactlyInAnyOrder(1L, 2L, 11L, 21L, 22L);
            assertThat(again.getCredit()).isEqualTo(3);
            assertThat(scheduler.results(5).keySet()).containsExactlyInAnyOrder(1L, 2L, 11L, 21L, 22L);
            WorkerFixture.await("credit", () -> scheduler.credit.get() == 4);
        }
    }

    @Test
    void whatIsForgottenOverABreakIsStopped() throws Exception {
        try (WorkerFixture fixture = start(1)) {
            ScriptedScheduler scheduler = fixture.scheduler;
            scheduler.hello();
            Function.Builder sleep = fixture.function(WorkerFixture.JOB, SLEEP);
            scheduler.assign(fixture.calls(1, sleep, "(30,)"));
            scheduler.assign(fixture.calls(2, sleep, "(0.01,)"));
            Thread.sleep(100);
            scheduler.welcomeWith(
                    Welcome.newBuilder().setHeartbeatMs(200).addForget(1).build());
            scheduler.cut();
            scheduler.hello();
            assertThat(scheduler.result().getAttempt()).isEqualTo(2);
        }
    }

    @Test
    void aLargeResultStaysInAFileUntilItIsFreed() throws Exception {
        try (WorkerFixture fixture = start(1)) {
            ScriptedScheduler scheduler = fixture.scheduler;
            scheduler.hello();
            scheduler.assign(fixture.calls(1, LARGE, "(200000,)"));
            Result large = scheduler.result();
            Path file = Path.of(large.getStored().getPath());
            assertThat(Files.size(file)).isEqualTo(large.getStored().getSize()).isGreaterThan(200_000);
            // Another task uses it by its number alone.
            Function.Builder length = fixture.function(WorkerFixture.JOB, "def f(a, b): return len(a), a is b");
            scheduler.assign(fixture.batch()
                    .addFunctions(length)
                    .addTasks(WorkerFixture.task(2, length, pickles.args("(ref(0), ref(0))"))
                            .addDeps(WorkerFixture.value(1))));
            assertThat(pickles.show(scheduler.result().getInline())).isEqualTo("(200000, True)");
            scheduler.send(
                    SchedulerMessage.newBuilder().setUpload(Upload.newBuilder().setValue(WorkerFixture.value(1))));
            assertThat(scheduler.uploads.take()).isEqualTo(Files.readAllBytes(file));
            scheduler.cut();
            Hello again = scheduler.hello();
            assertThat(again.getHeld(0).getPath()).isEqualTo(file.toString());
            assertThat(again.getHeld(0).getValue()).isEqualTo(WorkerFixture.value(1));
            scheduler.send(
                    SchedulerMessage.newBuilder().setFree(Free.newBuilder().addValues(WorkerFixture.value(1))));
            WorkerFixture.await("the file's end", () -> !Files.exists(file));
            scheduler.send(
                    SchedulerMessage.newBuilder().setUpload(Upload.newBuilder().setValue(WorkerFixture.value(1))));
            assertThat(scheduler.other(KindCase.VALUE_LOST).getValueLost().getValue())
                    .isEqualTo(WorkerFixture.value(1));
        }
    }

    @Test
    void aLargeValueIsFetchedAndSmallOnesComeAlongNestedInEachOther() throws Exception {
        byte[] wholeFile;
        try (WorkerFixture maker = start(1)) {
            maker.scheduler.hello();
            maker.scheduler.assign(maker.calls(1, LARGE, "(3000000,)"));
            wholeFile = Files.readAllBytes(
                    Path.of(maker.scheduler.result().getStored().getPath()));
        }
        try (WorkerFixture fixture = start(1)) {
            ScriptedScheduler scheduler = fixture.scheduler;
            scheduler.hello();
            long large = WorkerFixture.value(100);
            long small = WorkerFixture.value(101);
            long list = WorkerFixture.value(102);
            scheduler.offered.put(large, wholeFile);
            Function.Builder shape = fixture.function(WorkerFixture.JOB, "def f(v): return [len(v[0]), v[1]]");
            scheduler.assign(fixture.batch()
                    .addFunctions(shape)
                    .addValues(Value.newBuilder().setValue(large).setFetchSize(wholeFile.length))
                    .addValues(Value.newBuilder().setValue(small).setInline(pickles.value("'small'")))
                    .addValues(Value.newBuilder()
                            .setValue(list)
                            .setInline(pickledList())
                            .addDeps(large)
                            .addDeps(small))
                    .addTasks(WorkerFixture.task(5, shape, pickles.args("(ref(0),)"))
                            .addDeps(list)));
            assertThat(pickles.show(scheduler.result().getInline())).isEqualTo("[3000000, 'small']");
        }
        assertThat(Files.list(folder.resolve("values"))).isEmpty();
    }

    /// A list of two references: the pickle of arguments without the tuple around it.
    private static ByteString pickledList() {
        ByteString pair = pickles.args("[ref(0), ref(1)]");
        // ([...], {}) is: PROTO 5, FRAME, EMPTY_LIST, MEMOIZE, ..., APPENDS, EMPTY_DICT, MEMOIZE, TUPLE2, MEMOIZE, STOP
        byte[] bytes = pair.substring(11).toByteArray();
        int end = bytes.length - 5;
        return ByteString.copyFrom(new byte[] {(byte) 0x80, 5})
                .concat(ByteString.copyFrom(bytes, 0, end))
                .concat(ByteString.copyFromUtf8("."));
    }

    @Test
    void aValueThatCannotBeFetchedGivesItsTasksBack() throws Exception {
        try (WorkerFixture fixture = start(1)) {
            ScriptedScheduler scheduler = fixture.scheduler;
            scheduler.hello();
            long gone = WorkerFixture.value(100);
            Function.Builder same = fixture.function(WorkerFixture.JOB, "def f(v): return v");
            Assign.Builder assign = fixture.batch()
                    .addFunctions(same)
                    .addValues(Value.newBuilder().setValue(gone).setFetchSize(1_000_000))
                    .addTasks(WorkerFixture.task(1, same, pickles.args("(ref(0),)"))
                            .addDeps(gone))
                    .addTasks(WorkerFixture.task(2, same, pickles.args("(2,)")));
            scheduler.assign(assign);
            Map<Long, Result> results = scheduler.results(2);
            assertThat(results.get(1L).getLost().getReason()).isEqualTo(Lost.Reason.UNKNOWN);
            assertThat(results.get(2L).hasInline()).isTrue();
            assertThat(scheduler.other(KindCase.VALUE_LOST).getValueLost().getReason())
                    .contains("freed meanwhile");
        }
    }

    @Test
    void aValueFileThatIsGoneIsReported() throws Exception {
        try (WorkerFixture fixture = start(1)) {
            ScriptedScheduler scheduler = fixture.scheduler;
            scheduler.hello();
            long value = WorkerFixture.value(100);
            Function.Builder same = fixture.function(WorkerFixture.JOB, "def f(v): return v");
            scheduler.assign(fixture.batch()
                    .addFunctions(same)
                    .addValues(Value.newBuilder()
                            .setValue(value)
                            .setPath(folder.resolve("gone").toString()))
                    .addTasks(WorkerFixture.task(1, same, pickles.args("(ref(0),)"))
                            .addDeps(value)));
            assertThat(scheduler.result().getLost().getReason()).isEqualTo(Lost.Reason.UNKNOWN);
            assertThat(scheduler.other(KindCase.VALUE_LOST).getValueLost().getValue())
                    .isEqualTo(value);
        }
    }

    @Test
    void freeingAJobEndsItsTasksAndProcesses() throws Exception {
        try (WorkerFixture fixture = start(1)) {
            ScriptedScheduler scheduler = fixture.scheduler;
            scheduler.hello();
            scheduler.assign(fixture.calls(1, SLEEP, "(30,)"));
            scheduler.assign(fixture.calls(2, SLEEP, "(30,)"));
            Thread.sleep(100);
            List<Long> before =
                    fixture.processes().stream().map(ProcessHandle::pid).toList();
            scheduler.send(
                    SchedulerMessage.newBuilder().setFree(Free.newBuilder().addJobs(WorkerFixture.JOB)));
            WorkerFixture.await("credit", () -> scheduler.credit.get() == 2);
            WorkerFixture.await(
                    "another process",
                    () -> fixture.processes().size() == 1
                            && !before.contains(fixture.processes().getFirst().pid()));
        }
    }

    @Test
    void drainingFinishesWhatIsInHand() throws Exception {
        try (WorkerFixture fixture = start(1)) {
            ScriptedScheduler scheduler = fixture.scheduler;
            scheduler.hello();
            scheduler.assign(fixture.calls(1, SLEEP, "(1.5,)"));
            Thread.sleep(500); // the batch has reached the worker: another thread brings it
            fixture.worker.drain();
            assertThat(scheduler.result().getAttempt()).isEqualTo(1);
            scheduler.other(KindCase.GOODBYE);
            fixture.worker.awaitEnd();
            assertThat(fixture.ends.take()).isEqualTo("drained");
        }
    }

    @Test
    void drainingForTheSchedulerStaysUntilItsTimeIsOver() throws Exception {
        try (WorkerFixture fixture = start(1)) {
            ScriptedScheduler scheduler = fixture.scheduler;
            scheduler.hello();
            scheduler.assign(fixture.calls(1, SLEEP, "(0.1,)"));
            int before = scheduler.credit.get();
            scheduler.send(
                    SchedulerMessage.newBuilder().setDrain(Drain.newBuilder().setLeftMs(60_000)));
            assertThat(scheduler.result().getAttempt()).isEqualTo(1);
            Thread.sleep(300);
            assertThat(fixture.ends).isEmpty();
            assertThat(scheduler.credit.get()).isEqualTo(before);
            // The time that was said last counts, with tasks in hand or not.
            scheduler.send(
                    SchedulerMessage.newBuilder().setDrain(Drain.newBuilder().setLeftMs(100)));
            scheduler.other(KindCase.GOODBYE);
            fixture.worker.awaitEnd();
            assertThat(fixture.ends.take()).isEqualTo("drained, its time is over");
        }
    }

    @Test
    void aLeaseIsWrittenForTheWatchdog(@TempDir Path leases) throws Exception {
        LeaseFile file = new LeaseFile(leases.resolve("lease"));
        file.extend(100);
        String uptime = Files.readString(Path.of("/proc/uptime"));
        long now = Long.parseLong(uptime.substring(0, uptime.indexOf('.')));
        assertThat(Long.parseLong(Files.readString(leases.resolve("lease")).strip()))
                .isBetween(now + 98, now + 101);
        try (var left = Files.list(leases)) {
            assertThat(left).hasSize(1);
        }
    }

    @Test
    void theEndOfTheSchedulerEndsTheWorkerInTheMiddleOfTasks() throws Exception {
        try (WorkerFixture fixture = start(2)) {
            fixture.scheduler.hello();
            fixture.scheduler.assign(fixture.calls(1, SLEEP, "(60,)"));
            WorkerFixture.await("the task", () -> fixture.processes().size() == 2);
            fixture.scheduler.send(SchedulerMessage.newBuilder().setOver(Over.getDefaultInstance()));
            fixture.worker.awaitEnd();
            assertThat(fixture.ends.take()).isEqualTo("the scheduler has ended");
            WorkerFixture.await("no process", () -> fixture.processes().isEmpty());
        }
    }

    @Test
    void aRefusedWorkerSaysWhyAndEnds() throws Exception {
        try (WorkerFixture fixture = start(1)) {
            fixture.scheduler.hello();
            fixture.scheduler.send(SchedulerMessage.newBuilder()
                    .setRefused(Refused.newBuilder().setReason("Python 3.8 does not fit")));
            assertThat(fixture.ends.take()).contains("Python 3.8 does not fit");
        }
    }

    @Test
    void closingInTheMiddleOfTasksLeavesNothing() throws Exception {
        try (WorkerFixture fixture = start(2)) {
            ScriptedScheduler scheduler = fixture.scheduler;
            scheduler.hello();
            scheduler.assign(fixture.calls(1, LARGE, "(200000,)"));
            scheduler.result();
            scheduler.assign(fixture.calls(2, "import subprocess\ndef f(): subprocess.run(['sleep', '61'])", "()"));
            scheduler.assign(fixture.calls(3, "def f():\n while True: pass", "()"));
            WorkerFixture.await("the child", () -> sleepers() == 1);
        } // the fixture fails when a process, a socket or a file of the run directory is left
        WorkerFixture.await("the child's end", () -> sleepers() == 0);
        assertThat(Files.list(folder.resolve("values"))).isEmpty();
    }

    private static long sleepers() {
        return ProcessHandle.allProcesses()
                .filter(p -> p.info().commandLine().orElse("").endsWith("sleep 61"))
                .count();
    }
}
