package pydron.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.proto.Environment;
import pydron.proto.Job;

/// Which Python runs a job's tasks: the worker's own, the driver's, or that of an environment into which the job's
/// requirements have been installed. That is made by `pydron._environment`, once on each machine, and takes a while.
/// Guarded by the agent's lock.
final class Interpreters implements AutoCloseable {
    /// What is known about a job.
    sealed interface Choice {
        record Python(String executable) implements Choice {}

        /// It is being made.
        record NotYet() implements Choice {}

        /// In words for the user.
        record None(String reason) implements Choice {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(Interpreters.class);
    private static final long PATIENCE_MINUTES = 60;

    private static final String BOOTSTRAP = """
            import sys
            if sys.argv[1]:
                sys.path[0] = sys.argv[1]
            else:
                del sys.path[0]
            from pydron._environment import main
            main(sys.argv[2:])
            """;

    private final WorkerConfig config;
    private final Consumer<Runnable> events;
    private final Map<Integer, Choice> choices = new LinkedHashMap<>();
    private final Set<Process> makers = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// @param events brings what has happened under the lock, where it is dealt with
    Interpreters(WorkerConfig config, Consumer<Runnable> events) {
        this.config = config;
        this.events = events;
    }

    /// Begins to make what is not there. A job that is not known is a bug of the scheduler's, dealt with elsewhere.
    Choice forJob(Job job) {
        Choice known = job == null ? null : choices.get(job.getJob());
        if (known != null) {
            return known;
        }
        Optional<Path> folder = config.membership().map(Membership::environmentFolder);
        if (job == null || !job.hasEnvironment() || config.python().isEmpty() || folder.isEmpty()) {
            return new Choice.Python(
                    config.python().map(Path::toString).orElseGet(() -> job == null ? "" : job.getPython()));
        }
        choices.put(job.getJob(), new Choice.NotYet());
        int number = job.getJob();
        Thread.ofVirtual().name("environment-" + number).start(() -> {
            Choice made = make(config.python().get(), folder.get(), job.getEnvironment());
            LOG.info("event=environment job={} result={}", number, made);
            events.accept(() -> choices.replace(number, made));
        });
        return choices.get(number);
    }

    /// Tasks of the job can be started, or never will be.
    boolean settled(Job job) {
        return !(forJob(job) instanceof Choice.NotYet);
    }

    void forget(int job) {
        choices.remove(job);
    }

    /// Some are being made at this moment.
    boolean making() {
        return choices.values().stream().anyMatch(Choice.NotYet.class::isInstance);
    }

    /// The environment that this is the Python of, if any.
    static Optional<Path> environment(WorkerConfig config, String python) {
        Path file = Path.of(python);
        return config.membership()
                .filter(it -> file.isAbsolute() && file.startsWith(it.environmentFolder()))
                .map(_ -> file.getParent().getParent());
    }

    @Override
    public void close() {
        closed = true;
        makers.forEach(Interpreters::kill);
    }

    private static void kill(Process maker) {
        maker.descendants().forEach(ProcessHandle::destroyForcibly);
        maker.destroyForcibly();
    }

    private Choice make(Path python, Path folder, Environment environment) {
        List<String> command = new ArrayList<>(List.of(
                python.toString(),
                "-c",
                BOOTSTRAP,
                config.packageFolder().map(Path::toString).orElse(""),
                folder.toString()));
        config.packageFolder()
                .map(it -> it.resolveSibling("pip"))
                .filter(Files::isDirectory)
                .ifPresent(it -> command.add(it.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(config.runDirectory().toFile());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
        builder.environment().putAll(config.environment());
        Process maker;
        try {
            maker = builder.start();
        } catch (IOException e) {
            return new Choice.None("'" + python + "' does not start: " + e.getMessage());
        }
        makers.add(maker);
        Thread watch = Thread.ofVirtual().start(() -> endLate(maker));
        try {
            if (closed) {
                kill(maker);
            }
            try (var in = maker.outputWriter(StandardCharsets.UTF_8)) {
                in.write(environment.getRequirements() + "\0" + environment.getConstraints());
            }
            String said = new String(maker.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = maker.waitFor();
            if (status == 0 && said.startsWith("ok\n")) {
                return new Choice.Python(
                        Path.of(said.substring(3), "bin", "python").toString());
            }
            return new Choice.None(
                    said.startsWith("failed\n") ? said.substring(7) : Deaths.describe(status) + " while it was made");
        } catch (IOException e) {
            return new Choice.None("the process that installs them has ended: " + e.getMessage());
        } catch (InterruptedException e) {
            return new Choice.None("interrupted");
        } finally {
            makers.remove(maker);
            watch.interrupt();
        }
    }

    private static void endLate(Process maker) {
        try {
            if (!maker.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
                LOG.warn("event=environment-late minutes={}", PATIENCE_MINUTES);
                kill(maker);
            }
        } catch (InterruptedException e) {
            // It has ended.
        }
    }
}
