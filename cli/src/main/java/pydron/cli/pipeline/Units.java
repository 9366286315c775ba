package pydron.cli.pipeline;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import pydron.analysis.ast.Unit;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.python.Python;
import pydron.cli.session.Session;

/// Asks Python for the pipelines of a script. Only Python can: what a name in them is bound to is known when the
/// script has been imported.
public final class Units {
    private Units() {}

    public static Unit of(Python python, Map<String, String> environment, String script, Optional<String> function) {
        try (Session session = Session.create(environment)) {
            Path unit = session.folder().resolve("unit");
            List<String> command =
                    new ArrayList<>(List.of(python.executable(), "-m", "pydron._graph", script, unit.toString()));
            function.ifPresent(command::add);
            // What the script prints while it is imported must not get into the picture.
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD);
            builder.environment().clear();
            builder.environment().putAll(environment);
            builder.environment().put("PYTHONPATH", python.pythonPath(environment.get("PYTHONPATH")));
            Process process = builder.start();
            String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new CommandFailure(ExitCode.UNUSABLE, "cannot draw '" + script + "': " + lastLine(said));
            }
            if (!said.isEmpty()) {
                System.err.println(said);
            }
            return Unit.read(Files.readAllBytes(unit));
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot import '" + script + "': " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILED, "interrupted", e);
        }
    }

    private static String lastLine(String said) {
        return said.isEmpty()
                ? "Python failed and said nothing"
                : said.lines().reduce((_, last) -> last).orElseThrow();
    }
}
