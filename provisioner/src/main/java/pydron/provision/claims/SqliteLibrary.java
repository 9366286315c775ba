package pydron.provision.claims;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.sqlite.SQLiteJDBCLoader;

/// SQLite's native library. Its driver unpacks it into a file and deletes that when the JVM ends; after a
/// `kill -9` it would stay for good, so it is deleted as soon as it is loaded, which needs no file.
final class SqliteLibrary {
    private static final String UNPACKED_TO = "org.sqlite.tmpdir";

    private SqliteLibrary() {}

    /// Loads it, when it is not loaded yet.
    ///
    /// @param beside a folder that a file can be unpacked into and loaded from
    /// @throws ClaimsUnavailable there is none for this machine, or it cannot be unpacked
    static synchronized void load(Path beside) {
        if (System.getProperty(UNPACKED_TO) != null) {
            return;
        }
        try {
            Path folder = Files.createTempDirectory(beside, "sqlite");
            System.setProperty(UNPACKED_TO, folder.toString());
            try {
                SQLiteJDBCLoader.initialize();
            } finally {
                delete(folder);
            }
        } catch (Exception e) {
            System.clearProperty(UNPACKED_TO);
            throw new ClaimsUnavailable("cannot load SQLite: " + e.getMessage(), e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
