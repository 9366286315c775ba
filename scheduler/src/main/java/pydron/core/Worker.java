package pydron.core;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// One stream of a worker. When it comes back after a break there is a new one of these, which takes over what the
/// worker says it still has.
final class Worker {
    final int session;
    final Facts.Worker facts;
    final Set<Batch> batches = new LinkedHashSet<>();

    /// Values of which it has a file that others may be given.
    final Set<Value> sourceOf = new LinkedHashSet<>();

    int credit;

    /// Slots taken by batches that may last, and by brief ones.
    int lastingWidth;

    int briefWidth;
    long memoryTaken;
    int gpusTaken;

    long lastHeard;

    /// Its stream is open.
    boolean connected = true;

    /// When it broke.
    long cutOffAt;

    /// Where it is looked for when there is something to do; null once it is out of that.
    Room room;

    int leaf;

    /// [#room] counts its slots.
    boolean counted;

    /// Given up or replaced.
    boolean gone;

    /// It has lost a value before.
    boolean forgetful;

    /// Null as long as it may stay.
    Departures.Departure departure;

    /// Jobs whose requirements cannot be installed there, and since when there are any.
    final SortedSet<Integer> declined = new TreeSet<>();

    long declinedAt;

    /// Tasks that have ended there, on former streams too.
    long done;

    /// Since when it has had nothing to do, when it has nothing to do.
    long idleSince;

    final Longs cancels = new Longs();
    final Longs frees = new Longs();

    Worker(int session, Facts.Worker facts, int credit, long now) {
        this.session = session;
        this.facts = facts;
        this.credit = credit;
        this.lastHeard = now;
        this.idleSince = now;
    }

    void grant(int batches) {
        credit += batches;
        changed();
    }

    void connected(boolean now) {
        connected = now;
        changed();
    }

    /// It is to end: it gets no more tasks.
    void leaving(Departures.Departure now) {
        departure = now;
        changed();
    }

    /// Whether tasks may be given to it at all.
    boolean takesWork() {
        return connected && departure == null;
    }

    private void changed() {
        if (room != null) {
            room.changed(this);
        }
    }

    /// For a batch that runs at once.
    int freeSlots() {
        return facts.slots() - lastingWidth - briefWidth;
    }

    /// A brief batch may be put behind a running brief one.
    boolean queues() {
        return briefWidth < 2 * (facts.slots() - lastingWidth);
    }

    boolean open() {
        return lastingWidth + briefWidth < 2 * facts.slots();
    }

    double load() {
        return (double) (lastingWidth + briefWidth) / facts.slots();
    }

    long freeMemory() {
        return facts.memoryBytes() == 0 ? Long.MAX_VALUE : Math.max(0, facts.memoryBytes() - memoryTaken);
    }

    int freeGpus() {
        return Math.max(0, facts.gpus() - gpusTaken);
    }

    void took(Batch batch) {
        batches.add(batch);
        account(batch, 1);
    }

    void released(Batch batch) {
        if (batches.remove(batch)) {
            account(batch, -1);
            idleSince = lastHeard;
        }
    }

    /// A batch takes longer than was thought: nothing more is queued behind it.
    void lasts(Batch batch) {
        if (batch.brief && batches.contains(batch)) {
            account(batch, -1);
            batch.brief = false;
            account(batch, 1);
        }
    }

    private void account(Batch batch, int sign) {
        Facts.Needs needs = batch.tasks[0].function.facts.needs();
        if (batch.brief) {
            briefWidth += sign * batch.width;
        } else {
            lastingWidth += sign * batch.width;
        }
        memoryTaken += sign * needs.memoryBytes();
        gpusTaken += sign * needs.gpus();
        batch.job.inFlight += sign * batch.width;
        changed();
    }
}
