package pydron.provision.plan;

import java.util.List;
import java.util.Objects;
import pydron.provision.model.Pool;

/// What the user wants.
///
/// @param pools in order of preference
/// @param closing everything is to end, and nothing to start
public record Policy(Limits limits, Scaling scaling, Rules rules, List<Pool> pools, boolean closing) {
    public Policy {
        Objects.requireNonNull(limits);
        Objects.requireNonNull(scaling);
        Objects.requireNonNull(rules);
        pools = List.copyOf(pools);
    }
}
