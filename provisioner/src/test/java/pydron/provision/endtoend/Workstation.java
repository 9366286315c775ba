package pydron.provision.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// A user's machine with the very command: settings, state and scripts of its own, nothing of the real user's.
final class Workstation implements AutoCloseable {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Path PYTHON = HOME.resolve(".venv/bin/python");

    final Path folder;
    final Map<String, String> environment = new HashMap<>();
    private final List<Process> processes = new ArrayList<>();
    private int files;

    /// A program that has ended.
    record Done(int code, String out, String err, Duration time) {
        Done good() {
            assertThat(code).as(out + err).isZero();
            return this;
        }
    }

    /// A program that may still run.
    final class Started {
        private final Process process;
        private final Path out;
        private final Path err;
        private final long begin = System.nanoTime();

        private Started(List<String> command) throws IOException {
            out = folder.resolve("out-" + files);
            err = folder.resolve("err-" + files++);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.resolve("project").toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            process = builder.start();
            processes.add(process);
        }

        boolean runs() {
            return process.isAlive();
        }

        String said() throws IOException {
            return Files.readString(out) + Files.readString(err);
        }

        void interrupt() throws IOException {
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start();
        }

        Done await(Duration patience) throws IOException, InterruptedException {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("it does not end: " + said() + "\n" + log());
            }
            return new Done(
                    process.exitValue(),
                    Files.readString(out),
                    Files.readString(err),
                    Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    Workstation(Path folder) throws IOException {
        this.folder = folder;
        Path home = Files.createDirectories(folder.resolve("home"));
        Files.createDirectories(folder.resolve("project"));
        environment.put("HOME", home.toString());
        environment.put("PATH", System.getenv("PATH"));
        environment.put("LANG", "C.UTF-8");
        environment.put("PYDRON_CONFIG", settings().toString());
        environment.put("PYDRON_STATE", folder.resolve("state").toString());
        String bundle = System.getProperty("pydron.bundle", "");
        assertThat(bundle).as("the bundle, -Dpydron.bundle").isNotEmpty();
        environment.put("PYDRON_BUNDLES", Path.of(bundle).getParent().toString());
    }

    /// A folder with a bundle that is another Pydron's inside.
    ///
    /// @param protocol as long as the real one's name
    Path bundleOf(String version, String protocol) throws IOException, InterruptedException {
        return changedBundle("python3 change.py " + version + " " + protocol);
    }

    /// A folder with a bundle of another build of this Pydron: a comment in its Python differs.
    Path bundleOfAnotherBuild() throws IOException, InterruptedException {
        return changedBundle("echo '# another build' >> \"$(ls -d */python/pydron)/_task.py\"");
    }

    /// @param change what is done to it, where it is unpacked
    private Path changedBundle(String change) throws IOException, InterruptedException {
        Path bundles = Files.createDirectories(folder.resolve("bundles"));
        Path work = Files.createDirectories(folder.resolve("bundle"));
        write(work.resolve("change.py"), """
                import glob, os, sys, zipfile
                version, protocol = sys.argv[1:]
                for jar in glob.glob("*/lib/pydron-*.jar"):
                    with zipfile.ZipFile(jar) as old, zipfile.ZipFile(jar + ".new", "w") as new:
                        for entry in old.infolist():
                            data = old.read(entry).replace(b"pydron-worker-1", protocol.encode())
                            if entry.filename == "pydron/wire/release.properties":
                                data = b"version=" + version.encode()
                            new.writestr(entry, data)
                    os.replace(jar + ".new", jar)
                """);
        Path original = Path.of(System.getProperty("pydron.bundle"));
        Path changed = bundles.resolve(original.getFileName());
        Process process = new ProcessBuilder(
                        "sh", "-ec", "tar -xzf '" + original + "'; " + change + "; tar -czf '" + changed + "' */")
                .directory(work.toFile())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        return bundles;
    }

    Path settings() {
        return folder.resolve("pydron.toml");
    }

    void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    Path script(String name, String text) throws IOException {
        Path file = folder.resolve("project").resolve(name);
        write(file, text);
        return file;
    }

    Started start(Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(HOME.resolve("pydron").toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new Started(command);
    }

    /// Runs the command to its end.
    Done pydron(Object... arguments) throws IOException, InterruptedException {
        return start(arguments).await(Duration.ofSeconds(120));
    }

    Started run(String cloud, Path script, Object... arguments) throws IOException {
        List<Object> all = new ArrayList<>(List.of("run", "--on", cloud, "--python", PYTHON, script));
        all.addAll(List.of(arguments));
        return start(all.toArray());
    }

    /// What the script prints without Pydron's command.
    String plain(Path script, Object... arguments) throws IOException, InterruptedException {
        return python(script, arguments).await(Duration.ofSeconds(60)).good().out();
    }

    /// The script without Pydron's command; variables may say where a service is.
    Started python(Path script, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(PYTHON.toString(), script.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        environment.put("PYTHONPATH", HOME.resolve("python").toString());
        Started started = new Started(command);
        environment.remove("PYTHONPATH");
        return started;
    }

    /// As `pydron instances --json` tells it; that of the service where one runs, without starting a program.
    JsonObject status() throws IOException, InterruptedException {
        Optional<JsonObject> card = service().map(_ -> card());
        if (card.isPresent()) {
            Path control = Path.of(card.get().get("control").getAsString());
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(control))) {
                channel.write(ByteBuffer.wrap("{\"do\":\"status\"}\n".getBytes(StandardCharsets.UTF_8)));
                String line = new BufferedReader(
                                new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8))
                        .readLine();
                if (line != null) {
                    return JsonParser.parseString(line).getAsJsonObject();
                }
            } catch (IOException e) {
                // It has just ended.
            }
        }
        return JsonParser.parseString(pydron("instances", "--json").good().out())
                .getAsJsonObject();
    }

    /// Those in a state; all of them for an empty one.
    List<JsonObject> instances(String state) throws IOException, InterruptedException {
        List<JsonObject> result = new ArrayList<>();
        for (JsonElement it : status().getAsJsonArray("instances")) {
            if (state.isEmpty()
                    || it.getAsJsonObject().get("state").getAsString().equals(state)) {
                result.add(it.getAsJsonObject());
            }
        }
        return result;
    }

    /// Process of the service that is running; empty when there is none.
    Optional<ProcessHandle> service() {
        JsonObject card = card();
        return card.has("pid")
                ? ProcessHandle.of(card.get("pid").getAsLong()).filter(ProcessHandle::isAlive)
                : Optional.empty();
    }

    /// What the service has written down about itself.
    private JsonObject card() {
        try {
            return JsonParser.parseString(Files.readString(folder.resolve("state/service.json")))
                    .getAsJsonObject();
        } catch (IOException | IllegalStateException e) {
            return new JsonObject();
        }
    }

    /// As by kill -9. Returns when it is gone.
    void killService() {
        ProcessHandle service = service().orElseThrow(() -> new AssertionError("no service runs\n" + log()));
        service.destroyForcibly();
        service.onExit().join();
    }

    /// How many steps of instances' lives the service has logged that is running.
    long steps() throws IOException {
        Path log = folder.resolve("state/service.log");
        return Files.exists(log)
                ? Files.readAllLines(log).stream()
                        .filter(it -> it.contains(" claim="))
                        .count()
                : 0;
    }

    String log() {
        StringBuilder text = new StringBuilder();
        for (String name : List.of("service.log.1", "service.log", "service.out")) {
            try {
                List<String> lines = Files.readAllLines(folder.resolve("state").resolve(name), StandardCharsets.UTF_8);
                text.append("--- ").append(name).append("\n");
                lines.subList(Math.max(0, lines.size() - 60), lines.size())
                        .forEach(it -> text.append(it).append("\n"));
            } catch (IOException e) {
                text.append("--- no ").append(name).append("\n");
            }
        }
        return text.toString();
    }

    interface Question {
        boolean answer() throws IOException, InterruptedException;
    }

    void await(String what, Duration patience, Question question) throws IOException, InterruptedException {
        await(what, patience, question, () -> "");
    }

    void await(String what, Duration patience, Question question, Supplier<String> more)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!question.answer()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(what + " did not come about; " + more.get() + "\n" + status() + "\n" + log());
            }
            Thread.sleep(50);
        }
    }

    /// What the installation has left in temporary folders of this machine.
    static List<String> temporary() throws IOException {
        List<String> found = new ArrayList<>();
        for (String place : List.of("/tmp", "/dev/shm")) {
            try (Stream<Path> files = Files.list(Path.of(place))) {
                files.map(Path::toString).filter(it -> it.contains("pydron-")).forEach(found::add);
            }
        }
        return found;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        processes.forEach(Process::destroy);
        if (service().isPresent()) {
            try {
                pydron("down", "--now");
            } finally {
                service().ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }
}
