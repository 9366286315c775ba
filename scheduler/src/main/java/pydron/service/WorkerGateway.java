package pydron.service;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.core.Effect;
import pydron.core.Event;
import pydron.proto.Cancel;
import pydron.proto.Free;
import pydron.proto.GetModuleRequest;
import pydron.proto.GetValueRequest;
import pydron.proto.ModuleChunk;
import pydron.proto.Over;
import pydron.proto.PutValueReply;
import pydron.proto.Refused;
import pydron.proto.SchedulerMessage;
import pydron.proto.Upload;
import pydron.proto.ValueChunk;
import pydron.proto.Welcome;
import pydron.proto.WorkerMessage;
import pydron.proto.WorkerServiceGrpc;
import pydron.wire.Release;

/// The workers' gRPC service. Every stream is a session; what the core has to say to a session is only ever sent by
/// the thread that runs the core, as a stream takes one sender at a time.
final class WorkerGateway extends WorkerServiceGrpc.WorkerServiceImplBase implements AutoCloseable {
    static final String PROTOCOL = "pydron-worker-1";
    private static final Logger log = LoggerFactory.getLogger(WorkerGateway.class);

    private final SerialQueue<Event> queue;
    private final ValueFiles files;
    private final Duration lease;
    private final Claims claims;
    private final Set<String> builds;
    private final UserModules modules = new UserModules();
    private final Set<Integer> remote = ConcurrentHashMap.newKeySet();
    private final AtomicInteger sessions = new AtomicInteger();
    private final Map<Integer, ServerCallStreamObserver<SchedulerMessage>> streams = new ConcurrentHashMap<>();

    /// @param builds of the workers on other machines that may join; empty: any
    WorkerGateway(SerialQueue<Event> queue, ValueFiles files, Duration lease, Claims claims, Set<String> builds) {
        this.builds = builds;
        this.queue = queue;
        this.files = files;
        this.lease = lease;
        this.claims = claims;
    }

    @Override
    public StreamObserver<WorkerMessage> work(StreamObserver<SchedulerMessage> responses) {
        return new Session((ServerCallStreamObserver<SchedulerMessage>) responses);
    }

    @Override
    public StreamObserver<ValueChunk> putValue(StreamObserver<PutValueReply> reply) {
        if (strange(reply)) {
            return new Ignoring();
        }
        return files.receive((ServerCallStreamObserver<PutValueReply>) reply);
    }

    @Override
    public void getValue(GetValueRequest request, StreamObserver<ValueChunk> chunks) {
        if (strange(chunks)) {
            return;
        }
        files.serve(request.getValue(), (ServerCallStreamObserver<ValueChunk>) chunks);
    }

    @Override
    public void getModule(GetModuleRequest request, StreamObserver<ModuleChunk> chunks) {
        if (!strange(chunks)) {
            modules.serve(request, (ServerCallStreamObserver<ModuleChunk>) chunks);
        }
    }

    /// Whether the call comes from another machine that has not been admitted; it is told so.
    private boolean strange(StreamObserver<?> caller) {
        boolean strange =
                SecureServer.claimOfCaller().filter(it -> !claims.admitted(it)).isPresent();
        if (strange) {
            caller.onError(Status.PERMISSION_DENIED
                    .withDescription("no worker has joined for its claim")
                    .asRuntimeException());
        }
        return strange;
    }

    /// The rest of a call that has been refused.
    private static final class Ignoring implements StreamObserver<ValueChunk> {
        @Override
        public void onNext(ValueChunk chunk) {}

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onCompleted() {}
    }

    /// Called by the thread that runs the core.
    void act(Effect.ToWorker effect) {
        ServerCallStreamObserver<SchedulerMessage> stream = streams.get(effect.session());
        if (stream == null) {
            return;
        }
        switch (effect) {
            case Effect.Assign e -> {
                Optional<UserModules> theirs = remote.contains(e.session()) ? Optional.of(modules) : Optional.empty();
                send(stream, WorkerMessages.assign(e, theirs));
            }
            case Effect.Welcome e -> {
                Welcome.Builder welcome = Welcome.newBuilder()
                        .setLeaseMs((int) lease.toMillis())
                        .setHeartbeatMs((int) Math.max(20, lease.toMillis() / 4))
                        .setJobCount(e.jobs());
                for (long attempt : e.forget()) {
                    welcome.addForget(attempt);
                }
                for (long value : e.free()) {
                    welcome.addFree(value);
                }
                send(stream, SchedulerMessage.newBuilder().setWelcome(welcome).build());
            }
            case Effect.Refuse e -> {
                streams.remove(e.session());
                refuse(stream, e.reason(), e.retry());
            }
            case Effect.Cancel e -> {
                Cancel.Builder cancel = Cancel.newBuilder();
                for (long attempt : e.attempts()) {
                    cancel.addAttempts(attempt);
                }
                send(stream, SchedulerMessage.newBuilder().setCancel(cancel).build());
            }
            case Effect.TakeBack e -> send(stream, WorkerMessages.takeBack(e));
            case Effect.Free e -> {
                Free.Builder free = Free.newBuilder();
                for (long value : e.values()) {
                    free.addValues(value);
                }
                for (long function : e.functions()) {
                    free.addFunctions(function);
                }
                for (int job : e.jobs()) {
                    modules.forget(job);
                    free.addJobs(job);
                }
                send(stream, SchedulerMessage.newBuilder().setFree(free).build());
            }
            case Effect.Drain e -> send(stream, WorkerMessages.drain(e));
            case Effect.RenewLease e -> send(stream, WorkerMessages.lease(e));
            case Effect.RequestUpload e -> {
                if (e.path().isEmpty() || !files.link(e.value(), e.path())) {
                    Upload upload = Upload.newBuilder().setValue(e.value()).build();
                    send(stream, SchedulerMessage.newBuilder().setUpload(upload).build());
                }
            }
        }
    }

    @Override
    public void close() {
        modules.close();
    }

    /// Tells every worker that there will be no more work. Called by the thread that runs the core.
    void dismiss() {
        SchedulerMessage over =
                SchedulerMessage.newBuilder().setOver(Over.getDefaultInstance()).build();
        for (Integer session : List.copyOf(streams.keySet())) {
            ServerCallStreamObserver<SchedulerMessage> stream = streams.remove(session);
            if (stream != null) {
                send(stream, over);
                complete(stream);
            }
        }
    }

    private static void send(StreamObserver<SchedulerMessage> stream, SchedulerMessage message) {
        try {
            stream.onNext(message);
        } catch (IllegalStateException | io.grpc.StatusRuntimeException e) {
            // The stream has just broken: its end is on the way here.
            log.debug("message to a closed stream: {}", e.getMessage());
        }
    }

    private static void refuse(StreamObserver<SchedulerMessage> stream, String reason, boolean retry) {
        Refused refused = Refused.newBuilder().setReason(reason).setRetry(retry).build();
        send(stream, SchedulerMessage.newBuilder().setRefused(refused).build());
        complete(stream);
    }

    private static void complete(StreamObserver<SchedulerMessage> stream) {
        try {
            stream.onCompleted();
        } catch (IllegalStateException | io.grpc.StatusRuntimeException e) {
            log.debug("completing a closed stream: {}", e.getMessage());
        }
    }

    /// One stream, from its `Hello` on.
    private final class Session implements StreamObserver<WorkerMessage> {
        private final ServerCallStreamObserver<SchedulerMessage> stream;

        /// The claim of the certificate; none where the stream does not come from another machine.
        private final Optional<String> certified = SecureServer.claimOfCaller();

        private int session;
        private boolean ended;

        Session(ServerCallStreamObserver<SchedulerMessage> stream) {
            this.stream = stream;
            // Without this a send to a worker that has just gone throws instead of doing nothing.
            stream.setOnCancelHandler(this::cut);
        }

        @Override
        public void onNext(WorkerMessage message) {
            if (ended) {
                return;
            }
            if (session == 0 && !message.hasHello()) {
                ended = true;
                refuse(stream, "the first message of a stream must be Hello", false);
                return;
            }
            switch (message.getKindCase()) {
                case HELLO -> hello(message.getHello());
                case CREDIT ->
                    queue.submit(
                            new Event.CreditGranted(session, message.getCredit().getBatches()));
                case RESULTS -> queue.submit(WorkerMessages.results(session, message.getResults()));
                case OUTPUT ->
                    queue.submit(new Event.OutputPrinted(
                            session,
                            message.getOutput().getAttempt(),
                            message.getOutput().getIsStderr(),
                            message.getOutput().getText().toByteArray()));
                case HEARTBEAT -> queue.submit(new Event.WorkerSpoke(session));
                case VALUE_LOST ->
                    queue.submit(new Event.ValueVanished(
                            session,
                            message.getValueLost().getValue(),
                            message.getValueLost().getReason()));
                case RECALLED -> {
                    Duration left = Duration.ofMillis(
                            Integer.toUnsignedLong(message.getRecalled().getLeftMs()));
                    log.info("session={} left_s={} its machine is taken away", session, left.toSeconds());
                    queue.submit(new Event.WorkerRecalled(session, left));
                }
                case GOODBYE -> {
                    log.info(
                            "session={} worker left: {}",
                            session,
                            message.getGoodbye().getReason());
                    queue.submit(
                            new Event.WorkerLeft(session, message.getGoodbye().getReason()));
                }
                case KIND_NOT_SET -> log.warn("session={} sent a message of no known kind", session);
            }
        }

        private void hello(pydron.proto.Hello hello) {
            if (session != 0) {
                log.warn("session={} said Hello twice", session);
                return;
            }
            Optional<String> refusal =
                    stranger(hello).or(() -> certified.flatMap(claim -> claims.refusal(claim, hello)));
            if (refusal.isPresent()) {
                log.warn("worker={} host={} refused: {}", hello.getWorkerId(), hello.getHost(), refusal.get());
                ended = true;
                refuse(stream, refusal.get(), false);
                return;
            }
            session = sessions.incrementAndGet();
            streams.put(session, stream);
            if (!hello.getSharesMemory()) {
                remote.add(session);
            }
            log.info(
                    "worker={} session={} host={} python={} slots={} joined",
                    hello.getWorkerId(),
                    session,
                    hello.getHost(),
                    hello.getPythonVersion(),
                    hello.getSlots());
            queue.submit(WorkerMessages.joined(session, hello));
        }

        /// Whether it is of another Pydron than this one, in words for the user.
        private Optional<String> stranger(pydron.proto.Hello hello) {
            boolean speaks = hello.getProtocol().equals(PROTOCOL);
            boolean release = hello.getRelease().equals(Release.version());
            boolean build = builds.isEmpty() || builds.contains(hello.getBuild());
            if (speaks && (certified.isEmpty() || release && build)) {
                return Optional.empty();
            }
            String its = hello.getRelease().isEmpty() ? "an older Pydron" : "Pydron " + hello.getRelease();
            boolean same = speaks && release;
            return Optional.of("it is " + its
                    + (speaks ? "" : " and speaks '" + hello.getProtocol() + "'")
                    + (same ? " of build " + (hello.getBuild().isEmpty() ? "unknown" : hello.getBuild()) : "")
                    + ", and here is Pydron " + Release.version()
                    + (speaks ? "" : ", which speaks '" + PROTOCOL + "'")
                    + (same ? " of build " + builds.stream().sorted().collect(Collectors.joining(" or ")) : "")
                    + ": make the worker's bundle anew with the one that is here ('worker-image/bundle.sh FOLDER',"
                    + " PYDRON_BUNDLES names the folder)");
        }

        private void cut() {
            remote.remove(session);
            if (session != 0 && streams.remove(session) != null) {
                queue.submit(new Event.WorkerCutOff(session));
            }
        }

        @Override
        public void onError(Throwable t) {
            log.info("session={} stream broke: {}", session, t.getMessage());
            cut();
        }

        @Override
        public void onCompleted() {
            cut();
            try {
                stream.onCompleted();
            } catch (IllegalStateException | io.grpc.StatusRuntimeException e) {
                log.debug("session={} was completed already", session);
            }
        }
    }
}
