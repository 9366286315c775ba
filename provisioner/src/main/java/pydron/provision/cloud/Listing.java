package pydron.provision.cloud;

import java.util.List;
import java.util.Objects;
import pydron.provision.model.Problem;
import pydron.provision.model.Thing;

public sealed interface Listing {
    /// All pages of it.
    record Seen(List<Thing> things) implements Listing {
        public Seen {
            things = List.copyOf(things);
        }
    }

    record Failed(Problem problem) implements Listing {
        public Failed {
            Objects.requireNonNull(problem);
        }
    }
}
