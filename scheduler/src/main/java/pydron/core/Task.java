package pydron.core;

import java.util.Comparator;

/// One functional call: what to compute [#value] with. As long as it is an item of the program order it is also its
/// own link in that list.
final class Task extends Item implements Dependent {
    enum Stage {
        /// Inputs are missing.
        WAITING,
        /// Could run.
        READY,
        /// Given to a worker.
        ASSIGNED,
        /// The driver was asked to run it.
        IN_DRIVER,
        DONE,
        FAILED,
        CANCELLED;

        boolean over() {
            return this == DONE || this == FAILED || this == CANCELLED;
        }
    }

    /// What its failing means.
    enum Standing {
        /// An item of the program order: the run fails.
        ITEM,
        /// Only seen by who wants the value.
        QUIET,
        /// Nothing yet: the driver foresees that it will ask for this.
        AHEAD,
        /// Computed again after its result was lost; it has been an item once.
        RECALLED
    }

    /// Whose turn it is among tasks that could run. What was set aside goes on before what came after it: its results
    /// are used up before there are more of them.
    static final Comparator<Task> TURN = (a, b) -> {
        int bySince = Integer.compareUnsigned(a.since, b.since);
        return bySince != 0 ? bySince : Integer.compareUnsigned(a.value.number, b.value.number);
    };

    final Value value;
    final Function function;
    byte[] args;
    Value[] deps;

    /// How many inputs do not exist yet.
    int missing;

    /// Its number, or that of the last task that came before the part of the program that it is in was set aside.
    int since;

    Stage stage = Stage.WAITING;
    Standing standing;

    /// Valid while assigned.
    long attempt;

    Batch batch;

    /// Attempts that ended with their process or worker, or over a limit, this task being the only suspect.
    byte losses;

    /// Of these, the ones that took the process with them.
    byte kills;

    /// How often its result was lost and it had to run again.
    byte recalls;

    /// Attempts that were lost and not counted against it.
    byte tries;

    /// It was in a batch that was lost: to find out who is to blame it gets a batch of its own.
    boolean alone;

    /// Somebody waits for it: see [Stock].
    boolean demanded;

    /// The worker that its last attempt was lost on, or that gave the result which it is a second opinion on: another
    /// one is preferred.
    Worker shunned;

    Task(Value value, Function function, byte[] args, Value[] deps, Standing standing) {
        this.value = value;
        this.function = function;
        this.args = args;
        this.deps = deps;
        this.standing = standing;
        this.since = value.number;
    }

    /// Where it stands while it is ready.
    ReadyTasks.Row row() {
        return standing == Standing.AHEAD ? function.aheadRow : function.row;
    }
}
