package pydron.provision.plan;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import pydron.provision.model.Money;
import pydron.provision.model.PoolState;

/// What there is.
///
/// @param holdings the open claims, in the order of their identities
/// @param pools states of pools; healthy when not mentioned
/// @param spent the cost of all claims that are closed
public record Inventory(
        Watch watch, List<Holding> holdings, List<Stray> strays, Map<String, PoolState> pools, Money spent) {
    public Inventory {
        Objects.requireNonNull(watch);
        holdings = List.copyOf(holdings);
        strays = List.copyOf(strays);
        Objects.requireNonNull(pools);
        Objects.requireNonNull(spent);
    }
}
