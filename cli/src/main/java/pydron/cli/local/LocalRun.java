package pydron.cli.local;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.python.HashSeed;
import pydron.cli.python.Python;
import pydron.cli.session.Session;
import pydron.cli.session.StaleSessions;

/// `pydron run`: the user's program as a child of this process, with its terminal, beside a service that lives as long
/// as the program does.
///
/// The child starts as soon as the socket is there, because Python needs as long to start as the rest of the service.
public final class LocalRun {
    /// The variable by which the driver is told how much it may compute ahead.
    public static final String SPECULATE = "PYDRON_SPECULATE";

    /// How long a program may take to end after SIGTERM or SIGHUP, and how long after Ctrl-C the user is told that
    /// it is still running. It is not killed after one Ctrl-C: Python programs may catch it and go on.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// Tells the driver to verify, and how.
    public static final String VERIFY = "PYDRON_VERIFY";

    private static final String VERIFY_REPORT = "PYDRON_VERIFY_REPORT";

    private sealed interface Happening {
        record Ended(int exitCode) implements Happening {}

        record Interrupted(Interruption interruption) implements Happening {}

        record Silence() implements Happening {}
    }

    private final ServiceSettings settings;
    private final Python python;
    private final Map<String, String> environment;
    private final PrintStream err;
    private final boolean tellsSpeculation;
    private final BlockingQueue<Happening> happenings = new LinkedBlockingQueue<>();

    /// @param tellsSpeculation whether to say at the end what was computed before its turn
    public LocalRun(
            ServiceSettings settings,
            Python python,
            Map<String, String> environment,
            PrintStream err,
            boolean tellsSpeculation) {
        this.tellsSpeculation = tellsSpeculation;
        this.settings = settings;
        this.python = python;
        this.environment = HashSeed.fixed(environment);
        this.err = err;
    }

    /// Returns the exit code.
    public int run(Program program) {
        Interruption.listen(interruption -> happenings.add(new Happening.Interrupted(interruption)));
        try (Session session = Session.create(environment);
                LocalService service = LocalService.open(settings, session, session.socket(), environment)) {
            if (settings.workerPort().isPresent()) {
                // The port may be busy; then nothing of the user's program may have happened yet.
                service.serve(python, session, environment, err);
                service.workerPort().ifPresent(port -> err.println("pydron: workers can connect to 127.0.0.1:" + port));
                return run(program, session, service, () -> {});
            }
            return run(program, session, service, () -> service.serve(python, session, environment, err));
        }
    }

    /// The same with a service that is there already, at `socket`. Returns the exit code.
    public int run(Program program, Path socket, Served service) {
        Interruption.listen(interruption -> happenings.add(new Happening.Interrupted(interruption)));
        try (Session session = Session.create(environment)) {
            return run(program, session, socket, service, () -> {});
        }
    }

    private int run(Program program, Session session, LocalService service, Runnable meanwhile) {
        return run(program, session, session.socket(), service, meanwhile);
    }

    private int run(Program program, Session session, Path socket, Served service, Runnable meanwhile) {
        Process child = start(program, session, socket);
        session.watch(child);
        try {
            child.onExit().thenAccept(ended -> happenings.add(new Happening.Ended(ended.exitValue())));
            meanwhile.run();
            Thread.ofVirtual().start(() -> {
                StaleSessions.remove(environment);
                KeptAnalyses.tidy();
            });
            int exitCode = watch(program, child, service);
            return exitCode == 0 && brokenContracts(session) ? ExitCode.BROKEN_CONTRACT.number() : exitCode;
        } finally {
            child.destroyForcibly();
        }
    }

    /// The driver tells the user; here it only matters that there is something to tell.
    private static boolean brokenContracts(Session session) {
        return session.folder().resolve("verify").toFile().length() > 0;
    }

    private Process start(Program program, Session session, Path socket) {
        ProcessBuilder builder = new ProcessBuilder(program.command(python.executable())).inheritIO();
        Map<String, String> variables = builder.environment();
        variables.clear();
        variables.putAll(environment);
        variables.put("PYDRON_SOCKET", socket.toString());
        if (!environment.getOrDefault(VERIFY, "").isEmpty()) {
            variables.put(VERIFY_REPORT, session.folder().resolve("verify").toString());
        }
        String path = python.pythonPath(environment.get("PYTHONPATH"));
        if (!path.isEmpty()) {
            variables.put("PYTHONPATH", path);
        }
        builder.directory(new File("").getAbsoluteFile());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.UNUSABLE, "cannot start Python '" + python.executable() + "': " + e.getMessage(), e);
        }
    }

    private int watch(Program program, Process child, Served service) {
        Interruption first = null;
        boolean patient = true;
        while (true) {
            switch (next(patient)) {
                case Happening.Ended(int exitCode) -> {
                    if (tellsSpeculation) {
                        err.println("pydron: " + service.speculation());
                    }
                    boolean parallel = service.explain(program.name(), environment, err);
                    if (first == null) {
                        return exitCode == 0 && !parallel ? ExitCode.NOT_PARALLEL.number() : exitCode;
                    }
                    err.println("pydron: interrupted; " + service.summary());
                    return exitCode == 0 ? 0 : ExitCode.ofSignal(first.number());
                }
                case Happening.Interrupted(Interruption interruption) -> {
                    if (first != null) {
                        child.destroyForcibly();
                        err.println("pydron: killed '" + program.name() + "'; " + service.summary());
                        return ExitCode.ofSignal(interruption.number());
                    }
                    first = interruption;
                    patient = false;
                    forward(interruption, child);
                }
                case Happening.Silence() -> {
                    patient = true;
                    outOfPatience(first, program, child);
                }
            }
        }
    }

    private void outOfPatience(Interruption interruption, Program program, Process child) {
        switch (interruption) {
            case INT ->
                err.println(
                        "pydron: '" + program.name() + "' is still running after Ctrl-C; press it again to kill it");
            case TERM, HUP -> child.destroyForcibly();
        }
    }

    private Happening next(boolean patient) {
        try {
            if (patient) {
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
