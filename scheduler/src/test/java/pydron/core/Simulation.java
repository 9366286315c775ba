package pydron.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// One invented life of the real core: a driver with an invented program, workers that come, go, break and lie late,
/// a network with delays and breaks, a clock. Everything that happens follows from the seed.
final class Simulation {
    private static final long LEASE_MS = 1000;
    private static final long STUCK_AFTER_MS = 120_000;
    private static final int JOB = 1;
    private static final boolean LOG = Boolean.getBoolean("sim.log");

    /// Stands between the core and its world to plant a fault that a checker must find.
    interface Tampering {
        Tampering NONE = new Tampering() {};

        default Event event(Event event) {
            return event;
        }

        default List<Effect> effects(Event event, List<Effect> effects) {
            return effects;
        }
    }

    private record Happening(long time, long order, Runnable what) {}

    /// Messages in one direction arrive in order, or, once it is broken, not at all.
    private static final class Link {
        long last;
        boolean broken;
    }

    final RandomGenerator random;
    final Map<String, Long> fileSystem = new LinkedHashMap<>();
    final Core core;
    final SimDriver driver;
    final SimProgram program;
    long effectsHash;

    /// Workers that went without a loss.
    int departures;

    /// A fault: machines are ended while they hold what nobody else has.
    boolean hasty;

    /// Workers that are to go, whatever stream they are on.
    private final Set<String> ordered = new HashSet<>();

    private final Tampering tampering;
    private final OrderModel order;
    private final PriorityQueue<Happening> future = new PriorityQueue<>(
            java.util.Comparator.comparingLong(Happening::time).thenComparingLong(Happening::order));
    private final List<SimWorker> workers = new ArrayList<>();
    private final Map<Integer, SimWorker> bySession = new HashMap<>();
    private final Map<Integer, Link> toWorker = new HashMap<>();
    private final Map<SimWorker, Link> fromWorker = new HashMap<>();
    private final Link fromDriver = new Link();
    private final Link toDriver = new Link();
    private final Map<Integer, Integer> credit = new HashMap<>();
    private final Map<SimWorker, Set<Long>> assigned = new HashMap<>();
    private final Map<Long, Integer> blows = new HashMap<>();
    private final Set<Integer> ran = new HashSet<>();
    private final Map<Long, java.util.function.Consumer<Long>> fetches = new HashMap<>();
    private final boolean chaotic;
    private long now;
    private long happenings;
    private int sessions;
    private int names;
    private long requests;

    Simulation(long seed, Tampering tampering) {
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.tampering = tampering;
        this.core = new Core(Duration.ofMillis(LEASE_MS), 1L << 40, seed % 3 == 0 ? 1 : Stock.BYTES_PER_SLOT);
        this.chaotic = random.nextInt(4) > 0;
        this.program = new SimProgram(random, 5 + random.nextInt(60), random.nextInt(5) > 0);
        this.driver = new SimDriver(JOB, program, random, this::driverSays, fileSystem, ran);
        this.order = new OrderModel(task -> core.stageOf(JOB, task), ran::contains);
    }

    void run() {
        driver.start();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            addWorker();
        }
        later(0, this::driverStep);
        later(50, this::tick);
        later(20, this::chaos);
        while (!driver.idle() && !future.isEmpty()) {
            happen();
            if (now > STUCK_AFTER_MS) {
                throw new AssertionError("stuck: " + driver.story() + core.census() + "\n" + core.story(JOB));
            }
        }
        SimProgram.Outcome expected = program.sequentially();
        if (!expected.end().equals(driver.end)) {
            throw new AssertionError("ended with '" + driver.end + "', sequentially with '" + expected.end() + "'");
        }
        if (!expected.trace().equals(driver.trace)) {
            throw new AssertionError("printed " + driver.trace + ", sequentially " + expected.trace());
        }
        long rest = now + 3 * LEASE_MS;
        while (now < rest && !future.isEmpty()) {
            happen();
        }
        Core.Census left = core.census();
        if (!left.equals(new Core.Census(1, 0, 0, 0, 0, 0))) {
            throw new AssertionError("left in memory after the end of the run: " + left + core.story(JOB));
        }
        if (!fileSystem.isEmpty()) {
            throw new AssertionError("left on disk after the end of the run: " + fileSystem.keySet());
        }
        toCoreNow(new Event.JobClosed(JOB));
        if (!core.census().equals(new Core.Census(0, 0, 0, 0, 0, 0))) {
            throw new AssertionError("left in memory after the end of the job: " + core.census());
        }
    }

    private void happen() {
        Happening next = future.poll();
        now = next.time;
        next.what.run();
    }

    void later(long delay, Runnable what) {
        future.add(new Happening(now + delay, happenings++, what));
    }

    private void send(Link link, Runnable arrival) {
        link.last = Math.max(link.last, now + random.nextInt(random.nextInt(8) == 0 ? 40 : 4));
        future.add(new Happening(link.last, happenings++, () -> {
            if (!link.broken) {
                arrival.run();
            }
        }));
    }

    private void driverSays(Event event) {
        send(fromDriver, () -> toCoreNow(event));
    }

    private void driverStep() {
        if (!driver.ended) {
            driver.step();
            driver.prepareBriefs();
            later(1 + random.nextInt(3), this::driverStep);
        }
    }

    private void tick() {
        toCoreNow(new Event.TimePassed());
        for (SimWorker w : workers) {
            if (w.connected) {
                toCore(w, new Event.WorkerSpoke(w.session));
            }
        }
        later(100, this::tick);
    }

    private void addWorker() {
        SimWorker w = new SimWorker(this, "w" + names++, 1 + random.nextInt(3), random.nextBoolean());
        workers.add(w);
        w.connect();
    }

    int nextSession() {
        return ++sessions;
    }

    int nextFile() {
        return names++;
    }

    void toCore(SimWorker from, Event event) {
        if (event instanceof Event.WorkerJoined joined) {
            bySession.put(joined.session(), from);
            toWorker.put(joined.session(), new Link());
            Link link = new Link();
            link.last = now;
            fromWorker.put(from, link);
        }
        send(from == null ? new Link() : fromWorker.get(from), () -> toCoreNow(event));
    }

    private void toCoreNow(Event original) {
        Event event = tampering.event(original);
        if (event == null) {
            return;
        }
        List<Effect> effects = tampering.effects(event, core.handle(event, now * 1_000_000));
        if (LOG) {
            System.out.println(now + " " + SimText.told(event)
                    + effects.stream().map(e -> "\n      -> " + SimText.told(e)).toList());
        }
        order.check(event, effects);
        countCredit(event, effects);
        for (Effect e : List.copyOf(effects)) {
            effectsHash = effectsHash * 31 + SimText.hash(e);
            act(e);
        }
    }

    /// Credit is what the worker has granted less what was spent, and never negative.
    private void countCredit(Event event, List<Effect> effects) {
        if (event instanceof Event.WorkerJoined j) {
            credit.put(j.session(), j.credit());
        } else if (event instanceof Event.CreditGranted g) {
            credit.computeIfPresent(g.session(), (s, c) -> c + g.batches());
        }
        for (Effect e : effects) {
            if (e instanceof Effect.Assign a) {
                if (ordered.contains(bySession.get(a.session()).id)) {
                    throw new AssertionError("session " + a.session() + " was given a batch while it drains");
                }
                if (credit.merge(a.session(), -1, Integer::sum) < 0) {
                    throw new AssertionError("session " + a.session() + " was given a batch that it had no credit for");
                }
                for (Effect.TaskMention t : a.tasks()) {
                    assigned.computeIfAbsent(bySession.get(a.session()), s -> new TreeSet<>())
                            .add(t.task());
                }
            }
        }
    }

    private void act(Effect effect) {
        switch (effect) {
            case Effect.ToDriver e -> send(toDriver, () -> driver.receive(e));
            case Effect.RequestUpload e
            when !e.path().isEmpty() && random.nextBoolean() -> {
                String kept = "kept/" + nextFile();
                Long content = fileSystem.get(e.path());
                if (content == null) {
                    later(0, () -> toCoreNow(new Event.UploadFailed(e.value(), "gone")));
                } else {
                    fileSystem.put(kept, content);
                    later(0, () -> toCoreNow(new Event.UploadFinished(e.value(), kept, 8)));
                }
            }
            case Effect.ToWorker e -> {
                Link link = toWorker.get(e.session());
                SimWorker w = bySession.get(e.session());
                if (!link.broken) {
                    send(link, () -> {
                        if (!w.dead && w.session == e.session()) {
                            w.receive(e);
                        }
                    });
                }
            }
            case Effect.ServeFile e -> {
                if (!fileSystem.containsKey(e.path())) {
                    later(0, () -> toCoreNow(new Event.FileUnreadable(e.value(), e.path())));
                }
                fetches.remove(e.request()).accept(fileSystem.get(e.path()));
            }
            case Effect.ServePickle e ->
                fetches.remove(e.request())
                        .accept(java.nio.ByteBuffer.wrap(e.pickle()).getLong());
            case Effect.RefuseValue e -> fetches.remove(e.request()).accept(null);
            case Effect.DeleteFile e -> {
                if (fileSystem.remove(e.path()) == null) {
                    throw new AssertionError("there is no file " + e.path() + " to delete");
                }
            }
        }
    }

    void fetch(SimWorker w, long value) {
        long request = ++requests;
        fetches.put(
                request,
                salt -> later(random.nextInt(10), () -> {
                    if (!w.dead) {
                        w.fetched(value, salt);
                    }
                }));
        later(random.nextInt(5), () -> toCoreNow(new Event.ValueAsked(request, value)));
    }

    private void chaos() {
        if (driver.ended) {
            return;
        }
        if (chaotic && !workers.isEmpty()) {
            SimWorker w = workers.get(random.nextInt(workers.size()));
            switch (random.nextInt(12)) {
                case 0 -> crash(w, false);
                case 1 -> crash(w, true);
                case 2, 3 -> cut(w, 5 + random.nextInt(300));
                case 4 -> {
                    if (bearable(w)) {
                        cut(w, LEASE_MS + 300 + random.nextInt(500));
                    }
                }
                case 5 -> {
                    if (workers.size() < 4) {
                        addWorker();
                    }
                }
                case 6, 7 -> {
                    if (w.connected) {
                        w.loseOne();
                    }
                }
                case 8 -> drain(w);
                default -> {}
            }
        }
        later(20 + random.nextInt(150), this::chaos);
    }

    /// As those do it who end machines: told to drain, and ended when it has nothing any more that anyone needs.
    private void drain(SimWorker w) {
        if (workers.size() - ordered.size() < 2 || !ordered.add(w.id)) {
            return;
        }
        Duration left = Duration.ofMillis(500 + random.nextInt(1500));
        if (random.nextInt(3) == 0) {
            toCoreNow(new Event.WorkerRecalled(w.session, left));
        }
        // Its stream may be a new one that the core has not heard of yet.
        if (core.sights(now * 1_000_000).stream().noneMatch(it -> it.id().equals(w.id) && it.recalled())) {
            toCoreNow(new Event.DrainOrdered(w.id, left));
        }
        later(random.nextInt(100), this::addWorker);
        later(10, () -> endWhenDone(w));
    }

    private void endWhenDone(SimWorker w) {
        if (w.dead) {
            return;
        }
        boolean done = core.sights(now * 1_000_000).stream()
                .anyMatch(it -> it.id().equals(w.id)
                        && it.connected()
                        && it.draining()
                        && it.running() == 0
                        && (it.onlyCopies() == 0 || hasty));
        if (!done) {
            later(10, () -> endWhenDone(w));
            return;
        }
        int lost = core.lostValues(JOB);
        depart(w);
        if (core.lostValues(JOB) > lost) {
            throw new AssertionError("values were lost with " + w.id + ", which was drained");
        }
        departures++;
    }

    /// It was told to be gone in so many milliseconds. The latest time counts.
    long leaves(SimWorker w, long millis) {
        long by = now + millis;
        later(millis, () -> {
            if (!w.dead && w.leaveBy == by) {
                depart(w);
            }
        });
        return by;
    }

    private void depart(SimWorker w) {
        workers.remove(w);
        ordered.remove(w.id);
        boolean connected = w.connected;
        w.crash();
        toWorker.get(w.session).broken = true;
        fromWorker.get(w).broken = true;
        if (connected) {
            toCoreNow(new Event.WorkerLeft(w.session, "drained"));
        }
    }

    /// No task is struck so often that it would fail for it. Counts one blow for each that is hit now.
    private boolean bearable(SimWorker w) {
        return strike(assigned.getOrDefault(w, Set.of()), 2);
    }

    private boolean strike(Iterable<Long> tasks, int most) {
        List<Long> hit = new ArrayList<>();
        for (long t : tasks) {
            if (core.stageOf(JOB, (int) t) == Task.Stage.ASSIGNED) {
                hit.add(t);
            }
        }
        if (hit.stream().anyMatch(t -> blows.getOrDefault(t, 0) >= most)) {
            return false;
        }
        hit.forEach(t -> blows.merge(t, 1, Integer::sum));
        return true;
    }

    boolean killsProcess(List<Long> tasks) {
        return chaotic && random.nextInt(60) == 0 && strike(tasks, 1);
    }

    private void crash(SimWorker w, boolean politely) {
        if (!w.connected || !bearable(w)) {
            return;
        }
        workers.remove(w);
        ordered.remove(w.id);
        w.crash();
        toWorker.get(w.session).broken = true;
        fromWorker.get(w).broken = true;
        toCoreNow(politely ? new Event.WorkerLeft(w.session, "maintenance") : new Event.WorkerCutOff(w.session));
        later(random.nextInt(100), this::addWorker);
    }

    private void cut(SimWorker w, long millis) {
        if (!w.connected) {
            return;
        }
        int session = w.session;
        w.cut();
        toWorker.get(session).broken = true;
        // What was on its way to the scheduler is lost, or comes late, as a message of a stream long replaced.
        fromWorker.get(w).broken = random.nextBoolean();
        if (millis > LEASE_MS || random.nextBoolean()) {
            toCoreNow(new Event.WorkerCutOff(session));
        }
        later(millis, () -> {
            if (!w.dead) {
                w.connect();
            }
        });
    }

    SimProgram.Call call(Effect.TaskMention t) {
        return (SimProgram.Call)
                program.maker((int) java.nio.ByteBuffer.wrap(t.args()).getLong());
    }

    void ran(long task) {
        ran.add((int) task);
    }
}
