package pydron.cli.python;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Asks an interpreter about itself. Takes as long as starting it, so `Pythons` remembers the answers.
///
/// @param cloudpickle where the interpreter's own cloudpickle is, or ""
public record Probe(String executable, String version, int major, int minor, String cloudpickle) {
    /// Runs under any Python since 2.7. The first entry of the path is the current folder: not one for installed
    /// things.
    private static final String QUESTION = """
            import sys
            del sys.path[0]
            found = ""
            try:
                from importlib.util import find_spec
                spec = find_spec("cloudpickle")
                found = spec.origin or "" if spec else ""
            except Exception:
                pass
            version = "%d.%d.%d" % tuple(sys.version_info[:3])
            sys.stdout.write("\\n".join(["pydron-probe", sys.executable or "", version, found, ""]))
            """;

    /// Empty where the file does not behave like a Python.
    public static Optional<Probe> of(String executable) {
        try {
            Process process = new ProcessBuilder(List.of(executable, "-c", QUESTION))
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Thread.ofVirtual().start(() -> killIfSlow(process));
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? parse(answer) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static void killIfSlow(Process process) {
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }

    private static Optional<Probe> parse(String answer) {
        String[] lines =
                answer.substring(Math.max(0, answer.indexOf("pydron-probe"))).split("\n", -1);
        if (lines.length < 5 || !lines[0].equals("pydron-probe") || lines[1].isEmpty()) {
            return Optional.empty();
        }
        String[] numbers = lines[2].split("\\.");
        return Optional.of(
                new Probe(lines[1], lines[2], Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]), lines[3]));
    }
}
