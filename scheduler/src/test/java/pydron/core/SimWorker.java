package pydron.core;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pydron.core.SimProgram.Fate;

/// A simulated worker: slots, a store, and everything that can go wrong with them.
final class SimWorker {
    private static final class Batch {
        final Deque<Effect.TaskMention> tasks = new ArrayDeque<>();
        final List<Outcome.Report> reports = new ArrayList<>();
        boolean running;
    }

    record Stored(long salt, long[] deps, String file) {}

    private final Simulation sim;
    final String id;
    final int slots;
    final boolean shares;
    int session;
    boolean connected;
    boolean dead;

    /// When it goes by itself; -1 as long as it was not told to.
    long leaveBy = -1;

    long leaseMillis;

    private final Map<Long, Stored> store = new LinkedHashMap<>();
    private final Map<Long, Effect.ValueMention> fetching = new LinkedHashMap<>();
    private final List<Batch> batches = new ArrayList<>();
    private final List<Event> unsent = new ArrayList<>();
    private final Set<Long> vanished = new HashSet<>();
    private int free;
    private int files;

    SimWorker(Simulation sim, String id, int slots, boolean shares) {
        this.sim = sim;
        this.id = id;
        this.slots = slots;
        this.shares = shares;
        this.free = slots;
    }

    void connect() {
        session = sim.nextSession();
        connected = true;
        List<Long> running = new ArrayList<>();
        batches.forEach(b -> {
            b.tasks.forEach(t -> running.add(t.attempt()));
            b.reports.forEach(r -> running.add(r.attempt()));
        });
        for (Event e : unsent) {
            if (e instanceof Event.ResultsReported r) {
                r.reports().forEach(x -> running.add(x.attempt()));
            }
        }
        List<Facts.Held> held = new ArrayList<>();
        store.forEach((value, stored) -> {
            if (stored.file != null) {
                held.add(new Facts.Held(value, 8, shares ? stored.file : ""));
            }
        });
        Facts.Worker facts = new Facts.Worker(id, id, "3.11.9", slots, 0, 0, shares);
        int credit = 2 * slots - batches.size();
        sim.toCore(
                this,
                new Event.WorkerJoined(
                        session, facts, running.stream().mapToLong(a -> a).toArray(), held, credit));
        for (Event e : List.copyOf(unsent)) {
            if (e instanceof Event.ResultsReported r) {
                sim.toCore(this, new Event.ResultsReported(session, r.reports()));
            }
        }
        unsent.clear();
    }

    /// The stream breaks; what is sent from now on waits, or gets lost.
    void cut() {
        connected = false;
    }

    void crash() {
        dead = true;
        connected = false;
        store.values().forEach(s -> {
            if (s.file != null) {
                sim.fileSystem.remove(s.file);
            }
        });
        store.clear();
    }

    private void say(Event event) {
        if (connected) {
            sim.toCore(this, event);
        } else if (event instanceof Event.ResultsReported && sim.random.nextBoolean()) {
            unsent.add(event);
        }
    }

    void receive(Effect.ToWorker effect) {
        switch (effect) {
            case Effect.Welcome w -> {
                for (long attempt : w.forget()) {
                    forget(attempt);
                }
                for (long value : w.free()) {
                    drop(value);
                }
            }
            case Effect.Assign a -> assigned(a);
            case Effect.Cancel c -> {
                for (long attempt : c.attempts()) {
                    forget(attempt);
                }
            }
            case Effect.TakeBack t -> {
                for (long attempt : t.attempts()) {
                    giveBack(attempt);
                }
            }
            case Effect.Free f -> {
                for (long value : f.values()) {
                    drop(value);
                }
            }
            case Effect.RequestUpload u -> upload(u);
            case Effect.Drain d -> leaveBy = sim.leaves(this, d.left().toMillis());
            case Effect.RenewLease l -> leaseMillis = l.left().toMillis();
            case Effect.Refuse r -> {
                connected = false;
                if (!r.retry()) {
                    throw new AssertionError("refused: " + r.reason());
                }
                batches.clear();
                free = slots;
                sim.later(50, () -> {
                    if (!dead) {
                        connect();
                    }
                });
            }
        }
    }

    private void upload(Effect.RequestUpload u) {
        Stored stored = store.get(u.value());
        long value = u.value();
        if (stored == null) {
            sim.toCore(null, new Event.UploadFailed(value, "freed meanwhile"));
        } else if (sim.random.nextInt(10) == 0) {
            sim.toCore(null, new Event.UploadFailed(value, "broken pipe"));
        } else {
            sim.later(sim.random.nextInt(30), () -> {
                if (dead) {
                    sim.toCore(null, new Event.UploadFailed(value, "crashed"));
                } else {
                    String path = "kept/" + sim.nextFile();
                    sim.fileSystem.put(path, stored.salt);
                    sim.toCore(null, new Event.UploadFinished(value, path, 8));
                }
            });
        }
    }

    private void drop(long value) {
        fetching.remove(value);
        Stored stored = store.remove(value);
        if (stored != null && stored.file != null && stored.file.startsWith(id + "/")) {
            sim.fileSystem.remove(stored.file);
        }
    }

    private void assigned(Effect.Assign a) {
        for (Effect.FunctionMention f : a.functions()) {
            store.put(~f.function(), new Stored(0, new long[0], null));
        }
        for (Effect.ValueMention v : a.values()) {
            switch (v.where()) {
                case Effect.Where.Inline i -> store.put(v.value(), new Stored(salt(i.pickle()), v.deps(), null));
                case Effect.Where.OnThisMachine p -> {
                    if (!shares) {
                        throw new AssertionError(id + " is told a path, and shares no memory");
                    }
                    Long salt = sim.fileSystem.get(p.path());
                    if (salt == null) {
                        vanished.add(v.value());
                        say(new Event.ValueVanished(session, v.value(), "no such file"));
                    } else {
                        store.put(v.value(), new Stored(salt, v.deps(), null));
                    }
                }
                case Effect.Where.Fetch f -> {
                    if (!store.containsKey(v.value())) {
                        fetching.put(v.value(), v);
                        sim.fetch(this, v.value());
                    }
                }
            }
        }
        Batch batch = new Batch();
        for (Effect.TaskMention t : a.tasks()) {
            if (!store.containsKey(~t.function())) {
                throw new AssertionError(id + " was never told of function " + t.function());
            }
            batch.tasks.add(t);
        }
        batches.add(batch);
        startSome();
    }

    void fetched(long value, Long salt) {
        Effect.ValueMention mention = fetching.remove(value);
        if (mention == null || store.containsKey(value)) {
            startSome();
            return;
        }
        if (salt != null) {
            // A fetched copy may serve others.
            String path = id + "/" + files++;
            sim.fileSystem.put(path, salt);
            store.put(value, new Stored(salt, mention.deps(), path));
        } else {
            vanished.add(value);
            say(new Event.ValueVanished(session, value, "cannot be fetched"));
        }
        startSome();
    }

    private void startSome() {
        for (Batch b : List.copyOf(batches)) {
            if (free > 0 && !b.running && b.tasks.stream().noneMatch(t -> waitsForFetch(t.deps()))) {
                b.running = true;
                free--;
                runNext(b);
            }
        }
    }

    private boolean waitsForFetch(long[] deps) {
        for (long d : deps) {
            Effect.ValueMention fetch = fetching.get(d);
            if (fetch != null || store.containsKey(d) && waitsForFetch(store.get(d).deps)) {
                return true;
            }
        }
        return false;
    }

    private void runNext(Batch b) {
        Effect.TaskMention t = b.tasks.peek();
        if (t == null) {
            leave(b);
            return;
        }
        // Brief as a rule, so that batches are of several tasks; and now and then one that holds up what is behind it.
        int millis = sim.random.nextInt(10) > 0 ? sim.random.nextInt(2) : 100 + sim.random.nextInt(1500);
        sim.later(millis, () -> {
            if (dead || !batches.contains(b) || b.tasks.peek() != t) {
                return;
            }
            finish(b, t, millis);
        });
    }

    private void finish(Batch b, Effect.TaskMention t, int millis) {
        SimProgram.Call call = sim.call(t);
        if (call.fate() == Fate.KILLS_ITS_PROCESS
                || sim.killsProcess(
                        b.tasks.stream().map(Effect.TaskMention::task).toList())) {
            flush(b);
            b.tasks.forEach(x -> report(x.attempt(), lost(Outcome.Reason.PROCESS_DIED)));
            b.tasks.clear();
            leave(b);
            return;
        }
        if (call.fate() == Fate.TAKES_TOO_LONG) {
            b.tasks.remove();
            flush(b);
            report(t.attempt(), lost(Outcome.Reason.TIMEOUT));
            b.tasks.forEach(x -> report(x.attempt(), lost(Outcome.Reason.CANCELLED)));
            b.tasks.clear();
            leave(b);
            return;
        }
        b.tasks.remove();
        b.reports.add(new Outcome.Report(t.attempt(), outcome(call, t), millis / 1000.0));
        if (sim.random.nextInt(3) > 0) {
            flush(b);
        }
        runNext(b);
    }

    private Outcome outcome(SimProgram.Call call, Effect.TaskMention t) {
        List<Long> inputs = new ArrayList<>();
        for (long d : t.deps()) {
            Long v = eval(d);
            if (v == null) {
                if (!excused(d)) {
                    throw new AssertionError(id + " runs task " + t.task() + " without its input " + d);
                }
                // Said (again) on the stream that brings the loss: an earlier report may have gone with its stream.
                missing(d).stream()
                        .filter(m -> !fetching.containsKey(m))
                        .forEach(m -> say(new Event.ValueVanished(session, m, "missing")));
                return new Outcome.Lost(Outcome.Reason.UNKNOWN, "input " + d + " is missing");
            }
            inputs.add(v);
        }
        return switch (call.fate()) {
            case INLINE -> {
                sim.ran(t.task());
                yield new Outcome.Returned(SimVariables.longPickle(SimProgram.mix(call.out(), inputs)));
            }
            case FILE -> {
                sim.ran(t.task());
                String path = id + "/" + files++;
                long value = SimProgram.mix(call.out(), inputs);
                Stored before = store.get(t.task());
                if (before != null && before.file != null) {
                    sim.fileSystem.remove(before.file);
                }
                sim.fileSystem.put(path, value);
                store.put(t.task(), new Stored(value, new long[0], path));
                yield new Outcome.Stored(8, shares ? path : "");
            }
            case RAISES -> new Outcome.Raised(new byte[] {1, 2, 3});
            case UNPICKLABLE, STAYS_IN_DRIVER -> lost(Outcome.Reason.UNPICKLABLE_RESULT);
            case RAISES_IN_DRIVER -> lost(Outcome.Reason.UNPICKLABLE_ARGUMENT);
            case KILLS_ITS_PROCESS, TAKES_TOO_LONG -> throw new AssertionError();
        };
    }

    /// It could not get that input, and has said so.
    private boolean excused(long value) {
        if (vanished.contains(value)) {
            return true;
        }
        Stored stored = store.get(value);
        return stored != null && java.util.Arrays.stream(stored.deps).anyMatch(this::excused);
    }

    private List<Long> missing(long value) {
        Stored stored = store.get(value);
        if (stored == null) {
            return List.of(value);
        }
        return java.util.Arrays.stream(stored.deps)
                .boxed()
                .flatMap(d -> missing(d).stream())
                .toList();
    }

    /// A value file rots.
    void loseOne() {
        for (Map.Entry<Long, Stored> e : store.entrySet()) {
            if (e.getValue().file != null && sim.random.nextInt(3) == 0) {
                sim.fileSystem.remove(e.getValue().file);
                vanished.add(e.getKey());
                store.remove(e.getKey());
                say(new Event.ValueVanished(session, e.getKey(), "checksum"));
                return;
            }
        }
    }

    private static Outcome lost(Outcome.Reason reason) {
        return new Outcome.Lost(reason, "simulated");
    }

    private Long eval(long value) {
        Stored stored = store.get(value);
        if (stored == null) {
            return null;
        }
        List<Long> parts = new ArrayList<>();
        for (long d : stored.deps) {
            Long part = eval(d);
            if (part == null) {
                return null;
            }
            parts.add(part);
        }
        return parts.isEmpty() ? Long.valueOf(stored.salt) : Long.valueOf(SimProgram.mix(stored.salt, parts));
    }

    private void report(long attempt, Outcome outcome) {
        say(new Event.ResultsReported(session, List.of(new Outcome.Report(attempt, outcome, 0.001))));
    }

    private void flush(Batch b) {
        for (Outcome.Report r : b.reports) {
            Event e = new Event.ResultsReported(session, List.of(r));
            say(e);
            if (sim.random.nextInt(20) == 0) {
                say(e); // Twice.
            }
        }
        b.reports.clear();
    }

    private void leave(Batch b) {
        flush(b);
        batches.remove(b);
        free++;
        say(new Event.CreditGranted(session, 1));
        startSome();
    }

    private void forget(long attempt) {
        for (Batch b : List.copyOf(batches)) {
            Effect.TaskMention head = b.tasks.peek();
            if (b.tasks.removeIf(t -> t.attempt() == attempt)
                    && (b.running ? head.attempt() == attempt : b.tasks.isEmpty())) {
                // A running one goes with its process; the next starts in a new one.
                if (b.running) {
                    runNext(b);
                } else {
                    free--;
                    leave(b);
                }
            }
        }
    }

    /// Only what has not begun; and a process may be too busy to be asked.
    private void giveBack(long attempt) {
        for (Batch b : List.copyOf(batches)) {
            boolean begun = b.running && !b.tasks.isEmpty() && b.tasks.peek().attempt() == attempt;
            if (!begun && sim.random.nextInt(5) > 0 && b.tasks.removeIf(t -> t.attempt() == attempt)) {
                report(attempt, lost(Outcome.Reason.GIVEN_BACK));
                if (!b.running && b.tasks.isEmpty()) {
                    free--;
                    leave(b);
                }
            }
        }
    }

    private static long salt(byte[] pickle) {
        return ByteBuffer.wrap(pickle).getLong();
    }

    Set<Long> stored() {
        return store.keySet();
    }
}
