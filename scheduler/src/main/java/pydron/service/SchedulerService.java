package pydron.service;

import io.grpc.Server;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.core.Core;
import pydron.core.Demand;
import pydron.core.Effect;
import pydron.core.Event;
import pydron.wire.FrameServer;

/// The scheduler, running: the core, and around it the drivers' socket, the workers' service, files and the clock.
///
/// The constructor returns as soon as drivers can connect. What workers need loads meanwhile on another thread;
/// [#workerService] waits for it.
public final class SchedulerService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SchedulerService.class);
    private static final long TICK_MILLIS = 100;

    /// Workers have so long to take in that it is over.
    private static final Duration PARTING = Duration.ofSeconds(1);

    static final long LARGEST_MESSAGE = Integer.MAX_VALUE;

    /// Where workers reach this scheduler: in this process by name, from others by port.
    ///
    /// @param port in plain text, for processes on this machine
    /// @param securePort with TLS, where tunnels from other machines are to lead
    public record WorkerEndpoint(String inProcessName, OptionalInt port, OptionalInt securePort) {}

    private record Servers(List<Server> all, WorkerEndpoint endpoint) {}

    private final SchedulerConfig config;
    private final SchedulerListener listener;
    private final Core core;
    private final SerialQueue<Event> queue = new SerialQueue<>(this::handle, this::idle);
    private final ValueFiles files;
    private final DriverGateway drivers;
    private final FrameServer socket;
    private final CompletableFuture<WorkerGateway> workers = new CompletableFuture<>();
    private final CompletableFuture<Servers> servers = new CompletableFuture<>();
    private final Queue<Server> doors = new ConcurrentLinkedQueue<>();
    private final ScheduledThreadPoolExecutor clock;
    private final Queue<CompletableFuture<Demand>> asked = new ConcurrentLinkedQueue<>();
    private final Claims claims;
    private volatile boolean over;
    private volatile Core.Statistics statistics = new Core.Statistics(0, 0, 0, 0, 0, 0, Core.Ahead.NONE);

    public SchedulerService(SchedulerConfig config, Analyzer analyzer, SchedulerListener listener) throws IOException {
        this.config = config;
        this.listener = listener;
        // Attempts of an earlier life of the scheduler must not look like ours: there are not 2^20 in a millisecond.
        this.core = new Core(config.lease(), System.currentTimeMillis() << 20);
        prepare(config.valueDirectory());
        this.files = new ValueFiles(config.valueDirectory(), queue);
        this.claims = new Claims(config.remote().map(RemoteAccess::admission), queue);
        this.drivers = new DriverGateway(config, analyzer, queue, listener, () -> statistics.slots());
        Thread.ofPlatform().daemon().name("pydron-worker-service").start(this::startServers);
        try {
            this.socket = new FrameServer(config.socket(), "pydron-drivers", drivers::accept);
        } catch (IOException e) {
            drivers.close();
            servers.thenAccept(s -> s.all.forEach(Server::shutdownNow));
            throw e;
        }
        this.clock = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("pydron-clock").factory());
        clock.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static void prepare(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    private void startServers() {
        try {
            WorkerGateway gateway = new WorkerGateway(
                    queue,
                    files,
                    config.lease(),
                    claims,
                    config.remote().map(RemoteAccess::builds).orElse(Set.of()));
            String name = "pydron-" + ProcessHandle.current().pid() + "-" + System.identityHashCode(this);
            List<Server> all = new java.util.ArrayList<>();
            all.add(InProcessServerBuilder.forName(name)
                    .directExecutor()
                    .maxInboundMetadataSize(1 << 20)
                    .addService(gateway)
                    .build()
                    .start());
            OptionalInt port = OptionalInt.empty();
            if (config.workerPort().isPresent()) {
                InetSocketAddress loopback = new InetSocketAddress(
                        InetAddress.getByName("127.0.0.1"), config.workerPort().getAsInt());
                Server tcp = NettyServerBuilder.forAddress(loopback)
                        .directExecutor()
                        .maxInboundMessageSize((int) LARGEST_MESSAGE)
                        .permitKeepAliveTime(5, TimeUnit.SECONDS)
                        .permitKeepAliveWithoutCalls(true)
                        .addService(gateway)
                        .build()
                        .start();
                all.add(tcp);
                port = OptionalInt.of(tcp.getPort());
            }
            OptionalInt securePort = OptionalInt.empty();
            if (config.remote().isPresent()) {
                RemoteAccess access = config.remote().get();
                InetSocketAddress loopback = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), access.port());
                Server secure = SecureServer.start(loopback, access.identity(), access.authority(), gateway);
                all.add(secure);
                securePort = OptionalInt.of(secure.getPort());
            }
            workers.complete(gateway);
            servers.complete(new Servers(all, new WorkerEndpoint(name, port, securePort)));
        } catch (IOException | RuntimeException e) {
            workers.completeExceptionally(e);
            servers.completeExceptionally(e);
        }
    }

    /// Waits until workers can connect.
    public WorkerEndpoint workerService() throws IOException {
        try {
            return servers.join().endpoint;
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e;
        }
    }

    /// Somewhere that workers of other machines come in by.
    public interface Door extends AutoCloseable {
        int port();

        /// Nobody comes in by it any more. Who has come stays as long as the connection does.
        @Override
        void close();
    }

    /// Opens a door for workers that reach this machine without a tunnel. They show what those show that come by
    /// tunnels. It is closed with the scheduler at the latest.
    ///
    /// @throws IOException it is not this machine's address, or the port is taken
    public Door open(InetSocketAddress at, ServerIdentity identity) throws IOException {
        WorkerGateway gateway = workers.join();
        Server server =
                SecureServer.start(at, identity, config.remote().orElseThrow().authority(), gateway);
        doors.add(server);
        return new Door() {
            @Override
            public int port() {
                return server.getPort();
            }

            @Override
            public void close() {
                server.shutdown();
            }
        };
    }

    public Path socket() {
        return socket.socket();
    }

    /// As of the last tenth of a second.
    public Core.Statistics statistics() {
        return statistics;
    }

    /// What is to be done, as of the next tenth of a second.
    public CompletableFuture<Demand> demand() {
        CompletableFuture<Demand> answer = new CompletableFuture<>();
        asked.add(answer);
        return answer;
    }

    /// Tells the users of all programs about the machines, see [Event.FleetDescribed].
    public void describe(String line, String notice) {
        queue.submit(new Event.FleetDescribed(line, notice));
    }

    /// On the thread that runs the core.
    private void answer() {
        if (asked.isEmpty()) {
            return;
        }
        Demand demand = core.demand(System.nanoTime());
        for (CompletableFuture<Demand> one = asked.poll(); one != null; one = asked.poll()) {
            one.completeAsync(() -> demand);
        }
    }

    /// The workers on instances.
    public Instances instances() {
        return claims;
    }

    private void tick() {
        queue.submit(new Event.TimePassed());
    }

    private void handle(Event event) {
        try {
            long now = System.nanoTime();
            listener.happened(event, now);
            for (Effect effect : core.handle(event, now)) {
                listener.decided(effect, now);
                act(effect);
            }
            if (event instanceof Event.TimePassed || event instanceof Event.WorkerJoined) {
                publish();
                answer();
                claims.look(core, now);
            }
        } catch (RuntimeException e) {
            log.error("event={} could not be handled", event.getClass().getSimpleName(), e);
            if (event instanceof Event.FromDriver fromDriver) {
                drivers.act(new Effect.DropDriver(fromDriver.job(), "internal error: " + e));
            }
        }
    }

    private void act(Effect effect) {
        switch (effect) {
            case Effect.ToDriver e -> drivers.act(e);
            // A session exists only once the gateway does.
            case Effect.ToWorker e -> workers.join().act(e);
            case Effect.ServeFile e -> files.act(e);
            case Effect.ServePickle e -> files.act(e);
            case Effect.RefuseValue e -> files.act(e);
            case Effect.DeleteFile e -> files.delete(e.path());
        }
    }

    private void publish() {
        Core.Statistics now = core.statistics();
        if (!now.equals(statistics)) {
            statistics = now;
            listener.statistics(now);
        }
    }

    /// Also where the last thing happens that is said to workers: their streams take one sender at a time.
    private void idle() {
        drivers.flush();
        if (over && workers.isDone() && !workers.isCompletedExceptionally()) {
            workers.join().dismiss();
        }
    }

    /// Ends all jobs, then lets the workers go.
    @Override
    public void close() {
        clock.shutdownNow();
        socket.close();
        drivers.close();
        try {
            Servers s = servers.join();
            over = true;
            queue.drain();
            List<Server> all = Stream.concat(s.all.stream(), doors.stream()).toList();
            all.forEach(Server::shutdown);
            workers.join().close();
            long deadline = System.nanoTime() + PARTING.toNanos();
            for (Server server : all) {
                if (!server.awaitTermination(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    server.shutdownNow();
                    server.awaitTermination(PARTING.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (CompletionException e) {
            log.debug("the worker service never ran: {}", e.getCause().toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
