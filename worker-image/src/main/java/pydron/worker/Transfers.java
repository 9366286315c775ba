package pydron.worker;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import pydron.proto.GetValueRequest;
import pydron.proto.PutValueReply;
import pydron.proto.ValueChunk;
import pydron.proto.WorkerServiceGrpc;

/// Moves large values between this worker and the scheduler, in chunks, never with more than a few of them in memory.
final class Transfers implements AutoCloseable {
    private static final int CHUNK = 512 * 1024;

    /// Hears how a fetch ended.
    interface Fetched {
        /// The whole file is here.
        void here(long value, Path file);

        /// @param mayPass trying again later may help
        void failed(long value, String reason, boolean mayPass);
    }

    /// Hears that a value cannot be uploaded because its file is gone or unreadable.
    interface Unreadable {
        void unreadable(long value, String reason);
    }

    private final WorkerServiceGrpc.WorkerServiceStub stub;
    private final String workerId;
    // Files are read and written on these threads, not on those that carry tasks and results.
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("transfer-", 0).factory());
    private final Set<ClientCallStreamObserver<?>> open = ConcurrentHashMap.newKeySet();

    Transfers(Channel channel, String workerId) {
        this.stub = WorkerServiceGrpc.newStub(channel)
                .withMaxInboundMessageSize(Link.MAX_MESSAGE)
                .withExecutor(threads);
        this.workerId = workerId;
    }

    /// Brings a value here, into `file`. The file has that name only when it is whole.
    void fetch(long value, Path file, Fetched then) {
        GetValueRequest request = GetValueRequest.newBuilder()
                .setWorkerId(workerId)
                .setValue(value)
                .build();
        stub.getValue(request, new Download(value, file, then));
    }

    /// Sends a value file to the scheduler.
    void upload(long value, Path file, Unreadable otherwise) {
        threads.execute(() -> stub.putValue(new UploadStream(value, file, otherwise)));
    }

    @Override
    public void close() {
        open.forEach(call -> call.cancel("the worker closes", null));
        threads.shutdown();
    }

    /// One fetch: asks for the next chunk when this one is on disk.
    private final class Download implements ClientResponseObserver<GetValueRequest, ValueChunk> {
        private final long value;
        private final Path file;
        private final Path part;
        private final Fetched then;
        private ClientCallStreamObserver<GetValueRequest> call;
        private Optional<FileChannel> out = Optional.empty();
        private long expected;
        private long received;

        Download(long value, Path file, Fetched then) {
            this.value = value;
            this.file = file;
            this.part = file.resolveSibling(file.getFileName() + ".part");
            this.then = then;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<GetValueRequest> request) {
            call = request;
            open.add(request);
            request.disableAutoRequestWithInitial(1);
        }

        @Override
        public void onNext(ValueChunk chunk) {
            try {
                if (out.isEmpty()) {
                    expected = chunk.getSize();
                    out = Optional.of(FileChannel.open(
                            part,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE));
                }
                for (ByteBuffer piece : chunk.getData().asReadOnlyByteBufferList()) {
                    received += piece.remaining();
                    while (piece.hasRemaining()) {
                        out.get().write(piece);
                    }
                }
                call.request(1);
            } catch (IOException e) {
                call.cancel("cannot write '" + part + "': " + e.getMessage(), e);
            }
        }

        @Override
        public void onError(Throwable e) {
            Status status = Status.fromThrowable(e);
            String reason = status.getDescription() == null ? status.getCode().toString() : status.getDescription();
            fail(reason, status.getCode() == Status.Code.UNAVAILABLE);
        }

        @Override
        public void onCompleted() {
            if (received != expected || out.isEmpty()) {
                fail("only " + received + " of " + expected + " bytes came", true);
                return;
            }
            open.remove(call);
            try {
                out.get().close();
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                fail("cannot write '" + file + "': " + e.getMessage(), false);
                return;
            }
            then.here(value, file);
        }

        private void fail(String reason, boolean mayPass) {
            open.remove(call);
            try {
                if (out.isPresent()) {
                    out.get().close();
                }
            } catch (IOException e) {
                // The file is removed in any case.
            }
            Values.delete(part);
            then.failed(value, reason, mayPass);
        }
    }

    /// One upload: writes while the stream takes more, and goes on when it says so.
    private final class UploadStream implements ClientResponseObserver<ValueChunk, PutValueReply> {
        private final long value;
        private final Path file;
        private final Unreadable otherwise;
        private ClientCallStreamObserver<ValueChunk> call;
        private Optional<FileChannel> in = Optional.empty();
        private long size;
        private boolean first = true;
        private boolean finished;

        UploadStream(long value, Path file, Unreadable otherwise) {
            this.value = value;
            this.file = file;
            this.otherwise = otherwise;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<ValueChunk> requests) {
            call = requests;
            open.add(requests);
            requests.setOnReadyHandler(this::pump);
        }

        private synchronized void pump() {
            try {
                if (in.isEmpty() && !finished) {
                    in = Optional.of(FileChannel.open(file, StandardOpenOption.READ));
                    size = in.get().size();
                }
                while (!finished && call.isReady()) {
                    call.onNext(next());
                    if (in.get().position() >= size) {
                        finished = true;
                        in.get().close();
                        call.onCompleted();
                    }
                }
            } catch (IOException e) {
                finished = true;
                call.cancel("cannot read '" + file + "'", e);
                otherwise.unreadable(value, "cannot read '" + file + "': " + e.getMessage());
            }
        }

        private ValueChunk next() throws IOException {
            FileChannel from = in.get();
            ByteBuffer data = ByteBuffer.allocate((int) Math.min(CHUNK, size - from.position()));
            while (data.hasRemaining()) {
                if (from.read(data) < 0) {
                    throw new IOException("it ends early");
                }
            }
            // Nobody else has the buffer, so it need not be copied.
            ByteString bytes = UnsafeByteOperations.unsafeWrap(data.flip());
            ValueChunk.Builder chunk = ValueChunk.newBuilder().setData(bytes);
            if (first) {
                first = false;
                chunk.setValue(value).setSize(size);
            }
            return chunk.build();
        }

        @Override
        public void onNext(PutValueReply reply) {}

        @Override
        public synchronized void onError(Throwable e) {
            // The scheduler asks again if it still wants the value.
            end();
        }

        @Override
        public synchronized void onCompleted() {
            end();
        }

        private void end() {
            open.remove(call);
            finished = true;
            try {
                if (in.isPresent()) {
                    in.get().close();
                }
            } catch (IOException e) {
                // It was only read.
            }
        }
    }
}
