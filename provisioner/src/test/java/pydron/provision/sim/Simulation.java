package pydron.provision.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import pydron.provision.apply.Outside;
import pydron.provision.apply.Planning;
import pydron.provision.apply.Provisioner;
import pydron.provision.apply.Round;
import pydron.provision.apply.Timekeeper;
import pydron.provision.apply.Workers;
import pydron.provision.claims.Change;
import pydron.provision.claims.Claims;
import pydron.provision.claims.MemoryClaims;
import pydron.provision.cloud.FakeCloud;
import pydron.provision.model.ClaimId;
import pydron.provision.model.InstanceId;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.PoolState;
import pydron.provision.model.Price;
import pydron.provision.plan.Action;
import pydron.provision.plan.Demand;
import pydron.provision.plan.Inventory;
import pydron.provision.plan.Limits;
import pydron.provision.plan.Plan;
import pydron.provision.plan.Planner;
import pydron.provision.plan.Policy;
import pydron.provision.plan.WorkerView;

/// One invented life of the provisioner: the real planner, applier and time keeping, on a cloud, workers and
/// tasks that are not. The service ends at any step and begins again with nothing but the store.
final class Simulation implements FakeCloud.Clock, Workers {
    static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    /// What may be replaced: by mutants, and by a store on a disk.
    static final class Parts {
        Planning planning = Planner::plan;
        UnaryOperator<Claims> claims = UnaryOperator.identity();
        /// Makes the store, and opens it again after a crash.
        Supplier<Claims> reopen = always(new MemoryClaims());
        boolean crashes = true;

        long crashAt = Long.MAX_VALUE;
    }

    private static Supplier<Claims> always(Claims claims) {
        return () -> claims;
    }

    final Scenario scenario;
    final SplittableRandom random;
    final Parts parts;
    Claims store;
    final FakeCloud.Account account = new FakeCloud.Account();
    final FakeCloud cloud;
    final SimTasks tasks = new SimTasks();
    final Map<InstanceId, Guest> guests = new LinkedHashMap<>();
    final List<Guest> alive = new ArrayList<>();
    final Fuse fuse = new Fuse();
    final Oracle oracle;
    Policy policy;
    Instant now = BEGIN;
    Duration wallOffset = Duration.ZERO;
    Timekeeper time;
    Provisioner service;
    int crashes;
    int starts;
    int ends;
    private Instant downUntil = BEGIN;
    private Duration ahead = Duration.ZERO;
    private int seenInstances;
    private long identities;
    private long trace;

    Simulation(Scenario scenario, long seed, Parts parts) {
        this.scenario = scenario;
        this.random = new SplittableRandom(seed);
        this.parts = parts;
        store = parts.reopen.get();
        policy = scenario.policy();
        tasks.kinds.addAll(scenario.kinds());
        cloud = new FakeCloud("fake", "mine", scenario.tokens(), account, this, random);
        oracle = new Oracle(this);
        fuse.burnsIn(parts.crashAt);
    }

    /// @return a number that is the same for the same life
    long run() {
        leftOvers();
        for (int round = 0; round < scenario.rounds(); round++) {
            disturb();
            step(Duration.ofMillis(random.nextInt(500, 40_000)));
        }
        calm();
        while (tasks.waiting() && !oracle.stuck()) {
            step(Duration.ofSeconds(20));
        }
        tasks.cancel();
        if (random.nextInt(4) == 0) {
            policy = new Policy(policy.limits(), policy.scaling(), policy.rules(), policy.pools(), true);
        }
        int most = 600;
        while (!oracle.zero() && most-- > 0) {
            step(Duration.ofSeconds(20));
        }
        oracle.checkZero();
        return trace;
    }

    /// From an installation that has lost its store.
    private void leftOvers() {
        int count = random.nextInt(4) == 0 ? random.nextInt(1, 4) : 0;
        for (int i = 0; i < count; i++) {
            Pool pool = policy.pools().getFirst();
            cloud.faults.hung = 1;
            cloud.start(new pydron.provision.cloud.LaunchRequest(
                    new ClaimId("lost-" + i), pool, Duration.ofMinutes(20), ""));
        }
        cloud.faults.hung = 0;
        meet();
        pass(Duration.ofMinutes(10));
        oracle.begin(count);
    }

    private void disturb() {
        double much = scenario.misfortune();
        if (random.nextInt(8) == 0) {
            FakeCloud.Faults faults = cloud.faults;
            faults.throttled = often(much, 0.4);
            faults.noCapacity = often(much, 1.2);
            faults.quota = often(much, 0.3);
            faults.refused = often(much / 4, 1);
            faults.unauthorized = often(much / 4, 0.5);
            faults.lostRequest = often(much, 0.4);
            faults.lostReply = often(much, 0.4);
            faults.late = often(much, 0.4);
            faults.hung = often(much, 0.7);
            faults.silent = often(much, 0.9);
            faults.flicker = often(much, 0.05);
            faults.visibleAfter = Duration.ofSeconds(much == 0 ? 0 : random.nextInt(60));
            faults.call = Duration.ofMillis(random.nextInt(1000));
        }
        for (SimTasks.Kind kind : tasks.kinds) {
            if (random.nextInt(25) == 0) {
                long seconds = Math.max(1, kind.each.toSeconds());
                int most = (int) Math.clamp(4_000 / seconds, 2, 400);
                tasks.arrive(kind, random.nextInt(1, most), now);
            }
        }
        if (parts.crashes && much > 0 && random.nextInt(25) == 0) {
            fuse.burnsIn(random.nextInt(1, 12));
        }
        for (Guest guest : alive) {
            misfortune(guest, much);
        }
        if (much > 0 && random.nextInt(150) == 0) {
            changeSettings();
        }
    }

    private double often(double much, double most) {
        return random.nextInt(3) == 0 ? much * most * random.nextDouble() : 0;
    }

    private void misfortune(Guest guest, double much) {
        if (much == 0 || !guest.up(now)) {
            return;
        }
        if (guest.instance.pool().price().spot() && random.nextInt(120) == 0) {
            guest.takenBackAt = now.plusSeconds(120);
        }
        if (random.nextInt(150) == 0) {
            guest.connected = false;
            guest.connectsAt = now.plusSeconds(random.nextInt(5, 90));
        }
        if (random.nextInt(1500) == 0) {
            cloud.end(guest.instance, now);
        }
    }

    private void changeSettings() {
        Limits limits = policy.limits();
        if (random.nextBoolean()) {
            limits = new Limits(
                    random.nextInt(1, 12), limits.cores(), limits.perHour(), limits.budget(), limits.lifetime());
            oracle.limitsChanged(now);
        }
        List<Pool> pools = policy.pools().stream().map(this::otherPrice).toList();
        policy = new Policy(limits, policy.scaling(), policy.rules(), pools, false);
    }

    private Pool otherPrice(Pool pool) {
        Money price = new Money(pool.perHour().micros() * random.nextInt(60, 160) / 100);
        return new Pool(
                pool.name(),
                pool.machine(),
                pool.size(),
                new Price(price, pool.price().spot()),
                pool.boot());
    }

    /// No more faults, and somebody opens the pools again.
    private void calm() {
        FakeCloud.Faults faults = cloud.faults;
        faults.throttled = faults.noCapacity = faults.quota = faults.refused = faults.unauthorized = 0;
        faults.lostRequest = faults.lostReply = faults.late = faults.hung = faults.flicker = faults.silent = 0;
        fuse.burnsIn(Long.MAX_VALUE);
        for (Pool pool : policy.pools()) {
            store.write(List.of(new Change.SetPool(pool.name(), new PoolState.Healthy())));
        }
    }

    void step(Duration step) {
        pass(step);
        settle(step);
        if (service == null && !now.isBefore(downUntil)) {
            begin();
        }
        if (service != null) {
            try {
                Round round = service.round(policy, tasks.demand(alive, Duration.between(now, time.now())));
                oracle.look(round);
            } catch (Fuse.Crash crash) {
                crash();
            }
        }
        meet();
        oracle.check(step);
    }

    private void begin() {
        Claims fused = fuse.on(parts.claims.apply(store));
        time = new Timekeeper(
                fused, now.plus(wallOffset), () -> Duration.between(BEGIN, now).toNanos());
        Outside outside = new Outside(
                List.of(fuse.on(oracle.watching(cloud))), fuse.on(this), (claim, lease) -> "", this::identity);
        service = new Provisioner(fused, outside, this::plan, time);
        Duration shift = Duration.between(now, time.begin());
        oracle.serviceBegins(shift.minus(ahead));
        ahead = shift;
        note("begin " + time.begin());
        for (Guest guest : alive) {
            guest.connectsAt = now.plusMillis(random.nextInt(20_000));
        }
    }

    private Plan plan(Policy policy, Demand demand, Inventory inventory, Instant serviceNow) {
        Plan plan = parts.planning.plan(policy, demand, inventory, serviceNow);
        for (Action action : plan.actions()) {
            note(action.toString());
            starts += action instanceof Action.Start ? 1 : 0;
            ends += action instanceof Action.Drain ? 1 : 0;
        }
        return plan;
    }

    private ClaimId identity() {
        return new ClaimId("c" + (10_000 + identities++));
    }

    private void crash() {
        crashes++;
        service = null;
        store.close();
        store = parts.reopen.get();
        note("crash");
        boolean away = random.nextInt(6) == 0;
        downUntil = now.plusSeconds(random.nextInt(1, away ? 1500 : 60));
        for (Guest guest : alive) {
            guest.connected = false;
        }
        jump();
    }

    /// Somebody sets the clock, forwards or so far back that the store knows better.
    private void jump() {
        Duration jump = switch (random.nextInt(8)) {
            case 0 -> Duration.ofSeconds(random.nextInt(1, 5000));
            case 1 -> Duration.between(downUntil, now).minusSeconds(60 + random.nextInt(5000));
            default -> Duration.ZERO;
        };
        wallOffset = wallOffset.plus(jump);
    }

    private void note(String what) {
        trace = trace * 31 + what.hashCode();
        if (LOUD) {
            System.out.println(Duration.between(BEGIN, now) + " " + what);
        }
    }

    static final boolean LOUD = Boolean.getBoolean("sim.loud");

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public void pass(Duration step) {
        now = now.plus(step);
        for (Guest guest : alive) {
            if (!guest.instance.hung && guest.instance.alive(now) && !now.isBefore(guest.leaseEnd)) {
                cloud.end(guest.instance, guest.leaseEnd);
                note("off " + guest.instance.id);
            } else if (guest.instance.alive(now) && !now.isBefore(guest.takenBackAt)) {
                cloud.end(guest.instance, guest.takenBackAt);
            }
        }
    }

    /// Instances that were made since.
    void meet() {
        List<FakeCloud.Instance> all = account.instances();
        for (; seenInstances < all.size(); seenInstances++) {
            FakeCloud.Instance instance = all.get(seenInstances);
            long boot = instance.pool().boot().toMillis();
            Guest guest = new Guest(
                    cloud, instance, instance.created.plusMillis((long) (boot * random.nextDouble(0.6, 1.6))));
            guests.put(instance.id, guest);
            alive.add(guest);
        }
    }

    private void settle(Duration step) {
        for (Guest guest : alive) {
            boolean joins = !guest.connected
                    && service != null
                    && guest.up(now)
                    && !now.isBefore(guest.connectsAt)
                    && service.admits(guest.instance.request.claim());
            if (joins) {
                guest.connected = true;
            }
            if (!guest.accepting && guest.onlyCopies > 0 && random.nextInt(3) == 0) {
                guest.onlyCopies = 0;
            }
        }
        tasks.place(alive, now, step, random);
        alive.removeIf(it -> !now.isBefore(it.instance.ended));
    }

    @Override
    public Map<ClaimId, WorkerView> view(Instant serviceNow) {
        Duration shift = Duration.between(now, serviceNow);
        Map<ClaimId, WorkerView> result = new TreeMap<>();
        for (Guest guest : alive) {
            // One that was connected in this life of the service is remembered.
            if (guest.up(now) && guest.connected) {
                result.put(
                        guest.instance.request.claim(),
                        new WorkerView(
                                true,
                                guest.accepting,
                                guest.runs.size(),
                                guest.onlyCopies,
                                guest.idleSince.plus(shift),
                                !guest.takenBackAt.equals(Instant.MAX)));
            }
        }
        return result;
    }

    private Guest guest(ClaimId claim) {
        for (Guest guest : alive) {
            if (guest.instance.request.claim().equals(claim) && guest.connected) {
                return guest;
            }
        }
        return null;
    }

    @Override
    public void lease(ClaimId claim, Duration left) {
        Guest guest = guest(claim);
        if (guest != null && guest.up(now) && random.nextInt(20) > 0) {
            guest.leaseEnd = now.plusSeconds(random.nextInt(3)).plus(left);
            guest.leaseEndBelieved = Instant.MAX;
        }
    }

    @Override
    public void drain(ClaimId claim, Duration left) {
        Guest guest = guest(claim);
        if (guest != null && random.nextInt(20) > 0) {
            guest.accepting = false;
            guest.deadline = now.plus(left);
            guest.deadlineBelieved = Instant.MAX;
        }
    }
}
