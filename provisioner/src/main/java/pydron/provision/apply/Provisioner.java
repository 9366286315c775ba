package pydron.provision.apply;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.provision.claims.Change;
import pydron.provision.claims.Claims;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Removal;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.ClaimState;
import pydron.provision.model.End;
import pydron.provision.model.Money;
import pydron.provision.model.PoolState;
import pydron.provision.model.Problem;
import pydron.provision.model.Thing;
import pydron.provision.plan.Action;
import pydron.provision.plan.Demand;
import pydron.provision.plan.Inventory;
import pydron.provision.plan.Plan;
import pydron.provision.plan.Policy;

/// Observes, has a plan made, carries it out, one round after the other; it decides nothing. Everything is
/// written down before it is done, so this process may end at any step: the next one finds in the store
/// what may have been done, and in the clouds' lists what was.
///
/// To be called by one thread, and by one process for a store.
public final class Provisioner {
    private static final Logger LOG = LoggerFactory.getLogger(Provisioner.class);

    /// A lease is told that much shorter than it is set aside for: the message takes time, and so does
    /// shutting down.
    private static final Duration MARGIN = Duration.ofSeconds(15);

    private static final int CONSOLE_LINES = 8;

    private final Claims claims;
    private final Outside outside;
    private final Map<String, Cloud> clouds;
    private final Planning planning;
    private final Timekeeper time;
    private final Observer observer;

    public Provisioner(Claims claims, Outside outside, Planning planning, Timekeeper time) {
        this.claims = claims;
        this.outside = outside;
        this.planning = planning;
        this.time = time;
        clouds = outside.byName();
        observer = new Observer(claims, outside.clouds(), time.begin());
    }

    public Round round(Policy policy, Demand demand) {
        List<Trouble> troubles = new ArrayList<>();
        claims.write(List.of(new Change.Tick(time.now())));
        Inventory inventory = observer.observe(
                outside.workers(), time.now(), policy.rules().graces().missing(), troubles);
        Plan plan = planning.plan(policy, demand, inventory, time.now());
        new Application(policy, inventory, troubles).apply(plan);
        return new Round(inventory, plan, troubles);
    }

    /// Whether a worker may join that comes with this claim's token. One that is being terminated may not,
    /// however late it comes: it would be given tasks and end under them.
    public boolean admits(ClaimId id) {
        return claims.open().stream().filter(it -> it.id().equals(id)).anyMatch(it -> switch (it.state()) {
            case ClaimState.Requested _, ClaimState.Booting _, ClaimState.Working _, ClaimState.Draining _ -> true;
            case ClaimState.Terminating _, ClaimState.Gone _ -> false;
        });
    }

    /// Opens a pool again that was paused.
    public void resume(String pool) {
        claims.write(List.of(new Change.SetPool(pool, new PoolState.Healthy())));
        LOG.info("pool={} resumed", pool);
    }

    private final class Application {
        private final Policy policy;
        private final TreeMap<String, PoolState> pools;
        private final TreeSet<String> failed = new TreeSet<>();
        private final List<Trouble> troubles;
        /// By pool, of the last instance that no worker has come from.
        private final Map<String, String> consoles = new TreeMap<>();

        Application(Policy policy, Inventory inventory, List<Trouble> troubles) {
            this.policy = policy;
            this.pools = new TreeMap<>(inventory.pools());
            this.troubles = troubles;
        }

        void apply(Plan plan) {
            plan.actions().forEach(this::apply);
        }

        private void apply(Action action) {
            switch (action) {
                case Action.Start start -> start(start);
                case Action.Ask ask -> {
                    put(ask.claim());
                    call(ask.claim());
                }
                case Action.Adopt adopt -> {
                    put(adopt.claim());
                    log(adopt.claim(), "found");
                }
                case Action.Join join -> {
                    put(join.claim());
                    log(join.claim(), "working");
                }
                case Action.Renew renew -> {
                    put(renew.claim());
                    outside.workers()
                            .lease(renew.claim().id(), left(renew.claim().until()));
                }
                case Action.Drain drain -> {
                    put(drain.claim());
                    drain(drain.claim());
                }
                case Action.Terminate terminate -> {
                    put(terminate.claim());
                    terminate(terminate.claim());
                }
                case Action.Close close -> {
                    put(close.claim());
                    log(close.claim(), "gone");
                }
                case Action.Remove remove -> {
                    LOG.info(
                            "cloud={} kind='{}' id={} removed: it belongs to no claim",
                            remove.cloud(),
                            remove.thing().kind(),
                            remove.thing().id());
                    remove(remove.cloud(), remove.thing().kind(), remove.thing().id());
                }
                case Action.SetPool set -> setPool(set.pool(), set.state());
            }
        }

        private void start(Action.Start start) {
            if (failed.contains(start.pool().name())) {
                return; // The next plan knows about it.
            }
            Instant now = time.now();
            Claim claim = new Claim(
                    outside.identities().get(), start.pool(), now, start.until(), new ClaimState.Requested(now, 1));
            put(claim);
            log(claim, "requested");
            call(claim);
        }

        private void call(Claim claim) {
            Cloud cloud = clouds.get(claim.pool().machine().cloud());
            Duration lease = left(claim.until());
            LaunchRequest request = new LaunchRequest(
                    claim.id(), claim.pool(), lease, outside.bootstrap().userData(claim, lease));
            switch (cloud.start(request)) {
                case Launch.Started started -> {
                    Claim booting = claim.with(new ClaimState.Booting(started.instance(), time.now()));
                    put(booting);
                    log(booting, "booting");
                }
                case Launch.Failed failure -> notStarted(claim, failure.problem());
            }
        }

        private void notStarted(Claim claim, Problem problem) {
            String pool = claim.pool().name();
            troubles.add(new Trouble(claim.pool().machine().cloud(), "start", problem));
            failed.add(pool);
            Instant now = time.now();
            PoolState state =
                    policy.rules().backOff().after(pools.getOrDefault(pool, new PoolState.Healthy()), problem, now);
            List<Change> changes = new ArrayList<>();
            changes.add(new Change.SetPool(pool, state));
            // An earlier call of the same claim may still come to something.
            boolean sure = !(problem instanceof Problem.Unknown)
                    && claim.state() instanceof ClaimState.Requested(Instant _, int times)
                    && times == 1;
            if (sure) {
                changes.add(new Change.Put(claim.with(new ClaimState.Gone(now, End.NEVER_STARTED, Money.ZERO))));
            }
            claims.write(changes);
            pools.put(pool, state);
            LOG.info("claim={} pool={} not started: {}", claim.id(), pool, problem.text());
        }

        private void drain(Claim claim) {
            if (claim.state() instanceof ClaimState.Draining draining) {
                outside.workers().drain(claim.id(), Duration.between(time.now(), draining.deadline()));
                log(claim, "draining");
            }
        }

        private void terminate(Claim claim) {
            String cloud = claim.pool().machine().cloud();
            claim.state().instanceId().ifPresent(it -> {
                if (claim.state() instanceof ClaimState.Terminating state
                        && state.why() == End.NEVER_JOINED
                        && state.asked().equals(state.since())) {
                    consoles.put(claim.pool().name(), console(cloud, it.value()));
                }
                remove(cloud, Thing.Kind.INSTANCE, it.value());
            });
            log(claim, "terminating");
        }

        private void remove(String cloud, Thing.Kind kind, String id) {
            switch (clouds.get(cloud).remove(kind, id)) {
                case Removal.Accepted _, Removal.NotThere _ -> {}
                case Removal.Failed failure -> troubles.add(new Trouble(cloud, kind + " " + id, failure.problem()));
            }
        }

        /// Gone with the machine, so it is asked for before.
        private String console(String cloud, String instance) {
            List<String> lines = clouds.get(cloud)
                    .console(instance)
                    .lines()
                    .map(it -> it.replaceAll("\\p{Cntrl}", "").strip())
                    .filter(it -> !it.isEmpty())
                    .toList();
            List<String> end = lines.subList(Math.max(0, lines.size() - CONSOLE_LINES), lines.size());
            return end.isEmpty() ? "" : "; the end of its console:\n  " + String.join("\n  ", end);
        }

        private void setPool(String pool, PoolState planned) {
            String console = consoles.getOrDefault(pool, "");
            PoolState state = switch (planned) {
                case PoolState.Healthy it -> it;
                case PoolState.BackingOff it ->
                    new PoolState.BackingOff(it.failures(), it.retry(), it.reason() + console);
                case PoolState.Paused it -> new PoolState.Paused(it.since(), it.reason() + console);
            };
            claims.write(List.of(new Change.SetPool(pool, state)));
            pools.put(pool, state);
            LOG.info("pool={} state={}", pool, state);
        }

        private Duration left(Instant until) {
            Duration left = Duration.between(time.now(), until).minus(MARGIN);
            return left.isNegative() ? Duration.ZERO : left;
        }
    }

    private void put(Claim claim) {
        claims.write(List.of(new Change.Put(claim)));
    }

    private static void log(Claim claim, String what) {
        LOG.info("claim={} pool={} {} state={}", claim.id(), claim.pool().name(), what, claim.state());
    }
}
