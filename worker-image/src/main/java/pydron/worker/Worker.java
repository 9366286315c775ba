package pydron.worker;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.proto.Hello;
import pydron.proto.SchedulerMessage;
import pydron.proto.Welcome;
import pydron.wire.Ending;
import pydron.wire.FrameConnection;
import pydron.wire.FrameHandler;
import pydron.wire.FrameServer;
import pydron.wire.MalformedFrameException;

/// A running worker. The same code runs inside the scheduler's JVM with an in-process channel and on another machine
/// with a real one. The channel stays its creator's to shut down, after the worker.
///
/// This class joins the parts: it brings every event to the [Agent] under one lock, and does what the agent asks for
/// once the lock is free. Nobody is called from under the lock who might call back.
public final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private static final String PROTOCOL = "pydron-worker-1";
    private static final long WATCH_MS = 20;
    private static final long START_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long HANGUP_GRACE_MS = 500;
    private static final long FETCH_PAUSE_MS = 500;
    private static final int DEFAULT_HEARTBEAT_MS = 1_000;

    private final WorkerConfig config;
    private final WorkerListener listener;
    private final String id;
    private final String filePrefix;
    private final ScheduledExecutorService timer;
    private final FrameServer server;
    private final Link link;
    private final Transfers transfers;
    private final CountDownLatch over = new CountDownLatch(1);

    /// Guards what follows, and the agent and the pool with all they hold.
    private final Object lock = new Object();

    private final Pool pool;
    private final Agent agent;
    private final List<Runnable> afterwards = new ArrayList<>();
    private Optional<TaskWire.Ready> python = Optional.empty();
    private final Set<String> problems = new HashSet<>();
    private boolean watching;
    private boolean beating;
    private boolean outage;
    private boolean ended;
    private boolean closed;

    private Worker(WorkerConfig config, ManagedChannel channel, WorkerListener listener) throws IOException {
        this.config = config;
        this.listener = listener;
        this.id = config.name() + "-" + UUID.randomUUID().toString().substring(0, 12);
        String unique = id.substring(id.length() - 12);
        this.filePrefix = "w" + unique + "-";
        String valuePrefix = config.valueDirectory().resolve(filePrefix).toString();
        ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("worker-timer").factory());
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        threads.setRemoveOnCancelPolicy(true);
        this.timer = threads;
        this.link = new Link(channel, timer, new FromScheduler());
        this.transfers = new Transfers(channel, id);
        Path socket = config.runDirectory().resolve("w" + unique + ".sock");
        this.pool = new Pool(config, socket, valuePrefix, new FromProcess());
        this.agent = new Agent(config, link, pool, valuePrefix, new AgentOutside());
        this.server = new FrameServer(socket, "worker-processes", Processes::new);
    }

    /// Starts the worker: task processes if the interpreter is known, and the connection once the first of them is
    /// there. A Python that cannot be started is told to the listener.
    public static Worker start(WorkerConfig config, ManagedChannel channel, WorkerListener listener)
            throws IOException {
        Worker worker = new Worker(config, channel, listener);
        worker.begin();
        return worker;
    }

    /// A channel to a scheduler on this machine. There is no encryption, so anything but loopback is refused.
    public static ManagedChannel loopbackChannel(String host, int port) throws UnknownHostException {
        if (!InetAddress.getByName(host).isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "Cannot connect to '" + host + "': only this machine itself is reached without encryption");
        }
        return NettyChannelBuilder.forAddress(host, port)
                .usePlaintext()
                .maxInboundMessageSize(Link.MAX_MESSAGE)
                .build();
    }

    /// The identity under which the scheduler knows this worker.
    public String id() {
        return id;
    }

    /// Waits until the worker has nothing more to do: drained, refused, unable to start Python, or closed.
    public void awaitEnd() throws InterruptedException {
        over.await();
    }

    /// Finishes what it has in hand, takes nothing new, and then ends.
    public void drain() {
        locked(agent::drain);
    }

    private void begin() {
        locked(() -> {
            if (config.python().isPresent()) {
                String path = config.python().get().toString();
                pool.fill();
                pool.hopeless(path).ifPresent(why -> {
                    new AgentOutside().problem(why);
                    new AgentOutside().end(false, why);
                });
            } else {
                python = Optional.of(new TaskWire.Ready("", "", Map.of()));
                afterwards.add(link::connect);
            }
        });
        timer.scheduleWithFixedDelay(this::endSlowStarters, 5, 5, TimeUnit.SECONDS);
    }

    /// Ends everything: running tasks are killed, and no process, socket or file of this worker is left.
    @Override
    public void close() {
        List<TaskProcess> processes;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            if (!ended) {
                link.send(Messages.goodbye("closed"), 16);
            }
            pool.all().forEach(pool::retire);
            processes = pool.ending();
        }
        link.close();
        transfers.close();
        timer.shutdownNow();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HANGUP_GRACE_MS);
        for (TaskProcess process : processes) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (!process.awaitExit(Math.max(0, left))) {
                process.kill();
                process.awaitExit(HANGUP_GRACE_MS);
            }
        }
        server.close();
        removeFiles();
        over.countDown();
    }

    private void removeFiles() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(config.valueDirectory(), filePrefix + "*")) {
            files.forEach(Values::delete);
        } catch (IOException e) {
            LOG.warn("event=value-files-left directory={} reason={}", config.valueDirectory(), e.getMessage());
        }
    }

    /// Every event comes through here.
    private void locked(Runnable change) {
        List<Runnable> todo;
        synchronized (lock) {
            if (closed) {
                return;
            }
            change.run();
            todo = afterwards.isEmpty() ? List.of() : List.copyOf(afterwards);
            afterwards.clear();
        }
        link.drain();
        todo.forEach(Runnable::run);
    }

    private void endSlowStarters() {
        locked(() -> pool.all().stream()
                .filter(p -> p.stage() == TaskProcess.Stage.STARTING
                        && System.nanoTime() - p.startedNanos() > START_TIMEOUT_NANOS)
                .forEach(TaskProcess::destroy));
    }

    private void later(Runnable what, long millis) {
        try {
            timer.schedule(what, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The worker is closing, and nothing is due any more.
        }
    }

    /// What the agent asks for. Called under the lock.
    private final class AgentOutside implements Agent.Outside {
        @Override
        public void fetch(long value, Path file) {
            afterwards.add(() -> transfers.fetch(value, file, new FetchEnd()));
        }

        @Override
        public void upload(long value, Path file) {
            afterwards.add(() ->
                    transfers.upload(value, file, (v, reason) -> locked(() -> agent.unreadable(v, reason))));
        }

        @Override
        public void problem(String message) {
            if (!problems.add(message)) {
                return;
            }
            LOG.error("event=worker-problem worker={} message={}", id, message);
            afterwards.add(() -> listener.problem(message));
        }

        @Override
        public void watch() {
            if (!watching) {
                watching = true;
                later(
                        () -> locked(() -> {
                            watching = false;
                            agent.watch();
                        }),
                        WATCH_MS);
            }
        }

        @Override
        public void end(boolean asTold, String reason) {
            if (!ended) {
                ended = true;
                link.send(Messages.goodbye(reason), 64);
                afterwards.add(() -> {
                    link.close();
                    listener.ended(asTold, reason);
                    over.countDown();
                });
            }
        }
    }

    private final class FetchEnd implements Transfers.Fetched {
        @Override
        public void here(long value, Path file) {
            locked(() -> agent.fetched(value, file));
        }

        @Override
        public void failed(long value, String reason, boolean mayPass) {
            if (!mayPass) {
                locked(() -> agent.fetchFailed(value, reason));
                return;
            }
            later(
                    () -> locked(() -> {
                        if (agent.isWanted(value)) {
                            agent.fetchAgain(value);
                        }
                    }),
                    FETCH_PAUSE_MS);
        }
    }

    private final class FromScheduler implements Link.Owner {
        @Override
        public Hello hello() {
            synchronized (lock) {
                TaskWire.Ready about = python.orElseThrow();
                Hello.Builder hello = Hello.newBuilder()
                        .setWorkerId(id)
                        .setProtocol(PROTOCOL)
                        .setHost(hostName())
                        .setPid(ProcessHandle.current().pid())
                        .setPythonVersion(about.version())
                        .setSlots(config.slots())
                        .setSharesMemory(config.sharesMemory())
                        .putAllPackages(about.packages());
                agent.describe(hello);
                return hello.build();
            }
        }

        @Override
        public void welcome(Welcome welcome) {
            locked(() -> {
                outage = false;
                if (!beating) {
                    beating = true;
                    long ms = welcome.getHeartbeatMs() > 0 ? welcome.getHeartbeatMs() : DEFAULT_HEARTBEAT_MS;
                    timer.scheduleWithFixedDelay(link::beat, ms, ms, TimeUnit.MILLISECONDS);
                }
                agent.cancel(welcome.getForgetList());
                agent.free(pydron.proto.Free.newBuilder()
                        .addAllValues(welcome.getFreeList())
                        .build());
                afterwards.add(listener::connected);
            });
        }

        @Override
        public void message(SchedulerMessage message) {
            locked(() -> {
                switch (message.getKindCase()) {
                    case ASSIGN -> agent.assign(message.getAssign());
                    case CANCEL -> agent.cancel(message.getCancel().getAttemptsList());
                    case FREE -> agent.free(message.getFree());
                    case UPLOAD -> agent.upload(message.getUpload().getValue());
                    case DRAIN -> agent.drain();
                    case OVER -> agent.over();
                    case REFUSED ->
                        refused(
                                message.getRefused().getReason(),
                                message.getRefused().getRetry());
                    case WELCOME, KIND_NOT_SET -> {} // the link has taken the one; the other is from a newer scheduler
                }
            });
        }

        private void refused(String reason, boolean retry) {
            if (retry) {
                broken(reason, false);
            } else {
                new AgentOutside().end(false, "the scheduler refused this worker: " + reason);
            }
        }

        @Override
        public void broken(String reason, boolean forGood) {
            locked(() -> {
                if (forGood) {
                    new AgentOutside().end(false, "the scheduler does not accept this worker: " + reason);
                } else if (!outage) {
                    outage = true;
                    LOG.info("event=scheduler-lost worker={} reason={}", id, reason);
                    afterwards.add(() -> listener.disconnected(reason));
                }
            });
        }
    }

    private static String hostName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return Optional.ofNullable(System.getenv("HOSTNAME")).orElse("unknown");
        }
    }

    private final class FromProcess implements TaskProcess.Owner {
        @Override
        public void printed(TaskProcess process, boolean isStderr, byte[] text) {
            if (isStderr) {
                process.lastWords().add(text);
            }
            locked(() -> agent.printed(process, process.lastAttempt(), isStderr, text));
            link.awaitRoom();
        }

        @Override
        public void exited(TaskProcess process, int status) {
            locked(() -> agent.exited(process, status));
        }
    }

    /// One connection of a task process, which has to say first which one it is.
    private final class Processes implements FrameHandler {
        private final FrameConnection connection;
        private Optional<TaskProcess> process = Optional.empty();

        Processes(FrameConnection connection) {
            this.connection = connection;
        }

        @Override
        public void frame(int type, ByteBuffer payload) {
            switch (type) {
                case TaskWire.READY -> ready(TaskWire.ready(payload));
                case TaskWire.RESULTS -> {
                    List<TaskWire.Outcome> outcomes = TaskWire.results(payload);
                    // What the tasks have printed comes before their results, or nobody would know whose it is.
                    known().flushOutput();
                    locked(() -> agent.results(known(), outcomes));
                }
                case TaskWire.OUTPUT -> {
                    TaskWire.Printed printed = TaskWire.printed(payload);
                    if (printed.isStderr()) {
                        known().lastWords().add(printed.text());
                    }
                    locked(() -> agent.printed(known(), printed.attempt(), printed.isStderr(), printed.text()));
                    link.awaitRoom();
                }
                case TaskWire.STARTED -> {
                    long attempt = TaskWire.started(payload);
                    locked(() -> agent.started(known(), attempt));
                }
                default -> throw new MalformedFrameException("a frame of unknown type " + type);
            }
        }

        private TaskProcess known() {
            return process.orElseThrow(() -> new MalformedFrameException("a frame before READY"));
        }

        private void ready(TaskWire.Ready ready) {
            locked(() -> {
                process = pool.byToken(ready.token());
                if (process.isEmpty()) {
                    throw new MalformedFrameException("an unknown token");
                }
                agent.ready(process.get(), connection);
                if (python.isEmpty()) {
                    python = Optional.of(ready);
                    afterwards.add(link::connect);
                }
            });
        }

        @Override
        public void closed(Ending ending) {
            switch (ending) {
                case Ending.ClosedHere here -> {}
                // Most likely it has died and its death is about to be told; if not, it is of no use any more.
                case Ending.PeerClosed gone -> process.ifPresent(p -> later(p::destroy, HANGUP_GRACE_MS));
                case Ending.Broken(String reason) -> giveUp(reason);
                case Ending.Bug(RuntimeException cause) -> {
                    LOG.error("event=bug worker={} in=task-process-frames", id, cause);
                    giveUp(cause.toString());
                }
            }
        }

        private void giveUp(String reason) {
            process.ifPresent(p -> {
                LOG.warn("event=task-process-dropped worker={} pid={} reason={}", id, p.pid(), reason);
                p.destroy();
            });
        }
    }
}
