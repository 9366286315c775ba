package pydron.provision.apply;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import pydron.provision.cloud.Cloud;
import pydron.provision.model.ClaimId;

/// What the provisioner works on besides its store.
///
/// @param identities of new claims, never the same twice
public record Outside(List<Cloud> clouds, Workers workers, Bootstrap bootstrap, Supplier<ClaimId> identities) {
    public Outside {
        clouds = List.copyOf(clouds);
        Objects.requireNonNull(workers);
        Objects.requireNonNull(bootstrap);
        Objects.requireNonNull(identities);
    }

    Map<String, Cloud> byName() {
        Map<String, Cloud> result = new LinkedHashMap<>();
        clouds.forEach(it -> result.put(it.name(), it));
        return result;
    }
}
