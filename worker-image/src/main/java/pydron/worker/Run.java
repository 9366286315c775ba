package pydron.worker;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// Tasks of a batch that one task process has been given.
final class Run {
    /// The task that is running now, when its function has a limit.
    record Limited(Task task, long sinceNanos) {}

    private final Batch batch;
    private final SequencedMap<Long, Task> outstanding = new LinkedHashMap<>();
    private final Set<Long> cancelled = new HashSet<>();
    private final long last;
    private Optional<Limited> limited = Optional.empty();

    Run(Batch batch, List<Task> tasks) {
        this.batch = batch;
        for (Task task : tasks) {
            outstanding.put(task.attempt(), task);
        }
        last = tasks.getLast().attempt();
    }

    /// The attempt that comes last, by which a process knows its run.
    long last() {
        return last;
    }

    Batch batch() {
        return batch;
    }

    /// Tasks without a result so far, in the order in which they run.
    SequencedMap<Long, Task> outstanding() {
        return outstanding;
    }

    Set<Long> cancelled() {
        return cancelled;
    }

    Optional<Limited> limited() {
        return limited;
    }

    void limited(Optional<Limited> now) {
        limited = now;
    }

    /// Tasks that somebody still waits for.
    List<Task> wanted() {
        List<Task> wanted = new ArrayList<>(outstanding.values());
        wanted.removeIf(task -> cancelled.contains(task.attempt()));
        return wanted;
    }
}
