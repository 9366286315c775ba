package pydron.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import pydron.cli.elastic.Configuration;
import pydron.cli.elastic.Places;

@Command(
        name = "limits",
        description = {
            "Show or set what instances may never exceed: also not by what is requested and not there yet, or told to end "
                    + "and not gone yet. Without limits nothing is started.",
            "",
            "'set' changes the settings file in place, comments stay. A running service takes it over within seconds; "
                    + "what is above a lowered limit is ended, when its tasks have finished."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron limits show",
            "  pydron limits set --max-instances 20 --max-cores 160 --max-per-hour 15 --budget 100",
            "  pydron limits set --idle 5m --max-lifetime 12h",
        })
final class LimitsCommand implements Callable<Integer> {
    enum What {
        SHOW,
        SET
    }

    private static final Pattern COUNT = Pattern.compile("[0-9]{1,9}");
    private static final Pattern MONEY = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,6})?");
    private static final Pattern TIME = Pattern.compile("[0-9]{1,6} *[smhd]");

    @Parameters(
            index = "0",
            arity = "0..1",
            defaultValue = "show",
            paramLabel = "show|set",
            description = "What to do.")
    What what;

    @Option(names = "--max-instances", paramLabel = "N", description = "Instances at a time.")
    String instances;

    @Option(names = "--max-cores", paramLabel = "N", description = "Cores of all instances.")
    String cores;

    @Option(names = "--max-per-hour", paramLabel = "MONEY", description = "Money per hour, of all instances.")
    String perHour;

    @Option(
            names = "--budget",
            paramLabel = "MONEY",
            description = "Money in all, what earlier instances have cost included.")
    String budget;

    @Option(names = "--max-lifetime", paramLabel = "TIME", description = "An instance ends after so long (12h).")
    String lifetime;

    @Option(names = "--idle", paramLabel = "TIME", description = "An instance without tasks for so long ends (5m).")
    String idle;

    @Option(
            names = "--join-within",
            paramLabel = "TIME",
            description =
                    "An instance whose worker takes longer to join, beyond the boot time of its pool, is given up (5m).")
    String join;

    @Option(names = "--min-warm", paramLabel = "N", description = "So many instances stay, work or not.")
    String warm;

    @Option(
            names = "--spot-for-tasks-up-to",
            paramLabel = "TIME",
            description = "Tasks that take at most so long make spot instances start; 0s: none are started.")
    String spot;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        Map<String, String> values = new LinkedHashMap<>();
        put(values, "max-instances", instances, COUNT, "a whole number");
        put(values, "max-cores", cores, COUNT, "a whole number");
        put(values, "max-per-hour", perHour, MONEY, "an amount of money like 15 or 0.5");
        put(values, "budget", budget, MONEY, "an amount of money like 100 or 7.5");
        put(values, "max-lifetime", lifetime, TIME, "a time like 90s, 5m, 12h or 2d");
        put(values, "idle", idle, TIME, "a time like 90s, 5m, 12h or 2d");
        put(values, "join-within", join, TIME, "a time like 90s, 5m, 12h or 2d");
        put(values, "min-warm", warm, COUNT, "a whole number");
        put(values, "spot-for-tasks-up-to", spot, TIME, "a time like 90s, 5m, 12h or 2d");
        Configuration configuration = new Configuration(
                Places.of(Environment.ofUser()), spec.commandLine().getOut());
        if (what == What.SHOW && !values.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "'pydron limits set' changes limits, 'show' only shows them");
        }
        if (what == What.SET) {
            if (values.isEmpty()) {
                throw new ParameterException(spec.commandLine(), "which limit? 'pydron limits set --max-instances 4'");
            }
            configuration.setLimits(values);
        } else {
            configuration.limits();
        }
        return 0;
    }

    private void put(Map<String, String> values, String key, String value, Pattern form, String wanted) {
        if (value == null) {
            return;
        }
        if (!form.matcher(value).matches()) {
            throw new ParameterException(spec.commandLine(), "--" + key + ": '" + value + "' is not " + wanted);
        }
        String number = value.replaceFirst("^0+(?=[0-9])", "");
        values.put(key, form == TIME ? "\"" + value + "\"" : number);
    }
}
