package pydron.provision.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pydron.provision.apply.Round;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.FakeCloud;
import pydron.provision.cloud.ForwardingCloud;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Removal;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.ClaimState;
import pydron.provision.model.InstanceId;
import pydron.provision.model.PoolState;
import pydron.provision.model.Thing;
import pydron.provision.plan.Limits;
import pydron.provision.plan.Waiting;

/// Says what must never be, by what really is: instances in the cloud, not what the service believes.
final class Oracle {
    /// A rule was broken.
    static final class Broken extends AssertionError {
        private static final long serialVersionUID = 1L;
        final String rule;

        Broken(String rule, String story) {
            super(rule + ": " + story);
            this.rule = rule;
        }
    }

    private static final Duration ORPHAN = Duration.ofMinutes(25);
    private static final Duration PATIENCE = Duration.ofMinutes(90);

    private final Simulation sim;
    private int leftOver;
    private Instant limitsHold = Instant.MIN;
    private Instant began = Instant.MIN;
    private int instances;
    private int cores;
    private long perHour;
    private long settledCost;
    private int settledUpTo;
    private final Map<InstanceId, Duration> orphans = new HashMap<>();
    private boolean unableOnPurpose;
    private long finished;
    private Instant progress = Instant.MIN;

    Oracle(Simulation sim) {
        this.sim = sim;
    }

    private void broken(String rule, String story) {
        throw new Broken(rule, story + " at " + Duration.between(Simulation.BEGIN, sim.now));
    }

    /// @param count how many instances there are that nobody knows of
    void begin(int count) {
        leftOver = count;
        instances = count;
    }

    /// What was asked for under the old limits may still come.
    void limitsChanged(Instant now) {
        limitsHold = now.plusSeconds(150);
    }

    /// @param forward how far the service's time has run ahead of the world's since it last ran
    void serviceBegins(Duration forward) {
        orphans.clear();
        began = sim.now;
        for (Guest guest : sim.alive) {
            guest.leaseEndBelieved = earlier(least(guest.leaseEnd, guest.leaseEndBelieved), forward);
            guest.deadlineBelieved = earlier(least(guest.deadline, guest.deadlineBelieved), forward);
        }
    }

    private static Instant least(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Instant earlier(Instant time, Duration by) {
        return time.equals(Instant.MAX) || by.isNegative() ? time : time.minus(by);
    }

    void look(Round round) {
        unableOnPurpose = round.plan().waiting().stream().anyMatch(it -> switch (it.reason()) {
            case Waiting.LimitReached _, Waiting.OnlySpotFits _, Waiting.NothingFits _ -> true;
            case Waiting.PoolRests _, Waiting.PoolPaused _, Waiting.PoolTried _, Waiting.CloudSilent _ -> false;
        });
    }

    Cloud watching(FakeCloud inner) {
        return new ForwardingCloud(inner) {
            @Override
            public Launch start(LaunchRequest request) {
                starting(request);
                Launch launch = super.start(request);
                sim.meet();
                checkLimits();
                return launch;
            }

            @Override
            public Removal remove(Thing.Kind kind, String id) {
                ending(id);
                return super.remove(kind, id);
            }
        };
    }

    private void starting(LaunchRequest request) {
        ClaimId id = request.claim();
        Claim claim = sim.store.open().stream()
                .filter(it -> it.id().equals(id))
                .findFirst()
                .orElse(null);
        if (claim == null || !(claim.state() instanceof ClaimState.Requested(Instant _, int times))) {
            broken("recorded before it is asked for", "claim " + id + " is " + claim);
            return;
        }
        if (times > 1 && !sim.scenario.tokens()) {
            broken("asked once without tokens", "claim " + claim);
        }
        if (times == 1) {
            switch (sim.store.pools().getOrDefault(claim.pool().name(), new PoolState.Healthy())) {
                case PoolState.Healthy _ -> {}
                case PoolState.BackingOff it
                when sim.time.now().isBefore(it.retry()) -> broken("pools rest after failures", claim + " with " + it);
                case PoolState.BackingOff _ -> {}
                case PoolState.Paused it -> broken("paused pools stay shut", claim + " with " + it);
            }
        }
        if (request.pool().price().spot() && times == 1) {
            Duration bound = sim.policy.scaling().spotBound();
            boolean wanted = sim.tasks.kinds.stream().anyMatch(it -> it.measured && it.each.compareTo(bound) <= 0);
            if (!wanted) {
                broken("spot only for short tasks", "bound " + bound);
            }
        }
    }

    /// What was decided with good reason is carried out later, perhaps by the next process.
    void decided(InstanceId id) {
        Guest guest = sim.guests.get(id);
        boolean believedOver = !sim.now.isBefore(guest.deadlineBelieved) || !sim.now.isBefore(guest.leaseEndBelieved);
        Duration reconnect = sim.policy.rules().graces().reconnect();
        guest.mayEnd |= believedOver && !sim.now.isBefore(began.plus(reconnect));
    }

    private void ending(String id) {
        Guest guest = sim.guests.get(new InstanceId(id));
        boolean busy =
                guest != null && guest.up(sim.now) && guest.runs.stream().anyMatch(it -> it.end.isAfter(sim.now));
        boolean over =
                guest == null || guest.mayEnd || !sim.now.isBefore(guest.deadline) || !sim.now.isBefore(guest.leaseEnd);
        if (busy && !over) {
            broken("a busy instance works on until its grace is over", id + " with " + guest.runs.size() + " tasks");
        }
    }

    void check(Duration step) {
        checkLimits();
        checkMoney();
        checkOrphans(step);
    }

    private void checkLimits() {
        int nowInstances = 0;
        int nowCores = 0;
        long nowPerHour = 0;
        for (Guest guest : sim.alive) {
            if (guest.instance.alive(sim.now)) {
                nowInstances++;
                nowCores += guest.instance.pool().size().cores();
                nowPerHour += guest.instance.pool().perHour().micros();
            }
        }
        Limits limits = sim.policy.limits();
        // More than before, and more than allowed: limits may be lowered, and left-overs were not started by us.
        if (nowInstances > Math.max(instances, limits.instances()) && !sim.now.isBefore(limitsHold)) {
            broken("no more instances than the limit", nowInstances + " of " + limits.instances());
        }
        if (nowCores > Math.max(cores, limits.cores()) && leftOver == 0) {
            broken("no more cores than the limit", nowCores + " of " + limits.cores());
        }
        if (nowPerHour > Math.max(perHour, limits.perHour().micros()) && leftOver == 0) {
            broken("no more money an hour than the limit", nowPerHour + " of " + limits.perHour());
        }
        instances = nowInstances;
        cores = nowCores;
        perHour = nowPerHour;
    }

    private void checkMoney() {
        List<FakeCloud.Instance> all = sim.account.instances();
        while (settledUpTo < all.size()
                && !all.get(settledUpTo).alive(sim.now)
                && !all.get(settledUpTo).created.isAfter(sim.now)) {
            settledCost += cost(all.get(settledUpTo++));
        }
        long cost = settledCost;
        for (int i = settledUpTo; i < all.size(); i++) {
            cost += cost(all.get(i));
        }
        if (cost > sim.policy.limits().budget().micros()) {
            broken(
                    "no more money than the budget",
                    cost + " of " + sim.policy.limits().budget());
        }
    }

    /// What a guest that never came up costs after its lease cannot be kept from outside while the service
    /// or the cloud's interface is down, so it is not counted; that it ends is another rule.
    private long cost(FakeCloud.Instance instance) {
        if (instance.request.claim().value().startsWith("lost-")) {
            return 0;
        }
        Instant end = instance.ended.isBefore(sim.now) ? instance.ended : sim.now;
        Guest guest = sim.guests.get(instance.id);
        if (instance.hung && guest.leaseEnd.isBefore(end)) {
            end = guest.leaseEnd;
        }
        long millis = Math.max(0, Duration.between(instance.created, end).toMillis());
        return instance.pool().perHour().micros() * millis / 3_600_000;
    }

    private void checkOrphans(Duration step) {
        if (sim.service == null) {
            orphans.clear();
            return;
        }
        List<ClaimId> open = sim.store.open().stream().map(Claim::id).toList();
        for (Guest guest : sim.alive) {
            boolean orphan = guest.instance.alive(sim.now) && !open.contains(guest.instance.request.claim());
            if (!orphan) {
                orphans.remove(guest.instance.id);
            } else if (orphans.merge(guest.instance.id, step, Duration::plus).compareTo(ORPHAN) > 0) {
                broken("no orphan outlives its grace", guest.instance.id + " of " + guest.instance.request.claim());
            }
        }
    }

    /// Work that nothing may ever be started for is no failure; work that something should be started for
    /// is.
    boolean stuck() {
        if (progress.equals(Instant.MIN)) {
            progress = sim.now;
        }
        if (sim.tasks.finished > finished) {
            finished = sim.tasks.finished;
            progress = sim.now;
        }
        boolean late = progress.plus(PATIENCE).isBefore(sim.now);
        if (late && !unableOnPurpose) {
            broken("work makes instances start", "nothing finished for " + PATIENCE);
        }
        return late;
    }

    boolean zero() {
        boolean warm = sim.policy.scaling().warm() > 0 && !sim.policy.closing();
        long there = sim.alive.stream().filter(it -> it.instance.alive(sim.now)).count();
        int claims = sim.store.open().size();
        return warm ? there <= sim.policy.scaling().warm() && claims == there : there == 0 && claims == 0;
    }

    void checkZero() {
        if (!zero()) {
            broken("no work, no instances", sim.alive.size() + " instances, claims " + sim.store.open());
        }
    }
}
