package pydron.provision.openstack;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/// What Keystone gives for a credential.
///
/// @param skew how far Keystone's clock is ahead of ours
record Token(String secret, Instant expires, Instant obtained, Duration skew, Scope scope, List<Service> catalogue) {
    /// @param project its name
    record Scope(String projectId, String project) {
        Scope {
            Objects.requireNonNull(projectId);
            Objects.requireNonNull(project);
        }
    }

    record Service(String kind, String face, String region, URI address) {}

    Token {
        Objects.requireNonNull(secret);
        Objects.requireNonNull(scope);
        catalogue = List.copyOf(catalogue);
    }

    /// A tenth of its time, at most five minutes, is left for calls under way.
    boolean good(Instant now) {
        Duration life = Duration.between(obtained, expires.minus(skew));
        Duration margin = life.dividedBy(10);
        Duration most = Duration.ofMinutes(5);
        return now.isBefore(expires.minus(skew).minus(margin.compareTo(most) > 0 ? most : margin));
    }

    @Override
    public String toString() {
        return "token until " + expires;
    }
}
