package pydron.worker;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import pydron.proto.Assign;
import pydron.proto.Function;
import pydron.proto.Job;
import pydron.proto.Task;

/// A worker with real task processes, connected to a [ScriptedScheduler].
final class WorkerFixture implements AutoCloseable {
    static final int JOB = 7;
    static final Path PACKAGE = Path.of("..", "python");

    final ScriptedScheduler scheduler = new ScriptedScheduler();
    final BlockingQueue<String> problems = new LinkedBlockingQueue<>();
    final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    final Path runs;
    final Path values;
    final Worker worker;
    private final Pickles pickles;
    private final Server server;
    private final ManagedChannel channel;
    private int functions;

    static WorkerFixture with(Pickles pickles, Path folder, int slots) throws IOException {
        return new WorkerFixture(pickles, folder, slots, Optional.of(pickles.executable()));
    }

    WorkerFixture(Pickles pickles, Path folder, int slots, Optional<Path> python) throws IOException {
        this(pickles, folder, slots, python, Optional.empty());
    }

    WorkerFixture(Pickles pickles, Path folder, int slots, Optional<Path> python, Optional<Membership> membership)
            throws IOException {
        this.pickles = pickles;
        runs = Files.createTempDirectory("pydron-w");
        values = Files.createDirectories(folder.resolve("values"));
        String name = "worker-test-" + System.nanoTime();
        server = InProcessServerBuilder.forName(name)
                .addService(scheduler)
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(name).build();
        WorkerConfig config = new WorkerConfig(
                "test",
                slots,
                python,
                Optional.of(PACKAGE),
                runs,
                values,
                membership.isEmpty(),
                System.getenv(),
                membership);
        worker = Worker.start(config, channel, new WorkerListener() {
            @Override
            public void problem(String message) {
                problems.add(message);
            }

            @Override
            public void ended(boolean asTold, String reason) {
                ends.add(reason);
            }
        });
    }

    /// A batch that needs `job`; functions and tasks are to be added.
    Assign.Builder batch(int job) {
        return Assign.newBuilder()
                .addJobs(Job.newBuilder()
                        .setJob(job)
                        .setCwd(values.toString())
                        .setPython(pickles.executable().toString())
                        .setMainPath("user.py"));
    }

    Assign.Builder batch() {
        return batch(JOB);
    }

    Function.Builder function(int job, String source) {
        return Function.newBuilder()
                .setFunction(((long) job << 32) | ++functions)
                .setName("user.f" + functions)
                .setPickle(pickles.function(source));
    }

    /// One function, called once for each of `args`; attempts count from `first`.
    Assign.Builder calls(long first, Function.Builder function, String... args) {
        int job = (int) (function.getFunction() >>> 32);
        Assign.Builder assign = batch(job).addFunctions(function);
        for (int i = 0; i < args.length; i++) {
            assign.addTasks(task(first + i, function, pickles.args(args[i])));
        }
        return assign;
    }

    Assign.Builder calls(long first, String source, String... args) {
        return calls(first, function(JOB, source), args);
    }

    static Task.Builder task(long attempt, Function.Builder function, ByteString args) {
        return Task.newBuilder()
                .setAttempt(attempt)
                .setTask((function.getFunction() >>> 32 << 32) | attempt)
                .setFunction(function.getFunction())
                .setArgs(args);
    }

    static long value(long number) {
        return ((long) JOB << 32) | number;
    }

    /// Processes of this worker that are alive: ours are children of this JVM that run the bootstrap.
    List<ProcessHandle> processes() {
        return ProcessHandle.current()
                .children()
                .filter(p -> p.info()
                        .arguments()
                        .map(a -> Stream.of(a).anyMatch(x -> x.startsWith(runs.toString())))
                        .orElse(false))
                .toList();
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not in time: " + what);
            }
            Thread.sleep(5);
        }
    }

    static List<Long> attempts(long first, int n) {
        return LongStream.range(first, first + n).boxed().toList();
    }

    List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Override
    public void close() throws IOException {
        worker.close();
        channel.shutdownNow();
        server.shutdownNow();
        if (!processes().isEmpty()) {
            throw new AssertionError("left: " + processes());
        }
        Files.delete(runs); // fails if something is left in it
    }
}
