package pydron.cli.elastic;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.python.Python;
import pydron.provision.model.Thing;

/// `pydron down`: has the service end everything, and waits until it is gone.
public final class Ending {
    private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(200);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

    /// Clouds take a minute or two to end an instance.
    private static final Duration MOST_PATIENCE = Duration.ofMinutes(10);

    private final Places places;
    private final Map<String, String> environment;
    private final PrintWriter out;

    public Ending(Places places, Map<String, String> environment, PrintWriter out) {
        this.places = places;
        this.environment = environment;
        this.out = out;
    }

    /// Returns the exit code.
    public int down(Python python, boolean now, boolean all) {
        Optional<Running> found = Running.find(places);
        if (found.isEmpty() && Offline.nothingOpen(places)) {
            out.println("pydron: no instance is known, and no service runs");
        } else {
            try (Running service = found.isPresent()
                    ? found.get()
                    : Running.start(places, environment, List.of("--closing", "--python", python.executable()))) {
                end(service, now);
            }
        }
        out.flush();
        return all ? reap(false) : 0;
    }

    private void end(Running service, boolean now) {
        Status last = service.status();
        service.ask("down", Map.of("now", now));
        String told = "";
        while (true) {
            String left = left(last);
            if (!left.equals(told)) {
                out.println("pydron: " + left);
                out.flush();
                told = left;
            }
            pause(BETWEEN_QUESTIONS);
            try {
                last = service.status();
            } catch (CommandFailure e) {
                break;
            }
        }
        if (Running.find(places).isPresent() || !Offline.nothingOpen(places)) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "the service has ended before all instances were gone",
                    "Run 'pydron down' again. Its log is '" + places.log() + "'.");
        }
        out.println("pydron: all instances are gone; they have cost " + Offline.spent(places));
    }

    private static String left(Status status) {
        if (status.instances().isEmpty()) {
            return "ending the service";
        }
        Map<String, Integer> states = new TreeMap<>();
        status.instances().forEach(it -> states.merge(it.state(), 1, Integer::sum));
        List<String> words = new ArrayList<>();
        states.forEach((state, count) -> words.add(count + " " + state));
        StringBuilder line = new StringBuilder("instances: " + String.join(", ", words));
        status.troubles().stream()
                .findFirst()
                .ifPresent(it -> line.append("; cloud '")
                        .append(it.cloud())
                        .append("' (")
                        .append(it.what())
                        .append("): ")
                        .append(it.text()));
        return line.toString();
    }

    private static void pause(Duration length) {
        try {
            Thread.sleep(length);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// `pydron reap`. Returns when nothing is left, as far as the clouds' lists show: what belongs to an instance can
    /// only be deleted when that is gone. Returns the exit code.
    public int reap(boolean dry) {
        Set<String> told = new HashSet<>();
        Reaper.Result result = look(dry);
        tell(result, told);
        long deadline = System.nanoTime() + MOST_PATIENCE.toNanos();
        while (!dry && anInstanceEnds(result) && System.nanoTime() < deadline) {
            pause(BETWEEN_LOOKS);
            result = look(false);
            tell(result, told);
        }
        result.problems().forEach(it -> out.println("pydron: " + it));
        boolean late = !dry && anInstanceEnds(result);
        if (late) {
            out.println("pydron: instances were told to end and are not gone yet; 'pydron reap' looks again");
        } else if (result.problems().isEmpty() && (!dry || told.isEmpty())) {
            out.println("pydron: nothing of this installation is left in the accounts that no instance needs");
        }
        out.flush();
        return result.problems().isEmpty() && !late ? 0 : ExitCode.FAILED.number();
    }

    private static boolean anInstanceEnds(Reaper.Result result) {
        return result.found().stream()
                .anyMatch(it -> it.kind().equals(Thing.Kind.INSTANCE.toString())
                        && !it.what().equals(Reaper.FAILED));
    }

    private Reaper.Result look(boolean dry) {
        Optional<Running> found = Running.find(places);
        if (found.isEmpty()) {
            return Offline.reap(places, dry);
        }
        try (Running service = found.get()) {
            JsonObject answer = service.ask("reap", Map.of("dry", dry));
            return Control.JSON.fromJson(answer, Reaper.Result.class);
        }
    }

    /// Once for what has become of each thing.
    private void tell(Reaper.Result result, Set<String> told) {
        for (Reaper.Found it : result.found()) {
            String line = it.cloud() + ": " + it.kind() + " " + it.id()
                    + (it.claim().isEmpty() || it.claim().equals(it.id()) ? "" : " (claim " + it.claim() + ")") + ": "
                    + it.what();
            if (told.add(line)) {
                out.println(line);
            }
        }
        out.flush();
    }
}
