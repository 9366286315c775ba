package pydron.provision.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import pydron.provision.apply.Workers;
import pydron.provision.claims.Change;
import pydron.provision.claims.Claims;
import pydron.provision.claims.ForwardingClaims;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.ForwardingCloud;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Removal;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Thing;
import pydron.provision.plan.WorkerView;

/// Ends the service at a given step: before or after a call that reaches outside of it.
final class Fuse {
    /// The process is gone.
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("crash", null, false, false);
        }
    }

    private long left = Long.MAX_VALUE;
    private long steps;

    void burnsIn(long count) {
        left = count;
    }

    long steps() {
        return steps;
    }

    private void step() {
        steps++;
        if (--left == 0) {
            left = Long.MAX_VALUE;
            throw new Crash();
        }
    }

    Claims on(Claims inner) {
        return new ForwardingClaims(inner) {
            @Override
            public void write(List<Change> changes) {
                step();
                super.write(changes);
                step();
            }
        };
    }

    Cloud on(Cloud inner) {
        return new ForwardingCloud(inner) {
            @Override
            public Launch start(LaunchRequest request) {
                step();
                Launch launch = super.start(request);
                step();
                return launch;
            }

            @Override
            public Removal remove(Thing.Kind kind, String id) {
                step();
                Removal removal = super.remove(kind, id);
                step();
                return removal;
            }
        };
    }

    Workers on(Workers inner) {
        return new Workers() {
            @Override
            public Map<ClaimId, WorkerView> view(Instant now) {
                return inner.view(now);
            }

            @Override
            public void lease(ClaimId claim, Duration left) {
                step();
                inner.lease(claim, left);
                step();
            }

            @Override
            public void drain(ClaimId claim, Duration left) {
                step();
                inner.drain(claim, left);
                step();
            }
        };
    }
}
