package pydron.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the machine's watchdog how long the machine may live. The time is that since boot: the clock of a new machine
/// may jump.
final class LeaseFile {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseFile.class);
    private static final Path UPTIME = Path.of("/proc/uptime");

    private final Path file;

    LeaseFile(Path file) {
        this.file = file;
    }

    /// What cannot be written is logged: the next lease comes soon, and if none can be written the machine ends.
    void extend(long seconds) {
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(fresh, (uptime() + seconds) + "\n");
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | NumberFormatException e) {
            LOG.error("event=lease-not-written file={} reason={}", file, e.getMessage());
        }
    }

    private static long uptime() throws IOException {
        String text = Files.readString(UPTIME);
        return Long.parseLong(text.substring(0, text.indexOf('.')));
    }
}
