package pydron.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import pydron.cli.local.ExplainSettings;
import pydron.cli.local.ExplainSettings.Format;

/// `--explain` of the commands that run something. For a script that was started by plain
/// `python script.py`, the environment says what is wanted.
final class ExplainOptions {
    private static final String VARIABLE = "PYDRON_EXPLAIN";

    @Option(
            names = "--explain",
            arity = "0..1",
            paramLabel = "FILE|text|json",
            preprocessor = OnlyAttached.class,
            description =
                    "After the run, tell what did not run in parallel, why, what it cost, and what to write instead: "
                            + "on standard error, or in a .html, .json or .txt file. Also: the variable PYDRON_EXPLAIN.")
    String explain;

    /// Whether the command line asks for it.
    boolean asked() {
        return explain != null;
    }

    /// @param assertParallel whether what is found may be an error
    Optional<ExplainSettings> ofRun(CommandSpec spec, Map<String, String> environment, boolean assertParallel) {
        String wanted = explain != null ? explain : environment.getOrDefault(VARIABLE, "");
        if (wanted.isEmpty() || wanted.equals("0")) {
            return assertParallel
                    ? Optional.of(new ExplainSettings(Format.TEXT, Optional.empty(), false, true))
                    : Optional.empty();
        }
        return switch (wanted.toLowerCase(Locale.ROOT)) {
            case "1", "text" -> Optional.of(new ExplainSettings(Format.TEXT, Optional.empty(), true, assertParallel));
            case "json" -> Optional.of(new ExplainSettings(Format.JSON, Optional.empty(), true, assertParallel));
            default -> {
                Format format = ofName(wanted)
                        .orElseThrow(() -> new ParameterException(
                                spec.commandLine(),
                                (explain != null ? "--explain" : VARIABLE) + ": '" + wanted
                                        + "' is not text, json, or a file that ends in .html, .json or .txt"));
                yield Optional.of(new ExplainSettings(format, Optional.of(Path.of(wanted)), true, assertParallel));
            }
        };
    }

    /// The format that the name of a file stands for.
    static Optional<Format> ofName(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "html", "htm" -> Optional.of(Format.HTML);
            case "json" -> Optional.of(Format.JSON);
            case "txt" -> Optional.of(Format.TEXT);
            default -> Optional.empty();
        };
    }

    /// A value belongs to the option only if it is attached by '=': what follows is the script.
    static final class OnlyAttached implements IParameterPreprocessor {
        @Override
        public boolean preprocess(
                Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> info) {
            if (!"=".equals(info.get("separator"))) {
                arguments.push("text");
            }
            return false;
        }
    }
}
