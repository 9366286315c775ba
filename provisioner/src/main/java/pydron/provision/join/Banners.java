package pydron.provision.join;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Finds out where an sshd answers: it says so before anybody logs in.
final class Banners {
    private static final int PORT = 22;
    private static final Duration AGAIN = Duration.ofMillis(200);
    private static final byte[] BANNER = "SSH-2.0-".getBytes(StandardCharsets.US_ASCII);

    private Banners() {}

    /// Asks all of them again and again.
    ///
    /// @param patience no longer than that
    static Optional<Destination> first(List<Destination> among, Duration patience) throws InterruptedException {
        CompletableFuture<Destination> found = new CompletableFuture<>();
        long deadline = System.nanoTime() + patience.toNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            among.forEach(it -> threads.execute(() -> ask(it, deadline, found)));
            try {
                return Optional.of(found.get(patience.toMillis(), TimeUnit.MILLISECONDS));
            } catch (TimeoutException | ExecutionException e) {
                return Optional.empty();
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private static void ask(Destination to, long deadline, CompletableFuture<Destination> found) {
        while (!found.isDone() && !Thread.currentThread().isInterrupted()) {
            int left = (int) ((deadline - System.nanoTime()) / 1_000_000);
            if (left <= 0) {
                return;
            }
            if (answers(to, left)) {
                found.complete(to);
                return;
            }
            try {
                Thread.sleep(AGAIN);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static boolean answers(Destination to, int millis) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(to.host(), to.port().orElse(PORT)), millis);
            socket.setSoTimeout(millis);
            byte[] said = socket.getInputStream().readNBytes(BANNER.length);
            return java.util.Arrays.equals(said, BANNER);
        } catch (IOException | RuntimeException e) {
            return false; // Refused, no such host, or nothing said in time.
        }
    }
}
