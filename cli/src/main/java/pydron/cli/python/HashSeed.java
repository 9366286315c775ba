package pydron.cli.python;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/// Python hashes strings with a seed that each process draws for itself, so a set of strings has another order in each.
/// A set must not change its order on the way to a task and back, or the answer might not be the sequential one's:
/// the driver and its task processes get the same seed, drawn here, unless the user has fixed one.
public final class HashSeed {
    private static final String VARIABLE = "PYTHONHASHSEED";

    private HashSeed() {}

    /// The environment with a seed in it.
    public static Map<String, String> fixed(Map<String, String> environment) {
        String chosen = environment.getOrDefault(VARIABLE, "");
        if (!chosen.isEmpty() && !chosen.equals("random")) {
            return environment;
        }
        Map<String, String> with = new HashMap<>(environment);
        // 0 would switch the randomness off.
        with.put(VARIABLE, Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 32)));
        return with;
    }
}
