package pydron.provision.cloud;

import java.util.List;
import pydron.provision.model.Pool;

/// What can be asked about an account without starting anything. Adapters of clouds implement it beside
/// [Cloud].
public interface Account {
    /// Credentials and how long they are valid, permissions, quota, images, networks, clocks: one line for each.
    /// Costs nothing and leaves nothing behind.
    ///
    /// @param pools that are to be started there
    List<Check> check(List<Pool> pools);

    /// What can be started, cheapest first. Nothing is thrown: an account that cannot be reached has no offers,
    /// and says why in `check`.
    List<Offer> offers();
}
