package pydron.core;

/// Numbers attempts and knows which of them are wanted. A number is never used twice in the life of a scheduler, and
/// the first one is chosen by the assembly so that two lives do not share numbers either.
final class Attempts {
    private static final int RECENT = 1 << 12;

    private final long first;
    private final Pages<Task> wanted = new Pages<>();
    /// By attempt, modulo their number: those that came to a result, and what that is a value of.
    private final long[] ended = new long[RECENT];
    private final long[] results = new long[RECENT];
    private long next;

    Attempts(long first) {
        this.first = first;
    }

    void start(Task task, Batch batch) {
        task.attempt = first + next;
        task.batch = batch;
        wanted.put(next++, task);
    }

    /// The task whose present attempt this is, or null.
    Task find(long attempt) {
        long index = attempt - first;
        return index < 0 || index >= next ? null : wanted.get(index);
    }

    /// Whatever else is reported of it comes too late.
    void over(Task task) {
        wanted.remove(task.attempt - first);
        Batch batch = task.batch;
        task.batch = null;
        if (--batch.open == 0) {
            batch.worker.released(batch);
        }
    }

    /// It came to a result that somebody wants. What it printed may be told after that.
    void done(long attempt, Task task) {
        int at = (int) Math.floorMod(attempt, (long) RECENT);
        ended[at] = attempt;
        results[at] = (long) task.value.job.number << 32 | task.value.number;
    }

    /// The value (job and number) that an attempt came to a moment ago; 0 if there is no such attempt.
    long resultOf(long attempt) {
        int at = (int) Math.floorMod(attempt, (long) RECENT);
        return ended[at] == attempt ? results[at] : 0;
    }

    int size() {
        return wanted.size();
    }
}
