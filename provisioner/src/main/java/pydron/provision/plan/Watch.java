package pydron.provision.plan;

import java.time.Instant;
import java.util.Objects;
import java.util.Set;

/// @param since when this process began to look
/// @param listed the clouds whose list this process has had: without one, there may be more than anybody
/// knows of
/// @param tokens the clouds that start one instance only, however often they are asked with the same token
public record Watch(Instant since, Set<String> listed, Set<String> tokens) {
    public Watch {
        Objects.requireNonNull(since);
        Objects.requireNonNull(listed);
        Objects.requireNonNull(tokens);
    }
}
