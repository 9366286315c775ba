package pydron.core;

/// Values that the driver makes, or says something about: what it puts, what turned out to be the same as something
/// else, what will never come.
final class DriverValues {
    private final Outbox out;
    private final Graph graph;
    private final Counters counters;

    DriverValues(Outbox out, Graph graph, Counters counters) {
        this.out = out;
        this.graph = graph;
        this.counters = counters;
    }

    /// A driver's value, or the outcome of a call that the driver ran itself.
    void put(Job job, int number, int[] numbers, Content content) {
        Value v = graph.value(job, number);
        Task task = v.task;
        if (!(v.content instanceof Content.Missing) || task != null && task.stage != Task.Stage.IN_DRIVER) {
            counters.unknownNames++;
            graph.storage.deleteKept(content);
            return;
        }
        v.deps = graph.needed(job, numbers);
        v.missing = 0;
        for (Value d : v.deps) {
            if (d.failed()) {
                graph.storage.deleteKept(content);
                graph.failValue(v, ((Content.Failed) d.content).record());
                return;
            }
            if (!d.exists()) {
                v.missing++;
                d.addDependent(v);
                graph.storage.reviveIfLost(d);
            }
        }
        v.content = content;
        if (v.missing == 0) {
            graph.nowExists(v);
        } else if (v.wanted || v.isAwaited()) {
            Stock.demand(v);
        }
        if (task != null) {
            graph.stage(task, Task.Stage.DONE);
            graph.dropNeeds(task);
            v.task = null;
            graph.leaveOrder(task, true);
        }
    }

    void alias(Job job, int number, int other) {
        Value v = graph.value(job, number);
        Value target = graph.value(job, other);
        if (!(v.content instanceof Content.Missing) || v.task != null) {
            counters.unknownNames++;
            return;
        }
        if (target.resolved() == v) {
            out.add(new Effect.DropDriver(
                    job.number, "value " + Integer.toUnsignedString(number) + " is an alias of itself"));
            return;
        }
        v.deps = new Value[] {target};
        target.needs++;
        if (target.content instanceof Content.Failed failed) {
            graph.failValue(v, failed.record());
            return;
        }
        v.content = new Content.Alias(target);
        if (target.exists()) {
            graph.nowExists(v);
        } else {
            v.missing = 1;
            target.addDependent(v);
            if (v.wanted || v.isAwaited()) {
                Stock.demand(target);
            }
            graph.storage.reviveIfLost(target);
        }
    }

    void neverComes(Job job, int number) {
        Value v = graph.value(job, number);
        if (!(v.content instanceof Content.Missing) || v.task != null) {
            counters.unknownNames++;
            return;
        }
        graph.failValue(v, LostRecord.of(LostRecord.LOST, "", "a value that it depends on never came to exist"));
    }
}
