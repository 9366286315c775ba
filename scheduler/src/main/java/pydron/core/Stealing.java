package pydron.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Takes back tasks that wait behind others of their batch while slots have nothing to do.
///
/// What goes into a batch is decided by what its functions have taken so far. A call that takes a thousand times longer
/// than those before it would hold up all that is behind it, and at the end of a run even batches of equal tasks leave
/// slots idle. The worker gives back what has not begun; no task runs twice.
final class Stealing {
    private static final long EVERY_NANOS = 20_000_000;

    /// Less work than this is not worth the messages.
    private static final double WORTH_SECONDS = 0.020;

    /// A batch is late when it takes twice as long as expected, and this.
    private static final double GRACE_SECONDS = 0.1;

    /// `waiting`: seconds of work that has not begun, as far as is known.
    private record Victim(Batch batch, double waiting) {}

    private final Outbox out;
    private final Fleet fleet;
    private final Stock stock;
    private long looked;
    private boolean never = true;

    Stealing(Outbox out, Fleet fleet, Stock stock) {
        this.out = out;
        this.fleet = fleet;
        this.stock = stock;
    }

    /// To be called when all that is ready has been given away as far as there is room.
    void run(long now) {
        if (!fleet.anyRoom() || !never && now - looked < EVERY_NANOS) {
            return;
        }
        never = false;
        looked = now;
        int idle = 0;
        for (Worker w : fleet.workers()) {
            idle += w.takesWork() && w.credit > 0 ? Math.max(0, w.freeSlots()) : 0;
        }
        if (idle == 0) {
            return;
        }
        List<Victim> victims = new ArrayList<>();
        for (Worker w : fleet.workers()) {
            if (w.connected) {
                victims(w, now, victims);
            }
        }
        victims.sort(Comparator.comparingDouble(Victim::waiting).reversed());
        victims.stream().limit(idle).forEach(victim -> takeBack(victim.batch));
    }

    private void victims(Worker w, long now, List<Victim> victims) {
        List<Batch> late = new ArrayList<>(0);
        for (Batch batch : w.batches) {
            if (batch.takenBack) {
                continue;
            }
            boolean isLate = (now - batch.since) / 1e9 > GRACE_SECONDS + 2 * batch.seconds;
            // One that runs has begun its first task; whether it runs only the worker knows.
            boolean mayWait = batch.open > 1 || w.batches.size() > w.facts.slots();
            double waiting = batch.seconds * (batch.open - 1) / batch.tasks.length;
            if (mayWait && (isLate || waiting > WORTH_SECONDS) && othersHaveTime(batch)) {
                victims.add(new Victim(batch, isLate ? Math.max(waiting, GRACE_SECONDS) : waiting));
            }
            if (isLate) {
                late.add(batch);
            }
        }
        late.forEach(w::lasts);
    }

    /// Of the same job nothing waits for them.
    private boolean othersHaveTime(Batch batch) {
        for (ReadyTasks.Row row : batch.job.ready.rows()) {
            if (!row.ahead && row.peek() != null) {
                return false;
            }
        }
        Facts.Needs needs = batch.tasks[0].function.facts.needs();
        return !stock.isFull(batch.job)
                && fleet.fitFor(batch.job).stream().anyMatch(room -> room.best(1, needs, false, null) != null);
    }

    private void takeBack(Batch batch) {
        batch.takenBack = true;
        Longs attempts = new Longs();
        for (Task task : batch.tasks) {
            if (task.batch == batch) {
                attempts.add(task.attempt);
            }
        }
        out.add(new Effect.TakeBack(batch.worker.session, attempts.take()));
    }
}
