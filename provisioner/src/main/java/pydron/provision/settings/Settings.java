package pydron.provision.settings;

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
/// @param clouds by name
/// @param requirements the file that says what instances install for programs; empty where nothing is said
public record Settings(
        Limits limits, Scaling scaling, List<Pool> pools, Map<String, CloudSettings> clouds, String requirements) {
    public Settings {
        Objects.requireNonNull(limits);
        Objects.requireNonNull(scaling);
        pools = List.copyOf(pools);
        Objects.requireNonNull(clouds);
        Objects.requireNonNull(requirements);
    }

    public Policy policy() {
        return new Policy(limits, scaling, Rules.STANDARD, pools, false);
    }
}
