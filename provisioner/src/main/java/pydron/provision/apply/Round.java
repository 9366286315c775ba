package pydron.provision.apply;

import java.util.List;
import pydron.provision.plan.Inventory;
import pydron.provision.plan.Plan;

/// What one round saw, planned, and met with.
public record Round(Inventory inventory, Plan plan, List<Trouble> troubles) {
    public Round {
        troubles = List.copyOf(troubles);
    }
}
