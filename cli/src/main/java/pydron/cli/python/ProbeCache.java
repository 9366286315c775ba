package pydron.cli.python;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Remembers what interpreters said of themselves, because asking costs as much as starting one. An answer counts as
/// long as everything that it depends on is unchanged: the file, the variables, and for pyenv's shims (scripts that
/// choose an interpreter) the files that pyenv chooses by. Other scripts are asked every time. Also, the cloudpickle
/// that was found must still be there.
///
/// A cache: losing it, or not being able to write it, costs milliseconds.
final class ProbeCache {
    private static final List<String> VARIABLES = List.of(
            "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYENV_VERSION", "CONDA_PREFIX", "PYTHONNOUSERSITE", "HOME");

    private final Path folder;
    private final Map<String, String> environment;

    ProbeCache(Path folder, Map<String, String> environment) {
        this.folder = folder;
        this.environment = environment;
    }

    Optional<Probe> get(Path command) {
        try {
            Optional<String> key = key(command);
            if (key.isEmpty() || !Files.isRegularFile(file(key.get()))) {
                return Optional.empty();
            }
            List<String> lines = Files.readAllLines(file(key.get()));
            if (lines.size() != 6 || !lines.get(0).equals(key.get())) {
                return Optional.empty();
            }
            Probe probe = new Probe(
                    lines.get(1),
                    lines.get(2),
                    Integer.parseInt(lines.get(3)),
                    Integer.parseInt(lines.get(4)),
                    lines.get(5));
            boolean stands = Files.isExecutable(Path.of(probe.executable()))
                    && (probe.cloudpickle().isEmpty() || Files.exists(Path.of(probe.cloudpickle())));
            return stands ? Optional.of(probe) : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    void put(Path command, Probe probe) {
        try {
            Optional<String> key = key(command);
            if (key.isEmpty()) {
                return;
            }
            Files.createDirectories(folder);
            Path fresh = Files.createTempFile(folder, "probe", ".new");
            Files.write(
                    fresh,
                    List.of(
                            key.get(),
                            probe.executable(),
                            probe.version(),
                            String.valueOf(probe.major()),
                            String.valueOf(probe.minor()),
                            probe.cloudpickle()));
            Files.move(fresh, file(key.get()), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Asked again next time.
        }
    }

    /// FNV-1a: file names only, the whole key is compared as well. A digest would load security providers.
    private Path file(String key) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return folder.resolve(Long.toHexString(hash));
    }

    private Optional<String> key(Path command) throws IOException {
        List<String> parts = new ArrayList<>();
        parts.add(state(command));
        for (String variable : VARIABLES) {
            parts.add(environment.getOrDefault(variable, "-"));
        }
        if (isScript(command)) {
            Path shims = command.getParent();
            if (!shims.getFileName().toString().equals("shims")
                    || !Files.isDirectory(shims.resolveSibling("versions"))) {
                return Optional.empty();
            }
            parts.add(state(shims.resolveSibling("version")));
            Path here = Path.of("").toAbsolutePath();
            for (Path at = here; at != null; at = at.getParent()) {
                Path local = at.resolve(".python-version");
                if (Files.exists(local)) {
                    parts.add(state(local));
                }
            }
        }
        return Optional.of(String.join(" | ", parts).replace('\n', ' '));
    }

    private static String state(Path file) throws IOException {
        if (!Files.exists(file)) {
            return file + " absent";
        }
        // The link's own time as well: a virtual environment is remade by replacing links.
        return file + " " + Files.getLastModifiedTime(file) + " "
                + Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS) + " " + Files.size(file);
    }

    private static boolean isScript(Path command) throws IOException {
        try (InputStream in = Files.newInputStream(command)) {
            return in.read() == '#' && in.read() == '!';
        }
    }
}
