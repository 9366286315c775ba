package pydron.worker;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import pydron.proto.GetModuleRequest;
import pydron.proto.ModuleChunk;
import pydron.proto.WorkerServiceGrpc;

/// The user's own modules, where the driver's files are not on this machine: each is brought when a task first imports
/// it, and kept by content, so that it comes once to each machine as long as it does not change.
final class Modules implements AutoCloseable {
    /// What became of a request.
    sealed interface Answer {
        /// @param folder to import it from
        /// @param origin the driver's folder that it came from
        record Here(Path folder, String origin) implements Answer {}

        record NoSuchModule() implements Answer {}

        /// In words for the user.
        record Failed(String reason) implements Answer {}
    }

    private static final long PATIENCE_SECONDS = 300;

    /// A module that did not exist may be written while the program runs.
    private static final long ABSENT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private record Wanted(int job, String name) {}

    private record Known(CompletableFuture<Answer> answer, long nanos) {
        boolean stale() {
            return answer.isDone()
                    && !(answer.join() instanceof Answer.Here)
                    && System.nanoTime() - nanos > ABSENT_NANOS;
        }
    }

    private final WorkerServiceGrpc.WorkerServiceBlockingStub stub;
    private final String workerId;
    private final Optional<Path> folder;
    private final Map<Wanted, Known> known = new ConcurrentHashMap<>();
    private final Map<String, String> lastHash = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("modules-", 0).factory());

    Modules(Channel channel, String workerId, Optional<Path> folder) {
        this.stub = WorkerServiceGrpc.newBlockingStub(channel).withMaxInboundMessageSize(Link.MAX_MESSAGE);
        this.workerId = workerId;
        this.folder = folder;
    }

    /// Returns at once; the answer comes on another thread. Several who want the same wait for one transfer.
    void bring(int job, String name, Consumer<Answer> then) {
        Wanted wanted = new Wanted(job, name);
        Known answer = known.compute(
                wanted,
                (key, before) -> before == null || before.stale()
                        ? new Known(CompletableFuture.supplyAsync(() -> fetch(key), threads), System.nanoTime())
                        : before);
        answer.answer().thenAcceptAsync(then, threads);
    }

    void forget(int job) {
        known.keySet().removeIf(wanted -> wanted.job() == job);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private Answer fetch(Wanted wanted) {
        if (folder.isEmpty()) {
            return new Answer.NoSuchModule();
        }
        String have = lastHash.getOrDefault(wanted.name(), "");
        GetModuleRequest request = GetModuleRequest.newBuilder()
                .setWorkerId(workerId)
                .setJob(wanted.job())
                .setName(wanted.name())
                .setHaveSha256(Files.isDirectory(folder.get().resolve(have)) ? have : "")
                .build();
        // Ends the transfer of what turns out to be here already.
        Context.CancellableContext call = Context.current().withCancellation();
        Context before = call.attach();
        try {
            Iterator<ModuleChunk> chunks =
                    stub.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS).getModule(request);
            return receive(wanted.name(), chunks, folder.get());
        } catch (StatusRuntimeException e) {
            String reason = Optional.ofNullable(e.getStatus().getDescription())
                    .orElse(e.getStatus().getCode().toString());
            return e.getStatus().getCode() == Status.Code.NOT_FOUND
                    ? new Answer.NoSuchModule()
                    : new Answer.Failed(reason);
        } catch (IOException e) {
            return new Answer.Failed("module '" + wanted.name() + "' cannot be written: " + e.getMessage());
        } finally {
            call.detach(before);
            call.cancel(null);
        }
    }

    private Answer receive(String name, Iterator<ModuleChunk> chunks, Path all) throws IOException {
        ModuleChunk first = chunks.next();
        if (!first.getSha256().matches("[0-9a-f]{64}")) {
            throw new IOException("the scheduler names no hash");
        }
        Path place = all.resolve(first.getSha256());
        if (!Files.isDirectory(place)) {
            Files.createDirectories(all);
            Path fresh = Files.createTempDirectory(all, ".new");
            try {
                unpack(first, chunks, fresh);
                Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                remove(fresh);
                if (!Files.isDirectory(place)) { // else another worker on this machine was quicker
                    throw e;
                }
            }
        }
        lastHash.put(name, first.getSha256());
        return new Answer.Here(place, first.getOrigin());
    }

    private static void unpack(ModuleChunk first, Iterator<ModuleChunk> chunks, Path to) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        try (InputStream in = new DigestInputStream(new BufferedInputStream(new Chunks(first, chunks)), digest);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = to.resolve(entry.getName()).normalize();
                if (!file.startsWith(to)) {
                    throw new IOException("'" + entry.getName() + "' is outside of its archive");
                }
                Files.createDirectories(file.getParent());
                try (OutputStream out = Files.newOutputStream(file)) {
                    zip.transferTo(out);
                }
            }
            in.transferTo(OutputStream.nullOutputStream());
        }
        String hash = HexFormat.of().formatHex(digest.digest());
        if (!hash.equals(first.getSha256())) {
            throw new IOException("its content is not what was announced");
        }
    }

    private static void remove(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder()).forEach(Values::delete);
        }
    }

    /// The chunks as one stream.
    private static final class Chunks extends InputStream {
        private final Iterator<ModuleChunk> rest;
        private InputStream now;

        Chunks(ModuleChunk first, Iterator<ModuleChunk> rest) {
            this.now = first.getData().newInput();
            this.rest = rest;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int at, int length) throws IOException {
            while (true) {
                int n = now.read(to, at, length);
                if (n > 0 || length == 0) {
                    return n;
                }
                if (!rest.hasNext()) {
                    return -1;
                }
                now = rest.next().getData().newInput();
            }
        }
    }
}
