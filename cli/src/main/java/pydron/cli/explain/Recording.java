package pydron.cli.explain;

import java.util.List;

/// What was recorded of a run. Times are nanoseconds since the first pipeline was called.
///
/// @param slots tasks that can run at a time
/// @param leftOut waits that were not recorded, because there were too many
public record Recording(int slots, List<Task> tasks, List<Wait> waits, List<Span> idle, List<Call> calls, int leftOut) {
    public Recording {
        tasks = List.copyOf(tasks);
        waits = List.copyOf(waits);
        idle = List.copyOf(idle);
        calls = List.copyOf(calls);
    }

    public record Span(long start, long end) {
        long nanos() {
            return end - start;
        }
    }

    /// A task that ran.
    ///
    /// @param index in the list of tasks
    /// @param submitted when it was called
    /// @param ready when its arguments were there: results of other tasks, and values that the script made of them
    /// @param needs indices of the tasks whose results it needed
    public record Task(
            int index,
            String function,
            String file,
            int line,
            int slot,
            long submitted,
            long ready,
            long start,
            long end,
            List<Integer> needs) {
        public Task {
            needs = List.copyOf(needs);
        }
    }

    public enum Kind {
        IN_ORDER,
        FOR_VALUE,
        AT_FENCE,
        RUN_HERE
    }

    /// A strand of the program stopped.
    ///
    /// @param front it was the program itself, not a part that was set aside
    /// @param until when it could go on; what ran in order then came to its end at `end`
    public record Wait(
            Kind kind,
            boolean front,
            String file,
            int line,
            String function,
            String detail,
            long start,
            long until,
            long end) {}

    /// A call of an outermost pipeline.
    ///
    /// @param plainReason why it ran as it is; empty if it did not
    public record Call(String file, int line, String name, String plainReason, long start, long end) {}
}
