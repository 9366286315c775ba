package pydron.service;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.core.Effect;
import pydron.core.Event;
import pydron.proto.PutValueReply;
import pydron.proto.ValueChunk;

/// The scheduler's own value files: brought by workers, fetched by workers, dropped when the core says so. Both ways
/// honour flow control: one chunk more than the other side has taken is the most that is in memory.
final class ValueFiles {
    private static final Logger log = LoggerFactory.getLogger(ValueFiles.class);
    private static final int CHUNK = 512 * 1024;

    private final Path directory;
    private final SerialQueue<Event> queue;
    private final AtomicLong names = new AtomicLong();
    private final AtomicLong requests = new AtomicLong();
    private final Map<Long, Serving> servings = new ConcurrentHashMap<>();

    ValueFiles(Path directory, SerialQueue<Event> queue) {
        this.directory = directory;
        this.queue = queue;
    }

    private Path fresh(long value) {
        return directory.resolve("kept-" + Long.toHexString(value) + "-" + names.incrementAndGet());
    }

    /// Keeps a file that a worker on this machine made, at no cost. False when the file system cannot.
    boolean link(long value, String path) {
        try {
            Path here = Files.createLink(fresh(value), Path.of(path));
            queue.offer(new Event.UploadFinished(value, here.toString(), Files.size(here)));
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            log.debug("value={} cannot be linked: {}", Long.toHexString(value), e.toString());
            return false;
        }
    }

    /// Only files within the value directory are ours to delete, whatever a driver may have named.
    void delete(String path) {
        Path file = Path.of(path).normalize();
        if (!file.startsWith(directory.normalize())) {
            log.warn("value file {} is outside of {}: left alone", file, directory);
            return;
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.warn("value file {} could not be deleted: {}", file, e.toString());
        }
    }

    StreamObserver<ValueChunk> receive(ServerCallStreamObserver<PutValueReply> reply) {
        reply.disableAutoRequest();
        reply.request(1);
        return new Receiving(reply);
    }

    void serve(long value, ServerCallStreamObserver<ValueChunk> chunks) {
        Serving serving = new Serving(requests.incrementAndGet(), value, chunks);
        servings.put(serving.request, serving);
        chunks.setOnReadyHandler(serving::pump);
        chunks.setOnCancelHandler(serving::end);
        queue.submit(new Event.ValueAsked(serving.request, value));
    }

    void act(Effect.ServeFile e) {
        Serving s = servings.get(e.request());
        if (s != null) {
            s.from(e.path());
        }
    }

    void act(Effect.ServePickle e) {
        Serving s = servings.get(e.request());
        if (s != null) {
            s.pickle(e.pickle());
        }
    }

    void act(Effect.RefuseValue e) {
        Serving s = servings.get(e.request());
        if (s != null) {
            s.refuse(e.reason());
        }
    }

    /// One `PutValue`.
    private final class Receiving implements StreamObserver<ValueChunk> {
        private final ServerCallStreamObserver<PutValueReply> reply;
        private long value;
        private long size;
        private long written;
        private Path part;
        private FileChannel file;
        private boolean failed;

        Receiving(ServerCallStreamObserver<PutValueReply> reply) {
            this.reply = reply;
        }

        @Override
        public void onNext(ValueChunk chunk) {
            if (failed) {
                return;
            }
            try {
                if (file == null) {
                    value = chunk.getValue();
                    size = chunk.getSize();
                    part = directory.resolve("part-" + names.incrementAndGet());
                    file = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                }
                for (ByteBuffer data : chunk.getData().asReadOnlyByteBufferList()) {
                    while (data.hasRemaining()) {
                        written += file.write(data);
                    }
                }
                reply.request(1);
            } catch (IOException e) {
                fail("the scheduler cannot store it: " + e.getMessage(), Status.RESOURCE_EXHAUSTED);
            }
        }

        @Override
        public void onCompleted() {
            if (failed) {
                return;
            }
            if (file == null || written != size) {
                fail(written + " of " + size + " bytes arrived", Status.DATA_LOSS);
                return;
            }
            try {
                file.close();
                Path whole = fresh(value);
                Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
                queue.submit(new Event.UploadFinished(value, whole.toString(), size));
            } catch (IOException e) {
                fail("the scheduler cannot store it: " + e.getMessage(), Status.RESOURCE_EXHAUSTED);
                return;
            }
            reply.onNext(PutValueReply.getDefaultInstance());
            reply.onCompleted();
        }

        @Override
        public void onError(Throwable t) {
            if (!failed) {
                failed = true;
                discard(t.getMessage());
            }
        }

        private void fail(String reason, Status status) {
            failed = true;
            discard(reason);
            reply.onError(status.withDescription(reason).asRuntimeException());
        }

        private void discard(String reason) {
            log.warn("value={} did not arrive: {}", Long.toHexString(value), reason);
            if (file != null) {
                try {
                    file.close();
                    Files.deleteIfExists(part);
                } catch (IOException e) {
                    log.warn("value file {} could not be deleted: {}", part, e.toString());
                }
                queue.submit(new Event.UploadFailed(value, String.valueOf(reason)));
            }
        }
    }

    /// One `GetValue`. It may wait for an upload first, and then goes as fast as the worker takes it.
    private final class Serving {
        private final long request;
        private final long value;
        private final ServerCallStreamObserver<ValueChunk> chunks;
        private FileChannel file;
        private long size;
        private long sent = -1;
        private boolean ended;

        Serving(long request, long value, ServerCallStreamObserver<ValueChunk> chunks) {
            this.request = request;
            this.value = value;
            this.chunks = chunks;
        }

        synchronized void from(String path) {
            if (ended) {
                return;
            }
            try {
                file = FileChannel.open(Path.of(path), StandardOpenOption.READ);
                size = file.size();
            } catch (IOException e) {
                queue.offer(new Event.FileUnreadable(value, path));
                refuse("its file cannot be read: " + e.getMessage());
                return;
            }
            pump();
        }

        synchronized void pickle(byte[] pickle) {
            if (!ended) {
                chunks.onNext(ValueChunk.newBuilder()
                        .setValue(value)
                        .setSize(pickle.length)
                        .setData(UnsafeByteOperations.unsafeWrap(pickle))
                        .build());
                chunks.onCompleted();
                end();
            }
        }

        synchronized void refuse(String reason) {
            if (!ended) {
                chunks.onError(Status.NOT_FOUND
                        .withDescription("value " + Long.toHexString(value) + ": " + reason)
                        .asRuntimeException());
                end();
            }
        }

        synchronized void pump() {
            if (file == null || ended) {
                return;
            }
            try {
                while (sent < size && chunks.isReady()) {
                    ValueChunk.Builder chunk = ValueChunk.newBuilder();
                    if (sent < 0) {
                        sent = 0;
                        chunk.setValue(value).setSize(size);
                    }
                    byte[] data = new byte[(int) Math.min(CHUNK, size - sent)];
                    ByteBuffer into = ByteBuffer.wrap(data);
                    while (into.hasRemaining()) {
                        if (file.read(into, sent + into.position()) < 0) {
                            throw new IOException("it became shorter");
                        }
                    }
                    sent += data.length;
                    chunks.onNext(
                            chunk.setData(UnsafeByteOperations.unsafeWrap(data)).build());
                }
                if (sent >= size) {
                    chunks.onCompleted();
                    end();
                }
            } catch (IOException e) {
                refuse("its file cannot be read: " + e.getMessage());
            }
        }

        synchronized void end() {
            ended = true;
            servings.remove(request);
            if (file != null) {
                try {
                    file.close();
                } catch (IOException e) {
                    log.debug("closing a value file: {}", e.toString());
                }
            }
        }
    }
}
