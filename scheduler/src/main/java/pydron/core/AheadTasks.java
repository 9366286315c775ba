package pydron.core;

import java.util.ArrayList;
import java.util.List;

/// Calls that a driver foresees and has computed before their turn. Such a task is in no program order and its failure
/// is nobody's, until the driver finds that the very same call is made and *adopts* it. Until then it may use what
/// others leave, show nothing, and be dropped at any time.
///
/// What would be noticed (output without end, a call that must run in the driver, a lack of room) sets the task aside:
/// it runs when it is adopted, or never.
final class AheadTasks {
    /// One that is not adopted may print so many bytes before it is set aside.
    private static final int MOST_OUTPUT = 1 << 18;

    /// Results of so many bytes may be kept for a job without being adopted, before no more are computed.
    private static final long MOST_BYTES = 1L << 28;

    /// Ending a process costs the next task its start and its imports: a call this short may as well go on in vain.
    private static final double ENDED_SOON_SECONDS = 0.3;

    /// What is to be remembered of one until it is adopted or dropped.
    static final class Entry {
        private double seconds;
        private long bytes;
        private int outputBytes;
        private final List<Effect.ForwardOutput> output = new ArrayList<>(0);
    }

    private final Outbox out;
    private final Graph graph;
    private final Counters counters;
    private long made;
    private long used;
    private double wastedSeconds;

    AheadTasks(Outbox out, Graph graph, Counters counters) {
        this.out = out;
        this.graph = graph;
        this.counters = counters;
    }

    Core.Ahead statistics() {
        return new Core.Ahead(made, used, wastedSeconds);
    }

    void submitted(Task task) {
        made++;
        task.value.job.ahead.put(task.value.number, new Entry());
    }

    private static Entry entry(Value v) {
        return v.job.ahead.get(v.number);
    }

    /// So much of a worker's time went into it.
    void ran(Task task, double seconds) {
        Entry entry = task.standing == Task.Standing.AHEAD ? entry(task.value) : null;
        if (entry != null && seconds >= 0 && seconds < Double.POSITIVE_INFINITY) {
            entry.seconds += seconds;
        }
    }

    void finished(Task task, Content content) {
        Entry entry = task.standing == Task.Standing.AHEAD ? entry(task.value) : null;
        if (entry != null) {
            entry.bytes = switch (content) {
                case Content.Filed f -> f.size;
                case Content.Inline i -> i.pickle().length;
                case Content.Missing m -> 0;
                case Content.DriverOnly d -> 0;
                case Content.Alias a -> 0;
                case Content.Failed f -> 0;
            };
            task.value.job.aheadBytes += entry.bytes;
        }
    }

    /// Whether the job's results that nobody has asked for leave room for more.
    boolean mayRun(Job job) {
        return job.aheadBytes < MOST_BYTES;
    }

    void printed(Task task, Effect.ForwardOutput text) {
        Entry entry = entry(task.value);
        if (entry == null) {
            return;
        }
        entry.output.add(text);
        entry.outputBytes += text.text().length;
        if (entry.outputBytes > MOST_OUTPUT) {
            graph.recallAttempt(task);
            setAside(task);
        }
    }

    /// It will be run again, and print again.
    void forgetOutput(Task task) {
        Entry entry = task.standing == Task.Standing.AHEAD ? entry(task.value) : null;
        if (entry != null) {
            entry.output.clear();
            entry.outputBytes = 0;
        }
    }

    /// It has no attempt, and gets none before it is adopted.
    void setAside(Task task) {
        forgetOutput(task);
        graph.stage(task, Task.Stage.WAITING);
        task.missing = 0;
        graph.loosen(task.value);
    }

    /// Whether a running one that nobody wants is let go on.
    boolean letsRun(Task task) {
        return task.standing == Task.Standing.AHEAD
                && task.stage == Task.Stage.ASSIGNED
                && task.function.timed()
                && task.function.seconds() < ENDED_SOON_SECONDS;
    }

    /// A value goes, or its task is stopped: if it was computed ahead, it was in vain.
    void dropped(Value v, boolean stopped) {
        Job job = v.job;
        Entry entry = entry(v);
        if (entry != null) {
            job.ahead.remove(v.number);
            job.aheadBytes -= entry.bytes;
            wastedSeconds += entry.seconds;
            if (stopped && v.task.function.timed()) {
                // How far it had come is not known.
                wastedSeconds += v.task.function.seconds() / 2;
            }
        }
    }

    /// The call is made: from here on it is a task like any other, at this place in the program order.
    void adopt(Job job, int regionNumber, int number) {
        Region region = graph.order.openFor(job, regionNumber);
        Value v = graph.find(job, number);
        Entry entry = v == null ? null : entry(v);
        if (entry == null) {
            counters.unknownNames++;
            return;
        }
        if (region == null) {
            v.held = false;
            graph.loosen(v);
            return;
        }
        job.ahead.remove(number);
        job.aheadBytes -= entry.bytes;
        used++;
        entry.output.forEach(out::add);
        Task task = v.task;
        if (task != null && task.standing == Task.Standing.AHEAD) {
            adopt(region, task);
        }
    }

    private void adopt(Region region, Task task) {
        ReadyTasks.Row before = task.row();
        task.unlink();
        task.standing = Task.Standing.ITEM;
        switch (task.stage) {
            case WAITING -> {
                region.place(task);
                graph.order.append(region, task);
                if (task.missing == 0) {
                    graph.ready(task);
                }
            }
            case READY -> {
                before.drop(task);
                region.place(task);
                task.row().add(task);
                graph.order.append(region, task);
            }
            case ASSIGNED, IN_DRIVER -> graph.order.append(region, task);
            case FAILED -> {
                graph.order.append(region, task);
                graph.order.failed(task);
            }
            case DONE, CANCELLED -> {}
        }
    }
}
