package pydron.cli.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import pydron.cli.ExitCode;
import pydron.cli.python.HashSeed;
import pydron.cli.python.Python;
import pydron.cli.session.Session;
import pydron.cli.session.StaleSessions;

/// `pydron serve`: the service alone, for drivers that somebody else starts.
public final class Serving {
    private sealed interface Happening {
        /// The writer of our standard input is gone, or has closed it.
        record LifelineEnded() implements Happening {}

        record Interrupted(Interruption interruption) implements Happening {}
    }

    private final ServiceSettings settings;
    private final Python python;
    private final Map<String, String> environment;
    private final BlockingQueue<Happening> happenings = new LinkedBlockingQueue<>();

    public Serving(ServiceSettings settings, Python python, Map<String, String> environment) {
        this.settings = settings;
        this.python = python;
        // The driver's own seed, where it has drawn one, cannot be had; but its tasks can agree with each other.
        this.environment = HashSeed.fixed(environment);
    }

    /// Returns the exit code. 0 at the end of the lifeline, which is how this is meant to end.
    public int run(Path socket, boolean lifeline, PrintWriter out) {
        Interruption.listen(interruption -> happenings.add(new Happening.Interrupted(interruption)));
        if (lifeline) {
            Thread.ofPlatform().daemon().name("pydron-lifeline").start(this::watchLifeline);
        }
        try (Session session = Session.create(environment);
                LocalService service = LocalService.open(settings, session, socket, environment)) {
            service.serve(python, session, environment, System.err);
            StaleSessions.remove(environment);
            service.workerPort().ifPresent(port -> out.println("pydron worker-port " + port));
            out.println("pydron ready " + socket);
            out.flush();
            return switch (happenings.take()) {
                case Happening.LifelineEnded() -> {
                    service.explain("", environment, System.err);
                    yield 0;
                }
                case Happening.Interrupted(Interruption interruption) -> ExitCode.ofSignal(interruption.number());
            };
        } catch (InterruptedException e) {
            return ExitCode.ofSignal(Interruption.TERM.number());
        } finally {
            remove(socket);
        }
    }

    private void watchLifeline() {
        InputStream in = System.in;
        byte[] scrap = new byte[256];
        try {
            while (in.read(scrap) >= 0) {
                continue; // nothing that is written on it means anything
            }
        } catch (IOException e) {
            // As good as ended.
        }
        happenings.add(new Happening.LifelineEnded());
    }

    private static void remove(Path socket) {
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            // Its folder is gone or no longer ours: nothing left to remove.
        }
    }
}
