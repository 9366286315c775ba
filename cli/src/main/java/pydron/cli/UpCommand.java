package pydron.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import pydron.cli.elastic.Places;
import pydron.cli.elastic.Running;
import pydron.cli.elastic.ServiceMain;
import pydron.cli.python.Python;
import pydron.cli.python.Pythons;

@Command(
        name = "up",
        description = {
            "Start the service that starts and ends instances, unless it runs already. It goes on in the background, and "
                    + "ends by itself when no instance is left and no program has been there for a while.",
            "",
            "'pydron run --on' does this by itself. With --on, programs that connect to it later find instances of these "
                    + "clouds as long as the service runs: by 'pydron run --on', or with the variables as shown. "
                    + "PYDRON_SOCKET says where it is, PYTHONHASHSEED gives sets the same order here and there, and with "
                    + "PYDRON_ON a program fails when the service has gone."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron up --on aws          instances may start on the cloud 'aws' of the settings",
            "  pydron instances --watch    what there is and what it costs",
            "  pydron down                 end all instances, then the service",
        })
final class UpCommand implements Callable<Integer> {
    private static final Pattern TIME = Pattern.compile("(\\d{1,6})\\s*(s|m|h)");

    @Option(names = "--on", paramLabel = "CLOUD", split = ",", description = "Clouds that may start instances.")
    List<String> on = new ArrayList<>();

    @Option(
            names = "--python",
            paramLabel = "PATH",
            description =
                    "The Python for tasks on instances of this machine (kind \"local\"); default: that of the active "
                            + "virtual environment, or python3.")
    Optional<String> python;

    @Option(
            names = "--linger",
            paramLabel = "TIME",
            defaultValue = "60s",
            description = "So long without an instance and without a program, and the service ends (default: 60s).")
    String linger;

    @Option(
            names = "--foreground",
            description = "Do not go into the background; Ctrl-C ends the service, not the instances.")
    boolean foreground;

    @Option(names = "--closing", hidden = true, description = "Only end what is there.")
    boolean closing;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        long seconds = seconds();
        Map<String, String> environment = Environment.ofUser();
        Python interpreter = new Pythons(environment, Home.folder()).find(python);
        Places places = Places.of(environment);
        if (foreground) {
            return ServiceMain.run(places, environment, on, seconds, closing, interpreter);
        }
        boolean already = Running.find(places).isPresent();
        List<String> arguments = List.of("--python", interpreter.executable(), "--linger", seconds + "s");
        try (Running service = Running.start(places, environment, arguments)) {
            if (!on.isEmpty()) {
                service.ask("use", Map.of("clouds", on, "stay", true));
            }
            Set<String> clouds = new TreeSet<>(service.status().clouds());
            clouds.addAll(on);
            spec.commandLine()
                    .getOut()
                    .println("pydron: the service " + (already ? "runs already" : "runs") + " (process " + service.pid()
                            + "); programs connect with PYDRON_SOCKET=" + service.drivers() + " PYTHONHASHSEED="
                            + service.seed()
                            + (clouds.isEmpty() ? "" : " PYDRON_ON=" + String.join(",", clouds)));
        }
        return 0;
    }

    private long seconds() {
        Matcher matcher = TIME.matcher(linger);
        if (!matcher.matches()) {
            throw new ParameterException(
                    spec.commandLine(), "--linger: '" + linger + "' is not a time like 90s, 5m or 1h");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> number;
            case "m" -> number * 60;
            default -> number * 3600;
        };
    }
}
