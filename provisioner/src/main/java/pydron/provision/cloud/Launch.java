package pydron.provision.cloud;

import java.util.Objects;
import pydron.provision.model.InstanceId;
import pydron.provision.model.Problem;

/// What came of a start. Any problem but `Unknown` says that there is no instance.
public sealed interface Launch {
    record Started(InstanceId instance) implements Launch {
        public Started {
            Objects.requireNonNull(instance);
        }
    }

    record Failed(Problem problem) implements Launch {
        public Failed {
            Objects.requireNonNull(problem);
        }
    }
}
