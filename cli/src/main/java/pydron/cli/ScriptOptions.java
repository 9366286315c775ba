package pydron.cli;

import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import pydron.cli.pipeline.Units;
import pydron.cli.python.Python;
import pydron.cli.python.Pythons;

/// Which pipelines a command is about that imports a script and does not run it.
final class ScriptOptions {
    @Parameters(paramLabel = "script.py", description = "The script.")
    String script;

    @Option(
            names = "--function",
            paramLabel = "NAME",
            description = "Only this pipeline and those it calls; default: all.")
    private Optional<String> function;

    @Option(names = "--python", paramLabel = "PATH", description = "The Python to import the script with.")
    private Optional<String> python;

    /// Imports the script.
    Units.Found find() {
        RunCommand.checkReadable(script);
        Python interpreter = new Pythons(Environment.ofUser(), Home.folder()).find(python);
        return Units.of(interpreter, Environment.ofUser(), script, function);
    }
}
