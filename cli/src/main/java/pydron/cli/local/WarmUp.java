package pydron.cli.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import pydron.service.AnalysisException;

/// Analyses a small pipeline while Python starts (decision 186). Java is slow at what it does for the first time, and
/// otherwise the user's first pipeline would wait for that, and the second too.
///
/// Nobody waits for it, and nothing depends on it.
public final class WarmUp {
    private WarmUp() {}

    /// The pipeline to analyse, which the build leaves beside its jars. Empty where the build is not in jars.
    public static Optional<Path> unit() {
        Path jar = Path.of(System.getProperty("java.class.path", "").split(":", 2)[0]);
        return Files.isRegularFile(jar)
                ? Optional.of(jar.toAbsolutePath().getParent().resolveSibling("warm-up.unit"))
                : Optional.empty();
    }

    static void begin() {
        unit().ifPresent(file -> Thread.ofPlatform().daemon().name("warm-up").start(() -> analyse(file)));
    }

    private static void analyse(Path file) {
        try {
            LocalService.analyze(Files.readAllBytes(file));
        } catch (IOException | AnalysisException e) {
            // The first pipeline takes longer.
        }
    }
}
