package pydron.cli.elastic;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import pydron.provision.apply.Workers;
import pydron.provision.join.JoinReport;
import pydron.provision.model.ClaimId;
import pydron.provision.plan.Hindrance;
import pydron.provision.plan.WorkerView;
import pydron.service.Instances;

/// The provisioner's view of the scheduler's workers.
///
/// @param reports how far those are that come from other machines
record FleetWorkers(Instances instances, Supplier<Map<ClaimId, JoinReport>> reports) implements Workers {
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
                            it.recalled()));
        }
        return result;
    }

    @Override
    public Map<ClaimId, Hindrance> hindrances() {
        Map<ClaimId, Hindrance> result = new TreeMap<>();
        reports.get()
                .forEach((claim, it) ->
                        result.put(claim, new Hindrance(it.text(), it.stage() == JoinReport.Stage.USELESS)));
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
