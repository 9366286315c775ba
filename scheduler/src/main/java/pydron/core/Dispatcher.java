package pydron.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import pydron.core.Content.Filed;
import pydron.core.Placement.Demand;

/// Gives ready tasks to workers with room, in batches worth some milliseconds of work.
final class Dispatcher {
    /// A batch is worth this, or more as long as it is a small part of what is left: between two batches a task
    /// process waits until it is told, which takes milliseconds where all cores are busy.
    private static final double BATCH_SECONDS = 0.005;

    private static final double MOST_BATCH_SECONDS = 0.100;
    private static final int PART = 8;

    private static final int BATCH_TASKS = 256;

    /// Something quicker than this may have a batch queued behind it, and so may what is a small part of what is left:
    /// the next task then starts without a round trip to here, which takes milliseconds where all cores are busy.
    private static final double BRIEF_SECONDS = 0.020;

    private static final double MOST_BRIEF_SECONDS = 0.250;

    /// A task that needs much room lets so many others pass it, no more.
    private static final int PATIENCE = 64;

    private final Outbox out;
    private final Graph graph;
    private final Fleet fleet;
    private final Stock stock;
    private long now;
    private Task overtaken;
    private int overtakers;

    Dispatcher(Outbox out, Graph graph, Fleet fleet, Stock stock) {
        this.out = out;
        this.graph = graph;
        this.fleet = fleet;
        this.stock = stock;
    }

    void run(Collection<Job> jobs, long nowNanos) {
        now = nowNanos;
        while (fleet.anyRoom() && assignOne(jobs)) {
            // Each round gives away one batch or finds out that a task has to wait for its inputs after all.
        }
    }

    private boolean assignOne(Collection<Job> jobs) {
        for (boolean ahead : new boolean[] {false, true}) {
            for (Job job : inFairOrder(jobs)) {
                if (ahead && !graph.ahead.mayRun(job)) {
                    continue;
                }
                for (ReadyTasks.Row row : job.ready.rows()) {
                    if (row.ahead != ahead || row.peek() == null) {
                        continue;
                    }
                    boolean full = stock.isFull(job);
                    Task head = !full ? row.peek() : ahead ? null : stock.first(job, row);
                    if (head == null) {
                        continue;
                    }
                    if (!inputsThere(head)) {
                        row.drop(head);
                        graph.drain();
                        return true;
                    }
                    List<Room> fit = fleet.fitFor(job);
                    if (!ahead && fleet.stranded(job, fit)) {
                        graph.fail(
                                row.poll(), LostRecord.of(LostRecord.LOST, head.function.facts.name(), job.declined));
                        graph.drain();
                        return true;
                    }
                    int slots = slots(fit);
                    int each = (row.size() - 1 + slots) / slots;
                    boolean brief = brief(head, each);
                    Worker worker = place(head, fit, brief);
                    if (worker != null) {
                        if (overtaken == head) {
                            overtaken = null;
                        }
                        row.drop(head);
                        send(worker, row, head, fit, brief, full ? 1 : each);
                        return true;
                    }
                    if (!ahead && patienceIsOver(head)) {
                        return false;
                    }
                }
            }
        }
        return false;
    }

    /// The job that has the least in flight comes first.
    private static Collection<Job> inFairOrder(Collection<Job> jobs) {
        if (jobs.size() < 2) {
            return jobs;
        }
        List<Job> order = new ArrayList<>(jobs);
        order.sort((a, b) -> Integer.compare(a.inFlight, b.inFlight));
        return order;
    }

    /// A task that takes several slots would wait for ever if single ones were always filled before it.
    private boolean patienceIsOver(Task head) {
        if (head.function.facts.needs().equals(Facts.Needs.ONE_SLOT)) {
            return false;
        }
        if (overtaken == null || overtaken.stage != Task.Stage.READY) {
            overtaken = head;
            overtakers = 0;
        }
        return overtaken == head && ++overtakers > PATIENCE;
    }

    /// False: the task went back to waiting, or to the driver, and is no longer ready.
    private boolean inputsThere(Task task) {
        if (task.deps.length == 0) {
            return true;
        }
        // What it refers to was complete when it became ready. It has to be looked through only if something has
        // been lost since.
        if (!graph.storage.hasLost()) {
            return true;
        }
        List<Value> missing = new ArrayList<>(0);
        for (Value v : Closure.of(task.deps)) {
            if (v.content instanceof Content.DriverOnly) {
                graph.toDriver(task, "an argument exists only in the script's process");
                return false;
            }
            if (v.failed() || v.content instanceof Content.Missing || v.content instanceof Filed f && f.lost()) {
                missing.add(v);
            }
        }
        if (missing.isEmpty()) {
            return true;
        }
        graph.backToWaiting(task, missing);
        return false;
    }

    /// @param each how many tasks of its row there are for each slot
    private static boolean brief(Task task, int each) {
        double seconds = task.function.seconds();
        double limit = Math.clamp(each * seconds / PART, BRIEF_SECONDS, MOST_BRIEF_SECONDS);
        return task.function.timed() && !task.alone && seconds < limit;
    }

    private Worker place(Task head, List<Room> fit, boolean brief) {
        Facts.Needs needs = head.function.facts.needs();
        Demand demand = new Demand(head, Fleet.width(needs, fit), brief, Fleet.possible(needs, fit), workers(fit) == 1);
        return Placement.choose(demand, fit);
    }

    private static int workers(List<Room> fit) {
        int workers = 0;
        for (Room room : fit) {
            workers += room.connected();
        }
        return workers;
    }

    private static int slots(List<Room> fit) {
        int slots = 0;
        for (Room room : fit) {
            slots += room.slots();
        }
        return Math.max(1, slots);
    }

    /// @param each how many tasks one slot may have at the most
    private void send(Worker worker, ReadyTasks.Row row, Task head, List<Room> fit, boolean brief, int each) {
        List<Task> tasks = new ArrayList<>();
        tasks.add(head);
        double seconds = head.function.seconds();
        if (brief && each > 1) {
            int share = Math.min(BATCH_TASKS, each);
            double worth = Math.clamp(each * seconds / PART, BATCH_SECONDS, MOST_BATCH_SECONDS);
            while (tasks.size() < share) {
                Task t = row.peek();
                if (t == null || !brief(t, each) || seconds + t.function.seconds() > worth) {
                    break;
                }
                if (t.deps.length > 0 && workers(fit) > 1 && Placement.bytesToBring(t, worker) > 0) {
                    break;
                }
                if (!inputsThere(t)) {
                    row.drop(t);
                    break;
                }
                tasks.add(row.poll());
                seconds += t.function.seconds();
            }
        }
        int width = Math.min(Fleet.width(row.needs, fit), worker.facts.slots());
        Batch batch = new Batch(worker, head.value.job, tasks.toArray(Task[]::new), width, brief, seconds, now);
        worker.grant(-1);
        worker.took(batch);
        out.add(new Message(worker).of(batch, graph));
        graph.drain();
    }

    /// One `Assign`: the tasks, and what the worker has not been told yet.
    private final class Message {
        private final Worker worker;
        private final List<Effect.JobMention> jobs = new ArrayList<>(1);
        private final List<Effect.FunctionMention> functions = new ArrayList<>(1);
        private final List<Effect.ValueMention> values = new ArrayList<>();
        private final List<Effect.TaskMention> mentions;

        Message(Worker worker) {
            this.worker = worker;
            this.mentions = new ArrayList<>();
        }

        Effect.Assign of(Batch batch, Graph g) {
            Job job = batch.job;
            if (!job.knownBy.contains(worker)) {
                job.knownBy.add(worker);
                jobs.add(new Effect.JobMention(job.number, job.driver));
            }
            for (Task t : batch.tasks) {
                if (!t.function.knownBy.contains(worker)) {
                    t.function.knownBy.add(worker);
                    functions.add(new Effect.FunctionMention(t.function.id(), t.function.facts));
                }
                for (Value d : t.deps) {
                    mention(d.resolved());
                }
                g.attempts.start(t, batch);
                g.stage(t, Task.Stage.ASSIGNED);
                mentions.add(new Effect.TaskMention(t.attempt, t.value.id(), t.function.id(), t.args, ids(t.deps)));
            }
            return new Effect.Assign(worker.session, jobs, functions, values, mentions);
        }

        /// Tells of a value and of all that it refers to. What has been told once is known, unless this worker has
        /// lost things before.
        private void mention(Value first) {
            if (first.mentionedTo(worker) && !worker.forgetful) {
                return;
            }
            for (Value v : first.deps.length == 0 ? List.of(first) : Closure.of(new Value[] {first})) {
                if (!v.mentionedTo(worker)) {
                    v.mention(worker);
                    values.add(new Effect.ValueMention(v.id(), where(v), ids(v.deps)));
                }
            }
        }

        private Effect.Where where(Value v) {
            return switch (v.content) {
                case Content.Inline inline -> new Effect.Where.Inline(inline.pickle());
                case Filed filed -> {
                    String path = filed.localPath();
                    if (path != null && worker.facts.sharesMemory()) {
                        yield new Effect.Where.OnThisMachine(path);
                    }
                    if (path == null) {
                        graph.storage.requestUpload(v, filed);
                    }
                    yield new Effect.Where.Fetch(filed.size);
                }
                case Content.Missing m -> throw notThere(v);
                case Content.DriverOnly d -> throw notThere(v);
                case Content.Alias a -> throw notThere(v);
                case Content.Failed f -> throw notThere(v);
            };
        }

        private static IllegalStateException notThere(Value v) {
            return new IllegalStateException("value " + v.number + " of job " + v.job.number
                    + " is an input of a task that is being assigned, and is " + v.content);
        }

        private static long[] ids(Value[] values) {
            long[] ids = new long[values.length];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = values[i].resolved().id();
            }
            return ids;
        }
    }
}
