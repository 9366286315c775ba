package pydron.cli.local;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import pydron.cli.Home;
import pydron.cli.session.Trees;

/// Where drivers keep what the analysis said: a folder for each build, because another build may say something else.
///
/// A cache: what goes wrong with it costs the time of an analysis.
public final class KeptAnalyses {
    static final int MOST = 2_000;

    private static final int ONE_OF = 16;
    /// Of another build, which may still be running.
    private static final Duration OLD = Duration.ofDays(1);

    private KeptAnalyses() {}

    /// The folder of this build, made if need be. Empty where the build is not in jars, or nothing can be written.
    public static Optional<Path> folder() {
        try {
            Optional<Path> folder = named();
            if (folder.isPresent() && !Files.isDirectory(folder.get())) {
                Files.createDirectories(
                        folder.get(),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            return folder.filter(Files::isWritable);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<Path> named() throws IOException {
        Optional<Path> home = Home.folder();
        Path jar = Path.of(System.getProperty("java.class.path", "").split(":", 2)[0]);
        if (home.isEmpty() || !Files.isRegularFile(jar)) {
            return Optional.empty();
        }
        FileTime built = Files.getLastModifiedTime(jar);
        return home.map(it -> it.resolve("build/analyses").resolve(Long.toHexString(built.toMillis())));
    }

    /// Removes folders of builds that are gone, and of this one what was kept first when there is too much. One process
    /// of many does it.
    static void tidy() {
        if (ProcessHandle.current().pid() % ONE_OF == 0) {
            folder().ifPresent(KeptAnalyses::tidy);
        }
    }

    static void tidy(Path own) {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(own.getParent())) {
            for (Path each : folders) {
                if (!each.equals(own) && changed(each).isBefore(Instant.now().minus(OLD))) {
                    Trees.delete(each);
                }
            }
            List<Path> files = files(own);
            if (files.size() > MOST) {
                files.sort(Comparator.comparing(KeptAnalyses::changed));
                for (Path file : files.subList(0, files.size() - MOST / 2)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            // Another process tidies up as well, or the folder is gone.
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        List<Path> result = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            files.forEach(result::add);
        }
        return result;
    }

    private static Instant changed(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            return Instant.now();
        }
    }
}
