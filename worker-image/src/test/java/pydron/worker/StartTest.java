package pydron.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.proto.Lost;

/// The start of task processes, where it fails, and the end of a worker that nobody closes.
class StartTest {
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

    private Path script(String text) throws IOException {
        Path script = Files.writeString(folder.resolve("python-of-a-kind"), "#!/bin/sh\n" + text + "\n");
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    private String problemOf(Path python) throws Exception {
        try (WorkerFixture fixture = new WorkerFixture(pickles, folder, 2, Optional.of(python))) {
            String problem = fixture.problems.poll(10, TimeUnit.SECONDS);
            fixture.worker.awaitEnd();
            assertThat(fixture.ends.poll(1, TimeUnit.SECONDS)).isEqualTo(problem);
            Thread.sleep(100);
            assertThat(fixture.problems).isEmpty();
            return problem;
        }
    }

    @Test
    void aMissingPythonIsToldOnce() throws Exception {
        assertThat(problemOf(Path.of("/no/such/python")))
                .isEqualTo("Cannot start task processes with Python '/no/such/python': there is no such program");
    }

    @Test
    void aProgramThatIsNoPythonIsToldOnceWithWhatItSaid() throws Exception {
        assertThat(problemOf(script("echo 'what do you want' >&2; exit 3")))
                .contains("exit status 3", "what do you want");
    }

    @Test
    void aPythonWithoutCloudpickleIsToldWithTheRemedy() throws Exception {
        assertThat(problemOf(script("exec " + pickles.executable() + " -S \"$@\"")))
                .contains("'cloudpickle' is missing", "-m pip install cloudpickle")
                .doesNotContain("Traceback");
    }

    @Test
    void aJobsOwnPythonIsUsedWhereNoneIsConfigured() throws Exception {
        try (WorkerFixture fixture = new WorkerFixture(pickles, folder, 1, Optional.empty())) {
            assertThat(fixture.scheduler.hello().getPythonVersion()).isEmpty();
            assertThat(fixture.processes()).isEmpty();
            fixture.scheduler.assign(fixture.calls(1, "def f(): return 'ran'", "()"));
            assertThat(pickles.show(fixture.scheduler.result().getInline())).isEqualTo("'ran'");
        }
    }

    @Test
    void aJobWhosePythonCannotStartFailsAndOthersRun() throws Exception {
        try (WorkerFixture fixture = new WorkerFixture(pickles, folder, 1, Optional.empty())) {
            ScriptedScheduler scheduler = fixture.scheduler;
            scheduler.hello();
            var broken = fixture.calls(1, fixture.function(3, "def f(): return 1"), "()", "()");
            broken.getJobsBuilder(0).setPython(script("exit 4").toString());
            scheduler.assign(broken);
            scheduler.assign(fixture.calls(5, "def f(): return 5", "()"));
            Map<Long, pydron.proto.Result> results = scheduler.results(3);
            for (long attempt : List.of(1L, 2L)) {
                assertThat(results.get(attempt).getLost().getReason()).isEqualTo(Lost.Reason.PROCESS_DIED);
                assertThat(results.get(attempt).getLost().getDetail()).contains("exit status 4");
            }
            assertThat(results.get(5L).hasInline()).isTrue();
            assertThat(fixture.problems).hasSize(1);
        }
    }

    /// Also the one that goes over a real socket.
    @Test
    void taskProcessesDieWithAWorkerThatIsKilled() throws Exception {
        ScriptedScheduler scheduler = new ScriptedScheduler();
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(scheduler)
                .build()
                .start();
        Path values = Files.createDirectories(folder.resolve("values"));
        Path runs = Files.createTempDirectory("pydron-w");
        Process jvm = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WorkerMain.class.getName(),
                        Integer.toString(server.getPort()),
                        pickles.executable().toString(),
                        WorkerFixture.PACKAGE.toString(),
                        runs.toString(),
                        values.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            scheduler.hello();
            try (WorkerFixture maker = WorkerFixture.with(pickles, folder, 1)) {
                scheduler.assign(
                        maker.calls(1, "def f():\n import os\n os.write(1, b'on\\n')\n while True: pass", "()"));
            }
            WorkerFixture.await("the task to run", () -> !scheduler.printed().isEmpty());
            List<ProcessHandle> processes = jvm.children().toList();
            assertThat(processes).hasSize(2);
            jvm.destroyForcibly().waitFor();
            WorkerFixture.await("their end", () -> processes.stream().noneMatch(ProcessHandle::isAlive));
        } finally {
            jvm.destroyForcibly();
            server.shutdownNow();
            Pickles.deleteAll(runs);
        }
    }
}
