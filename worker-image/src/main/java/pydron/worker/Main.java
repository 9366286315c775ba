package pydron.worker;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import pydron.wire.Build;

/// The worker of an instance, a program of its own. All it needs to know is in the folder of its claim: `token`,
/// `gateway` (the port where the tunnel begins, or `HOST:PORT`), `tls/`, `lease`, `recalls` (where the machine may be
/// taken back); what
/// it leaves there is `mark`, `state` (one line for
/// people) and what it logs.
///
///     Main CLAIM-FOLDER SLOTS PYTHON PACKAGES
///
/// Exit codes: 0 told to end, 1 cannot go on (`state` says why), 2 wrong arguments, 3 another worker runs for the
/// claim.
public final class Main {
    /// Smaller memory file systems are not meant for much more than semaphores, as in containers.
    private static final long SHARED_MEMORY_BYTES = 1L << 30;

    /// As AWS's own libraries know it: where the metadata service is, if not at the usual address.
    private static final String METADATA = "AWS_EC2_METADATA_SERVICE_ENDPOINT";

    private static final Path MEMORY = Path.of("/dev/shm");

    private final Path folder;
    private volatile int exitCode;

    private Main(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 4 || !arguments[1].matches("[1-9][0-9]{0,3}")) {
            System.err.println("usage: pydron-worker CLAIM-FOLDER SLOTS PYTHON PACKAGES");
            System.exit(2);
        }
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        System.exit(new Main(folder).run(Integer.parseInt(arguments[1]), Path.of(arguments[2]), Path.of(arguments[3])));
    }

    private int run(int slots, Path python, Path packages) throws IOException, InterruptedException {
        try (FileChannel file =
                        FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = tryLock(file)) {
            if (lock == null) {
                System.err.println("pydron-worker: another worker runs for this claim");
                return 3;
            }
            return serve(slots, python, packages);
        }
    }

    private static FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private int serve(int slots, Path python, Path packages) throws IOException, InterruptedException {
        state("starting");
        String claim = folder.getFileName().toString();
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        PrivateFolder.removeAbandoned(temporary);
        PrivateFolder run = PrivateFolder.open(temporary, mark());
        PrivateFolder values = inMemory() ? PrivateFolder.open(MEMORY, mark()) : run;
        Map<String, String> environment = System.getenv();
        WorkerConfig config = new WorkerConfig(
                Host.name(),
                slots,
                Optional.of(python),
                Optional.of(packages),
                run.path(),
                values.path(),
                false,
                environment,
                Optional.of(new Membership(
                        mark(),
                        build(Optional.of(packages)),
                        claim,
                        Files.readString(folder.resolve("token")).strip(),
                        folder.resolve("lease"),
                        folder.resolveSibling("..").resolve("modules").normalize(),
                        recalls(environment))));
        ManagedChannel channel = SecureChannel.open(folder.resolve("gateway"), folder.resolve("tls"));
        Worker worker = Worker.start(config, channel, new Listener());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> part(worker, values, run), "parting"));
        try {
            worker.awaitEnd();
            return exitCode;
        } finally {
            channel.shutdownNow();
        }
    }

    /// Which build a worker and its tasks are.
    ///
    /// @param packages where the package pydron may be; an installed one, which tasks have else, does not count
    public static String build(Optional<Path> packages) {
        return Build.of(
                List.of(Build.class, Main.class),
                packages.map(it -> it.resolve("pydron")).filter(Files::isDirectory));
    }

    /// The user data of a machine that may be taken back says so.
    private Optional<URI> recalls(Map<String, String> environment) {
        if (!Files.exists(folder.resolve("recalls"))) {
            return Optional.empty();
        }
        String elsewhere = environment.getOrDefault(METADATA, "");
        return Optional.of(elsewhere.isEmpty() ? Recall.EC2 : URI.create(elsewhere));
    }

    /// However it ends, nothing is left of it but what is in the claim's folder.
    private static void part(Worker worker, PrivateFolder values, PrivateFolder run) {
        worker.close();
        try (run;
                values) {
            // Both go, whatever happens to the other.
        } catch (IOException e) {
            System.err.println("pydron-worker: cannot remove its folder: " + e.getMessage());
        }
    }

    /// The same for all workers that ever run for this claim here: the scheduler takes a second one for an intruder.
    private String mark() throws IOException {
        Path file = folder.resolve("mark");
        if (!Files.exists(file)) {
            Path fresh = folder.resolve("mark.new");
            Files.writeString(fresh, UUID.randomUUID().toString().substring(0, 12));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return Files.readString(file).strip();
    }

    /// Whether there is a file system in memory that values have room in.
    private static boolean inMemory() throws IOException {
        if (!Files.isWritable(MEMORY)) {
            return false;
        }
        PrivateFolder.removeAbandoned(MEMORY);
        return Files.getFileStore(MEMORY).getTotalSpace() >= SHARED_MEMORY_BYTES;
    }

    private void state(String text) {
        try {
            Path fresh = folder.resolve("state.new");
            Files.writeString(fresh, text.replace('\n', ' ') + "\n");
            Files.move(fresh, folder.resolve("state"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            System.err.println("pydron-worker: cannot write the state: " + e.getMessage());
        }
    }

    private final class Listener implements WorkerListener {
        @Override
        public void connected() {
            state("joined");
        }

        @Override
        public void disconnected(String reason) {
            state("disconnected: " + reason);
        }

        @Override
        public void problem(String message) {
            System.err.println("pydron-worker: " + message);
        }

        @Override
        public void ended(boolean asTold, String reason) {
            exitCode = asTold ? 0 : 1;
            state((asTold ? "ended: " : "failed: ") + reason);
        }
    }
}
