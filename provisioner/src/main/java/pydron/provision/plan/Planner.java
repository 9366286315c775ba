package pydron.provision.plan;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import pydron.provision.model.ClaimState;
import pydron.provision.model.End;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.PoolState;
import pydron.provision.model.Resources;

/// Policy, demand and inventory in, plan out: the same for the same, with no I/O and no clock. Everything
/// that decides about instances is here and in the classes of this package; what carries the plan out
/// decides nothing.
///
/// Invariants of every plan, kept by [Books]: were it carried out fully, or up to any step, no limit would
/// be exceeded, with every claim counted until the cloud says that its instance is gone.
public final class Planner {
    private final Policy policy;
    private final Demand demand;
    private final Instant now;
    private final Watch watch;
    private final Duration idle;
    private final Books books;
    private final Upkeep upkeep;
    private final Fit fit;
    private final List<Action> starts = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private int serving;

    private Planner(Policy policy, Demand demand, Inventory inventory, Instant now) {
        this.policy = policy;
        this.demand = demand;
        this.now = now;
        watch = inventory.watch();
        idle = policy.scaling().idle();
        books = new Books(policy.limits(), inventory, now);
        upkeep = new Upkeep(policy, inventory, books, now);
        fit = new Fit(demand);
    }

    public static Plan plan(Policy policy, Demand demand, Inventory inventory, Instant now) {
        Planner planner = new Planner(policy, demand, inventory, now);
        planner.shrinkToLimits();
        planner.count();
        planner.shrinkIdle();
        if (!policy.closing()) {
            planner.grow();
            planner.keepWarm();
        }
        List<Action> actions = new ArrayList<>(planner.upkeep.actions());
        actions.addAll(planner.upkeep.poolChanges());
        actions.addAll(planner.starts);
        return new Plan(actions, planner.waiting);
    }

    private void count() {
        for (Holding holding : upkeep.working()) {
            fit.add(holding.claim().pool().size(), 1);
        }
        for (Holding holding : upkeep.coming()) {
            fit.add(holding.claim().pool().size(), 1);
        }
        serving = upkeep.working().size() + upkeep.coming().size();
    }

    /// A limit was lowered below what there is: those go first that are worth least.
    private void shrinkToLimits() {
        Limits limits = policy.limits();
        List<Holding> all = new ArrayList<>(upkeep.working());
        all.addAll(upkeep.coming());
        int instances = all.size();
        int cores = 0;
        Money rate = Money.ZERO;
        for (Holding holding : all) {
            cores += holding.claim().pool().size().cores();
            rate = rate.plus(holding.claim().pool().perHour());
        }
        if (instances <= limits.instances() && cores <= limits.cores() && rate.compareTo(limits.perHour()) <= 0) {
            return;
        }
        List<Holding> victims = new ArrayList<>(upkeep.coming());
        victims.removeIf(it -> !(it.claim().state() instanceof ClaimState.Booting) || !upkeep.neverJoined(it));
        List<Holding> workers = new ArrayList<>(upkeep.working());
        workers.sort(Comparator.comparing(Planner::running).thenComparing(LEAST_LOSS));
        victims.addAll(workers);
        for (Holding victim : victims) {
            if (instances <= limits.instances() && cores <= limits.cores() && rate.compareTo(limits.perHour()) <= 0) {
                return;
            }
            Pool pool = victim.claim().pool();
            instances--;
            cores -= pool.size().cores();
            rate = rate.minus(pool.perHour());
            if (victim.claim().state() instanceof ClaimState.Booting booting) {
                upkeep.coming().remove(victim);
                upkeep.terminate(victim.claim(), booting.instance(), End.OVER_LIMIT);
            } else {
                upkeep.working().remove(victim);
                upkeep.drain(victim, now.plus(policy.rules().graces().drain()), End.OVER_LIMIT);
            }
        }
    }

    /// Without only copies first, then the most expensive, then the oldest, which is the first to reach its
    /// lifetime.
    private static final Comparator<Holding> LEAST_LOSS = Comparator.comparingLong(Planner::onlyCopies)
            .thenComparing(it -> it.claim().pool().perHour(), Comparator.reverseOrder())
            .thenComparing(it -> it.claim().at())
            .thenComparing(it -> it.claim().id());

    private static int running(Holding holding) {
        return holding.worker().map(WorkerView::running).orElse(0);
    }

    private static long onlyCopies(Holding holding) {
        return holding.worker().map(WorkerView::onlyCopies).orElse(0L);
    }

    /// Idle ones end, as long as the work would find as much room without them.
    private void shrinkIdle() {
        List<Holding> candidates = new ArrayList<>();
        for (Holding holding : upkeep.working()) {
            if (holding.worker().filter(this::idle).isPresent()) {
                candidates.add(holding);
            }
        }
        candidates.sort(LEAST_LOSS);
        for (Holding holding : candidates) {
            if (serving <= policy.scaling().warm()) {
                return;
            }
            Pool pool = holding.claim().pool();
            int before = fit.worthStarting(pool.boot(), idle);
            fit.add(pool.size(), -1);
            if (fit.worthStarting(pool.boot(), idle) <= before) {
                serving--;
                upkeep.drain(holding, now.plus(policy.rules().graces().drain()), End.IDLE);
            } else {
                fit.add(pool.size(), 1);
            }
        }
    }

    private boolean idle(WorkerView worker) {
        return worker.connected()
                && worker.running() == 0
                && !now.isBefore(worker.idleSince().plus(idle));
    }

    private void grow() {
        if (!settled()) {
            return;
        }
        // Each start is room for what is placed after it, so shortages are looked at anew after each kind of work.
        List<Resources> done = new ArrayList<>();
        while (true) {
            var next = fit.shortages().stream()
                    .filter(it -> !done.contains(it.work().needs()))
                    .findFirst();
            if (next.isEmpty()) {
                return;
            }
            done.add(next.get().work().needs());
            cover(next.get());
        }
    }

    /// A burst is answered once, when it is over; one that does not end, after ten times as long.
    private boolean settled() {
        Duration settle = policy.rules().settle();
        return demand.burst()
                .filter(it -> now.isBefore(it.last().plus(settle))
                        && now.isBefore(it.since().plus(settle.multipliedBy(10))))
                .isEmpty();
    }

    private void cover(Fit.Shortage shortage) {
        Work work = shortage.work();
        int started = 0;
        Waiting.Reason held = new Waiting.NothingFits();
        boolean informed = false; // what keeps the pool that is preferred
        for (Pool pool : policy.pools()) {
            int holds = pool.size().holds(work.needs());
            if (holds == 0) {
                continue;
            }
            int wanted = shortage.worthStarting(pool.boot(), idle) - started;
            if (wanted <= 0) {
                return;
            }
            if (pool.price().spot() && !shortage.shortTasks(policy.scaling().spotBound())) {
                held = held instanceof Waiting.NothingFits ? new Waiting.OnlySpotFits(pool.name()) : held;
                continue;
            }
            int machines = start(pool, Math.ceilDiv(wanted, holds));
            started += machines * holds;
            if (started < shortage.worthStarting(pool.boot(), idle)) {
                held = informed ? held : hindrance(pool);
                informed = true;
            }
        }
        int left = Math.min(shortage.missing(), shortage.missing() - started);
        if (left > 0) {
            waiting.add(new Waiting(work.needs(), left, held));
        }
    }

    /// Starts up to `count` in a pool, as far as limits and its state allow.
    private int start(Pool pool, int count) {
        Duration lease = Upkeep.firstLease(policy, pool);
        int possible = Math.min(count, Math.min(books.room(pool, lease), open(pool)));
        for (int i = 0; i < possible; i++) {
            books.start(pool, lease);
            starts.add(new Action.Start(pool, now.plus(lease)));
        }
        fit.add(pool.size(), possible);
        serving += possible;
        return possible;
    }

    /// How many a pool may be asked for in its state.
    private int open(Pool pool) {
        if (silent(pool)) {
            return 0;
        }
        return switch (upkeep.pool(pool.name())) {
            case PoolState.Healthy _ -> Integer.MAX_VALUE;
            case PoolState.BackingOff it when now.isBefore(it.retry()) -> 0;
            case PoolState.BackingOff _ -> tried(pool) ? 0 : 1;
            case PoolState.Paused _ -> 0;
        };
    }

    private boolean silent(Pool pool) {
        return !watch.listed().contains(pool.machine().cloud());
    }

    private boolean tried(Pool pool) {
        return upkeep.coming().stream().anyMatch(it -> it.claim().pool().name().equals(pool.name()))
                || starts.stream()
                        .anyMatch(it -> it instanceof Action.Start start
                                && start.pool().name().equals(pool.name()));
    }

    private Waiting.Reason hindrance(Pool pool) {
        if (silent(pool)) {
            return new Waiting.CloudSilent(pool.machine().cloud());
        }
        return switch (upkeep.pool(pool.name())) {
            case PoolState.BackingOff it
            when now.isBefore(it.retry()) -> new Waiting.PoolRests(pool.name(), it.retry(), it.reason());
            case PoolState.Paused it -> new Waiting.PoolPaused(pool.name(), it.reason());
            case PoolState.BackingOff _, PoolState.Healthy _ ->
                books.limit(pool, Upkeep.firstLease(policy, pool))
                        .<Waiting.Reason>map(it -> new Waiting.LimitReached(it, pool.name()))
                        .orElse(new Waiting.PoolTried(pool.name()));
        };
    }

    private void keepWarm() {
        for (Pool pool : policy.pools()) {
            if (serving < policy.scaling().warm() && !pool.price().spot()) {
                start(pool, policy.scaling().warm() - serving);
            }
        }
    }
}
