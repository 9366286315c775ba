package pydron.provision.apply;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import pydron.provision.model.ClaimId;
import pydron.provision.plan.Hindrance;
import pydron.provision.plan.WorkerView;

/// The workers on instances, as the scheduler knows them. What they are told may get lost: they are told
/// again.
public interface Workers {
    /// By claim, those that have joined since this process began.
    ///
    /// @param now the time that `idleSince` is in
    Map<ClaimId, WorkerView> view(Instant now);

    /// By claim, what keeps those from joining that have not.
    default Map<ClaimId, Hindrance> hindrances() {
        return Map.of();
    }

    /// The machine is to end itself when it has not heard of a longer lease for `left`.
    void lease(ClaimId claim, Duration left);

    /// No more tasks; what only it holds goes elsewhere. It ends after `left` at the latest.
    void drain(ClaimId claim, Duration left);
}
