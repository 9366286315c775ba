package pydron.provision.cloud;

import java.time.Duration;
import java.util.Objects;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Pool;

/// @param claim its tag, and its idempotency token where the cloud has such a thing
/// @param lease after so long from now the instance ends itself unless it hears from us
/// @param userData what the machine runs when it has booted
public record LaunchRequest(ClaimId claim, Pool pool, Duration lease, String userData) {
    public LaunchRequest {
        Objects.requireNonNull(claim);
        Objects.requireNonNull(pool);
        Objects.requireNonNull(lease);
        Objects.requireNonNull(userData);
    }
}
