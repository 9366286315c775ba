package pydron.provision.claims;

import java.time.Instant;
import java.util.Objects;
import pydron.provision.model.Claim;
import pydron.provision.model.PoolState;

public sealed interface Change {
    /// Replaces what was known of the claim.
    record Put(Claim claim) implements Change {
        public Put {
            Objects.requireNonNull(claim);
        }
    }

    record SetPool(String pool, PoolState state) implements Change {
        public SetPool {
            Objects.requireNonNull(pool);
            Objects.requireNonNull(state);
        }
    }

    record Tick(Instant at) implements Change {
        public Tick {
            Objects.requireNonNull(at);
        }
    }
}
