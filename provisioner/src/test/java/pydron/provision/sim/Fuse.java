package pydron.provision.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import pydron.provision.apply.Workers;
import pydron.provision.claims.Change;
import pydron.provision.claims.Claims;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Listing;
import pydron.provision.cloud.Removal;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Money;
import pydron.provision.model.PoolState;
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
        return new Claims() {
            @Override
            public List<Claim> open() {
                return inner.open();
            }

            @Override
            public Money spent() {
                return inner.spent();
            }

            @Override
            public Map<String, PoolState> pools() {
                return inner.pools();
            }

            @Override
            public Instant tick() {
                return inner.tick();
            }

            @Override
            public void write(List<Change> changes) {
                step();
                inner.write(changes);
                step();
            }

            @Override
            public void close() {
                inner.close();
            }
        };
    }

    Cloud on(Cloud inner) {
        return new Cloud() {
            @Override
            public String name() {
                return inner.name();
            }

            @Override
            public boolean honoursTokens() {
                return inner.honoursTokens();
            }

            @Override
            public Launch start(LaunchRequest request) {
                step();
                Launch launch = inner.start(request);
                step();
                return launch;
            }

            @Override
            public Listing list() {
                return inner.list();
            }

            @Override
            public Removal remove(Thing.Kind kind, String id) {
                step();
                Removal removal = inner.remove(kind, id);
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
