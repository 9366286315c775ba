package pydron.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import pydron.analysis.ast.Unit;

/// Makes units of Python programs the way `pydron graph` does: by the package itself, in a Python process.
final class Units {
    /// `python -m pydron._graph` for every program of a folder, in one process. A program without a pipeline gets no
    /// unit.
    private static final String EVERY_PROGRAM = """
            import os, sys
            from pydron import _graph

            programs, units = sys.argv[1:]
            sys.path.insert(0, os.path.join(programs, "shared"))
            for name in sorted(os.listdir(programs)):
                if name.endswith(".py"):
                    _graph.main([os.path.join(programs, name), os.path.join(units, name[: -len(".py")])])
            """;

    private Units() {}

    static void make(Path programs, Path units) throws IOException, InterruptedException {
        Path log = units.resolve("log");
        var builder = new ProcessBuilder("python3", "-B", "-c", EVERY_PROGRAM, programs.toString(), units.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .put("PYTHONPATH", Path.of("../python").toAbsolutePath().toString());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        int exit = builder.start().waitFor();
        assertEquals(0, exit, () -> text(log));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    static Optional<Unit> read(Path unit) throws IOException {
        return Files.exists(unit)
                ? Optional.of(Unit.read(Files.readAllBytes(unit)))
                        .filter(read -> !read.functions().isEmpty())
                : Optional.empty();
    }
}
