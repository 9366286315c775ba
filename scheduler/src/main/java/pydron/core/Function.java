package pydron.core;

import java.util.LinkedHashSet;
import java.util.Set;

/// A user's function and what has been learnt about it.
final class Function {
    private static final double NEW_WEIGHT = 0.2;

    final Job job;
    final int number;
    final Facts.Function facts;
    final ReadyTasks.Row row;
    final ReadyTasks.Row aheadRow;

    /// Workers that have been told of it.
    final Set<Worker> knownBy = new LinkedHashSet<>(4);

    /// Moving average of the wall time of a call; negative when there has been none yet.
    private double seconds = -1;

    Function(Job job, int number, Facts.Function facts) {
        this.job = job;
        this.number = number;
        this.facts = facts;
        this.row = job.ready.row(facts.needs(), false);
        this.aheadRow = job.ready.row(facts.needs(), true);
    }

    long id() {
        return ((long) job.number << 32) | Integer.toUnsignedLong(number);
    }

    void took(double measured) {
        if (measured >= 0 && measured < Double.POSITIVE_INFINITY) {
            seconds = seconds < 0 ? measured : seconds + NEW_WEIGHT * (measured - seconds);
        }
    }

    boolean timed() {
        return seconds >= 0;
    }

    double seconds() {
        return seconds;
    }
}
