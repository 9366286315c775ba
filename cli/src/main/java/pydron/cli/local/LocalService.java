package pydron.cli.local;

import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import pydron.analysis.PipelineAnalysis;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.Version;
import pydron.cli.python.Python;
import pydron.cli.session.Session;
import pydron.core.Core;
import pydron.service.AnalysisException;
import pydron.service.Analyzer;
import pydron.service.SchedulerConfig;
import pydron.service.SchedulerListener;
import pydron.service.SchedulerService;
import pydron.worker.Worker;
import pydron.worker.WorkerListener;

/// Scheduler and worker in this process, joined by gRPC's in-process transport. This is where Pydron is put together.
///
/// Two steps, so that a program can be started between them: `open` listens for drivers and takes milliseconds,
/// `serve` brings in gRPC and the worker.
public final class LocalService implements Served, AutoCloseable {
    /// Workers are on this machine: one that is silent for so long is not behind a bad network.
    private static final Duration LEASE = Duration.ofSeconds(8);

    private final ServiceSettings settings;
    private final SchedulerService scheduler;
    private final Optional<Explaining> explaining;
    private OptionalInt workerPort = OptionalInt.empty();
    private Optional<ManagedChannel> channel = Optional.empty();
    private Optional<Worker> worker = Optional.empty();

    private LocalService(ServiceSettings settings, SchedulerService scheduler, Optional<Explaining> explaining) {
        this.settings = settings;
        this.scheduler = scheduler;
        this.explaining = explaining;
    }

    /// Returns when drivers can connect to `socket`.
    static LocalService open(ServiceSettings settings, Session session, Path socket, Map<String, String> environment) {
        SchedulerConfig config = new SchedulerConfig(
                socket,
                session.values(),
                settings.workerPort(),
                LEASE,
                settings.showProgress(),
                Math.max(1, settings.slots()),
                Version.text(),
                Optional.empty(),
                KeptAnalyses.folder());
        Log.open(session, environment);
        try {
            Optional<Explaining> explaining = settings.explain().map(Explaining::new);
            Analyzer analyzer = explaining
                    .<Analyzer>map(e -> unit -> {
                        e.analysed(unit);
                        return analyze(unit);
                    })
                    .orElse(LocalService::analyze);
            SchedulerListener listener =
                    explaining.<SchedulerListener>map(Explaining::recorder).orElse(SchedulerListener.NONE);
            return new LocalService(settings, new SchedulerService(config, analyzer, listener), explaining);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot listen on '" + socket + "': " + e.getMessage(), e);
        }
    }

    /// The analysis, as the scheduler calls it.
    public static byte[] analyze(byte[] unit) throws AnalysisException {
        try {
            return PipelineAnalysis.analyse(unit);
        } catch (IllegalArgumentException e) {
            throw new AnalysisException(e.getMessage());
        }
    }

    /// Returns when workers can connect, and one for this machine, if there is to be one, has been started.
    void serve(Python python, Session session, Map<String, String> environment, PrintStream err) {
        WarmUp.begin();
        try {
            SchedulerService.WorkerEndpoint endpoint = scheduler.workerService();
            workerPort = endpoint.port();
            if (settings.slots() > 0) {
                channel = Optional.of(InProcessChannelBuilder.forName(endpoint.inProcessName())
                        .directExecutor()
                        .build());
                worker = Optional.of(Worker.start(
                        WorkerSettings.of("local", settings.slots(), python, session, environment),
                        channel.get(),
                        new Tell(err)));
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private CommandFailure failure(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException
                    || String.valueOf(cause.getMessage()).contains("already in use")) {
                return new CommandFailure(
                        ExitCode.FAILED,
                        "cannot listen on port " + settings.workerPort().orElse(0) + ": it is in use",
                        e,
                        "Choose another --worker-port, or 0 for any free one.");
            }
        }
        return new CommandFailure(ExitCode.FAILED, "cannot start the service: " + e.getMessage(), e);
    }

    /// Where workers of other processes connect.
    OptionalInt workerPort() {
        return workerPort;
    }

    /// Tells about the run what the user wants to know; false if that is an error.
    ///
    /// @param title empty: the path of the script that connected
    @Override
    public boolean explain(String title, Map<String, String> environment, PrintStream err) {
        return explaining
                .map(e -> e.tell(title, settings.slots(), environment, err))
                .orElse(true);
    }

    /// What has been done, in words.
    @Override
    public String summary() {
        Core.Statistics now = scheduler.statistics();
        long cancelled = (long) now.running() + now.waiting();
        return now.done() + (now.done() == 1 ? " task" : " tasks") + " finished"
                + (cancelled > 0 ? ", " + cancelled + " cancelled" : "");
    }

    /// What was computed before its turn, in words. Waits a moment for what the program said last.
    @Override
    public String speculation() {
        Core.Statistics now = scheduler.statistics();
        for (int i = 0; now.jobs() > 0 && i < 100; i++) {
            LockSupport.parkNanos(10_000_000);
            now = scheduler.statistics();
        }
        Core.Ahead ahead = now.ahead();
        return String.format(
                Locale.ROOT,
                "%d %s computed before their turn, %d used, %.1f s wasted",
                ahead.made(),
                ahead.made() == 1 ? "call" : "calls",
                ahead.used(),
                ahead.wastedSeconds());
    }

    /// Ends tasks, task processes and connections.
    @Override
    public void close() {
        worker.ifPresent(Worker::close);
        channel.ifPresent(ManagedChannel::shutdownNow);
        scheduler.close();
    }

    /// What the embedded worker has to say to the user.
    private record Tell(PrintStream err) implements WorkerListener {
        @Override
        public void problem(String message) {
            err.println("pydron: " + message);
        }
    }
}
