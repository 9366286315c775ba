package pydron.cli.local;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.python.Python;
import pydron.cli.session.Session;

/// `pydron run`: the user's program as a child of this process, with its terminal, beside a service that lives as long
/// as the program does.
///
/// The child starts first, because Python needs as long to start as the service does. It asks for the service when it
/// comes to its first pipeline, and waits then if it must.
public final class LocalRun {
    /// How long a program may take to end after SIGTERM or SIGHUP, and how long after Ctrl-C the user is told that
    /// it is still running. It is not killed after one Ctrl-C: Python programs may catch it and go on.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private sealed interface Happening {
        record Ended(int exitCode) implements Happening {}

        record Interrupted(Interruption interruption) implements Happening {}

        record Silence() implements Happening {}
    }

    private final ServiceSettings settings;
    private final Python python;
    private final Map<String, String> environment;
    private final PrintStream err;
    private final BlockingQueue<Happening> happenings = new LinkedBlockingQueue<>();

    public LocalRun(ServiceSettings settings, Python python, Map<String, String> environment, PrintStream err) {
        this.settings = settings;
        this.python = python;
        this.environment = environment;
        this.err = err;
    }

    /// Returns the exit code.
    public int run(Program program) {
        Interruption.listen(interruption -> happenings.add(new Happening.Interrupted(interruption)));
        try (Session session = Session.create(environment)) {
            // A port may be busy; then nothing of the user's program may have happened yet.
            boolean serviceFirst = settings.workerPort().isPresent();
            LocalService early = serviceFirst ? LocalService.start(settings, python, session, session.socket()) : null;
            Process child = start(program, session);
            try (LocalService service =
                    serviceFirst ? early : LocalService.start(settings, python, session, session.socket())) {
                if (serviceFirst) {
                    service.workerPort().ifPresent(port -> err.println("pydron: workers can connect to port " + port));
                }
                child.onExit().thenAccept(ended -> happenings.add(new Happening.Ended(ended.exitValue())));
                return watch(program, child, service);
            } finally {
                child.destroyForcibly();
            }
        }
    }

    private Process start(Program program, Session session) {
        ProcessBuilder builder = new ProcessBuilder(program.command(python.executable())).inheritIO();
        Map<String, String> variables = builder.environment();
        variables.clear();
        variables.putAll(environment);
        variables.put("PYDRON_SOCKET", session.socket().toString());
        variables.put("PYTHONPATH", python.pythonPath(environment.get("PYTHONPATH")));
        builder.directory(new File("").getAbsoluteFile());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.UNUSABLE, "cannot start Python '" + python.executable() + "': " + e.getMessage(), e);
        }
    }

    private int watch(Program program, Process child, LocalService service) {
        Interruption first = null;
        boolean told = false;
        while (true) {
            switch (next(first != null && !told)) {
                case Happening.Ended(int exitCode) -> {
                    if (first != null) {
                        err.println("pydron: interrupted; " + service.summary());
                    }
                    return first == null || exitCode == 0 ? exitCode : ExitCode.ofSignal(first.number());
                }
                case Happening.Interrupted(Interruption interruption) when first == null -> {
                    first = interruption;
                    forward(interruption, child);
                }
                case Happening.Interrupted(Interruption interruption) -> {
                    child.destroyForcibly();
                    err.println("pydron: killed '" + program.name() + "'; " + service.summary());
                    return ExitCode.ofSignal(interruption.number());
                }
                case Happening.Silence() -> {
                    told = true;
                    switch (first) {
                        case INT ->
                            err.println("pydron: '" + program.name()
                                    + "' is still running after Ctrl-C; press it again to kill it");
                        case TERM, HUP -> child.destroyForcibly();
                    }
                }
            }
        }
    }

    private Happening next(boolean impatient) {
        try {
            if (!impatient) {
                return happenings.take();
            }
            Happening happening = happenings.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return happening == null ? new Happening.Silence() : happening;
        } catch (InterruptedException e) {
            return new Happening.Interrupted(Interruption.TERM);
        }
    }

    /// A terminal sends Ctrl-C to all processes of the foreground by itself; a second SIGINT would hit the program's
    /// own clean-up.
    private static void forward(Interruption interruption, Process child) {
        switch (interruption) {
            case INT -> {
                if (!Terminal.isForeground()) {
                    Signals.send(child, Interruption.INT);
                }
            }
            case HUP -> Signals.send(child, Interruption.HUP);
            case TERM -> child.destroy();
        }
    }
}
