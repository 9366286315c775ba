package pydron.provision.openstack;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Where settings of OpenStack are looked for.
///
/// @param variables of the environment
/// @param system `/etc`
public record Surroundings(Map<String, String> variables, Path folder, Path home, Path system) {
    public Surroundings {
        variables = Map.copyOf(variables);
        Objects.requireNonNull(folder);
        Objects.requireNonNull(home);
        Objects.requireNonNull(system);
    }

    public static Surroundings ofThisProcess() {
        return new Surroundings(System.getenv(), Path.of("").toAbsolutePath(), homeOfThisProcess(), Path.of("/etc"));
    }

    /// What the user's other programs take for it: Java asks the list of users.
    public static Path homeOfThisProcess() {
        String home = System.getenv().getOrDefault("HOME", "");
        return Path.of(home.startsWith("/") ? home : System.getProperty("user.home"));
    }

    Optional<String> variable(String name) {
        return Optional.ofNullable(variables.get(name)).filter(it -> !it.isBlank());
    }

    /// With `~` for the home folder, relative to `base`.
    Path path(String text, Path base) {
        if (text.equals("~") || text.startsWith("~/")) {
            return home.resolve(text.length() > 2 ? text.substring(2) : "");
        }
        return base.resolve(text);
    }

    /// It has passwords.
    @Override
    public String toString() {
        return "surroundings in " + folder;
    }
}
