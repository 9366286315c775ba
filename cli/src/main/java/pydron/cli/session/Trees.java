package pydron.cli.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Folders with everything in them.
public final class Trees {
    private Trees() {}

    /// Removes a folder without following links. A file that a process is just creating in it is met on the second
    /// try. What still cannot be removed stays for `StaleSessions`.
    public static void delete(Path folder) {
        for (int attempt = 0; attempt < 5; attempt++) {
            try {
                deleteOnce(folder);
                return;
            } catch (IOException e) {
                Thread.onSpinWait();
            }
        }
    }

    private static void deleteOnce(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
                for (Path entry : entries) {
                    deleteOnce(entry);
                }
            } catch (NoSuchFileException e) {
                return;
            }
        }
        Files.deleteIfExists(path);
    }

    static int ownUid() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
