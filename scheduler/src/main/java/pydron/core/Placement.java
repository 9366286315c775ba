package pydron.core;

import java.util.List;
import pydron.core.Content.Filed;

/// Where the next batch goes.
///
/// A worker with a free slot comes before one that only has room to queue; among them the one that has to be brought
/// the least, then one that this task was not lost on, then the least loaded, then the first.
///
/// Not all workers are looked at. Of those that have to be brought everything, only the least loaded one of each
/// [Room] can win; the others are the ones that hold an input, of which a few are enough.
final class Placement {
    /// Below this, bringing data costs less than an uneven load.
    private static final long NEGLIGIBLE_BYTES = 256 * 1024;

    /// A value that more workers have is nearly everywhere.
    private static final int HOLDERS = 32;

    /// What is to be placed. `width`: slots that it takes; `needs`: no more than the largest worker has; `onlyOne`:
    /// there is no choice.
    record Demand(Task task, int width, boolean brief, Facts.Needs needs, boolean onlyOne) {}

    private final Demand demand;
    private final boolean queued;
    private final boolean anywhere;
    private Worker best;
    private long bestBytes;

    private Placement(Demand demand, boolean queued) {
        this.demand = demand;
        this.queued = queued;
        this.anywhere = demand.onlyOne || demand.task.standing == Task.Standing.QUIET || demand.task.deps.length == 0;
    }

    /// Null when it has to wait.
    static Worker choose(Demand demand, List<Room> fit) {
        Worker atOnce = new Placement(demand, false).among(fit);
        boolean mayQueue = demand.brief && demand.width == 1;
        return atOnce != null || !mayQueue ? atOnce : new Placement(demand, true).among(fit);
    }

    private Worker among(List<Room> fit) {
        Task task = demand.task;
        for (Room room : fit) {
            Worker w = room.best(demand.width, demand.needs, queued, null);
            if (w == null) {
                continue;
            }
            consider(w);
            if (w == task.shunned) {
                Worker other = room.best(demand.width, demand.needs, queued, w);
                if (other != null) {
                    consider(other);
                }
            }
        }
        if (best != null && !anywhere && bestBytes >= NEGLIGIBLE_BYTES) {
            for (Value d : task.deps) {
                d.resolved().mentions(HOLDERS, w -> considerHolder(w, fit));
            }
        }
        return best;
    }

    private void considerHolder(Worker w, List<Room> fit) {
        if (w.room != null && fit.contains(w.room) && w.room.couldTake(w, demand.width, demand.needs, queued)) {
            consider(w);
        }
    }

    private void consider(Worker w) {
        long bytes = anywhere ? 0 : bytesToBring(demand.task, w);
        if (best == null || better(w, bytes)) {
            best = w;
            bestBytes = bytes;
        }
    }

    private boolean better(Worker w, long bytes) {
        long pieces = bytes / NEGLIGIBLE_BYTES - bestBytes / NEGLIGIBLE_BYTES;
        if (pieces != 0) {
            return pieces < 0;
        }
        if ((w == demand.task.shunned) != (best == demand.task.shunned)) {
            return best == demand.task.shunned;
        }
        return w.load() < best.load();
    }

    /// What the worker would have to fetch of the task's inputs.
    static long bytesToBring(Task task, Worker w) {
        long bytes = 0;
        for (Value d : task.deps) {
            Value root = d.resolved();
            if (!root.mentionedTo(w)) {
                bytes += switch (root.content) {
                    case Filed f -> w.facts.sharesMemory() && f.localPath() != null ? 0 : f.size;
                    case Content.Inline i -> i.pickle().length;
                    case Content.Missing m -> 0;
                    case Content.DriverOnly d2 -> 0;
                    case Content.Alias a -> 0;
                    case Content.Failed f -> 0;
                };
            }
        }
        return bytes;
    }
}
