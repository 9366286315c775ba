package pydron.provision.plan;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// What is to be done.
///
/// @param burst when it came, if any of it waits
public record Demand(List<Work> work, Optional<Burst> burst) {
    public static final Demand NONE = new Demand(List.of(), Optional.empty());

    public Demand {
        work = List.copyOf(work);
        Objects.requireNonNull(burst);
    }

    /// @param since since when tasks have been waiting
    /// @param last when the latest of them became ready
    public record Burst(Instant since, Instant last) {
        public Burst {
            Objects.requireNonNull(since);
            Objects.requireNonNull(last);
        }
    }
}
