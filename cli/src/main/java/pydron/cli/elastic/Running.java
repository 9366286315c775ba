package pydron.cli.elastic;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;

/// The service, as another process sees it: found by what it wrote down, or started.
public final class Running implements AutoCloseable {
    /// A start takes about a second; the machine may be busy, or the record of instances large.
    private static final Duration START = Duration.ofSeconds(60);
    private static final int TAIL = 8;

    /// What the service writes down when it can be asked.
    ///
    /// @param seed by which Python hashes texts on the instances
    record Card(long pid, String control, String drivers, long seed) {}

    private final Card card;
    private final Control.Client client;

    private Running(Card card, Control.Client client) {
        this.card = card;
        this.client = client;
    }

    /// Empty when there is none. One that is just starting or ending is waited for, as it has the record of instances.
    public static Optional<Running> find(Places places) {
        long deadline = System.nanoTime() + START.toNanos();
        while (true) {
            Optional<Running> found = answering(places);
            if (found.isPresent() || !locked(places) || System.nanoTime() > deadline) {
                return found;
            }
            pause();
        }
    }

    private static boolean locked(Places places) {
        if (Files.notExists(places.lock())) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(places.lock(), StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        } catch (IOException e) {
            return false;
        }
    }

    /// One that was killed has left its card; nobody listens there.
    private static Optional<Running> answering(Places places) {
        try {
            Card card = Control.JSON.fromJson(Files.readString(places.service()), Card.class);
            return card == null || card.control() == null
                    ? Optional.empty()
                    : Optional.of(new Running(card, new Control.Client(Path.of(card.control()))));
        } catch (IOException | JsonParseException e) {
            return Optional.empty();
        }
    }

    /// Starts one if there is none. It is nobody's child, has no terminal, and outlives whoever asked for it.
    ///
    /// @param arguments more for its command line
    public static Running start(Places places, Map<String, String> environment, List<String> arguments) {
        Optional<Running> found = find(places);
        if (found.isPresent()) {
            return found.get();
        }
        places.made();
        Process process;
        try {
            process = launch(places, environment, arguments);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot start the service: " + e.getMessage(), e);
        }
        long deadline = System.nanoTime() + START.toNanos();
        while (System.nanoTime() < deadline) {
            found = find(places);
            if (found.isPresent()) {
                return found.get();
            }
            if (!process.isAlive()) {
                break;
            }
            pause();
        }
        found = find(places);
        if (found.isPresent()) {
            return found.get();
        }
        process.destroy();
        throw new CommandFailure(
                ExitCode.FAILED, "the service has not started", said(places).toArray(String[]::new));
    }

    private static Process launch(Places places, Map<String, String> environment, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(Own.command(true));
        command.addAll(List.of("up", "--foreground"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(Own.environment(environment));
        // Of one instance that starts it: it is not part of that.
        builder.environment().remove("PYDRON_INSTANCE");
        builder.environment().remove("PYDRON_SOCKET");
        here(environment).forEach((name, path) -> builder.environment().put(name, path.toString()));
        File log = places.state().resolve("service.out").toFile();
        return builder.directory(places.state().toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
    }

    /// Files of OpenStack that are found in the current folder, which is not the service's.
    private static Map<String, Path> here(Map<String, String> environment) {
        Map<String, Path> result = new HashMap<>();
        Map.of("OS_CLIENT_CONFIG_FILE", "clouds", "OS_CLIENT_SECURE_FILE", "secure")
                .forEach((variable, name) -> {
                    String given = environment.getOrDefault(variable, "");
                    if (!given.isEmpty() && !given.startsWith("~")) {
                        result.put(variable, Path.of(given).toAbsolutePath());
                    } else if (given.isEmpty()) {
                        Stream.of(".yaml", ".yml", ".json")
                                .map(it -> Path.of(name + it).toAbsolutePath())
                                .filter(Files::isRegularFile)
                                .findFirst()
                                .ifPresent(it -> result.put(variable, it));
                    }
                });
        return result;
    }

    private static List<String> said(Places places) {
        List<String> lines = new ArrayList<>();
        try {
            List<String> all = Files.readAllLines(places.state().resolve("service.out"));
            all.subList(Math.max(0, all.size() - TAIL), all.size())
                    .forEach(line -> lines.add(line.startsWith("pydron: ") ? line.substring(8) : line.strip()));
        } catch (IOException e) {
            lines.add("It has said nothing.");
        }
        lines.add("Its log is '" + places.log() + "'.");
        return lines;
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public long pid() {
        return card.pid();
    }

    /// By which Python hashes texts on the instances: a program that uses them needs the same.
    public long seed() {
        return card.seed();
    }

    /// Where programs connect.
    public Path drivers() {
        return Path.of(card.drivers());
    }

    /// @throws CommandFailure the service refuses, or is gone
    public JsonObject ask(String what, Map<String, ?> more) {
        JsonObject request = Control.JSON.toJsonTree(more).getAsJsonObject();
        request.addProperty("do", what);
        JsonObject answer;
        try {
            answer = client.ask(request);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.FAILED, "the service (process " + card.pid() + ") does not answer: " + e.getMessage(), e);
        }
        if (answer.has("error")) {
            throw new CommandFailure(ExitCode.FAILED, answer.get("error").getAsString());
        }
        return answer;
    }

    public JsonObject ask(String what) {
        return ask(what, Map.of());
    }

    public Status status() {
        return Control.JSON.fromJson(ask("status"), Status.class);
    }

    @Override
    public void close() {
        client.close();
    }
}
