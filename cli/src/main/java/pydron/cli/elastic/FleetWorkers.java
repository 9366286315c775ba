package pydron.cli.elastic;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import pydron.provision.apply.Workers;
import pydron.provision.model.ClaimId;
import pydron.provision.plan.WorkerView;
import pydron.service.Instances;

/// The provisioner's view of the scheduler's workers.
record FleetWorkers(Instances instances) implements Workers {
    @Override
    public Map<ClaimId, WorkerView> view(Instant now) {
        Map<ClaimId, WorkerView> result = new TreeMap<>();
        for (Instances.InstanceView it : instances.view()) {
            result.put(
                    new ClaimId(it.claim()),
                    new WorkerView(
                            it.connected(),
                            !it.draining(),
                            it.running(),
                            it.onlyCopyBytes(),
                            now.minus(it.idle()),
                            false));
        }
        return result;
    }

    @Override
    public void lease(ClaimId claim, Duration left) {
        instances.lease(claim.value(), left);
    }

    @Override
    public void drain(ClaimId claim, Duration left) {
        instances.drain(claim.value(), left);
    }
}
