package pydron.core;

import java.util.ArrayDeque;
import java.util.Arrays;

/// Tasks and the values between them: what exists, what waits for what, what is still needed.
///
/// Consequences are worked off from two rows, never by recursion, so that a chain of a million tasks can fail or be
/// freed: `settled` holds values that have come to exist or have failed and whose dependents are to hear of it,
/// `loose` holds values that nobody may reach any more.
final class Graph {
    private static final byte[] CANCELLED = LostRecord.of(LostRecord.LOST, "", "it was cancelled");

    private final Outbox out;
    private final Counters counters;
    final Attempts attempts;
    final ProgramOrder order;
    final Storage storage;
    final AheadTasks ahead;
    final DriverValues driverValues;
    private final ArrayDeque<Value> settled = new ArrayDeque<>();
    private final ArrayDeque<Value> loose = new ArrayDeque<>();

    Graph(Outbox out, Counters counters, Attempts attempts) {
        this.out = out;
        this.counters = counters;
        this.attempts = attempts;
        this.order = new ProgramOrder(out, counters, this::discard);
        this.storage = new Storage(out, this, counters);
        this.ahead = new AheadTasks(out, this, counters);
        this.driverValues = new DriverValues(out, this, counters);
    }

    /// The value of that number; a placeholder when it is named before it is made.
    Value value(Job job, int number) {
        Value v = job.values.get(Integer.toUnsignedLong(number));
        if (v == null) {
            v = new Value(job, number);
            job.values.put(Integer.toUnsignedLong(number), v);
        }
        return v;
    }

    Value find(Job job, int number) {
        return job.values.get(Integer.toUnsignedLong(number));
    }

    void submit(Job job, Event.TasksSubmitted s) {
        int dep = 0;
        Task.Standing standing = switch (s.place()) {
            case HERE -> Task.Standing.ITEM;
            case QUIET -> Task.Standing.QUIET;
            case AHEAD -> Task.Standing.AHEAD;
        };
        for (int i = 0; i < s.functions().length; i++) {
            // Asked again for each: a task that fails at once may have taken the region with it.
            Region region = order.placeFor(job, s.region(), s.place());
            if (region == null) {
                return;
            }
            Function function = job.functions.get(Integer.toUnsignedLong(s.functions()[i]));
            if (function == null) {
                out.add(new Effect.DropDriver(
                        job.number, "function " + Integer.toUnsignedString(s.functions()[i]) + " was never defined"));
                return;
            }
            int[] deps = Arrays.copyOfRange(s.deps(), dep, dep + s.depCounts()[i]);
            dep += deps.length;
            submit(region, s.first() + i, standing, function, deps, s.args()[i]);
        }
    }

    private void submit(
            Region region, int number, Task.Standing standing, Function function, int[] numbers, byte[] args) {
        Job job = region.run.job;
        Value value = value(job, number);
        if (value.task != null || !(value.content instanceof Content.Missing)) {
            counters.unknownNames++;
            return;
        }
        Value[] deps = needed(job, numbers);
        Task task = new Task(value, function, args, deps, standing);
        value.task = task;
        region.place(task);
        job.submitted = number;
        job.waiting++;
        if (value.wanted || value.isAwaited()) {
            Stock.demand(value);
        }
        if (standing == Task.Standing.ITEM) {
            order.append(region, task);
        } else {
            order.appendQuiet(region, task);
        }
        if (standing == Task.Standing.AHEAD) {
            ahead.submitted(task);
        }
        await(task);
    }

    Value[] needed(Job job, int[] numbers) {
        if (numbers.length == 0) {
            return Value.NONE;
        }
        Value[] deps = new Value[numbers.length];
        for (int i = 0; i < deps.length; i++) {
            deps[i] = value(job, numbers[i]);
            deps[i].needs++;
        }
        return deps;
    }

    /// Waits for the inputs that do not exist, or goes on when all do.
    private void await(Task task) {
        for (Value d : task.deps) {
            if (d.content instanceof Content.Failed failed) {
                fail(task, failed.record());
                return;
            }
        }
        task.missing = 0;
        for (Value d : task.deps) {
            if (!d.exists()) {
                awaitOne(task, d);
            }
        }
        if (task.missing == 0) {
            ready(task);
        }
    }

    private void awaitOne(Task task, Value d) {
        task.missing++;
        d.addDependent(task);
        storage.reviveIfLost(d);
    }

    /// Its inputs looked complete, but these have been lost since.
    void backToWaiting(Task task, Iterable<Value> lost) {
        stage(task, Task.Stage.WAITING);
        task.missing = 0;
        for (Value d : lost) {
            awaitOne(task, d);
        }
        for (Value d : lost) {
            if (d.failed()) {
                settle(d); // Tells it to this new dependent.
            }
        }
    }

    void ready(Task task) {
        for (Value d : task.deps) {
            if (d.driverOnly) {
                toDriver(task, "an argument exists only in the script's process");
                return;
            }
        }
        stage(task, Task.Stage.READY);
        task.row().add(task);
    }

    /// The driver must run it: something of it cannot travel.
    void toDriver(Task task, String reason) {
        if (task.standing == Task.Standing.AHEAD) {
            ahead.setAside(task);
            return;
        }
        stage(task, Task.Stage.IN_DRIVER);
        int[] deps = new int[task.deps.length];
        for (int i = 0; i < deps.length; i++) {
            deps[i] = task.deps[i].number;
        }
        out.add(new Effect.Rerun(
                task.value.job.number, task.value.number, task.function.number, deps, task.args, reason));
    }

    /// A new attempt.
    void again(Task task) {
        counters.retried++;
        back(task);
    }

    /// It has not been begun, and is to be given to somebody again.
    void back(Task task) {
        if (task.standing == Task.Standing.AHEAD && !task.value.held) {
            ahead.setAside(task); // And then dropped: it was only let run because it would have been over soon.
            return;
        }
        ahead.forgetOutput(task);
        stage(task, Task.Stage.READY);
        task.row().add(task);
    }

    void stage(Task task, Task.Stage stage) {
        count(task, -1);
        task.stage = stage;
        count(task, 1);
    }

    private static void count(Task task, int by) {
        Job job = task.value.job;
        switch (task.stage) {
            case WAITING, READY -> job.waiting += by;
            case ASSIGNED, IN_DRIVER -> job.running += by;
            case DONE -> job.done += by;
            case FAILED, CANCELLED -> {}
        }
    }

    /// The task's result is there.
    void complete(Task task, Content content) {
        ahead.finished(task, content);
        stage(task, Task.Stage.DONE);
        Value v = task.value;
        v.content = content;
        if (content instanceof Content.Filed filed) {
            Stock.came(v, filed);
        }
        if (content instanceof Content.Filed filed && filed.kept == null) {
            for (Value d : task.deps) {
                d.lineage++;
                unneed(d);
            }
            storage.limitDepth(v, filed);
        } else {
            dropNeeds(task);
            v.task = null;
        }
        settle(v);
        leaveOrder(task, true);
    }

    void fail(Task task, byte[] record) {
        stage(task, Task.Stage.FAILED);
        task.value.content = new Content.Failed(record);
        dropNeeds(task);
        settle(task.value);
        leaveOrder(task, false);
    }

    void leaveOrder(Task task, boolean complete) {
        switch (task.standing) {
            case ITEM -> {
                if (complete) {
                    order.completed(task);
                } else {
                    order.failed(task);
                }
            }
            case QUIET, AHEAD -> task.unlink();
            case RECALLED -> {}
        }
    }

    /// Thrown out of the program order.
    private void discard(Task task) {
        task.value.held = false;
        if (task.stage.over()) {
            loosen(task.value);
        } else if (!ahead.letsRun(task)) {
            cancel(task);
        }
    }

    /// Nobody wants its outcome any more. It is in no list of the program order.
    private void cancel(Task task) {
        Value v = task.value;
        ahead.dropped(v, task.stage == Task.Stage.ASSIGNED);
        switch (task.stage) {
            case ASSIGNED -> recallAttempt(task);
            case READY -> task.row().died();
            case WAITING, IN_DRIVER, DONE, FAILED, CANCELLED -> {}
        }
        if (task.standing == Task.Standing.RECALLED && v.lineage > 0) {
            storage.giveUpRecall(task);
            return;
        }
        stage(task, Task.Stage.CANCELLED);
        v.content = new Content.Failed(CANCELLED);
        dropNeeds(task);
        v.held = false;
        settle(v);
    }

    /// Stops a running attempt.
    void recallAttempt(Task task) {
        out.cancel(task.batch.worker, task.attempt);
        // It may have finished before it hears of this, and hold a file that nobody will ask for. Where the worker has
        // the value anyway, others may be using it there, and it is freed with all copies.
        if (!task.value.mentionedTo(task.batch.worker)) {
            out.free(task.batch.worker, task.value.id());
        }
        attempts.over(task);
    }

    void dropNeeds(Task task) {
        for (Value d : task.deps) {
            unneed(d);
        }
        task.deps = Value.NONE;
        task.args = null;
    }

    void unneed(Value v) {
        v.needs--;
        loosen(v);
    }

    void nowExists(Value v) {
        v.driverOnly = v.content instanceof Content.DriverOnly;
        for (Value d : v.deps) {
            v.driverOnly |= d.driverOnly;
        }
        settle(v);
    }

    void failValue(Value v, byte[] record) {
        if (v.task != null) {
            fail(v.task, record);
            return;
        }
        storage.deleteKept(v.content);
        v.content = new Content.Failed(record);
        v.missing = 0;
        settle(v);
    }

    /// A value that cannot be had again, or whose recipe failed.
    void failLost(Value v, String why) {
        String name = "";
        if (v.task != null) {
            name = v.task.function.facts.name();
            v.task.standing = Task.Standing.RECALLED;
            storage.forgetRecipe(v.task);
        }
        v.content = new Content.Failed(LostRecord.of(LostRecord.LOST, name, why));
        settle(v);
    }

    void want(Job job, int[] numbers) {
        for (int number : numbers) {
            Value v = find(job, number);
            if (v == null) {
                counters.unknownNames++;
                continue;
            }
            v.wanted = true;
            Stock.demand(v);
            if (v.exists() || v.failed() || v.content instanceof Content.Filed) {
                deliver(v);
            }
        }
    }

    private void deliver(Value v) {
        storage.deliver(v);
        loosen(v);
    }

    void free(Job job, int[] numbers) {
        for (int number : numbers) {
            Value v = find(job, number);
            if (v == null) {
                counters.unknownNames++;
            } else {
                v.held = false;
                if (v.task == null && !v.exists()) {
                    v.wanted = false; // It was announced, and will not come.
                }
                loosen(v);
            }
        }
    }

    void settle(Value v) {
        settled.add(v);
    }

    void loosen(Value v) {
        if (!v.loose && !v.held && !v.wanted && v.needs == 0) {
            v.loose = true;
            loose.add(v);
        }
    }

    /// Works off what follows from all that was changed.
    void drain() {
        while (true) {
            Value v = settled.poll();
            if (v != null) {
                announce(v);
                continue;
            }
            v = loose.poll();
            if (v == null) {
                return;
            }
            v.loose = false;
            sweep(v);
        }
    }

    private void announce(Value v) {
        for (Dependent dependent : v.takeDependents()) {
            switch (dependent) {
                case Task t -> {
                    if (t.stage != Task.Stage.WAITING) {
                        continue;
                    }
                    if (v.content instanceof Content.Failed failed) {
                        fail(t, failed.record());
                    } else if (--t.missing == 0) {
                        ready(t);
                    }
                }
                case Value p -> {
                    if (p.failed()) {
                        continue;
                    }
                    if (v.content instanceof Content.Failed failed) {
                        failValue(p, failed.record());
                    } else if (--p.missing == 0) {
                        nowExists(p);
                    }
                }
            }
        }
        if (v.wanted) {
            deliver(v);
        }
        loosen(v);
    }

    /// Nobody waits for it and no variable reaches it.
    private void sweep(Value v) {
        if (v.held || v.wanted || v.needs > 0) {
            return;
        }
        Task task = v.task;
        if (task != null && !task.stage.over()) {
            if (task.standing == Task.Standing.ITEM) {
                return; // It may still raise.
            }
            if (ahead.letsRun(task)) {
                return;
            }
            if (task.standing == Task.Standing.QUIET || task.standing == Task.Standing.AHEAD) {
                task.unlink();
            }
            cancel(task);
            return;
        }
        if (v.lineage > 0) {
            storage.dropButKeepRecipe(v);
            return;
        }
        if (task != null && task.stage == Task.Stage.FAILED && task.prev != null) {
            return; // It has yet to surface, or to be discarded.
        }
        ahead.dropped(v, false);
        v.job.values.remove(Integer.toUnsignedLong(v.number));
        storage.drop(v);
        for (Value d : v.deps) {
            unneed(d);
        }
        v.deps = Value.NONE;
        if (task != null) {
            storage.forgetRecipe(task);
        }
    }
}
