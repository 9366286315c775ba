package pydron.cli;

import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import pydron.cli.local.ServiceSettings;

/// What `run` and `serve` have in common.
final class ServiceOptions {
    private static final int MOST_SLOTS = 4096;
    private static final int LAST_PORT = 65_535;

    @Option(
            names = "--slots",
            paramLabel = "N",
            description = "How many tasks to run at a time on this machine; default: one for each core. "
                    + "0 leaves all of them to workers that connect to --worker-port.")
    Integer slots;

    @Option(
            names = "--python",
            paramLabel = "PATH",
            description =
                    "The Python for script and tasks; default: that of the active virtual environment, or python3.")
    Optional<String> python;

    @Option(
            names = "--worker-port",
            paramLabel = "PORT",
            description =
                    "Also take workers ('pydron worker --connect') on this port of the loopback interface; 0 for any free one.")
    Integer workerPort;

    @Mixin
    ExplainOptions explain = new ExplainOptions();

    ServiceSettings settings(CommandSpec spec, boolean showProgress, boolean assertParallel) {
        int number = slots == null ? Runtime.getRuntime().availableProcessors() : slots;
        if (number < 0 || number > MOST_SLOTS) {
            throw new ParameterException(
                    spec.commandLine(), "--slots: " + number + " is not between 0 and " + MOST_SLOTS);
        }
        if (number == 0 && workerPort == null) {
            throw new ParameterException(
                    spec.commandLine(), "--slots 0 needs --worker-port, or nothing would ever run");
        }
        if (workerPort != null && (workerPort < 0 || workerPort > LAST_PORT)) {
            throw new ParameterException(
                    spec.commandLine(), "--worker-port: " + workerPort + " is not between 0 and " + LAST_PORT);
        }
        return new ServiceSettings(
                number,
                workerPort == null ? OptionalInt.empty() : OptionalInt.of(workerPort),
                showProgress,
                explain.ofRun(spec, Environment.ofUser(), assertParallel));
    }
}
