package pydron.worker;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import pydron.wire.FrameConnection;

/// One Python task process, from its start to its end. It serves the tasks of one job only, so that modules it has
/// imported are never those of somebody else's program, or of an older version of this one.
///
/// What it runs and knows is kept here but is the [Agent]'s to change, under the agent's lock.
final class TaskProcess {
    /// How far it has come. Nothing leads back.
    enum Stage {
        STARTING,
        READY,
        GONE
    }

    /// Runs before anything of ours can be imported, so it must be understood by every Python there ever was.
    private static final String BOOTSTRAP = """
            import sys
            if sys.version_info < (3, 9):
                sys.stderr.write("pydron: Python 3.9 or newer is needed, '%s' is %d.%d\\n" % ((sys.executable,) + tuple(sys.version_info[:2])))
                sys.exit(78)
            import os
            os.setsid()
            if sys.argv[1]:
                sys.path[0] = sys.argv[1]
            else:
                del sys.path[0]
            from pydron._task import main
            main(sys.argv[2:])
            """;

    /// The exit status of a process that would fail in the same way each time.
    static final int HOPELESS = 78;

    private static final long DEATH_WAIT_MS = 300;

    /// What becomes of a process is told to whoever started it.
    interface Owner {
        void printed(TaskProcess process, boolean isStderr, byte[] text);

        void exited(TaskProcess process, int status);
    }

    private final String token;
    private final String python;
    private final Process process;
    private final OutputStream lifeline;
    private final Path nowFile;
    private final MappedByteBuffer now;
    private final OutputPump stdout;
    private final OutputPump stderr;
    private final LastWords lastWords = new LastWords();
    private final long startedNanos = System.nanoTime();

    private volatile boolean ending;
    private volatile long lastAttempt;
    private boolean knowsJob;
    private Stage stage = Stage.STARTING;
    private Optional<FrameConnection> connection = Optional.empty();
    private Optional<Run> run = Optional.empty();
    private OptionalInt job = OptionalInt.empty();
    private final Set<Long> functions = new HashSet<>();
    private final Set<Long> values = new HashSet<>();
    private final Gone gone = new Gone(new ArrayList<>(), new ArrayList<>());

    /// What it has been sent, may forget, and has not been told so yet.
    record Gone(List<Long> values, List<Long> functions) {
        int size() {
            return values.size() + functions.size();
        }
    }

    /// Starts the interpreter; it connects to `socket` when it is ready, and names itself by `token`.
    TaskProcess(WorkerConfig config, String python, String token, Path socket, String valuePrefix, Owner owner)
            throws IOException {
        this.token = token;
        this.python = python;
        nowFile = config.runDirectory().resolve(token.substring(0, 12) + ".now");
        try (FileChannel file = FileChannel.open(
                nowFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            now = file.map(FileChannel.MapMode.READ_WRITE, 0, 2 * Long.BYTES);
            now.order(ByteOrder.LITTLE_ENDIAN);
        }
        ProcessBuilder builder = new ProcessBuilder(
                python,
                "-c",
                BOOTSTRAP,
                config.packageFolder().map(Path::toString).orElse(""),
                socket.toString(),
                token,
                valuePrefix,
                nowFile.toString());
        // An empty folder of ours: modules in the current one must not be taken for Python's while it starts.
        builder.directory(config.runDirectory().toFile());
        builder.environment().clear();
        builder.environment().putAll(config.environment());
        builder.environment().remove("PYDRON_SOCKET");
        // As `activate` does: programs that the requirements bring are found.
        Interpreters.environment(config, python).ifPresent(it -> {
            builder.environment().put("VIRTUAL_ENV", it.toString());
            builder.environment().merge("PATH", it.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
        });
        try {
            process = builder.start();
        } catch (IOException e) {
            Files.deleteIfExists(nowFile);
            throw e;
        }
        lifeline = process.getOutputStream();
        String name = "task-process-" + process.pid();
        stdout = new OutputPump(process.getInputStream(), name + "-stdout", text -> owner.printed(this, false, text));
        stderr = new OutputPump(process.getErrorStream(), name + "-stderr", text -> owner.printed(this, true, text));
        Thread.ofVirtual().name(name + "-end").start(() -> {
            int status = awaitEnd();
            owner.exited(this, status);
        });
    }

    private int awaitEnd() {
        while (true) {
            try {
                int status = process.waitFor();
                if (!ending) {
                    // Its children live on, and may even hold its pipes open.
                    ProcessGroup.kill(process.pid());
                }
                stderr.join(DEATH_WAIT_MS);
                stdout.join(DEATH_WAIT_MS);
                removeFiles();
                return status;
            } catch (InterruptedException e) {
                // Nobody interrupts this thread; and an end that is not awaited would never be told.
            }
        }
    }

    String token() {
        return token;
    }

    String python() {
        return python;
    }

    long pid() {
        return process.pid();
    }

    long startedNanos() {
        return startedNanos;
    }

    LastWords lastWords() {
        return lastWords;
    }

    Stage stage() {
        return stage;
    }

    void ready(FrameConnection by) {
        stage = Stage.READY;
        connection = Optional.of(by);
    }

    Optional<FrameConnection> connection() {
        return connection;
    }

    Optional<Run> run() {
        return run;
    }

    void run(Optional<Run> next) {
        run = next;
    }

    OptionalInt job() {
        return job;
    }

    void bind(int toJob) {
        job = OptionalInt.of(toJob);
    }

    /// True the first time it is asked.
    boolean mustLearnJob() {
        boolean first = !knowsJob;
        knowsJob = true;
        return first;
    }

    /// Functions and values that it has been sent.
    Set<Long> functions() {
        return functions;
    }

    Set<Long> values() {
        return values;
    }

    Gone gone() {
        return gone;
    }

    /// The attempt that it is running at this moment, or 0 between tasks. True even when results are still unsent.
    long currentAttempt() {
        return now.getLong(0);
    }

    /// Asks it to give back what it has not begun of the run whose last attempt this is. It looks every 20 ms, if the
    /// task it runs lets it.
    void takeBack(long last) {
        now.putLong(Long.BYTES, last);
    }

    /// The attempt that it is running, or ran last: what it prints is taken for that one's. 0 if there was none.
    long lastAttempt() {
        long current = currentAttempt();
        if (current != 0) {
            lastAttempt = current;
        }
        return lastAttempt;
    }

    private void removeFiles() {
        Values.delete(nowFile);
    }

    /// Passes on what it has printed below Python and has not ended with a line.
    void flushOutput() {
        stdout.flush();
        stderr.flush();
    }

    /// Ends it and its children at once: the kernel kills the group when the lifeline is closed.
    void kill() {
        ending = true;
        stage = Stage.GONE;
        try {
            lifeline.close();
        } catch (IOException e) {
            // It is gone already.
        }
        process.destroyForcibly();
        connection.ifPresent(FrameConnection::close);
        removeFiles();
    }

    /// Ends it because it does not answer. Its owner hears of its death as of any other.
    void destroy() {
        process.destroyForcibly();
    }

    /// Lets it end by itself, which it does when nobody is left to send it tasks: what users have registered with
    /// `atexit` runs. It must not be running a task.
    void hangUp() {
        ending = true;
        stage = Stage.GONE;
        connection.ifPresent(FrameConnection::close);
        removeFiles();
    }

    boolean awaitExit(long millis) {
        try {
            return process.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
