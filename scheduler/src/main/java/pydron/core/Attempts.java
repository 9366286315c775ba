package pydron.core;

/// Numbers attempts and knows which of them are wanted. A number is never used twice in the life of a scheduler, and
/// the first one is chosen by the assembly so that two lives do not share numbers either.
final class Attempts {
    private final long first;
    private final Pages<Task> wanted = new Pages<>();
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

    int size() {
        return wanted.size();
    }
}
