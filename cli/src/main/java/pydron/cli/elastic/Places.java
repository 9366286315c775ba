package pydron.cli.elastic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;

/// Where the user's settings are, and where this installation keeps what has to outlive its service.
///
/// @param settings one TOML file, written by the user
/// @param state a folder that only its owner can enter
public record Places(Path settings, Path state) {
    public static final String SETTINGS = "PYDRON_CONFIG";
    public static final String STATE = "PYDRON_STATE";

    public static Places of(Map<String, String> environment) {
        return new Places(
                named(environment, SETTINGS)
                        .orElseGet(() ->
                                base(environment, "XDG_CONFIG_HOME", ".config").resolve("pydron/pydron.toml")),
                named(environment, STATE)
                        .orElseGet(() -> base(environment, "XDG_STATE_HOME", ".local/state")
                                .resolve("pydron")));
    }

    private static java.util.Optional<Path> named(Map<String, String> environment, String variable) {
        return java.util.Optional.ofNullable(environment.get(variable))
                .filter(it -> !it.isEmpty())
                .map(it -> Path.of(it).toAbsolutePath());
    }

    /// A relative path in these variables is to be ignored, says their specification.
    private static Path base(Map<String, String> environment, String variable, String otherwise) {
        String value = environment.getOrDefault(variable, "");
        if (value.startsWith("/")) {
            return Path.of(value);
        }
        String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
        return Path.of(home, otherwise);
    }

    /// Which process is the service, and where it listens.
    Path service() {
        return state.resolve("service.json");
    }

    /// Held by the service for its life.
    Path lock() {
        return state.resolve("service.lock");
    }

    public Path log() {
        return state.resolve("service.log");
    }

    /// That of the service before.
    Path formerLog() {
        return state.resolve("service.log.1");
    }

    public Path claims() {
        return state.resolve("instances.db");
    }

    /// How long functions took, function by function.
    public Path durations() {
        return state.resolve("durations.json");
    }

    /// Makes the state's folder.
    public Places made() {
        try {
            Files.createDirectories(
                    state, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return this;
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "cannot make the folder '" + state + "': " + e.getMessage(),
                    e,
                    "Set " + STATE + " to a folder that you can write to.");
        }
    }
}
