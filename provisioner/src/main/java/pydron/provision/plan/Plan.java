package pydron.provision.plan;

import java.util.List;

/// What to do now, in this order, and what waits all the same.
public record Plan(List<Action> actions, List<Waiting> waiting) {
    public Plan {
        actions = List.copyOf(actions);
        waiting = List.copyOf(waiting);
    }
}
