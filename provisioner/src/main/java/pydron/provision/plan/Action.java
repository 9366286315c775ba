package pydron.provision.plan;

import java.time.Instant;
import java.util.Objects;
import pydron.provision.model.Claim;
import pydron.provision.model.Pool;
import pydron.provision.model.PoolState;
import pydron.provision.model.Thing;

/// One step of a plan. Claims are as they are to be recorded, so whoever carries it out has nothing to
/// decide.
public sealed interface Action {
    /// Records a new claim, then asks the cloud.
    ///
    /// @param until the end of its first lease
    record Start(Pool pool, Instant until) implements Action {
        public Start {
            Objects.requireNonNull(pool);
            Objects.requireNonNull(until);
        }
    }

    /// Asks the cloud again, with the same token.
    record Ask(Claim claim) implements Action {}

    /// The instance of a call without an answer was found.
    record Adopt(Claim claim) implements Action {}

    /// Its worker has joined: the pool is healthy.
    record Join(Claim claim) implements Action {}

    record Renew(Claim claim) implements Action {}

    record Drain(Claim claim) implements Action {}

    record Terminate(Claim claim) implements Action {}

    /// The claim has no instance any more.
    record Close(Claim claim) implements Action {}

    /// Ours, and wanted by no claim.
    record Remove(String cloud, Thing thing) implements Action {}

    record SetPool(String pool, PoolState state) implements Action {}
}
