package pydron.worker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A folder of one worker in a place that is everybody's, as `/tmp`. The worker has a lock on a file in it, which the
/// kernel drops however the worker ends: what nobody has a lock on was left behind, and is removed by the next one.
final class PrivateFolder implements AutoCloseable {
    static final String PREFIX = "pydron-worker-";
    private static final String LOCK = "lock";

    /// Between making a folder and locking it an instant passes.
    private static final Duration YOUNG = Duration.ofSeconds(30);

    private final Path path;
    private final FileChannel channel;

    private PrivateFolder(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /// Made anew; what an earlier worker of the same mark has left there is removed.
    ///
    /// @param mark of the worker, which is the only one of its claim
    /// @throws IOException also when somebody else has made it, or another worker is in it
    static PrivateFolder open(Path in, String mark) throws IOException {
        Path folder = in.resolve(PREFIX + mark);
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            if (!isMine(folder)) {
                throw new IOException("'" + folder + "' belongs to somebody else");
            }
            if (!free(folder, Duration.ZERO)) {
                throw new IOException("'" + folder + "' is in use by another worker");
            }
            delete(folder);
        }
        Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        FileChannel channel =
                FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            throw new IOException("'" + folder + "' is in use by another worker");
        }
        return new PrivateFolder(folder, channel);
    }

    Path path() {
        return path;
    }

    /// Removes what workers of this user have left behind that were killed. What cannot be removed stays.
    static void removeAbandoned(Path in) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(in, PREFIX + "*")) {
            for (Path folder : found) {
                if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) && isMine(folder) && free(folder, YOUNG)) {
                    delete(folder);
                }
            }
        } catch (IOException e) {
            System.err.println("pydron-worker: cannot look through '" + in + "': " + e.getMessage());
        }
    }

    private static boolean isMine(Path folder) throws IOException {
        return Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName().equals(System.getProperty("user.name"));
    }

    /// Whether nobody uses it.
    private static boolean free(Path folder, Duration age) throws IOException {
        if (Files.getLastModifiedTime(folder).toInstant().isAfter(Instant.now().minus(age))) {
            return false;
        }
        try (FileChannel channel =
                        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (NoSuchFileException e) {
            return true;
        } catch (OverlappingFileLockException e) {
            return false; // Of this very process.
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(folder)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : all) {
            Files.deleteIfExists(file);
        }
    }

    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            delete(path);
            channel.close();
        }
    }
}
