package pydron.provision.plan;

import java.util.Objects;
import java.util.Optional;
import pydron.provision.model.Claim;

/// An open claim, with what the cloud and the scheduler say about it.
///
/// @param hindrance what keeps its worker from joining, as far as somebody knows
public record Holding(Claim claim, Sight sight, Optional<WorkerView> worker, Optional<Hindrance> hindrance) {
    public Holding {
        Objects.requireNonNull(claim);
        Objects.requireNonNull(sight);
        Objects.requireNonNull(worker);
        Objects.requireNonNull(hindrance);
    }

    public Holding(Claim claim, Sight sight, Optional<WorkerView> worker) {
        this(claim, sight, worker, Optional.empty());
    }

    boolean connected() {
        return worker.isPresent() && worker.get().connected();
    }
}
