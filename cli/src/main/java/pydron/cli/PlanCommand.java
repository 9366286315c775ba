package pydron.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import pydron.cli.elastic.Forecast;
import pydron.cli.elastic.Places;

@Command(
        name = "plan",
        description = {
            "Before spending: which instances the service would start for a script, how long it would take on them, and what "
                    + "that would cost. Nothing is run or started.",
            "",
            "How many calls can run at the same time depends on the script's data and is asked for (--calls). How long one "
                    + "takes is known from earlier runs with 'run --on', or asked for (--seconds)."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron plan script.py --calls 500                with the measured time of its slowest function",
            "  pydron plan script.py --calls 500 --seconds 30",
        })
final class PlanCommand implements Callable<Integer> {
    @Parameters(paramLabel = "script.py", description = "The script.")
    String script;

    @Option(
            names = "--calls",
            required = true,
            paramLabel = "N",
            description = "How many calls can run at the same time, as the iterations of its widest loop.")
    int calls;

    @Option(names = "--seconds", paramLabel = "S", description = "How long one of them takes on one core.")
    Double seconds;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        RunCommand.checkReadable(script);
        if (calls < 1 || calls > 10_000_000) {
            throw new ParameterException(spec.commandLine(), "--calls: " + calls + " is not between 1 and 10000000");
        }
        if (seconds != null && !(seconds > 0 && seconds < 1e7)) {
            throw new ParameterException(spec.commandLine(), "--seconds: " + seconds + " is not a time");
        }
        PrintWriter out = spec.commandLine().getOut();
        Forecast forecast = new Forecast(Places.of(Environment.ofUser()), out);
        double each = seconds != null
                ? seconds
                : slowest(forecast.measured(Path.of(script).toRealPath().toString()), out);
        out.println(String.format(Locale.ROOT, "For %d calls of %.3g s at the same time:", calls, each));
        forecast.tell(calls, each);
        return 0;
    }

    private double slowest(Map<String, Double> measured, PrintWriter out) {
        if (measured.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "how long the functions of '" + script + "' take is not known: it has not run with --on",
                    "Say it with --seconds.");
        }
        out.println("As measured in earlier runs:");
        double slowest = 0;
        for (Map.Entry<String, Double> it : measured.entrySet()) {
            out.println(String.format(Locale.ROOT, "  %s: %.3g s", it.getKey(), it.getValue()));
            slowest = Math.max(slowest, it.getValue());
        }
        return slowest;
    }
}
