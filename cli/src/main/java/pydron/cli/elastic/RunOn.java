package pydron.cli.elastic;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.local.LocalRun;
import pydron.cli.local.Program;
import pydron.cli.local.Served;
import pydron.cli.local.ServiceSettings;
import pydron.cli.python.Python;

/// `pydron run --on`: a program whose tasks run on instances of a service, which goes on when the program has ended.
public final class RunOn implements Served {
    private static final String SEED = "PYTHONHASHSEED";
    /// For the driver: it does not run pipelines by itself when the service is gone.
    private static final String ON = "PYDRON_ON";
    private static final String PROGRESS = "PYDRON_PROGRESS";
    private static final String REQUIREMENTS = "PYDRON_REQUIREMENTS";
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z0-9_]+)\\}");

    private final Places places;
    private final Running service;
    private final Status before;

    private RunOn(Places places, Running service) {
        this.places = places;
        this.service = service;
        this.before = service.status();
    }

    /// @param requirements a file, or "off"; empty: as settings say, or what is beside the program
    public record Options(boolean quiet, Optional<String> requirements) {}

    /// Returns the exit code.
    public static int run(
            Places places,
            List<String> clouds,
            Python python,
            Map<String, String> environment,
            Program program,
            Options options) {
        boolean quiet = options.quiet();
        PrintStream err = System.err;
        try (Running service = Running.start(places, environment, List.of("--python", python.executable()))) {
            // As long as this connection is open, the service may start instances there.
            service.ask("use", Map.of("clouds", clouds));
            Map<String, String> variables = new HashMap<>(environment);
            variables.put(SEED, seed(environment, service));
            variables.put(ON, String.join(", ", clouds));
            if (quiet) {
                variables.put(PROGRESS, "0");
            }
            Optional<Path> required = requirements(places, service, environment, program, options, err);
            required.ifPresent(it -> variables.put(REQUIREMENTS, it.toString()));
            ServiceSettings settings = new ServiceSettings(0, OptionalInt.empty(), !quiet, Optional.empty());
            RunOn served = new RunOn(places, service);
            try {
                int code =
                        new LocalRun(settings, python, variables, err, false).run(program, service.drivers(), served);
                if (!quiet) {
                    served.tellWhatStays(err);
                }
                return code;
            } finally {
                required.ifPresent(RunOn::delete);
            }
        }
    }

    /// A file with what has to be installed on instances, for the driver; readable only by its owner, as it may have
    /// passwords of package indexes in it.
    private static Optional<Path> requirements(
            Places places,
            Running service,
            Map<String, String> environment,
            Program program,
            Options options,
            PrintStream err) {
        String named = options.requirements().orElse("");
        if (named.equals("off")) {
            return Optional.empty();
        }
        Map<String, String> pip = new HashMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith("PIP_")) {
                pip.put(name, value);
            }
        });
        Map<String, Object> request = new HashMap<>(Map.of("pip", pip, "folder", folder(program)));
        if (!named.isEmpty()) {
            request.put("file", Path.of(named).toAbsolutePath().toString());
        }
        JsonObject found = service.ask("requirements", request);
        if (!found.has("file")) {
            return Optional.empty();
        }
        found.getAsJsonArray("notes").forEach(it -> err.println("pydron: " + it.getAsString()));
        String text = expanded(found.get("requirements").getAsString(), environment);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!options.quiet()) {
            err.println("pydron: instances install what '" + found.get("file").getAsString() + "' requires");
        }
        try {
            Path file = Files.createTempFile(places.state(), "requirements", ".txt");
            Files.writeString(
                    file, text + "\0" + expanded(found.get("constraints").getAsString(), environment));
            return Optional.of(file);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot write to '" + places.state() + "': " + e.getMessage(), e);
        }
    }

    private static String folder(Program program) {
        Path folder = switch (program) {
            case Program.Script script -> {
                Path path = Path.of(script.path()).toAbsolutePath();
                yield Files.isDirectory(path) ? path : path.getParent();
            }
            case Program.Module _ -> Path.of("").toAbsolutePath();
        };
        return folder.toString();
    }

    /// As pip does; instances do not have the user's variables.
    static String expanded(String text, Map<String, String> environment) {
        return VARIABLE.matcher(text)
                .replaceAll(it -> Matcher.quoteReplacement(environment.getOrDefault(it.group(1), it.group())));
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It is its owner's only, and small.
        }
    }

    private static String seed(Map<String, String> environment, Running service) {
        String ours = Long.toString(service.seed());
        String users = environment.getOrDefault(SEED, "");
        if (!users.isEmpty() && !users.equals("random") && !users.equals(ours)) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "cannot run with " + SEED + "=" + users + ": instances of this installation run with " + ours,
                    "Unset it, or set it to " + ours + ".");
        }
        return ours;
    }

    /// A service that is gone has nothing to tell; the program has said so.
    private Optional<Status> now() {
        try (Running other = Running.find(places).orElse(null)) {
            return other == null || other.pid() != service.pid() ? Optional.empty() : Optional.of(other.status());
        } catch (CommandFailure e) {
            return Optional.empty();
        }
    }

    private void tellWhatStays(PrintStream err) {
        now().ifPresent(status -> {
            int count = status.instances().size();
            if (count > 0) {
                err.println("pydron: " + count + (count == 1 ? " instance stays" : " instances stay")
                        + " until idle (" + status.money().perHour() + "/h, "
                        + status.money().spent()
                        + " so far); 'pydron down' ends " + (count == 1 ? "it" : "them"));
            }
        });
    }

    @Override
    public boolean explain(String title, Map<String, String> environment, PrintStream err) {
        return true;
    }

    @Override
    public String summary() {
        return now().map(status -> {
                    long done = status.work().done() - before.work().done();
                    return done + (done == 1 ? " task" : " tasks") + " finished";
                })
                .orElse("the service is gone");
    }

    @Override
    public String speculation() {
        return "the service counts calls computed before their turn for all programs together";
    }
}
