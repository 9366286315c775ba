package pydron.provision.apply;

import java.time.Instant;
import pydron.provision.plan.Demand;
import pydron.provision.plan.Inventory;
import pydron.provision.plan.Plan;
import pydron.provision.plan.Policy;

/// The planner, as its caller sees it.
@FunctionalInterface
public interface Planning {
    Plan plan(Policy policy, Demand demand, Inventory inventory, Instant now);
}
