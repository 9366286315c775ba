package pydron.worker;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.proto.Hello;
import pydron.proto.SchedulerMessage;
import pydron.proto.Welcome;
import pydron.wire.FrameConnection;
import pydron.wire.FrameServer;
import pydron.wire.FrameWriter;
import pydron.wire.MalformedFrameException;

/// A running worker, in the scheduler's JVM or on another machine. The channel stays its creator's to shut down, later.
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
    private final Optional<LeaseFile> lease;
    private final Optional<Recall> recall;
    private final ScheduledExecutorService timer;
    private final FrameServer server;
    private final Link link;
    private final Transfers transfers;
    private final Modules modules;
    private final CountDownLatch over = new CountDownLatch(1);

    /// Guards what follows, and the agent and the pool with all they hold.
    private final Object lock = new Object();

    private final Pool pool;
    private final Interpreters interpreters;
    private final Agent agent;
    private final List<Runnable> afterwards = new ArrayList<>();
    private Optional<TaskWire.Ready> python = Optional.empty();
    private final Set<String> problems = new HashSet<>();
    private boolean watching;
    private boolean beating;
    private boolean outage;
    private boolean ended;
    private boolean closed;
    private long leaveNanos;
    private OptionalLong goneNanos = OptionalLong.empty();

    private Worker(WorkerConfig config, ManagedChannel channel, WorkerListener listener) throws IOException {
        this.config = config;
        this.listener = listener;
        String unique = config.membership()
                .map(Membership::mark)
                .orElseGet(() -> UUID.randomUUID().toString().substring(0, 12));
        this.id = config.name() + "-" + unique;
        this.lease = config.membership().map(it -> new LeaseFile(it.leaseFile()));
        this.recall = config.membership().flatMap(Membership::recalls).map(it -> new Recall(it, this::recalled));
        this.filePrefix = "w" + unique + "-";
        String valuePrefix = config.valueDirectory().resolve(filePrefix).toString();
        ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("worker-timer").factory());
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        threads.setRemoveOnCancelPolicy(true);
        this.timer = threads;
        this.link = new Link(channel, timer, new FromScheduler());
        this.transfers = new Transfers(channel, id);
        this.modules = new Modules(channel, id, config.membership().map(Membership::moduleFolder));
        Path socket = config.runDirectory().resolve("w" + unique + ".sock");
        this.pool = new Pool(config, socket, valuePrefix, new FromProcess());
        this.interpreters = new Interpreters(config, this::interpreterMade);
        this.agent = new Agent(config, link, pool, interpreters, new AgentOutside());
        FromConnection owner = new FromConnection();
        this.server = new FrameServer(socket, "worker-processes", c -> new ProcessFrames(c, owner));
    }

    /// Starts the worker: task processes if the interpreter is known, and the connection once the first of them is
    /// there. A Python that cannot be started is told to the listener.
    public static Worker start(WorkerConfig config, ManagedChannel channel, WorkerListener listener)
            throws IOException {
        Worker worker = new Worker(config, channel, listener);
        worker.begin();
        return worker;
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
        locked(() -> agent.drain(false));
    }

    private void begin() {
        if (config.membership().isPresent()) {
            removeFiles(); // of a life before this one, which ended without warning
        }
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
        recall.ifPresent(Recall::start);
    }

    private void recalled(Duration left) {
        locked(() -> {
            goneNanos = OptionalLong.of(System.nanoTime() + left.toNanos());
            sayRecalled();
        });
    }

    private void sayRecalled() {
        goneNanos.ifPresent(it -> link.send(Messages.recalled(Duration.ofNanos(it - System.nanoTime())), 8));
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
        recall.ifPresent(Recall::close);
        link.close();
        transfers.close();
        modules.close();
        interpreters.close();
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

    private void interpreterMade(Runnable change) {
        locked(() -> {
            change.run();
            agent.dispatch();
        });
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
        public void jobOver(int job) {
            modules.forget(job);
            interpreters.forget(job);
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
                        .setHost(Host.name())
                        .setPid(ProcessHandle.current().pid())
                        .setPythonVersion(about.version())
                        .setSlots(config.slots())
                        .setSharesMemory(config.sharesMemory())
                        .putAllPackages(about.packages());
                config.membership().ifPresent(it -> it.describe(hello));
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
                sayRecalled();
                afterwards.add(listener::connected);
            });
        }

        @Override
        public void message(SchedulerMessage message) {
            locked(() -> {
                switch (message.getKindCase()) {
                    case ASSIGN -> agent.assign(message.getAssign());
                    case CANCEL -> agent.cancel(message.getCancel().getAttemptsList());
                    case TAKE_BACK -> agent.takeBack(message.getTakeBack().getAttemptsList());
                    case FREE -> agent.free(message.getFree());
                    case UPLOAD -> agent.upload(message.getUpload().getValue());
                    case DRAIN -> leave(message.getDrain().getLeftMs());
                    case LEASE -> {
                        long seconds = message.getLease().getLeftS();
                        afterwards.add(() -> lease.ifPresent(it -> it.extend(seconds)));
                    }
                    case OVER -> agent.over();
                    case REFUSED ->
                        refused(
                                message.getRefused().getReason(),
                                message.getRefused().getRetry());
                    case WELCOME, KIND_NOT_SET -> {} // the link has taken the one; the other is from a newer scheduler
                }
            });
        }

        /// The latest time that was said counts.
        private void leave(long leftMillis) {
            agent.drain(true);
            long at = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(leftMillis);
            leaveNanos = at;
            later(
                    () -> locked(() -> {
                        if (leaveNanos == at) {
                            new AgentOutside().end(true, "drained, its time is over");
                        }
                    }),
                    leftMillis);
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

    /// What task processes say on their connections.
    private final class FromConnection implements ProcessFrames.Owner {
        @Override
        public Optional<TaskProcess> ready(TaskWire.Ready ready, FrameConnection connection) {
            var found = new AtomicReference<TaskProcess>();
            locked(() -> {
                TaskProcess process =
                        pool.byToken(ready.token()).orElseThrow(() -> new MalformedFrameException("an unknown token"));
                found.set(process);
                agent.ready(process, connection);
                if (python.isEmpty()) {
                    python = Optional.of(ready);
                    afterwards.add(link::connect);
                }
            });
            return Optional.ofNullable(found.get());
        }

        @Override
        public void results(TaskProcess process, List<TaskWire.Outcome> outcomes) {
            locked(() -> agent.results(process, outcomes));
        }

        @Override
        public void printed(TaskProcess process, TaskWire.Printed printed) {
            locked(() -> agent.printed(process, printed.attempt(), printed.isStderr(), printed.text()));
            link.awaitRoom();
        }

        @Override
        public void started(TaskProcess process, long attempt) {
            locked(() -> agent.started(process, attempt));
        }

        @Override
        public void wanted(TaskWire.ModuleWanted wanted, FrameConnection by) {
            locked(() -> {
                if (pool.byToken(wanted.token()).isEmpty()) {
                    throw new MalformedFrameException("an unknown token");
                }
                afterwards.add(() -> modules.bring(wanted.job(), wanted.name(), answer -> {
                    FrameWriter frame = new FrameWriter();
                    TaskWire.module(frame, answer);
                    by.send(frame);
                }));
            });
        }

        @Override
        public void hungUp(TaskProcess process) {
            // Most likely it has died and its death is about to be told; if not, it is of no use any more.
            later(process::destroy, HANGUP_GRACE_MS);
        }

        @Override
        public void broken(Optional<TaskProcess> process, String reason) {
            process.ifPresent(p -> {
                LOG.warn("event=task-process-dropped worker={} pid={} reason={}", id, p.pid(), reason);
                p.destroy();
            });
        }

        @Override
        public void bug(RuntimeException cause) {
            LOG.error("event=bug worker={} in=task-process-frames", id, cause);
        }
    }
}
