package pydron.cli.elastic;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.local.Log;
import pydron.cli.python.Python;

/// The way into the service for a command that knows nothing of clouds.
public final class ServiceMain {
    private ServiceMain() {}

    /// Whoever looks whether a service runs holds the lock for a moment.
    private static FileLock lock(FileChannel channel) throws IOException {
        FileLock lock = channel.tryLock();
        for (int i = 0; lock == null && i < 20; i++) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
            lock = channel.tryLock();
        }
        return lock;
    }

    /// Returns the exit code.
    ///
    /// @param on clouds that may start instances
    /// @param linger seconds
    /// @param closing it is only to end what is there
    public static int run(
            Places places,
            Map<String, String> environment,
            List<String> on,
            long linger,
            boolean closing,
            Python python) {
        places.made();
        try (FileChannel channel =
                        FileChannel.open(places.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lock(channel)) {
            if (lock == null) {
                throw new CommandFailure(
                        ExitCode.FAILED,
                        "a service of this installation runs already",
                        "'pydron instances' shows what it does, 'pydron down' ends it.");
            }
            // Before the first class that logs is loaded.
            Files.deleteIfExists(places.formerLog());
            if (Files.exists(places.log())) {
                Files.move(places.log(), places.formerLog());
            }
            Log.open(places.log(), environment);
            return ElasticService.run(
                    places, environment, new ElasticService.Options(on, Duration.ofSeconds(linger), closing, python));
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "the service cannot run: " + e.getMessage(), e);
        }
    }
}
