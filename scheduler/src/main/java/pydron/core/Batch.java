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

    /// Something may be queued behind it: all its functions are known to be short.
    boolean brief;

    /// What its functions have taken so far, all together; and when it was given away.
    final double seconds;

    final long since;

    /// Its worker was asked for what has not begun.
    boolean takenBack;

    Batch(Worker worker, Job job, Task[] tasks, int width, boolean brief, double seconds, long since) {
        this.seconds = seconds;
        this.since = since;
        this.worker = worker;
        this.job = job;
        this.tasks = tasks;
        this.open = tasks.length;
        this.width = width;
        this.brief = brief;
    }
}
