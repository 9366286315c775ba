package pydron.provision.claims;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import pydron.provision.model.Claim;
import pydron.provision.model.Money;
import pydron.provision.model.PoolState;

/// What is remembered of instances: the one thing that a restart begins with.
public interface Claims extends AutoCloseable {
    /// Claims whose instances are not known to be gone, in the order of their identities.
    List<Claim> open();

    /// What all closed claims have cost.
    Money spent();

    /// States of the pools that something was written about.
    Map<String, PoolState> pools();

    /// The latest time that was written, [Instant#MIN] when none was.
    Instant tick();

    /// Writes all of it or, when it does not return, perhaps nothing. What is written outlives the machine's
    /// power.
    void write(List<Change> changes);

    @Override
    void close();
}
