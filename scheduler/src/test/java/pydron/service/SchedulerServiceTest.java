package pydron.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import pydron.proto.Credit;
import pydron.proto.GetValueRequest;
import pydron.proto.Hello;
import pydron.proto.PutValueReply;
import pydron.proto.Result;
import pydron.proto.Results;
import pydron.proto.SchedulerMessage;
import pydron.proto.Stored;
import pydron.proto.Task;
import pydron.proto.ValueChunk;
import pydron.proto.WorkerMessage;
import pydron.proto.WorkerServiceGrpc;
import pydron.wire.FrameReader;
import pydron.wire.FrameWriter;

/// The real service, spoken to over a real unix socket on one side and real gRPC on the other.
@Timeout(60)
class SchedulerServiceTest {
    private record Frame(int type, FrameReader in) {}

    /// A driver's end of the wire.
    private static final class Driver implements AutoCloseable {
        private final SocketChannel channel;
        private final FrameWriter out = new FrameWriter();

        Driver(Path socket) throws Exception {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        }

        FrameWriter begin(int type) {
            return out.begin(type);
        }

        void send() throws Exception {
            ByteBuffer frames = out.frames();
            while (frames.hasRemaining()) {
                channel.write(frames);
            }
            out.clear();
        }

        Frame read() throws Exception {
            ByteBuffer length = read(4);
            if (length == null) {
                return null;
            }
            ByteBuffer frame = read(length.getInt());
            int type = frame.get() & 0xFF;
            return new Frame(type, new FrameReader(frame.slice()));
        }

        /// The next frame that is not about progress.
        Frame next() throws Exception {
            Frame f = read();
            while (f != null && f.type == 39) {
                f = read();
            }
            return f;
        }

        private ByteBuffer read(int n) throws Exception {
            ByteBuffer in = ByteBuffer.allocate(n).order(ByteOrder.LITTLE_ENDIAN);
            while (in.hasRemaining()) {
                if (channel.read(in) < 0) {
                    return null;
                }
            }
            return in.flip();
        }

        int hello() throws Exception {
            begin(1).str("pydron-driver-2")
                    .u32(4711)
                    .str("python")
                    .str("3.11.2")
                    .str("/")
                    .listOfStr(List.of("/x"))
                    .str("main.py")
                    .str("")
                    .str("");
            send();
            Frame welcome = next();
            assertThat(welcome.type).isEqualTo(32);
            assertThat(welcome.in.str()).isEqualTo("test");
            int job = welcome.in.u32();
            assertThat(welcome.in.u32()).isEqualTo(2);
            return job;
        }

        void function(int number) {
            begin(3).u32(number)
                    .str("double")
                    .str("main.py")
                    .u32(1)
                    .f64(1)
                    .u64(0)
                    .u32(0)
                    .u32(-1)
                    .f64(0)
                    .bytes(new byte[] {9});
        }

        void submit(int region, int first, byte[]... args) {
            begin(5).u32(region).u32(first).u32(args.length).u8(0);
            for (int i = 0; i < args.length; i++) {
                out.u32(0);
            }
            for (int i = 0; i < args.length; i++) {
                out.u32(0);
            }
            for (byte[] a : args) {
                out.u32(a.length);
            }
            for (byte[] a : args) {
                out.raw(a);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /// A worker's end of the protocol: it "runs" a task by handing back its arguments, doubled.
    private static final class Worker implements StreamObserver<SchedulerMessage> {
        final BlockingQueue<SchedulerMessage> got = new LinkedBlockingQueue<>();
        final CountDownLatch over = new CountDownLatch(1);
        final StreamObserver<WorkerMessage> out;
        volatile boolean echo;

        Worker(ManagedChannel channel, Hello hello) {
            out = WorkerServiceGrpc.newStub(channel).work(this);
            out.onNext(WorkerMessage.newBuilder().setHello(hello).build());
        }

        @Override
        public void onNext(SchedulerMessage message) {
            if (echo && message.hasAssign()) {
                Results.Builder results = Results.newBuilder();
                for (Task t : message.getAssign().getTasksList()) {
                    results.addResults(Result.newBuilder()
                            .setAttempt(t.getAttempt())
                            .setInline(t.getArgs().concat(t.getArgs()))
                            .setSeconds(1e-6));
                }
                out.onNext(WorkerMessage.newBuilder().setResults(results).build());
                out.onNext(WorkerMessage.newBuilder()
                        .setCredit(Credit.newBuilder().setBatches(1))
                        .build());
            }
            got.add(message);
        }

        @Override
        public void onError(Throwable t) {
            over.countDown();
        }

        @Override
        public void onCompleted() {
            over.countDown();
        }

        SchedulerMessage next() throws InterruptedException {
            return got.poll(10, TimeUnit.SECONDS);
        }

        void result(long attempt, Result.Builder result) {
            out.onNext(WorkerMessage.newBuilder()
                    .setResults(Results.newBuilder().addResults(result.setAttempt(attempt)))
                    .build());
        }
    }

    @TempDir
    Path folder;

    private SchedulerService service;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        SchedulerConfig config = new SchedulerConfig(
                folder.resolve("socket"),
                folder.resolve("values"),
                OptionalInt.of(0),
                Duration.ofSeconds(1),
                true,
                2,
                "test");
        service = new SchedulerService(
                config,
                unit -> {
                    if (unit.length == 0) {
                        throw new AnalysisException("nothing there");
                    }
                    return new byte[] {(byte) (unit[0] + 1)};
                },
                SchedulerListener.NONE);
        channel = InProcessChannelBuilder.forName(service.workerService().inProcessName())
                .directExecutor()
                .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        service.close();
    }

    private static Hello.Builder hello(String id, boolean shares) {
        return Hello.newBuilder()
                .setWorkerId(id)
                .setProtocol("pydron-worker-1")
                .setHost("here")
                .setPythonVersion("3.11.7")
                .setSlots(2)
                .setSharesMemory(shares)
                .setCredit(4);
    }

    private static byte[] bytes(int... values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int v : values) {
            out.write(v);
        }
        return out.toByteArray();
    }

    @Test
    void aRunFromTheFirstFrameToTheLast() throws Exception {
        Worker worker = new Worker(channel, hello("w", true).build());
        worker.echo = true;
        assertThat(worker.next().hasWelcome()).isTrue();
        try (Driver driver = new Driver(service.socket())) {
            driver.hello();
            driver.begin(2).u32(5).raw(bytes(41));
            driver.begin(2).u32(6);
            driver.send();
            Frame template = driver.next();
            assertThat(template.type).isEqualTo(33);
            assertThat(template.in.u32()).isEqualTo(5);
            assertThat(template.in.u8()).isEqualTo(1);
            assertThat(template.in.rest()).containsExactly(42);
            Frame none = driver.next();
            assertThat(none.in.u32()).isEqualTo(6);
            assertThat(none.in.u8()).isZero();
            assertThat(none.in.str()).isEqualTo("nothing there");

            driver.function(0);
            driver.begin(4).u32(0);
            driver.submit(0, 0, bytes(1), bytes(2, 3), bytes());
            driver.begin(11).u32(0).u32(0).u32(7); // FENCE
            driver.begin(12).listOfU32(1); // WANT
            driver.send();
            boolean valued = false;
            boolean released = false;
            while (!valued || !released) {
                Frame f = driver.next();
                switch (f.type) {
                    case 34 -> {
                        assertThat(f.in.u32()).isEqualTo(1);
                        assertThat(f.in.u32()).isEqualTo(1);
                        assertThat(f.in.u8()).isZero();
                        assertThat(f.in.bytes()).containsExactly(2, 3, 2, 3);
                        valued = true;
                    }
                    case 35 -> {
                        assertThat(f.in.listOfU32()).containsExactly(7);
                        released = true;
                    }
                    default -> throw new AssertionError("frame " + f.type);
                }
            }
            driver.begin(16).u32(0);
            driver.begin(15).listOfU32(0, 1, 2);
            driver.send();
        }
        SchedulerMessage last = worker.next();
        while (!last.hasFree()) {
            last = worker.next();
        }
        assertThat(last.getFree().getJobsList()).hasSize(1);
    }

    @Test
    void aDriverOfAnotherVersionIsToldSo() throws Exception {
        try (Driver driver = new Driver(service.socket())) {
            driver.begin(1).str("pydron-driver-9");
            driver.send();
            Frame notice = driver.next();
            assertThat(notice.type).isEqualTo(38);
            assertThat(notice.in.u8()).isEqualTo(2);
            assertThat(notice.in.str()).contains("pydron-driver-9").contains("install");
            assertThat(driver.next()).isNull();
        }
    }

    @Test
    void aWorkerOfAnotherVersionIsRefused() throws Exception {
        Worker worker = new Worker(
                channel, hello("w", true).setProtocol("pydron-worker-0").build());
        SchedulerMessage refused = worker.next();
        assertThat(refused.getRefused().getReason()).contains("pydron-worker-0");
        assertThat(refused.getRefused().getRetry()).isFalse();
        assertThat(worker.over.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aWorkerThatComesBackGoesOnWithWhatItWasDoing() throws Exception {
        Worker first = new Worker(channel, hello("w", true).build());
        first.next();
        try (Driver driver = new Driver(service.socket())) {
            driver.hello();
            driver.function(0);
            driver.begin(4).u32(0);
            driver.submit(0, 0, bytes(1));
            driver.begin(12).listOfU32(0);
            driver.send();
            long attempt = first.next().getAssign().getTasks(0).getAttempt();
            first.out.onError(new RuntimeException("network"));
            Worker again =
                    new Worker(channel, hello("w", true).addRunning(attempt).build());
            assertThat(again.next().getWelcome().getForgetCount()).isZero();
            again.result(attempt, Result.newBuilder().setInline(ByteString.copyFromUtf8("x")));
            Frame values = driver.next();
            assertThat(values.type).isEqualTo(34);
        }
    }

    @Test
    void aSilentWorkerIsLostAndItsTaskGoesToAnother() throws Exception {
        Worker silent = new Worker(channel, hello("silent", true).build());
        silent.next();
        try (Driver driver = new Driver(service.socket())) {
            driver.hello();
            driver.function(0);
            driver.begin(4).u32(0);
            driver.submit(0, 0, bytes(1));
            driver.begin(12).listOfU32(0);
            driver.send();
            assertThat(silent.next().hasAssign()).isTrue();
            Thread.sleep(700);
            Worker other = new Worker(channel, hello("other", true).build());
            other.echo = true;
            assertThat(silent.next().getRefused().getRetry()).isTrue();
            Frame values = driver.next();
            assertThat(values.type).isEqualTo(34);
        }
    }

    @Test
    void aLargeValueTravelsFromOneMachineToAnotherThroughTheScheduler() throws Exception {
        byte[] file = new byte[3_000_000];
        for (int i = 0; i < file.length; i++) {
            file[i] = (byte) (i * 17);
        }
        int port = service.workerService().port().orElseThrow();
        ManagedChannel tcp =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        try (Driver driver = new Driver(service.socket())) {
            Worker far = new Worker(tcp, hello("far", false).build());
            far.next();
            driver.hello();
            driver.function(0);
            driver.begin(4).u32(0);
            driver.submit(0, 0, bytes(1));
            driver.begin(12).listOfU32(0);
            driver.send();
            Task task = far.next().getAssign().getTasks(0);
            far.result(
                    task.getAttempt(),
                    Result.newBuilder().setStored(Stored.newBuilder().setSize(file.length)));
            assertThat(far.next().getUpload().getValue()).isEqualTo(task.getTask());
            put(tcp, task.getTask(), file);
            Frame values = driver.next();
            assertThat(values.type).isEqualTo(34);
            assertThat(values.in.u32()).isEqualTo(1);
            assertThat(values.in.u32()).isZero();
            assertThat(values.in.u8()).isEqualTo(1);
            Path path = Path.of(values.in.str());
            assertThat(Files.readAllBytes(path)).isEqualTo(file);

            ByteArrayOutputStream fetched = new ByteArrayOutputStream();
            Iterator<ValueChunk> chunks = WorkerServiceGrpc.newBlockingStub(tcp)
                    .getValue(GetValueRequest.newBuilder()
                            .setWorkerId("other")
                            .setValue(task.getTask())
                            .build());
            while (chunks.hasNext()) {
                chunks.next().getData().writeTo(fetched);
            }
            assertThat(fetched.toByteArray()).isEqualTo(file);

            driver.begin(16).u32(0);
            driver.begin(15).listOfU32(0);
            driver.send();
            SchedulerMessage free = far.next();
            assertThat(free.getFree().getValuesList()).containsExactly(task.getTask());
            for (int i = 0; i < 100 && Files.exists(path); i++) {
                Thread.sleep(20);
            }
            assertThat(path).doesNotExist();
        } finally {
            tcp.shutdownNow();
        }
    }

    private static void put(ManagedChannel channel, long value, byte[] file) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        StreamObserver<ValueChunk> chunks = WorkerServiceGrpc.newStub(channel).putValue(new StreamObserver<>() {
            @Override
            public void onNext(PutValueReply reply) {}

            @Override
            public void onError(Throwable t) {}

            @Override
            public void onCompleted() {
                done.countDown();
            }
        });
        for (int at = 0; at < file.length; at += 500_000) {
            ValueChunk.Builder chunk = ValueChunk.newBuilder();
            if (at == 0) {
                chunk.setValue(value).setSize(file.length);
            }
            chunks.onNext(chunk.setData(ByteString.copyFrom(file, at, Math.min(500_000, file.length - at)))
                    .build());
        }
        chunks.onCompleted();
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aDriverThatGoesAwayTakesItsWorkWithIt() throws Exception {
        Worker worker = new Worker(channel, hello("w", true).build());
        worker.next();
        try (Driver driver = new Driver(service.socket())) {
            driver.hello();
            driver.function(0);
            driver.begin(4).u32(0);
            driver.submit(0, 0, bytes(1));
            driver.send();
            assertThat(worker.next().hasAssign()).isTrue();
        }
        assertThat(worker.next().hasCancel()).isTrue();
    }

    @Test
    void aMalformedFrameEndsOnlyThatDriver() throws Exception {
        try (Driver bad = new Driver(service.socket());
                Driver good = new Driver(service.socket())) {
            good.hello();
            bad.begin(1).str("pydron-driver-2").u32(1);
            bad.send();
            assertThat(bad.next()).isNull();
            good.begin(2).u32(1).raw(bytes(1));
            good.send();
            assertThat(good.next().type).isEqualTo(33);
        }
    }
}
