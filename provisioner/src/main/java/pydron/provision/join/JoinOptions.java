package pydron.provision.join;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What every worker on an instance is started with.
///
/// @param gatewayPort of this machine's loopback, where the scheduler waits for workers with TLS
/// @param bundles the worker to bring, by machine as `uname -m` calls it (`x86_64`, `aarch64`): files made by
///     `worker-image/bundle.sh`
/// @param python the version that tasks need, as `3.11`; empty: whatever `python3` is there
/// @param environment variables of the worker and its tasks, besides those of a login (`PYTHONHASHSEED`, for one)
/// @param patience after so long, what still does not work is taken for something that a person has to mend
/// @param user whom the user data makes and the tunnel logs in as
public record JoinOptions(
        int gatewayPort,
        Map<String, Path> bundles,
        Optional<String> python,
        Map<String, String> environment,
        String user,
        Duration patience) {
    public static final String USER = "pydron";

    public static final Duration PATIENCE = Duration.ofMinutes(2);

    public JoinOptions {
        bundles = Map.copyOf(bundles);
        environment = Map.copyOf(environment);
        Objects.requireNonNull(python);
        Objects.requireNonNull(patience);
        if (!user.matches("[a-z_][a-z0-9_-]{0,31}")) {
            throw new IllegalArgumentException("'" + user + "' is no name for a user");
        }
        python.ifPresent(it -> {
            if (!it.matches("3\\.[0-9]{1,3}")) {
                throw new IllegalArgumentException("a version of Python is like 3.11, not '" + it + "'");
            }
        });
        environment.keySet().forEach(name -> {
            if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                throw new IllegalArgumentException("'" + name + "' is no name for a variable");
            }
        });
    }

    public JoinOptions(int gatewayPort, Map<String, Path> bundles, Optional<String> python) {
        this(gatewayPort, bundles, python, Map.of(), USER, PATIENCE);
    }
}
