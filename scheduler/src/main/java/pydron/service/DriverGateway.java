package pydron.service;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.core.Effect;
import pydron.core.Event;
import pydron.wire.Ending;
import pydron.wire.FrameConnection;
import pydron.wire.FrameHandler;
import pydron.wire.FrameReader;
import pydron.wire.FrameWriter;
import pydron.wire.MalformedFrameException;

/// The drivers: one connection is one job.
///
/// What the core has for a driver is collected in one writer for each and leaves in one system call when the core has
/// nothing more to do.
final class DriverGateway implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DriverGateway.class);
    private static final int FLUSH_BYTES = 1 << 18;

    /// A user's deeply nested expression is walked by recursion.
    private static final long ANALYSIS_STACK_BYTES = 128L << 20;

    private final SchedulerConfig config;
    private final Analyzer analyzer;
    private final SerialQueue<Event> queue;
    private final SchedulerListener listener;
    private final IntSupplier slots;
    private final AtomicInteger jobs = new AtomicInteger();
    private final AtomicInteger connected = new AtomicInteger();
    private final ExecutorService analysis;

    /// Only touched by the thread that runs the core, but for the map itself, which grows on the selector thread.
    private final Map<Integer, Driver> drivers = new java.util.concurrent.ConcurrentHashMap<>();

    private final Map<Integer, Driver> toFlush = new LinkedHashMap<>();

    DriverGateway(
            SchedulerConfig config,
            Analyzer analyzer,
            SerialQueue<Event> queue,
            SchedulerListener listener,
            IntSupplier slots) {
        this.config = config;
        this.analyzer = analyzer;
        this.queue = queue;
        this.listener = listener;
        this.slots = slots;
        ThreadPoolExecutor one = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("pydron-analysis")
                        .stackSize(ANALYSIS_STACK_BYTES)
                        .unstarted(task));
        one.allowCoreThreadTimeOut(true);
        this.analysis = one;
    }

    FrameHandler accept(FrameConnection connection) {
        return new Driver(connection);
    }

    /// Called by the thread that runs the core.
    void act(Effect.ToDriver effect) {
        Driver driver = drivers.get(effect.job());
        if (driver == null) {
            return;
        }
        if (effect instanceof Effect.ShowProgress && driver.connection.queuedBytes() > 0) {
            return; // It does not read; yet another number would only pile up.
        }
        DriverFrames.write(driver.out, effect);
        toFlush.put(effect.job(), driver);
        if (driver.out.size() > FLUSH_BYTES) {
            driver.connection.send(driver.out);
        }
        if (effect instanceof Effect.DropDriver drop) {
            driver.connection.send(driver.out);
            driver.connection.breakOff(drop.reason());
        }
    }

    /// Called by the thread that runs the core, when there is nothing more to do.
    void flush() {
        if (!toFlush.isEmpty()) {
            toFlush.values().forEach(d -> d.connection.send(d.out));
            toFlush.clear();
        }
    }

    @Override
    public void close() {
        analysis.shutdownNow();
    }

    private final class Driver implements FrameHandler {
        private final FrameConnection connection;
        private final FrameWriter out = new FrameWriter();
        private int job;
        private int pid;

        Driver(FrameConnection connection) {
            this.connection = connection;
        }

        @Override
        public void frame(int type, ByteBuffer payload) {
            FrameReader in = new FrameReader(payload);
            if (job == 0) {
                if (type != DriverFrames.HELLO) {
                    throw new MalformedFrameException("the first frame has type " + type + " instead of HELLO");
                }
                greet(DriverFrames.hello(in));
                return;
            }
            switch (type) {
                case DriverFrames.HELLO -> throw new MalformedFrameException("a second HELLO");
                case DriverFrames.ANALYZE -> analyze(in.u32(), in.rest());
                case DriverFrames.TRACE -> listener.traced(job, DriverTrace.read(in), System.nanoTime());
                case DriverFrames.NOTE -> log.info("driver={} note={}", pid, in.str());
                default -> queue.offer(DriverFrames.event(job, type, in));
            }
        }

        private void greet(DriverFrames.Hello hello) {
            FrameWriter answer = new FrameWriter();
            if (!hello.protocol().equals(DriverFrames.PROTOCOL)) {
                DriverFrames.notice(
                        answer,
                        Effect.Level.ERROR,
                        "the Python package speaks '" + hello.protocol() + "', this scheduler '" + DriverFrames.PROTOCOL
                                + "': install the same version of both");
                connection.send(answer);
                connection.breakOff("speaks " + hello.protocol());
                return;
            }
            job = jobs.incrementAndGet();
            pid = hello.pid();
            drivers.put(job, this);
            queue.offer(new Event.JobOpened(job, hello.driver()));
            int expected = Math.max(slots.getAsInt(), config.expectedSlots());
            DriverFrames.welcome(answer, config, job, expected, listener.recordsRuns());
            connection.send(answer);
            log.debug("driver={} job={} connected", pid, job);
            listener.drivers(connected.incrementAndGet());
        }

        private void analyze(int request, byte[] unit) {
            try {
                analysis.execute(() -> answer(request, unit));
            } catch (RejectedExecutionException e) {
                log.debug("job={} asked for an analysis while the scheduler closes", job);
            }
        }

        private void answer(int request, byte[] unit) {
            FrameWriter answer = new FrameWriter();
            try {
                DriverFrames.template(answer, request, analyzer.analyze(unit));
            } catch (AnalysisException e) {
                DriverFrames.noTemplate(answer, request, e.getMessage());
            } catch (RuntimeException | StackOverflowError e) {
                log.error("job={} analysis failed", job, e);
                DriverFrames.noTemplate(answer, request, "the analysis failed: " + e);
            }
            connection.send(answer);
        }

        @Override
        public void batchEnd() {
            queue.drain();
        }

        @Override
        public void closed(Ending ending) {
            switch (ending) {
                case Ending.PeerClosed e -> log.debug("driver={} job={} has gone", pid, job);
                case Ending.ClosedHere e -> log.debug("driver={} job={} closed", pid, job);
                case Ending.Broken e -> log.warn("driver={} job={} disconnected: {}", pid, job, e.reason());
                case Ending.Bug e -> log.error("driver={} job={} disconnected by a bug", pid, job, e.cause());
            }
            if (job != 0) {
                drivers.remove(job);
                queue.submit(new Event.JobClosed(job));
                listener.drivers(connected.decrementAndGet());
            }
        }
    }
}
