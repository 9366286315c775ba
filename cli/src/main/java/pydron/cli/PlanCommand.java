package pydron.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import pydron.analysis.PipelineAnalysis;
import pydron.analysis.Place;
import pydron.analysis.Template;
import pydron.cli.elastic.Forecast;
import pydron.cli.elastic.Places;
import pydron.cli.pipeline.Rehearsal;
import pydron.cli.pipeline.Timeline;
import pydron.cli.pipeline.Units;

@Command(
        name = "plan",
        description = {
            "Before spending: which calls a script would make, how many of them at the same time, which instances the service "
                    + "would start for them, how long it would take there, and what that would cost. The script is imported, "
                    + "not run: what is under 'if __name__ == \"__main__\"' does not happen.",
            "",
            "Sizes of loops are taken from constants of the script, and from how it calls its pipelines; --rounds says those "
                    + "that cannot be seen. How long a function takes is known from earlier runs with 'run --on', or said by "
                    + "--seconds. The answer lists what was assumed."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron plan script.py",
            "  pydron plan script.py --rounds 12=500 --seconds align=30 --seconds 2",
            "  pydron plan script.py --calls 500 --seconds 30     500 calls at the same time, whatever is in the script",
        })
final class PlanCommand implements Callable<Integer> {
    private static final long ASSUMED_ROUNDS = 100;
    private static final double ASSUMED_SECONDS = 1;
    private static final int MOST_LINES = 12;

    @Mixin
    ScriptOptions about;

    @Option(
            names = "--calls",
            paramLabel = "N",
            description = "So many calls can run at the same time, and that is all; the script is not looked at.")
    Integer calls;

    @Option(
            names = "--rounds",
            paramLabel = "[LINE=]N",
            description =
                    "How often the loop in this line goes round; without a line, all loops of which that cannot be seen.")
    List<String> rounds = new ArrayList<>();

    @Option(
            names = "--seconds",
            paramLabel = "[NAME=]S",
            description =
                    "How long one call of this function takes on one core; without a name, of all that have not been "
                            + "measured.")
    List<String> seconds = new ArrayList<>();

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        RunCommand.checkReadable(about.script);
        if (calls != null && (calls < 1 || calls > 10_000_000)) {
            throw new ParameterException(spec.commandLine(), "--calls: " + calls + " is not between 1 and 10000000");
        }
        PrintWriter out = spec.commandLine().getOut();
        Forecast forecast = new Forecast(Places.of(Environment.ofUser()), out);
        Map<String, Double> measured = new HashMap<>(
                forecast.measured(Path.of(about.script).toRealPath().toString()));
        Double others = secondsSaid(measured);
        if (calls != null) {
            counted(forecast, measured, others, out);
            return 0;
        }
        Map<Integer, Long> said = new HashMap<>();
        long unknown = roundsSaid(said);
        Units.Found found = about.find();
        if (found.unit().functions().isEmpty()) {
            throw new CommandFailure(ExitCode.UNUSABLE, "no pipeline in '" + about.script + "' can be analysed");
        }
        List<Template> templates = PipelineAnalysis.analyse(found.unit());
        Rehearsal.Result result = Rehearsal.of(
                found.unit(),
                templates,
                found.sizes(),
                new Rehearsal.Given(measured, others == null ? ASSUMED_SECONDS : others, said, unknown));
        tell(result, found, templates, out);
        Timeline timeline = result.timeline();
        if (timeline.calls() > 0) {
            double each = timeline.work() / timeline.calls();
            forecast.tell(new Forecast.Work(timeline.width(), each, timeline.work(), timeline::seconds));
        }
        return 0;
    }

    private void counted(Forecast forecast, Map<String, Double> measured, Double others, PrintWriter out) {
        if (others == null && measured.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "how long the functions of '" + about.script + "' take is not known: it has not run with --on",
                    "Say it with --seconds.");
        }
        double each = others != null
                ? others
                : measured.values().stream().max(Double::compare).orElseThrow();
        out.println(String.format(Locale.ROOT, "%d calls of %.3g s at the same time.", calls, each));
        forecast.tell(new Forecast.Work(
                calls, each, calls * each, slots -> Math.ceilDiv(calls, Math.max(1, slots)) * each));
    }

    /// Null when nothing was said of functions that have not been measured.
    private Double secondsSaid(Map<String, Double> of) {
        Double others = null;
        for (String one : seconds) {
            String[] parts = one.split("=", 2);
            double value;
            try {
                value = Double.parseDouble(parts[parts.length - 1]);
            } catch (NumberFormatException e) {
                value = -1;
            }
            if (!(value > 0 && value < 1e7)) {
                throw new ParameterException(
                        spec.commandLine(), "--seconds: '" + one + "' is not a time, or NAME=TIME");
            }
            if (parts.length == 2) {
                of.put(parts[0].substring(parts[0].lastIndexOf('.') + 1), value);
            } else {
                others = value;
            }
        }
        return others;
    }

    private long roundsSaid(Map<Integer, Long> byLine) {
        long others = ASSUMED_ROUNDS;
        for (String one : rounds) {
            if (!one.matches("([1-9][0-9]{0,6}=)?[0-9]{1,9}")) {
                throw new ParameterException(
                        spec.commandLine(), "--rounds: '" + one + "' is not a number, or LINE=NUMBER");
            }
            String[] parts = one.split("=", 2);
            long value = Long.parseLong(parts[parts.length - 1]);
            if (parts.length == 2) {
                byLine.put(Integer.parseInt(parts[0]), value);
            } else {
                others = value;
            }
        }
        return others;
    }

    private static void tell(Rehearsal.Result result, Units.Found found, List<Template> templates, PrintWriter out) {
        Timeline timeline = result.timeline();
        out.println("'" + String.join("', '", result.pipelines()) + "': " + timeline.calls() + " calls, at most "
                + timeline.width() + " at the same time");
        result.functions()
                .forEach((name, it) -> out.println(String.format(
                        Locale.ROOT,
                        "  %-24s %7d calls of %.3g s (%s)",
                        name,
                        it.calls(),
                        it.seconds(),
                        it.measured() ? "measured, or as you said" : "assumed: --seconds " + name + "=S says it")));
        out.println(String.format(
                Locale.ROOT,
                "  one after the other %.3g s; the longest chain of calls that wait for each other %.3g s",
                timeline.work(),
                timeline.chain()));
        list("What holds later calls up ('pydron explain' says more):", holding(found, templates), out);
        List<String> assumed = new ArrayList<>(found.said());
        assumed.addAll(result.assumed());
        list("Assumed:", assumed, out);
    }

    private static List<String> holding(Units.Found found, List<Template> templates) {
        List<String> lines = new ArrayList<>();
        for (Place place : found.places(templates)) {
            if (place.isSyncPointInLoop()) {
                place.reason().ifPresent(it -> lines.add("line " + place.line() + ": " + it));
            }
        }
        return lines;
    }

    private static void list(String title, List<String> lines, PrintWriter out) {
        if (lines.isEmpty()) {
            return;
        }
        out.println(title);
        lines.stream().limit(MOST_LINES).forEach(it -> out.println("  " + it));
        if (lines.size() > MOST_LINES) {
            out.println("  and " + (lines.size() - MOST_LINES) + " more");
        }
    }
}
