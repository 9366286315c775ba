package pydron.provision.apply;

import java.time.Duration;
import pydron.provision.model.Claim;

/// What a new machine is to run so that a worker joins from it.
@FunctionalInterface
public interface Bootstrap {
    /// The same claim gives what joins as the same worker, also when asked twice.
    ///
    /// @param lease how long the machine lives when nobody renews it
    String userData(Claim claim, Duration lease);
}
