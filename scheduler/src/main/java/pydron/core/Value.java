package pydron.core;

import java.util.ArrayList;
import java.util.List;

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
            mentions = Several.add(mentions, w);
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

    /// A field that is mostly empty, often one thing, and seldom more.
    private static final class Several {
        @SuppressWarnings("unchecked")
        static Object add(Object field, Object item) {
            return switch (field) {
                case null -> item;
                case ArrayList<?> list -> {
                    ((ArrayList<Object>) list).add(item);
                    yield list;
                }
                case Object one -> {
                    ArrayList<Object> list = new ArrayList<>(3);
                    list.add(one);
                    list.add(item);
                    yield list;
                }
            };
        }

        static Object remove(Object field, Object item) {
            if (field instanceof ArrayList<?> list) {
                list.removeIf(x -> x == item);
                return list.isEmpty() ? null : list;
            }
            return field == item ? null : field;
        }

        static boolean contains(Object field, Object item) {
            return field == item || field instanceof ArrayList<?> list && list.contains(item);
        }

        @SuppressWarnings("unchecked")
        static <T> List<T> list(Object field) {
            return switch (field) {
                case null -> List.of();
                case ArrayList<?> list -> (List<T>) list;
                case Object one -> List.of((T) one);
            };
        }
    }
}
