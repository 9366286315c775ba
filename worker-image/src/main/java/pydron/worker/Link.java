package pydron.worker;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import pydron.proto.Heartbeat;
import pydron.proto.Hello;
import pydron.proto.Result;
import pydron.proto.SchedulerMessage;
import pydron.proto.Welcome;
import pydron.proto.WorkerMessage;
import pydron.proto.WorkerServiceGrpc;

/// The `Work` stream and what waits to be sent on it. It connects again for as long as it takes, and loses no report:
/// what was sent shortly before a break is sent again after it, since nobody can tell whether it arrived.
///
/// Putting a message into the queue and sending it are two steps, because the scheduler may be in this JVM and answer
/// before sending returns: [#send] is for use under a lock, [#drain] is not.
final class Link {
    /// What the link needs to know and has to tell. Never called with the link's own lock held.
    interface Owner {
        /// The first message of a stream; `running` are attempts whose outcome the scheduler may not have yet.
        Hello hello();

        void welcome(Welcome welcome);

        void message(SchedulerMessage message);

        void broken(String reason, boolean forGood);
    }

    static final int MAX_MESSAGE = 1 << 30;

    private static final long QUEUE_CAP = 32L << 20;
    private static final long RECENT_BYTES = 8L << 20;
    private static final int RECENT_MESSAGES = 512;

    /// More of the briefest tasks are rather run again than remembered: what lives that long fills the old generation.
    private static final int RECENT_RESULTS = 10_000;

    private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LAST_PAUSE_MS = 5_000;
    /// Breaks that trying again does not mend.
    private static final Set<Status.Code> FINAL =
            Set.of(Status.Code.UNIMPLEMENTED, Status.Code.PERMISSION_DENIED, Status.Code.UNAUTHENTICATED);

    /// What says nothing to users before "Connection refused".
    private static final String SYSTEM_CALL = "^io exception: (\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): )?";

    private record Queued(WorkerMessage message, long bytes, long sentNanos) {}

    private final ManagedChannel channel;
    private final WorkerServiceGrpc.WorkerServiceStub stub;
    private final ScheduledExecutorService timer;
    private final Owner owner;

    private final ArrayDeque<Queued> queue = new ArrayDeque<>();
    private final ArrayDeque<Queued> recent = new ArrayDeque<>();
    private long queuedBytes;
    private long recentBytes;
    private int recentResults;
    private Optional<Stream> stream = Optional.empty();
    private boolean welcomed;
    private boolean draining;
    private boolean sentSinceBeat;
    private boolean closed;
    private long pauseMs = FIRST_PAUSE_MS;

    Link(ManagedChannel channel, ScheduledExecutorService timer, Owner owner) {
        this.channel = channel;
        this.stub = WorkerServiceGrpc.newStub(channel).withMaxInboundMessageSize(MAX_MESSAGE);
        this.timer = timer;
        this.owner = owner;
    }

    /// Opens a stream. Called once; the link itself calls it again after each break.
    void connect() {
        Stream fresh = new Stream();
        synchronized (this) {
            if (closed) {
                return;
            }
            stream = Optional.of(fresh);
            welcomed = false;
        }
        // gRPC waits for up to two minutes after a connection has failed. Pausing is our own business.
        channel.resetConnectBackoff();
        fresh.open();
    }

    /// Queues a message of about so many bytes.
    synchronized void send(WorkerMessage message, long bytes) {
        if (!closed) {
            queue.add(new Queued(message, bytes, 0));
            queuedBytes += bytes;
        }
    }

    /// Called when a `Hello` is made: credit from before it would count twice. Gives the attempts whose outcome is
    /// still queued or may have been lost.
    synchronized List<Long> startHello() {
        queue.removeIf(q -> q.message().hasCredit());
        pruneRecent();
        List<Long> attempts = new ArrayList<>();
        for (Iterable<Queued> some : List.of(recent, queue)) {
            for (Queued q : some) {
                q.message().getResults().getResultsList().forEach(r -> attempts.add(r.getAttempt()));
            }
        }
        return attempts;
    }

    /// Sends what is queued, as far as the stream takes it. One thread at a time sends; others leave it to that one.
    void drain() {
        drain(false);
    }

    private void drain(boolean evenIfSlow) {
        while (true) {
            ClientCallStreamObserver<WorkerMessage> call;
            Queued next;
            synchronized (this) {
                if (draining || !welcomed || queue.isEmpty() || stream.isEmpty()) {
                    return;
                }
                call = stream.get().call;
                if (!evenIfSlow && !call.isReady()) {
                    return;
                }
                next = queue.poll();
                queuedBytes -= next.bytes();
                remember(next);
                draining = true;
                sentSinceBeat = true;
            }
            try {
                call.onNext(next.message());
            } catch (IllegalStateException e) {
                // The stream has just ended; its end is on its way to us, and the message is remembered.
            } finally {
                synchronized (this) {
                    draining = false;
                    notifyAll();
                }
            }
        }
    }

    /// Waits while the scheduler is so far behind that nothing more should be read from the task processes.
    synchronized void awaitRoom() {
        while (queuedBytes > QUEUE_CAP && !closed) {
            try {
                wait(1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /// Says something if nothing else was said since the last time.
    void beat() {
        synchronized (this) {
            boolean quiet = welcomed && !sentSinceBeat && queue.isEmpty();
            sentSinceBeat = false;
            if (!quiet) {
                return;
            }
            send(
                    WorkerMessage.newBuilder()
                            .setHeartbeat(Heartbeat.getDefaultInstance())
                            .build(),
                    8);
        }
        drain();
    }

    /// Sends what there is, a last word included, and ends the stream for good.
    void close() {
        synchronized (this) {
            awaitSender();
        }
        drain(true);
        Optional<Stream> last;
        synchronized (this) {
            closed = true;
            awaitSender();
            last = stream;
            stream = Optional.empty();
            queue.clear();
            queuedBytes = 0;
            notifyAll();
        }
        last.ifPresent(Stream::complete);
    }

    /// The stream is not for two threads at a time.
    private void awaitSender() {
        for (int i = 0; draining && i < 10; i++) {
            try {
                wait(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void remember(Queued sent) {
        if (sent.message().hasResults()) {
            recent.add(new Queued(sent.message(), sent.bytes(), System.nanoTime()));
            recentBytes += sent.bytes();
            recentResults += sent.message().getResults().getResultsCount();
            pruneRecent();
        }
    }

    private void pruneRecent() {
        long now = System.nanoTime();
        while (!recent.isEmpty()
                && (recentBytes > RECENT_BYTES
                        || recent.size() > RECENT_MESSAGES
                        || recentResults > RECENT_RESULTS
                        || now - recent.peek().sentNanos() > RECENT_NANOS)) {
            Queued old = recent.poll();
            recentBytes -= old.bytes();
            recentResults -= old.message().getResults().getResultsCount();
        }
    }

    /// After `Welcome`: results that may have been lost go again, before anything else.
    private synchronized void resend(Set<Long> unwanted) {
        for (Queued q : List.copyOf(recent).reversed()) {
            List<Result> wanted = q.message().getResults().getResultsList().stream()
                    .filter(r -> !unwanted.contains(r.getAttempt()))
                    .toList();
            if (!wanted.isEmpty()) {
                queue.addFirst(new Queued(Messages.results(wanted), q.bytes(), 0));
                queuedBytes += q.bytes();
            }
        }
        recent.clear();
        recentBytes = 0;
        recentResults = 0;
        welcomed = true;
        pauseMs = FIRST_PAUSE_MS;
    }

    /// In one line. That there was an error gRPC says itself; which one, what the error was caused by.
    static String reason(Status status) {
        String text = firstLine(status.getDescription(), status.getCode().toString());
        String cause = "";
        for (Throwable it = status.getCause(); it != null; it = it.getCause()) {
            cause = firstLine(it.getMessage(), cause);
        }
        String said = cause.isEmpty() || text.contains(cause) ? text : text + ": " + cause;
        return said.replaceFirst(SYSTEM_CALL, "");
    }

    private static String firstLine(String text, String otherwise) {
        return Optional.ofNullable(text)
                .flatMap(it -> it.lines().findFirst())
                .filter(it -> !it.isBlank())
                .orElse(otherwise);
    }

    private void ended(Stream which, Status status) {
        boolean forGood = FINAL.contains(status.getCode());
        long pause;
        synchronized (this) {
            if (closed || stream.isEmpty() || stream.get() != which) {
                return;
            }
            stream = Optional.empty();
            welcomed = false;
            pause = pauseMs / 2 + ThreadLocalRandom.current().nextLong(pauseMs / 2 + 1);
            pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 2);
        }
        owner.broken(reason(status), forGood);
        if (!forGood) {
            try {
                timer.schedule(this::connect, pause, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // The worker is closing.
            }
        }
    }

    /// One life of the `Work` stream.
    private final class Stream implements ClientResponseObserver<WorkerMessage, SchedulerMessage> {
        private volatile ClientCallStreamObserver<WorkerMessage> call;
        private boolean open;
        private boolean unwanted;

        void open() {
            stub.work(this);
            try {
                call.onNext(WorkerMessage.newBuilder().setHello(owner.hello()).build());
            } catch (IllegalStateException e) {
                // Ended before it began; onError says so.
            }
            synchronized (this) {
                open = true;
                if (!unwanted) {
                    return;
                }
            }
            complete();
        }

        /// Also while another thread is still opening it, as where a script ends before its worker has connected. gRPC
        /// does not bear that, so it is left to the other thread.
        void complete() {
            synchronized (this) {
                unwanted = true;
                if (!open) {
                    return;
                }
            }
            try {
                call.onCompleted();
            } catch (IllegalStateException e) {
                // It has ended already.
            }
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WorkerMessage> requests) {
            call = requests;
            requests.setOnReadyHandler(Link.this::drain);
        }

        @Override
        public void onNext(SchedulerMessage message) {
            if (message.hasWelcome()) {
                resend(new HashSet<>(message.getWelcome().getForgetList()));
                owner.welcome(message.getWelcome());
            } else {
                owner.message(message);
            }
        }

        @Override
        public void onError(Throwable e) {
            ended(this, Status.fromThrowable(e));
        }

        @Override
        public void onCompleted() {
            ended(this, Status.UNAVAILABLE.withDescription("the scheduler ended the connection"));
        }
    }
}
