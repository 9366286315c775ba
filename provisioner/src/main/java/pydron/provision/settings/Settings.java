package pydron.provision.settings;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import pydron.provision.model.Pool;
import pydron.provision.plan.Limits;
import pydron.provision.plan.Policy;
import pydron.provision.plan.Rules;
import pydron.provision.plan.Scaling;

/// What the user's file says about instances.
///
/// @param joinWithin so long a worker may take to join, beyond the boot time of its pool
/// @param clouds by name
/// @param requirements the file that says what instances install for programs; empty where nothing is said
public record Settings(
        Limits limits,
        Scaling scaling,
        Duration joinWithin,
        List<Pool> pools,
        Map<String, CloudSettings> clouds,
        String requirements) {
    public Settings {
        Objects.requireNonNull(limits);
        Objects.requireNonNull(scaling);
        Objects.requireNonNull(joinWithin);
        pools = List.copyOf(pools);
        Objects.requireNonNull(clouds);
        Objects.requireNonNull(requirements);
    }

    /// The standard ones, as far as the user has not said otherwise.
    public Rules rules() {
        return Rules.STANDARD.joiningWithin(joinWithin);
    }

    public Policy policy() {
        return new Policy(limits, scaling, rules(), pools, false);
    }
}
