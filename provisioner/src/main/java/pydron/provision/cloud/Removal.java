package pydron.provision.cloud;

import java.util.Objects;
import pydron.provision.model.Problem;

public sealed interface Removal {
    /// It will end.
    record Accepted() implements Removal {}

    /// The cloud knows no such thing, not any more or not yet.
    record NotThere() implements Removal {}

    record Failed(Problem problem) implements Removal {
        public Failed {
            Objects.requireNonNull(problem);
        }
    }
}
