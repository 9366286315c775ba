package pydron.worker;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import pydron.proto.Assign;
import pydron.proto.GetValueRequest;
import pydron.proto.Hello;
import pydron.proto.PutValueReply;
import pydron.proto.Result;
import pydron.proto.SchedulerMessage;
import pydron.proto.ValueChunk;
import pydron.proto.Welcome;
import pydron.proto.WorkerMessage;
import pydron.proto.WorkerServiceGrpc;

/// The worker's counterpart on the real protocol, played by a test: it answers Hello, sends what the test says, and
/// keeps what the worker says.
final class ScriptedScheduler extends WorkerServiceGrpc.WorkerServiceImplBase {
    private static final long PATIENCE_S = 20;

    final BlockingQueue<Hello> hellos = new LinkedBlockingQueue<>();
    final BlockingQueue<WorkerMessage> others = new LinkedBlockingQueue<>();
    final BlockingQueue<byte[]> uploads = new LinkedBlockingQueue<>();
    final Map<Long, byte[]> offered = new ConcurrentHashMap<>();
    final AtomicInteger credit = new AtomicInteger();
    final List<String> printed = new ArrayList<>();
    private final BlockingQueue<Result> results = new LinkedBlockingQueue<>();
    private volatile Welcome welcome =
            Welcome.newBuilder().setLeaseMs(10_000).setHeartbeatMs(200).build();
    private volatile StreamObserver<SchedulerMessage> worker;
    private volatile boolean deaf;
    private final Semaphore listening = new Semaphore(1);

    void welcomeWith(Welcome next) {
        welcome = next;
    }

    /// From now on what the worker sends is lost on the way.
    void lose() {
        deaf = true;
    }

    /// Takes nothing more from the stream until [#resume].
    void pause() {
        listening.acquireUninterruptibly();
    }

    void resume() {
        listening.release();
    }

    @Override
    public StreamObserver<WorkerMessage> work(StreamObserver<SchedulerMessage> out) {
        worker = out;
        deaf = false;
        return new StreamObserver<>() {
            @Override
            public void onNext(WorkerMessage message) {
                listening.acquireUninterruptibly();
                listening.release();
                if (deaf) {
                    return;
                }
                if (message.hasHello()) {
                    credit.set(message.getHello().getCredit());
                    out.onNext(SchedulerMessage.newBuilder().setWelcome(welcome).build());
                    hellos.add(message.getHello());
                } else if (message.hasResults()) {
                    results.addAll(message.getResults().getResultsList());
                } else if (message.hasCredit()) {
                    credit.addAndGet(message.getCredit().getBatches());
                } else if (message.hasOutput()) {
                    synchronized (printed) {
                        printed.add(message.getOutput().getAttempt()
                                + (message.getOutput().getIsStderr() ? " err " : " out ")
                                + message.getOutput().getText().toStringUtf8());
                    }
                } else {
                    others.add(message);
                }
            }

            @Override
            public void onError(Throwable e) {}

            @Override
            public void onCompleted() {
                out.onCompleted();
            }
        };
    }

    @Override
    public StreamObserver<ValueChunk> putValue(StreamObserver<PutValueReply> out) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        return new StreamObserver<>() {
            private long size;

            @Override
            public void onNext(ValueChunk chunk) {
                size += chunk.getSize();
                whole.writeBytes(chunk.getData().toByteArray());
            }

            @Override
            public void onError(Throwable e) {}

            @Override
            public void onCompleted() {
                if (whole.size() != size) {
                    throw new AssertionError(whole.size() + " bytes came, " + size + " were announced");
                }
                uploads.add(whole.toByteArray());
                out.onNext(PutValueReply.getDefaultInstance());
                out.onCompleted();
            }
        };
    }

    @Override
    public void getValue(GetValueRequest request, StreamObserver<ValueChunk> out) {
        byte[] whole = offered.get(request.getValue());
        if (whole == null) {
            out.onError(Status.NOT_FOUND.withDescription("freed meanwhile").asException());
            return;
        }
        for (int at = 0; at < whole.length; at += 300_000) {
            ValueChunk.Builder chunk = ValueChunk.newBuilder()
                    .setData(ByteString.copyFrom(whole, at, Math.min(300_000, whole.length - at)));
            out.onNext((at == 0 ? chunk.setValue(request.getValue()).setSize(whole.length) : chunk).build());
        }
        out.onCompleted();
    }

    void send(SchedulerMessage.Builder message) {
        worker.onNext(message.build());
    }

    void assign(Assign.Builder assign) {
        credit.decrementAndGet();
        send(SchedulerMessage.newBuilder().setAssign(assign));
    }

    /// Breaks the stream, as a network does.
    void cut() {
        worker.onError(Status.UNAVAILABLE.withDescription("cut by the test").asException());
    }

    Hello hello() throws InterruptedException {
        return soon(hellos, "a Hello");
    }

    Result result() throws InterruptedException {
        return soon(results, "a result");
    }

    /// The next `n` results, by attempt.
    Map<Long, Result> results(int n) throws InterruptedException {
        Map<Long, Result> some = new LinkedHashMap<>();
        while (some.size() < n) {
            Result one = result();
            some.put(one.getAttempt(), one);
        }
        return some;
    }

    boolean hasResult() {
        return !results.isEmpty();
    }

    WorkerMessage other(WorkerMessage.KindCase kind) throws InterruptedException {
        while (true) {
            WorkerMessage next = soon(others, "a message of kind " + kind);
            if (next.getKindCase() == kind) {
                return next;
            }
        }
    }

    List<String> printed() {
        synchronized (printed) {
            return List.copyOf(printed);
        }
    }

    private static <T> T soon(BlockingQueue<T> queue, String what) throws InterruptedException {
        T next = queue.poll(PATIENCE_S, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError(what + " did not come");
        }
        return next;
    }
}
