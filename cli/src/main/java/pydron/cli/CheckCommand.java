package pydron.cli;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import pydron.cli.python.Python;
import pydron.cli.python.Pythons;

@Command(
        name = "check",
        description = {
            "Find what breaks the contract of @pydron.functional functions: writing globals, changing arguments, printing, "
                    + "writing files, using the time, randomness, the network, the environment or processes, and "
                    + "arguments of tasks that cannot be pickled. Calls of your own functions are followed, in all modules "
                    + "that the files import.",
            "",
            "Nothing of the script runs and nothing of it is imported: its source is read.",
            "",
            "A comment '# pydron: ok' silences a line, or a whole function where it is on its first line; "
                    + "'# pydron: ok output time' does for these categories.",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Nothing was found.",
            "1:Something was.",
            "2:The command line makes no sense, or a file cannot be read or is no Python.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron check script.py",
            "  pydron check src/ --min-confidence certain      for CI: only what is beyond doubt",
            "  pydron check src/ --format sarif > pydron.sarif",
        })
final class CheckCommand implements Callable<Integer> {
    enum Format {
        text,
        json,
        sarif,
        github
    }

    enum Confidence {
        certain,
        likely,
        possible
    }

    /// Python must not look into the present folder for its own modules: a file of the user's that is called like one
    /// of
    /// these would run.
    private static final String START =
            "import sys; sys.path[:1] = []; from pydron.check.__main__ import main; " + "sys.exit(main(sys.argv[1:]))";

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Scripts, or folders with Python files.")
    List<String> names = List.of();

    @Option(names = "--json", description = "The same as --format json.")
    boolean json;

    @Option(
            names = "--format",
            description = "One of ${COMPLETION-CANDIDATES}; default: text. 'github' writes annotations for GitHub.")
    Format format = Format.text;

    @Option(
            names = "--min-confidence",
            description = "Show what is at least so sure: ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    Confidence least = Confidence.likely;

    @Option(
            names = "--python",
            paramLabel = "PATH",
            description = "The Python whose libraries and syntax count; default: as for 'pydron run'.")
    Optional<String> python;

    @Override
    public Integer call() {
        Map<String, String> environment = Environment.ofUser();
        Python interpreter = new Pythons(environment, Home.folder()).find(python);
        List<String> command = new ArrayList<>(List.of(interpreter.executable(), "-c", START));
        command.addAll(
                List.of("--format", (json ? Format.json : format).name(), "--min-confidence", least.name(), "--"));
        command.addAll(names);
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO().directory(new File("").getAbsoluteFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().put("PYTHONPATH", interpreter.pythonPath(environment.get("PYTHONPATH")));
        try {
            return builder.start().waitFor();
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.UNUSABLE, "cannot start Python '" + interpreter.executable() + "': " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILED, "interrupted", e);
        }
    }
}
