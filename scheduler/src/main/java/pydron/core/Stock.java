package pydron.core;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

/// Results that take room and that nobody has used yet. A driver that looks at them one by one may be slower than the
/// workers: when there are enough of them, only what somebody waits for is computed.
///
/// Somebody waits for a task if the driver has asked for its value, or a task of that kind takes its value, or nothing
/// but tasks is between it and the beginning of the run. Invariant: what the driver does next needs no other task. It
/// goes on in its earliest region, which has asked for what it waits for, or whose turn comes when tasks are complete.
final class Stock {
    static final long BYTES_PER_SLOT = 128L << 20;

    /// A driver that makes room now and then is still slow.
    private static final long LATELY_NANOS = Duration.ofMinutes(1).toNanos();

    private final long bytesPerSlot;
    private final Fleet fleet;

    Stock(long bytesPerSlot, Fleet fleet) {
        this.bytesPerSlot = bytesPerSlot;
        this.fleet = fleet;
    }

    static void came(Value v, Content.Filed filed) {
        filed.counted = Math.clamp(filed.size, 0, 1L << 50);
        v.job.stock += filed.counted;
    }

    static void gone(Value v, Content.Filed filed) {
        v.job.stock -= filed.counted;
        filed.counted = 0;
    }

    /// Whether the job has enough of them. It has until a quarter of them is gone.
    boolean isFull(Job job) {
        if (job.stock <= bytesPerSlot * 3 / 4) {
            job.full = false;
            return false;
        }
        long slots = 0;
        for (Room room : fleet.fitFor(job)) {
            slots += room.slots();
        }
        long bound = bytesPerSlot * Math.max(1, slots);
        job.full = job.stock > (job.full ? bound * 3 / 4 : bound);
        return job.full;
    }

    /// The value is asked for: so are the tasks that it comes from.
    static void demand(Value wanted) {
        ArrayDeque<Value> row = new ArrayDeque<>();
        Set<Value> seen = null;
        row.add(wanted);
        while (!row.isEmpty()) {
            Value v = row.poll();
            if (v.exists()) {
                continue;
            }
            Task t = v.task;
            if (t != null) {
                if (!t.demanded) {
                    t.demanded = true;
                    add(t.deps, row);
                }
                continue;
            }
            if (v.deps.length > 0) {
                seen = seen == null ? new HashSet<>() : seen;
                if (seen.add(v)) {
                    add(v.deps, row);
                }
            }
        }
    }

    private static void add(Value[] deps, ArrayDeque<Value> row) {
        for (Value d : deps) {
            if (!d.exists()) {
                row.add(d);
            }
        }
    }

    /// The first task of the row that somebody waits for, or null.
    Task first(Job job, ReadyTasks.Row row) {
        demandEarliest(job);
        return row.first(Stock::isWaitedFor);
    }

    private static boolean isWaitedFor(Task t) {
        return t.demanded || t.standing == Task.Standing.RECALLED || t.standing == Task.Standing.QUIET;
    }

    /// Which of the job's tasks more machines would be of use for. Its driver is slower than its workers when there has
    /// lately been enough in stock: then only what somebody waits for. To be asked every few seconds.
    Predicate<Task> useful(Job job, long now) {
        if (isFull(job)) {
            job.heldBackAt = OptionalLong.of(now);
        }
        if (job.heldBackAt.isEmpty() || now - job.heldBackAt.getAsLong() > LATELY_NANOS) {
            return _ -> true;
        }
        demandEarliest(job);
        return Stock::isWaitedFor;
    }

    /// Nothing of the driver's is between these tasks and what is complete.
    private void demandEarliest(Job job) {
        int most = 0;
        for (Room room : fleet.fitFor(job)) {
            most += 2 * room.slots();
        }
        for (Run run : job.runs) {
            int found = 0;
            for (Item at = run.head.next; found < most && !(at instanceof Region); at = at.next) {
                if (at instanceof Task t) {
                    demand(t.value);
                    found++;
                }
            }
        }
    }
}
