package pydron.provision.plan;

import java.time.Instant;
import java.util.Objects;
import pydron.provision.model.InstanceId;

/// What the cloud's list says of a claim.
public sealed interface Sight {
    /// The cloud did not answer.
    record Unseen() implements Sight {}

    /// @param since the first list of this process after which none showed it
    record Absent(Instant since) implements Sight {
        public Absent {
            Objects.requireNonNull(since);
        }
    }

    record Alive(InstanceId instance) implements Sight {
        public Alive {
            Objects.requireNonNull(instance);
        }
    }

    record Ended(InstanceId instance) implements Sight {
        public Ended {
            Objects.requireNonNull(instance);
        }
    }
}
