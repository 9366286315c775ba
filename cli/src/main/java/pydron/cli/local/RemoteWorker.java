package pydron.cli.local;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.PrintStream;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.python.Python;
import pydron.cli.session.Session;
import pydron.cli.session.StaleSessions;
import pydron.worker.LoopbackChannel;
import pydron.worker.Worker;
import pydron.worker.WorkerListener;

/// `pydron worker`: a worker in a process of its own.
public final class RemoteWorker {
    /// The worker may be started before the scheduler, which may have to be built.
    private static final long FIRST_PATIENCE_SECONDS = 30;

    /// A scheduler ends with a word to its workers. One that has not said it, and cannot be reached for so long, was
    /// killed: it is on this machine, so there is no network that may come back.
    private static final long PATIENCE_SECONDS = 5;

    private sealed interface Happening {
        record Connected() implements Happening {}

        record Disconnected(String reason) implements Happening {}

        record Ended(boolean asTold, String reason) implements Happening {}

        record Interrupted(Interruption interruption) implements Happening {}

        record Silence() implements Happening {}
    }

    private final String name;
    private final int slots;
    private final Python python;
    private final Map<String, String> environment;
    private final PrintStream err;
    private final BlockingQueue<Happening> happenings = new LinkedBlockingQueue<>();

    public RemoteWorker(String name, int slots, Python python, Map<String, String> environment, PrintStream err) {
        this.name = name;
        this.slots = slots;
        this.python = python;
        this.environment = environment;
        this.err = err;
    }

    /// Returns the exit code.
    public int run(String host, int port) {
        Interruption.listen(interruption -> happenings.add(new Happening.Interrupted(interruption)));
        StaleSessions.remove(environment);
        try (Session session = Session.create(environment)) {
            Log.open(session, environment);
            ManagedChannel channel = channel(host, port);
            try (Worker worker = Worker.start(
                    WorkerSettings.of(name, slots, python, session, environment), channel, new Listener())) {
                return watch(host + ":" + port, worker);
            } catch (IOException e) {
                throw new CommandFailure(ExitCode.FAILED, "cannot start the worker: " + e.getMessage(), e);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static ManagedChannel channel(String host, int port) {
        try {
            return LoopbackChannel.open(host, port);
        } catch (UnknownHostException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot connect to '" + host + ":" + port + "': unknown host", e);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.FAILED, lowerFirst(e.getMessage()), e);
        }
    }

    private static String lowerFirst(String text) {
        return text.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + text.substring(1);
    }

    private int watch(String scheduler, Worker worker) {
        boolean everConnected = false;
        String trouble = "it does not answer";
        boolean connected = false;
        while (true) {
            switch (connected ? next() : next(everConnected ? PATIENCE_SECONDS : FIRST_PATIENCE_SECONDS)) {
                case Happening.Connected() -> {
                    err.println("pydron: worker '" + name + "' serves " + scheduler + " with " + slots
                            + (slots == 1 ? " slot" : " slots"));
                    connected = true;
                    everConnected = true;
                }
                case Happening.Disconnected(String reason) -> {
                    trouble = reason;
                    if (connected) {
                        err.println("pydron: lost the scheduler at " + scheduler + ", trying again for "
                                + PATIENCE_SECONDS + " s");
                    }
                    connected = false;
                }
                case Happening.Ended(boolean asTold, String reason) -> {
                    if (asTold) {
                        return 0;
                    }
                    throw new CommandFailure(ExitCode.FAILED, "the worker has ended: " + reason);
                }
                case Happening.Interrupted(Interruption interruption) -> {
                    return ExitCode.ofSignal(interruption.number());
                }
                case Happening.Silence() -> {
                    if (everConnected) {
                        err.println("pydron: the scheduler at " + scheduler + " is gone");
                        return 0;
                    }
                    throw new CommandFailure(
                            ExitCode.FAILED,
                            "cannot connect to '" + scheduler + "': " + trouble,
                            "Is a 'pydron run --worker-port' running there?");
                }
            }
        }
    }

    private Happening next() {
        try {
            return happenings.take();
        } catch (InterruptedException e) {
            return new Happening.Interrupted(Interruption.TERM);
        }
    }

    private Happening next(long patienceSeconds) {
        try {
            Happening happening = happenings.poll(patienceSeconds, TimeUnit.SECONDS);
            return happening == null ? new Happening.Silence() : happening;
        } catch (InterruptedException e) {
            return new Happening.Interrupted(Interruption.TERM);
        }
    }

    private final class Listener implements WorkerListener {
        @Override
        public void connected() {
            happenings.add(new Happening.Connected());
        }

        @Override
        public void disconnected(String reason) {
            happenings.add(new Happening.Disconnected(reason));
        }

        @Override
        public void problem(String message) {
            err.println("pydron: " + message);
        }

        @Override
        public void ended(boolean asTold, String reason) {
            happenings.add(new Happening.Ended(asTold, reason));
        }
    }
}
