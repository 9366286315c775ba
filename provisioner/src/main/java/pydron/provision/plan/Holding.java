package pydron.provision.plan;

import java.util.Objects;
import java.util.Optional;
import pydron.provision.model.Claim;

/// An open claim, with what the cloud and the scheduler say about it.
public record Holding(Claim claim, Sight sight, Optional<WorkerView> worker) {
    public Holding {
        Objects.requireNonNull(claim);
        Objects.requireNonNull(sight);
        Objects.requireNonNull(worker);
    }

    boolean connected() {
        return worker.isPresent() && worker.get().connected();
    }
}
