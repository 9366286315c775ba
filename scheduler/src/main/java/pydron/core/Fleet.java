package pydron.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pydron.core.Content.Filed;

/// The workers: who is there, what each of them has in hand, and what becomes of it when one goes.
final class Fleet {
    private static final int DEFAULT_RETRIES = 2;
    private static final int MAX_KILLS = 2;

    /// After a stream broke, a worker that is alive is back before that.
    private static final long GRACE_NANOS = 300_000_000;

    /// What one may take to go that cannot serve.
    private static final Duration DEPARTURE = Duration.ofMinutes(10);

    /// A batch that takes no longer is rather done again.
    private static final double REPEATED_SECONDS = 2;

    /// Attempts that may be lost without blame: something is wrong with the machines rather than with the task, and
    /// going on would take for ever.
    private static final int MAX_TRIES = 20;

    private final Outbox out;
    private final Graph graph;
    private final Counters counters;
    private final Map<Integer, Job> jobs;
    private final long leaseNanos;
    private final Map<Integer, Worker> bySession = new LinkedHashMap<>();
    private final Map<String, Worker> byId = new LinkedHashMap<>();
    private final Departures departures;
    private final Rooms rooms;

    Fleet(Outbox out, Graph graph, Counters counters, Map<Integer, Job> jobs, long leaseNanos) {
        this.out = out;
        this.graph = graph;
        this.counters = counters;
        this.jobs = jobs;
        this.leaseNanos = leaseNanos;
        this.departures = new Departures(out, graph);
        this.rooms = new Rooms(out);
    }

    void drain(String id, Duration left, long now) {
        departures.order(id, byId.get(id), left, now);
    }

    void recalled(Worker w, Duration left, long now) {
        departures.recalled(w, left, now);
    }

    List<Departures.Sight> sights(long now) {
        return departures.sights(byId.values(), now);
    }

    void renewLease(String id, Duration left) {
        Worker w = byId.get(id);
        if (w == null) {
            counters.unknownNames++;
        } else {
            out.add(new Effect.RenewLease(w.session, left));
        }
    }

    /// Lets those go on going who are to go.
    void depart() {
        departures.goOn(byId.values());
    }

    Collection<Worker> workers() {
        return byId.values();
    }

    /// The worker behind a stream, if that stream still counts.
    Worker heard(int session, long now) {
        Worker w = bySession.get(session);
        if (w == null) {
            counters.staleSessions++;
            return null;
        }
        w.lastHeard = now;
        return w;
    }

    void joined(Event.WorkerJoined hello, long now) {
        Facts.Worker facts = hello.facts();
        if (facts.slots() < 1) {
            out.add(new Effect.Refuse(hello.session(), "worker on " + facts.host() + " has no slots", false));
            return;
        }
        Worker old = byId.get(facts.id());
        Worker w = new Worker(hello.session(), facts, hello.credit(), now);
        byId.put(facts.id(), w);
        bySession.put(hello.session(), w);
        if (old != null) {
            bySession.remove(old.session);
            w.done = old.done;
            w.idleSince = old.idleSince;
            Rooms.remove(old);
        }
        rooms.add(w);
        Longs free = new Longs();
        Set<Long> heldIds = new HashSet<>();
        for (Facts.Held held : hello.held()) {
            heldIds.add(held.value());
            if (!adopt(w, held)) {
                free.add(held.value());
            }
        }
        Longs forget = new Longs();
        Set<Long> running = new HashSet<>();
        for (long attempt : hello.running()) {
            Task t = graph.attempts.find(attempt);
            if (t != null && old != null && t.batch.worker == old) {
                running.add(attempt);
            } else {
                forget.add(attempt);
            }
        }
        out.add(new Effect.Welcome(w.session, forget.take(), free.take(), jobs.size()));
        if (old != null) {
            replace(old, w, running);
        }
        departures.joined(w, now);
    }

    /// Takes over what the worker still has of what its former stream was given; the rest got lost on the way.
    private void replace(Worker old, Worker w, Set<Long> running) {
        for (Batch batch : List.copyOf(old.batches)) {
            Task[] left = tasksOf(batch);
            for (int i = left.length - 1; i >= 0; i--) {
                if (running.contains(left[i].attempt)) {
                    // Its inputs came with it, though some may still be on the way.
                    Closure.of(left[i].deps).forEach(v -> v.mention(w));
                } else {
                    graph.attempts.over(left[i]);
                    graph.again(left[i]);
                }
            }
            if (batch.open > 0) {
                old.released(batch);
                batch.worker = w;
                batch.takenBack = false; // what was said on the old stream may not have arrived
                w.took(batch);
            }
        }
        retire(old);
    }

    private static Task[] tasksOf(Batch batch) {
        return Arrays.stream(batch.tasks).filter(t -> t.batch == batch).toArray(Task[]::new);
    }

    /// False when the value is not wanted.
    private boolean adopt(Worker w, Facts.Held held) {
        Job job = jobs.get((int) (held.value() >>> 32));
        Value v = job == null ? null : graph.find(job, (int) held.value());
        if (v == null) {
            return false;
        }
        return switch (v.content) {
            case Filed filed -> {
                filed.size = Math.max(filed.size, held.size());
                graph.storage.addSource(v, filed, w, held.path());
                yield true;
            }
            case Content.Missing m -> adoptResult(w, v, held);
            case Content.Inline i -> {
                v.mention(w);
                yield true;
            }
            case Content.DriverOnly d -> false;
            case Content.Alias a -> false;
            case Content.Failed f -> false;
        };
    }

    /// The report of a finished task was lost with the stream, its result was not.
    private boolean adoptResult(Worker w, Value v, Facts.Held held) {
        Task t = v.task;
        if (t == null || t.stage == Task.Stage.IN_DRIVER) {
            return false;
        }
        switch (t.stage) {
            case ASSIGNED -> graph.recallAttempt(t);
            case READY -> t.row().died();
            case WAITING -> {
                for (Value d : t.deps) {
                    d.removeDependent(t);
                }
            }
            case IN_DRIVER, DONE, FAILED, CANCELLED -> {
                return false;
            }
        }
        w.done++;
        finished(t, w, held.size(), held.path());
        return true;
    }

    private void finished(Task t, Worker w, long size, String path) {
        Filed filed = new Filed(size, Storage.depthOf(t));
        graph.storage.addSource(t.value, filed, w, path);
        t.value.shunBySecondOpinions(w);
        graph.complete(t, filed);
    }

    void results(Worker w, List<Outcome.Report> reports) {
        List<Task> givenBack = new ArrayList<>(0);
        for (Outcome.Report report : reports) {
            Task t = graph.attempts.find(report.attempt());
            if (t == null || t.batch.worker != w) {
                counters.lateReports++;
                continue;
            }
            boolean shared = t.batch.tasks.length > 1;
            graph.attempts.over(t);
            if (report.outcome() instanceof Outcome.Lost lost && lost.reason() == Outcome.Reason.GIVEN_BACK) {
                givenBack.add(t);
                continue;
            }
            w.done++;
            if (t.standing != Task.Standing.AHEAD) {
                graph.attempts.done(report.attempt(), t);
            }
            graph.ahead.ran(t, report.seconds());
            switch (report.outcome()) {
                case Outcome.Returned returned -> {
                    t.function.took(report.seconds());
                    t.value.shunBySecondOpinions(w);
                    graph.complete(t, new Content.Inline(returned.pickle()));
                }
                case Outcome.Stored stored -> {
                    t.function.took(report.seconds());
                    finished(t, w, stored.size(), stored.path());
                }
                case Outcome.Raised raised -> {
                    t.function.took(report.seconds());
                    graph.fail(t, raised.record());
                }
                case Outcome.Lost lost -> lost(t, w, lost, shared);
            }
        }
        // Each goes to the front.
        for (Task t : givenBack.reversed()) {
            counters.givenBack++;
            graph.back(t);
        }
    }

    private void lost(Task t, Worker w, Outcome.Lost lost, boolean shared) {
        boolean inputsThere = true;
        for (Value v : Closure.of(t.deps)) {
            inputsThere &= v.exists() && v.mentionedTo(w);
        }
        t.shunned = w;
        boolean room = lost.reason() == Outcome.Reason.STORE_FULL || lost.reason() == Outcome.Reason.MEMORY;
        if (room && t.standing == Task.Standing.AHEAD) {
            graph.ahead.setAside(t); // When its turn comes there may be room.
            return;
        }
        switch (lost.reason()) {
            case UNPICKLABLE_RESULT, UNPICKLABLE_ARGUMENT -> graph.toDriver(t, lost.detail());
            case TIMEOUT -> overLimit(t, LostRecord.TIMEOUT, lost.detail());
            case MEMORY -> overLimit(t, LostRecord.MEMORY, lost.detail());
            case STORE_FULL -> overLimit(t, LostRecord.STORE_FULL, lost.detail());
            case PROCESS_DIED -> died(t, shared, true, lost.detail());
            case GIVEN_BACK -> throw new IllegalStateException("nothing was lost");
            case UNKNOWN, CANCELLED -> died(t, shared || !inputsThere, false, lost.detail());
            case ENVIRONMENT -> {
                // The task is not to blame, and this worker is not asked again.
                rooms.declined(w, t.value.job, lost.detail(), w.lastHeard);
                graph.again(t);
            }
        }
    }

    /// It would happen again, so only who asked for it gets another try.
    private void overLimit(Task t, String kind, String detail) {
        if (++t.losses > Math.max(0, t.function.facts.retries())) {
            graph.fail(t, LostRecord.of(kind, t.function.facts.name(), detail));
        } else {
            graph.again(t);
        }
    }

    /// Lost through no doing of its own, as far as is known. Where others were in the same batch, or an input had
    /// gone, nobody is to blame yet: each is tried alone.
    private void died(Task t, boolean shared, boolean kill, String detail) {
        if (shared && t.tries < MAX_TRIES) {
            t.tries++;
            t.alone = true;
            graph.again(t);
            return;
        }
        t.losses++;
        if (kill) {
            t.kills++;
        }
        int retries = t.function.facts.retries();
        boolean enough = retries < 0 ? t.losses > DEFAULT_RETRIES || t.kills >= MAX_KILLS : t.losses > retries;
        if (!enough) {
            graph.again(t);
            return;
        }
        String often = t.kills == t.losses
                ? "its process died at " + t.kills + (t.kills == 1 ? " attempt" : " attempts")
                : "it was lost at " + t.losses + (t.losses == 1 ? " attempt" : " attempts");
        graph.fail(t, LostRecord.of(LostRecord.LOST, t.function.facts.name(), often + ", the last time: " + detail));
    }

    void valueVanished(Worker w, long value) {
        Job job = jobs.get((int) (value >>> 32));
        Value v = job == null ? null : graph.find(job, (int) value);
        if (v == null) {
            counters.lateReports++;
            return;
        }
        boolean source = w.sourceOf.contains(v);
        graph.storage.vanished(v, w);
        // It may be on its way there once more, unknown to the report. Better that the attempt which waits for it is
        // repeated than that a copy is left which nobody knows of.
        out.free(w, value);
        if (!source && v.content instanceof Filed filed && w.facts.sharesMemory()) {
            // It read by path what another one on this machine made.
            for (Filed.Source s : List.copyOf(filed.sources)) {
                if (s.worker().facts.sharesMemory()) {
                    graph.storage.sourceGone(v, s.worker());
                }
            }
        }
    }

    void uploadFailed(Value v) {
        if (v != null && v.content instanceof Filed filed && filed.uploader != null) {
            graph.storage.sourceGone(v, filed.uploader);
        }
    }

    void cutOff(int session, long now) {
        Worker w = bySession.get(session);
        if (w != null) {
            w.cutOffAt = now;
            w.connected(false);
        }
    }

    void endLeases(long now) {
        for (Worker w : List.copyOf(byId.values())) {
            if (!w.connected && now - w.cutOffAt > GRACE_NANOS) {
                giveAwayBrief(w);
            }
            if (Rooms.broken(w, now)) {
                departures.order(w.facts.id(), w, DEPARTURE, now);
            }
            if (now - w.lastHeard > leaseNanos) {
                boolean connected = w.connected;
                left(w, "worker on " + w.facts.host() + " was silent for too long");
                if (connected) {
                    out.add(new Effect.Refuse(w.session, "silent for longer than its lease", true));
                }
            }
        }
    }

    /// A worker whose stream broke may come back, and long work is worth waiting for until its lease ends. What others
    /// do in less time is not: most workers whose stream breaks have died.
    private void giveAwayBrief(Worker w) {
        List<Batch> batches = new ArrayList<>(w.batches);
        for (Batch batch : batches.reversed()) {
            Task[] left = tasksOf(batch);
            double seconds = 0;
            for (Task t : left) {
                seconds += t.function.timed() ? t.function.seconds() : Double.POSITIVE_INFINITY;
            }
            for (int i = left.length - 1; i >= 0 && seconds < REPEATED_SECONDS; i--) {
                graph.attempts.over(left[i]);
                left[i].shunned = w;
                graph.again(left[i]);
            }
        }
    }

    /// What it was doing is given to others.
    void left(Worker w, String why) {
        byId.remove(w.facts.id());
        bySession.remove(w.session);
        List<Batch> batches = new ArrayList<>(w.batches);
        for (Batch batch : batches.reversed()) {
            // One that was told to go has done nothing wrong, and neither have its tasks.
            boolean shared = batch.tasks.length > 1 || w.departure != null;
            Task[] left = tasksOf(batch);
            for (int i = left.length - 1; i >= 0; i--) {
                graph.attempts.over(left[i]);
                left[i].shunned = w;
                died(left[i], shared, false, why);
            }
        }
        retire(w);
    }

    private void retire(Worker w) {
        w.gone = true;
        Rooms.remove(w);
        for (Value v : List.copyOf(w.sourceOf)) {
            graph.storage.sourceGone(v, w);
        }
        for (Job job : jobs.values()) {
            job.knownBy.remove(w);
            job.functions.forEach(f -> f.knownBy.remove(w));
        }
    }

    boolean anyRoom() {
        return rooms.anyOpen();
    }

    List<Room> fitFor(Job job) {
        return rooms.fitFor(job, byId.values());
    }

    void forget(Job job) {
        rooms.forget(job, byId.values());
    }

    /// Nobody who is here can run it, as they have said.
    boolean stranded(Job job, List<Room> fit) {
        return !job.declined.isEmpty() && fit.stream().allMatch(Room::isEmpty);
    }

    /// Slots that such a task takes: what it asks for, but no more than the largest worker has, so that nothing
    /// waits for a machine that does not exist.
    static int width(Facts.Needs needs, List<Room> fit) {
        int largest = 1;
        for (Room room : fit) {
            largest = Math.max(largest, room.largest());
        }
        return Math.min(needs.width(), largest);
    }

    /// The same for memory and GPUs.
    static Facts.Needs possible(Facts.Needs needs, List<Room> fit) {
        if (needs.memoryBytes() == 0 && needs.gpus() == 0) {
            return needs;
        }
        long memory = 0;
        int gpus = 0;
        for (Room room : fit) {
            memory = Math.max(memory, room.mostMemory());
            gpus = Math.max(gpus, room.mostGpus());
        }
        return new Facts.Needs(needs.cpus(), Math.min(needs.memoryBytes(), memory), Math.min(needs.gpus(), gpus));
    }

    static long memoryOf(Worker w) {
        return w.facts.memoryBytes() == 0 ? Long.MAX_VALUE : w.facts.memoryBytes();
    }
}
