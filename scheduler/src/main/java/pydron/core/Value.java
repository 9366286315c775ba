package pydron.core;

import java.util.List;
import java.util.function.Consumer;

/// One number of the driver's value space: a task's result, or something the driver made. There are as many of these
/// as tasks wait, so it is kept small.
final class Value implements Dependent {
    static final Value[] NONE = {};

    final Job job;
    final int number;
    Content content = Content.Missing.MISSING;

    /// Who computes it, or how to compute it again. Null when that will not be needed.
    Task task;

    /// What the driver's pickle of it refers to; the target of an alias.
    Value[] deps = NONE;

    /// How many of those do not exist yet.
    int missing;

    /// Null, one [Dependent], or a list of them.
    private Object dependents;

    /// Null, one [Worker] that may hold a copy, or a list of them.
    private Object mentions;

    /// Unfinished tasks and other values that refer to it.
    int needs;

    /// Recipes that refer to it: it must be possible to get it back.
    int lineage;

    /// A variable of the driver reaches it.
    boolean held = true;

    /// The driver waits for it.
    boolean wanted;

    /// Some of it exists only in the driver's memory.
    boolean driverOnly;

    /// In the row of values to look at for being unreachable.
    boolean loose;

    Value(Job job, int number) {
        this.job = job;
        this.number = number;
    }

    long id() {
        return ((long) job.number << 32) | Integer.toUnsignedLong(number);
    }

    /// There is something, here or at a worker, or there will be as soon as what it is made of exists.
    boolean exists() {
        return switch (content) {
            case Content.Missing m -> false;
            case Content.Failed f -> false;
            case Content.Filed f -> missing == 0 && !f.lost();
            case Content.Inline i -> missing == 0;
            case Content.DriverOnly d -> true;
            case Content.Alias a -> missing == 0;
        };
    }

    boolean failed() {
        return content instanceof Content.Failed;
    }

    /// What it stands for when all aliases are followed.
    Value resolved() {
        Value at = this;
        while (at.content instanceof Content.Alias alias) {
            at = alias.target();
        }
        return at;
    }

    void addDependent(Dependent d) {
        dependents = Several.add(dependents, d);
    }

    boolean isAwaited() {
        return dependents != null;
    }

    void removeDependent(Dependent d) {
        dependents = Several.remove(dependents, d);
    }

    /// Quiet tasks are second opinions on something: rather not of the worker that gave the first.
    void shunBySecondOpinions(Worker w) {
        List<Dependent> all = dependents == null ? List.of() : Several.list(dependents);
        for (Dependent d : all) {
            if (d instanceof Task t && t.standing == Task.Standing.QUIET) {
                t.shunned = w;
            }
        }
    }

    List<Dependent> takeDependents() {
        List<Dependent> taken = Several.list(dependents);
        dependents = null;
        return taken;
    }

    void mention(Worker w) {
        if (!mentionedTo(w)) {
            mentions = Several.addNew(mentions, w);
        }
    }

    void unmention(Worker w) {
        mentions = Several.remove(mentions, w);
    }

    boolean mentionedTo(Worker w) {
        return Several.contains(mentions, w);
    }

    List<Worker> mentions() {
        return Several.list(mentions);
    }

    /// Gives some of the workers that may hold a copy, no more than `most`.
    void mentions(int most, Consumer<Worker> each) {
        Several.some(mentions, most, each);
    }
}
