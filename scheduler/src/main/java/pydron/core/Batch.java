package pydron.core;

/// Tasks that were sent together, to be run in order in one slot.
final class Batch {
    Worker worker;
    final Job job;
    final Task[] tasks;

    /// Tasks that no outcome is known of.
    int open;

    /// Slots that it takes.
    final int width;

    /// All its functions are known to be short, so something may be queued behind it.
    final boolean brief;

    Batch(Worker worker, Job job, Task[] tasks, int width, boolean brief) {
        this.worker = worker;
        this.job = job;
        this.tasks = tasks;
        this.open = tasks.length;
        this.width = width;
        this.brief = brief;
    }
}
