package pydron.provision.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.proto.GetValueRequest;
import pydron.proto.Hello;
import pydron.proto.SchedulerMessage;
import pydron.proto.WorkerMessage;
import pydron.proto.WorkerServiceGrpc;
import pydron.provision.model.ClaimId;
import pydron.service.RemoteAccess;
import pydron.service.SchedulerConfig;
import pydron.service.SchedulerListener;
import pydron.service.SchedulerService;
import pydron.service.ServerIdentity;
import pydron.wire.Release;

/// The scheduler's door for other machines: who gets in, and who does not.
class GatewayTest {
    private static final ClaimId CLAIM = new ClaimId("claim-1");

    private static final String BUILD = "0123456789ab";

    @TempDir
    Path folder;

    private JoinKeys keys;
    private SchedulerService scheduler;
    private ManagedChannel channel;

    @BeforeEach
    void open() throws Exception {
        keys = JoinKeys.open(folder.resolve("keys"));
        Tokens tokens = new Tokens(keys, folder.resolve("tokens"), CLAIM::equals);
        TlsIdentity tls = keys.scheduler();
        RemoteAccess access = new RemoteAccess(
                0,
                new ServerIdentity(tls.certificate(), tls.key()),
                Set.of(BUILD),
                tls.authority(),
                it -> tokens.refusal(it.claim(), it.token(), it.workerId()));
        scheduler = new SchedulerService(
                new SchedulerConfig(
                        folder.resolve("s"),
                        Files.createDirectories(folder.resolve("values")),
                        OptionalInt.empty(),
                        Duration.ofSeconds(5),
                        false,
                        1,
                        "test",
                        Optional.of(access),
                        Optional.empty()),
                unit -> unit,
                SchedulerListener.NONE);
    }

    @AfterEach
    void close() {
        if (channel != null) {
            channel.shutdownNow();
        }
        scheduler.close();
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    private WorkerServiceGrpc.WorkerServiceStub connect(Optional<TlsIdentity> identity, String authority)
            throws Exception {
        TlsChannelCredentials.Builder credentials =
                TlsChannelCredentials.newBuilder().trustManager(stream(authority));
        if (identity.isPresent()) {
            credentials.keyManager(
                    stream(identity.get().certificate()), stream(identity.get().key()));
        }
        return connect(scheduler.workerService().securePort().orElseThrow(), "pydron-scheduler", credentials.build());
    }

    /// @param name that is looked for in the scheduler's certificate; empty: the usual one
    private WorkerServiceGrpc.WorkerServiceStub connect(
            String name, SchedulerService.Door door, Optional<TlsIdentity> identity) throws Exception {
        TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder()
                .trustManager(stream(keys.worker(CLAIM).authority()));
        if (identity.isPresent()) {
            credentials.keyManager(
                    stream(identity.get().certificate()), stream(identity.get().key()));
        }
        return connect(door.port(), name.isEmpty() ? "pydron-scheduler" : name, credentials.build());
    }

    private WorkerServiceGrpc.WorkerServiceStub connect(int port, String name, ChannelCredentials credentials) {
        if (channel != null) {
            channel.shutdownNow();
        }
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port, credentials)
                .overrideAuthority(name)
                .build();
        return WorkerServiceGrpc.newStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    /// What the scheduler answers to a Hello: a message, or the error that the stream ends with.
    private static Object hello(WorkerServiceGrpc.WorkerServiceStub stub, String claim, String token, String worker)
            throws InterruptedException {
        return hello(stub, claim, token, worker, "pydron-worker-1", Release.version(), BUILD);
    }

    private static Object hello(
            WorkerServiceGrpc.WorkerServiceStub stub,
            String claim,
            String token,
            String worker,
            String protocol,
            String release,
            String build)
            throws InterruptedException {
        BlockingQueue<Object> answers = new LinkedBlockingQueue<>();
        StreamObserver<WorkerMessage> out = stub.work(new StreamObserver<>() {
            @Override
            public void onNext(SchedulerMessage message) {
                answers.add(message);
            }

            @Override
            public void onError(Throwable t) {
                answers.add(t);
            }

            @Override
            public void onCompleted() {}
        });
        out.onNext(WorkerMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setWorkerId(worker)
                        .setProtocol(protocol)
                        .setRelease(release)
                        .setBuild(build)
                        .setHost("host")
                        .setPythonVersion("3.11.2")
                        .setSlots(1)
                        .setCredit(2)
                        .setClaim(claim)
                        .setToken(token))
                .build());
        return answers.poll(20, TimeUnit.SECONDS);
    }

    private WorkerServiceGrpc.WorkerServiceStub connect() throws Exception {
        TlsIdentity tls = keys.worker(CLAIM);
        return connect(Optional.of(tls), tls.authority());
    }

    private static String refusal(Object answer) {
        assertThat(answer).isInstanceOf(SchedulerMessage.class);
        assertThat(((SchedulerMessage) answer).hasRefused())
                .as(answer.toString())
                .isTrue();
        return ((SchedulerMessage) answer).getRefused().getReason();
    }

    @Test
    void theClaimsWorkerIsLetIn() throws Exception {
        Object answer = hello(connect(), "claim-1", keys.token(CLAIM), "w-1");
        assertThat(((SchedulerMessage) answer).hasWelcome()).isTrue();
        scheduler.instances().drain("claim-1", Duration.ofSeconds(5));
        for (int i = 0; i < 50 && scheduler.instances().view().isEmpty(); i++) {
            Thread.sleep(100);
        }
        assertThat(scheduler.instances().view()).singleElement().satisfies(it -> {
            assertThat(it.claim()).isEqualTo("claim-1");
            assertThat(it.workerId()).isEqualTo("w-1");
            assertThat(it.running()).isZero();
        });
    }

    @Test
    void anotherPydronIsRefusedAndBothAreNamed() throws Exception {
        WorkerServiceGrpc.WorkerServiceStub stub = connect();
        String token = keys.token(CLAIM);
        assertThat(refusal(hello(stub, "claim-1", token, "w-1", "pydron-worker-1", "0.0.9", BUILD)))
                .startsWith("it is Pydron 0.0.9, and here is Pydron " + Release.version() + ": make")
                .contains("worker-image/bundle.sh");
        assertThat(refusal(hello(stub, "claim-1", token, "w-1", "pydron-worker-0", "0.0.9", BUILD)))
                .startsWith("it is Pydron 0.0.9 and speaks 'pydron-worker-0', and here is Pydron " + Release.version()
                        + ", which speaks 'pydron-worker-1': make");
        assertThat(refusal(hello(stub, "claim-1", token, "w-1", "", "", ""))).startsWith("it is an older Pydron and");
        String release = Release.version();
        assertThat(refusal(hello(stub, "claim-1", token, "w-1", "pydron-worker-1", release, "ba9876543210")))
                .startsWith("it is Pydron " + release + " of build ba9876543210, and here is Pydron " + release
                        + " of build " + BUILD + ": make the worker's bundle anew");
        assertThat(refusal(hello(stub, "claim-1", token, "w-1", "pydron-worker-1", release, "")))
                .startsWith("it is Pydron " + release + " of build unknown, and here");
        assertThat(scheduler.instances().view()).isEmpty();
        // Its token was not used up.
        assertThat(((SchedulerMessage) hello(stub, "claim-1", token, "w-2")).hasWelcome())
                .isTrue();
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws Exception {
        TlsIdentity foreign = JoinKeys.open(folder.resolve("other")).worker(CLAIM);
        Object answer = hello(
                connect(Optional.of(foreign), keys.worker(CLAIM).authority()), "claim-1", keys.token(CLAIM), "w-1");
        assertThat(answer).isInstanceOf(StatusRuntimeException.class);
        assertThat(scheduler.instances().view()).isEmpty();
    }

    @Test
    void noCertificateIsRefused() throws Exception {
        Object answer =
                hello(connect(Optional.empty(), keys.worker(CLAIM).authority()), "claim-1", keys.token(CLAIM), "w-1");
        assertThat(answer).isInstanceOf(StatusRuntimeException.class);
    }

    @Test
    void aSchedulerOfAnotherAuthorityIsNotBelieved() throws Exception {
        String foreign = JoinKeys.open(folder.resolve("other")).worker(CLAIM).authority();
        Object answer = hello(connect(Optional.of(keys.worker(CLAIM)), foreign), "claim-1", keys.token(CLAIM), "w-1");
        assertThat(answer).isInstanceOf(StatusRuntimeException.class);
    }

    @Test
    void aCertificateIsGoodForItsClaimOnly() throws Exception {
        TlsIdentity other = keys.worker(new ClaimId("claim-2"));
        String reason =
                refusal(hello(connect(Optional.of(other), other.authority()), "claim-1", keys.token(CLAIM), "w-1"));
        assertThat(reason).contains("made out to claim 'claim-2'");
    }

    @Test
    void aWrongTokenAndATokenUsedTwiceAreRefused() throws Exception {
        WorkerServiceGrpc.WorkerServiceStub stub = connect();
        assertThat(refusal(hello(stub, "claim-1", "0000", "w-1"))).contains("its token is not that of claim 'claim-1'");
        assertThat(((SchedulerMessage) hello(stub, "claim-1", keys.token(CLAIM), "w-1")).hasWelcome())
                .isTrue();
        assertThat(refusal(hello(stub, "claim-1", keys.token(CLAIM), "w-2")))
                .contains("has been used by another worker");
        assertThat(((SchedulerMessage) hello(stub, "claim-1", keys.token(CLAIM), "w-1")).hasWelcome())
                .isTrue();
    }

    private SchedulerService.Door door() throws Exception {
        TlsIdentity tls = keys.scheduler(Set.of("127.0.0.1", "desk.example.org"));
        return scheduler.open(new InetSocketAddress("127.0.0.1", 0), new ServerIdentity(tls.certificate(), tls.key()));
    }

    /// Without a tunnel the same holds, and the certificate is good for the address, too.
    @Test
    void anotherDoorLetsTheSameWorkersIn() throws Exception {
        try (SchedulerService.Door door = door()) {
            TlsIdentity tls = keys.worker(CLAIM);
            // It is the handshake that fails: no call is looked at.
            assertThat(hello(connect("127.0.0.1", door, Optional.empty()), "claim-1", keys.token(CLAIM), "w-1"))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            it -> assertThat(it.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
            assertThat(hello(connect("", door, Optional.of(tls)), "claim-1", "0000", "w-1"))
                    .satisfies(it -> assertThat(refusal(it)).contains("its token is not that of claim"));
            for (String name : List.of("127.0.0.1", "desk.example.org", "")) {
                Object answer = hello(connect(name, door, Optional.of(tls)), "claim-1", keys.token(CLAIM), "w-1");
                assertThat(answer).as(name).isInstanceOf(SchedulerMessage.class);
                assertThat(((SchedulerMessage) answer).hasWelcome()).isTrue();
            }
            assertThat(hello(connect("elsewhere.example.org", door, Optional.of(tls)), "claim-1", "0000", "w-1"))
                    .isInstanceOf(StatusRuntimeException.class);
        }
    }

    @Test
    void whoSpeaksNoTlsGetsNothingAndKeepsNobodyOut() throws Exception {
        SchedulerService.Door door = door();
        try (Socket stranger = new Socket("127.0.0.1", door.port())) {
            stranger.setSoTimeout(20_000);
            stranger.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: desk\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] said = stranger.getInputStream().readAllBytes();
            // At most an alert of TLS: seven bytes, the first of which says so.
            assertThat(said.length).isLessThanOrEqualTo(7);
            assertThat(said.length == 0 || said[0] == 21).isTrue();
            Object answer =
                    hello(connect("", door, Optional.of(keys.worker(CLAIM))), "claim-1", keys.token(CLAIM), "w-1");
            assertThat(((SchedulerMessage) answer).hasWelcome()).isTrue();
        }
        door.close();
        for (int i = 0; i < 100; i++) {
            try (Socket late = new Socket("127.0.0.1", door.port())) {
                Thread.sleep(50);
            } catch (ConnectException e) {
                return;
            }
        }
        throw new AssertionError("the door is still open");
    }

    @Test
    void nothingIsGivenToWhoHasNotJoined() throws Exception {
        connect();
        assertThatThrownBy(() -> WorkerServiceGrpc.newBlockingStub(channel)
                        .getValue(GetValueRequest.newBuilder().setValue(1).build())
                        .next())
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("no worker has joined for its claim");
    }
}
