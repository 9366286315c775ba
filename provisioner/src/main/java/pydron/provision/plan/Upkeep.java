package pydron.provision.plan;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimState;
import pydron.provision.model.End;
import pydron.provision.model.InstanceId;
import pydron.provision.model.Pool;
import pydron.provision.model.PoolState;
import pydron.provision.model.Thing;

/// Takes each claim one step on in its life, whatever the demand. What is left serves, or is about to.
final class Upkeep {
    /// The cloud gives two minutes before it takes a spot instance back.
    private static final Duration NOTICE = Duration.ofSeconds(100);

    private static final int MOST_ASKS = 3;

    private final Policy policy;
    private final Inventory inventory;
    private final Graces graces;
    private final Books books;
    private final Instant now;
    private final List<Action> actions = new ArrayList<>();
    private final List<Holding> working = new ArrayList<>();
    private final List<Holding> coming = new ArrayList<>();
    private final List<Holding> draining = new ArrayList<>();
    private final Map<String, PoolState> pools;
    private final TreeSet<String> changed = new TreeSet<>();

    Upkeep(Policy policy, Inventory inventory, Books books, Instant now) {
        this.policy = policy;
        this.inventory = inventory;
        this.graces = policy.rules().graces();
        this.books = books;
        this.now = now;
        pools = new TreeMap<>(inventory.pools());
        inventory.holdings().forEach(this::look);
        renew();
        strays();
    }

    List<Action> actions() {
        return actions;
    }

    /// Instances that work and are to stay, as far as their own life goes.
    List<Holding> working() {
        return working;
    }

    /// Requested and booting ones.
    List<Holding> coming() {
        return coming;
    }

    PoolState pool(String name) {
        return pools.getOrDefault(name, new PoolState.Healthy());
    }

    List<Action> poolChanges() {
        List<Action> result = new ArrayList<>();
        changed.forEach(name -> result.add(new Action.SetPool(name, pools.get(name))));
        return result;
    }

    static Duration firstLease(Policy policy, Pool pool) {
        return pool.boot()
                .plus(policy.rules().graces().join())
                .plus(policy.rules().lease());
    }

    private void look(Holding holding) {
        switch (holding.claim().state()) {
            case ClaimState.Requested state -> requested(holding, state);
            case ClaimState.Booting state -> booting(holding, state);
            case ClaimState.Working state -> working(holding, state);
            case ClaimState.Draining state -> draining(holding, state);
            case ClaimState.Terminating state -> terminating(holding, state);
            case ClaimState.Gone _ -> throw new IllegalStateException("a closed claim is no holding: " + holding);
        }
    }

    private void requested(Holding holding, ClaimState.Requested state) {
        Claim claim = holding.claim();
        switch (holding.sight()) {
            case Sight.Alive(InstanceId instance) -> {
                Claim found = claim.with(new ClaimState.Booting(instance, now));
                actions.add(new Action.Adopt(found));
                coming.add(holding);
            }
            case Sight.Ended _ -> lost(claim, End.VANISHED);
            case Sight.Absent absent -> {
                if (missing(absent, state.asked())) {
                    close(claim, End.NEVER_STARTED);
                } else {
                    coming.add(holding);
                    askAgain(claim, state);
                }
            }
            case Sight.Unseen _ -> coming.add(holding);
        }
    }

    private void askAgain(Claim claim, ClaimState.Requested state) {
        boolean due = !now.isBefore(
                        latest(state.asked(), inventory.watch().since()).plus(graces.again()))
                && state.times() < MOST_ASKS
                && pool(claim.pool().name()) instanceof PoolState.Healthy
                && inventory.watch().tokens().contains(claim.pool().machine().cloud())
                && !policy.closing()
                && books.within();
        if (due) {
            Claim again = claim.with(new ClaimState.Requested(now, state.times() + 1))
                    .leasedUntil(now.plus(firstLease(policy, claim.pool())));
            if (books.renew(claim, again, now)) {
                actions.add(new Action.Ask(again));
            }
        }
    }

    private void booting(Holding holding, ClaimState.Booting state) {
        Claim claim = holding.claim();
        if (gone(holding, state.since())) {
            lost(claim, End.VANISHED);
        } else if (policy.closing() && neverJoined(holding)) {
            terminate(claim, state.instance(), End.STOPPED);
        } else if (holding.connected()) {
            actions.add(new Action.Join(claim.with(new ClaimState.Working(state.instance(), now))));
            recover(claim.pool().name());
            coming.add(holding);
        } else if (leaseOver(claim)) {
            failed(claim, "instance " + state.instance() + " did not join before its lease ended" + because(holding));
            terminate(claim, state.instance(), End.NEVER_JOINED);
        } else if (holding.hindrance().filter(Hindrance::lasting).isPresent()) {
            failed(claim, "instance " + state.instance() + " cannot join" + because(holding));
            terminate(claim, state.instance(), End.NEVER_JOINED);
        } else if (!now.isBefore(latest(state.since(), inventory.watch().since())
                .plus(claim.pool().boot())
                .plus(graces.join()))) {
            failed(claim, "instance " + state.instance() + " did not join in time" + because(holding));
            terminate(claim, state.instance(), End.NEVER_JOINED);
        } else {
            coming.add(holding);
        }
    }

    private static String because(Holding holding) {
        return holding.hindrance().map(it -> ": " + it.text()).orElse("");
    }

    private void working(Holding holding, ClaimState.Working state) {
        Claim claim = holding.claim();
        Instant end = claim.at().plus(policy.limits().lifetime());
        Duration lead = least(graces.drain(), policy.limits().lifetime().dividedBy(4));
        if (gone(holding, state.since())) {
            if (claim.pool().price().spot()) {
                takesBack(claim.pool().name());
            }
            close(claim, End.VANISHED);
        } else if (!holding.connected() && leaseOver(claim)) {
            terminate(claim, state.instance(), End.LEASE_OVER);
        } else if (policy.closing()) {
            drain(holding, now.plus(graces.drain()), End.STOPPED);
        } else if (holding.connected() && holding.worker().orElseThrow().leaving()) {
            takesBack(claim.pool().name());
            drain(holding, now.plus(NOTICE), End.INTERRUPTED);
        } else if (holding.connected() && !holding.worker().orElseThrow().accepting()) {
            // The scheduler gives it nothing any more, by itself.
            drain(holding, now.plus(graces.drain()), End.UNFIT);
        } else if (!now.isBefore(end.minus(lead))) {
            drain(holding, end.isAfter(now) ? end : now.plus(graces.drain()), End.LIFETIME);
        } else {
            working.add(holding);
        }
    }

    private void draining(Holding holding, ClaimState.Draining state) {
        Claim claim = holding.claim();
        if (gone(holding, state.since())) {
            close(claim, state.why());
        } else if (finished(holding) || past(state.deadline()) || !holding.connected() && leaseOver(claim)) {
            terminate(claim, state.instance(), state.why());
        } else {
            draining.add(holding);
            if (holding.connected() && holding.worker().orElseThrow().accepting()) {
                // It has not heard, or this process has begun anew since it was told.
                actions.add(new Action.Drain(claim));
            }
        }
    }

    /// Acknowledged, nothing runs, nothing is only there.
    private static boolean finished(Holding holding) {
        return holding.worker()
                .filter(it -> it.connected() && !it.accepting() && it.running() == 0 && it.onlyCopies() == 0)
                .isPresent();
    }

    private void terminating(Holding holding, ClaimState.Terminating state) {
        if (gone(holding, state.since())) {
            close(holding.claim(), state.why());
        } else if (!now.isBefore(state.asked().plus(graces.again()))) {
            actions.add(new Action.Terminate(holding.claim()
                    .with(new ClaimState.Terminating(state.instance(), state.since(), now, state.why()))));
        }
    }

    /// Busy ones first, then older ones: they get what is left of the budget. What cannot be renewed is
    /// drained while its lease still runs.
    private void renew() {
        List<Holding> candidates = new ArrayList<>(working);
        candidates.addAll(draining);
        candidates.removeIf(it -> !it.connected() || !due(it.claim()));
        candidates.sort(
                Comparator.comparing((Holding it) -> it.worker().orElseThrow().running() == 0)
                        .thenComparing(it -> it.claim().at())
                        .thenComparing(it -> it.claim().id()));
        for (Holding holding : candidates) {
            Claim claim = holding.claim();
            switch (claim.state()) {
                case ClaimState.Working _ -> {
                    Instant end = claim.at().plus(policy.limits().lifetime());
                    if (!extend(claim, earliest(now.plus(policy.rules().lease()), end)) && soon(claim)) {
                        working.remove(holding);
                        drain(holding, claim.until(), End.BUDGET);
                    }
                }
                case ClaimState.Draining state -> {
                    boolean longer =
                            extend(claim, earliest(now.plus(policy.rules().lease()), state.deadline()));
                    if (!longer && leaseOver(claim)) {
                        terminate(claim, state.instance(), state.why());
                    }
                }
                case ClaimState.Requested _, ClaimState.Booting _, ClaimState.Terminating _, ClaimState.Gone _ -> {}
            }
        }
    }

    /// Every tenth of a lease, so that several messages may get lost before an instance ends.
    private boolean due(Claim claim) {
        Duration left = Duration.between(now, claim.until());
        return left.compareTo(policy.rules().lease().multipliedBy(9).dividedBy(10)) < 0;
    }

    private boolean soon(Claim claim) {
        Duration left = Duration.between(now, claim.until());
        return left.compareTo(policy.rules().lease().dividedBy(3)) < 0;
    }

    /// Whether the lease runs until `until` now; not when the money is not there.
    private boolean extend(Claim claim, Instant until) {
        if (!until.isAfter(claim.until())) {
            return true;
        }
        Claim renewed = claim.leasedUntil(until);
        if (!books.renew(claim, renewed, now)) {
            return false;
        }
        actions.add(new Action.Renew(renewed));
        return true;
    }

    private void strays() {
        for (Stray stray : inventory.strays()) {
            boolean over = !now.isBefore(stray.since().plus(graces.stray()));
            if (over && stray.thing().life() == Thing.Life.ALIVE) {
                actions.add(new Action.Remove(stray.cloud(), stray.thing()));
            }
        }
    }

    private boolean gone(Holding holding, Instant since) {
        return switch (holding.sight()) {
            case Sight.Ended _ -> true;
            case Sight.Absent absent -> !holding.connected() && missing(absent, since);
            case Sight.Alive _, Sight.Unseen _ -> false;
        };
    }

    private boolean missing(Sight.Absent absent, Instant since) {
        return !now.isBefore(latest(absent.since(), since).plus(graces.missing()));
    }

    void drain(Holding holding, Instant deadline, End why) {
        Claim claim = holding.claim();
        InstanceId instance = claim.state().instanceId().orElseThrow();
        actions.add(new Action.Drain(claim.with(new ClaimState.Draining(instance, now, deadline, why))));
    }

    void terminate(Claim claim, InstanceId instance, End why) {
        actions.add(new Action.Terminate(claim.with(new ClaimState.Terminating(instance, now, now, why))));
    }

    private void close(Claim claim, End why) {
        actions.add(new Action.Close(claim.with(new ClaimState.Gone(now, why, claim.costBy(now)))));
    }

    /// Before it ever worked: its pool may be to blame.
    private void lost(Claim claim, End why) {
        failed(claim, "an instance ended before it joined");
        close(claim, why);
    }

    private void failed(Claim claim, String reason) {
        String pool = claim.pool().name();
        setPool(pool, policy.rules().backOff().failed(pool(pool), reason, now, true));
    }

    /// What replaces its instances comes from another pool for a while, on demand if there is such a one.
    private void takesBack(String pool) {
        setPool(pool, policy.rules().backOff().failed(pool(pool), "the cloud took instances back", now, false));
    }

    private void recover(String pool) {
        switch (pool(pool)) {
            case PoolState.BackingOff _ -> setPool(pool, new PoolState.Healthy());
            case PoolState.Healthy _, PoolState.Paused _ -> {}
        }
    }

    private void setPool(String name, PoolState state) {
        if (!state.equals(pool(name))) {
            pools.put(name, state);
            changed.add(name);
        }
    }

    /// Whether a booting one is surely idle. One that joined just before a restart may not have come back
    /// yet.
    boolean neverJoined(Holding holding) {
        return !holding.connected() && past(inventory.watch().since());
    }

    private boolean leaseOver(Claim claim) {
        return past(claim.until());
    }

    /// After a restart workers get the time to come back, whatever the clock says.
    private boolean past(Instant time) {
        return !now.isBefore(latest(time, inventory.watch().since().plus(graces.reconnect())));
    }

    private static Instant latest(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static Instant earliest(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
