package pydron.cli.elastic;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
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
    private static final String PROGRESS = "PYDRON_PROGRESS";

    private final Places places;
    private final Running service;
    private final Status before;

    private RunOn(Places places, Running service) {
        this.places = places;
        this.service = service;
        this.before = service.status();
    }

    /// Returns the exit code.
    public static int run(
            Places places,
            List<String> clouds,
            Python python,
            Map<String, String> environment,
            Program program,
            boolean quiet) {
        PrintStream err = System.err;
        try (Running service = Running.start(places, environment, List.of("--python", python.executable()))) {
            // As long as this connection is open, the service may start instances there.
            service.ask("use", Map.of("clouds", clouds));
            Map<String, String> variables = new HashMap<>(environment);
            variables.put(SEED, seed(environment, service));
            if (quiet) {
                variables.put(PROGRESS, "0");
            }
            ServiceSettings settings = new ServiceSettings(0, OptionalInt.empty(), !quiet, Optional.empty());
            RunOn served = new RunOn(places, service);
            int code = new LocalRun(settings, python, variables, err, false).run(program, service.drivers(), served);
            if (!quiet) {
                served.tellWhatStays(err);
            }
            return code;
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
