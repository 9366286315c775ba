package pydron.core;

import java.util.LinkedHashSet;
import java.util.Set;

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

    /// Given up or replaced.
    boolean gone;

    /// It has lost a value before.
    boolean forgetful;

    /// Null as long as it may stay.
    Departures.Departure departure;

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
    }
}
