package pydron.cli.python;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;

/// Finds the Python that the user means and makes sure that it can run Pydron. It never changes that Python: the
/// package pydron comes in through `PYTHONPATH`, and so does cloudpickle where there is none.
public final class Pythons {
    public static final int OLDEST_MINOR = 9;

    private final Map<String, String> environment;
    private final Optional<Path> home;
    private final Optional<ProbeCache> cache;

    /// @param home the checkout: `python/` is the package, `build/` is ours to write to. Without one, the package is
    ///             installed for the Python in question, and cloudpickle with it.
    public Pythons(Map<String, String> environment, Optional<Path> home) {
        this.environment = Map.copyOf(environment);
        this.home = home;
        this.cache = home.map(folder -> new ProbeCache(folder.resolve("build/pythons"), this.environment));
    }

    /// @param wanted what `--python` says: a command on the PATH or a path; empty for the one that `python3` is here
    public Python find(Optional<String> wanted) {
        Path command = locate(wanted);
        Probe probe = cache.flatMap(known -> known.get(command)).orElseGet(() -> ask(command));
        List<String> path = new ArrayList<>();
        home.ifPresent(folder -> path.add(folder.resolve("python").toString()));
        if (home.isPresent() && probe.cloudpickle().isEmpty()) {
            path.add(new CloudpickleInstall(home.get().resolve("build/pydeps"), environment)
                    .folder(probe)
                    .toString());
        }
        return new Python(probe.executable(), probe.version(), path);
    }

    private Probe ask(Path command) {
        Probe probe = Probe.of(command.toString())
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.UNUSABLE,
                        "cannot use Python '" + command + "': it does not run, or is not a Python",
                        "Name another one with --python."));
        if (probe.major() != 3 || probe.minor() < OLDEST_MINOR) {
            throw new CommandFailure(
                    ExitCode.UNUSABLE,
                    "cannot use Python '" + command + "': it is version " + probe.version() + ", Pydron needs 3."
                            + OLDEST_MINOR + " or newer",
                    "Name another one with --python.");
        }
        cache.ifPresent(known -> known.put(command, probe));
        return probe;
    }

    /// An active virtual environment comes before the PATH, for those who activate it by the variable alone.
    public Path locate(Optional<String> wanted) {
        if (wanted.isPresent()) {
            String name = wanted.get();
            Optional<Path> found = name.contains("/")
                    ? Optional.of(Path.of(name).toAbsolutePath()).filter(Files::isRegularFile)
                    : onPath(name);
            return found.filter(Files::isExecutable)
                    .orElseThrow(() -> new CommandFailure(
                            ExitCode.NOT_FOUND,
                            "cannot find Python '" + name + "'"
                                    + (name.contains("/") ? ": no such executable file" : " on the PATH")));
        }
        String venv = environment.get("VIRTUAL_ENV");
        if (venv != null && !venv.isEmpty()) {
            Path python = Path.of(venv, "bin", "python").toAbsolutePath();
            if (Files.isExecutable(python)) {
                return python;
            }
        }
        return onPath("python3")
                .or(() -> onPath("python"))
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.NOT_FOUND,
                        "cannot find Python: neither 'python3' nor 'python' is on the PATH",
                        "Install Python 3." + OLDEST_MINOR + " or newer, or name one with --python."));
    }

    private Optional<Path> onPath(String name) {
        for (String folder :
                environment.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin").split(":")) {
            Path file = Path.of(folder.isEmpty() ? "." : folder, name).toAbsolutePath();
            if (Files.isRegularFile(file) && Files.isExecutable(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
