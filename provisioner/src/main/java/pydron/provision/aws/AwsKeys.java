package pydron.provision.aws;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// Credentials as they are just now. They are held by nobody for longer than a request, and never written.
///
/// @param session the token of temporary ones
/// @param until when they end, as far as is known here
public record AwsKeys(String identity, String secret, Optional<String> session, Optional<Instant> until) {
    public AwsKeys {
        Objects.requireNonNull(identity);
        Objects.requireNonNull(secret);
        Objects.requireNonNull(session);
        Objects.requireNonNull(until);
    }

    @Override
    public String toString() {
        return "AwsKeys[" + identity + "]";
    }
}
