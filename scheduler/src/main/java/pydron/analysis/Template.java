package pydron.analysis;

import java.util.List;
import java.util.Map;
import java.util.Set;
import pydron.analysis.ir.Ahead;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Reason;

/// What the analysis makes of a pipeline.
public sealed interface Template {
    /// The name of the pipeline, for people.
    String name();

    /// Runs as it is.
    record Plain(String name, Reason reason) implements Template {}

    /// @param blocks whether some of it must happen in order with everything around a call of this pipeline
    /// @param substitutions number of a lowered node to the variable that holds its value
    /// @param unbound variables that may cross an edge of a region without having a value
    /// @param ahead what the driver follows while the pipeline waits; empty if there is nothing to foresee
    record Parallel(
            String name,
            boolean blocks,
            Map<Integer, String> substitutions,
            Set<String> unbound,
            List<Planned> body,
            List<Ahead> ahead)
            implements Template {
        public Parallel {
            body = List.copyOf(body);
            ahead = List.copyOf(ahead);
        }

        Parallel with(List<Planned> newBody, List<Ahead> newAhead) {
            return new Parallel(name, blocks, substitutions, unbound, newBody, newAhead);
        }
    }
}
