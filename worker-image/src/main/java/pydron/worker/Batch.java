package pydron.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What one `Assign` brought: tasks to be run in order, one credit's worth. It stays in hand until none of its tasks
/// is.
final class Batch {
    private final Deque<Task> waiting = new ArrayDeque<>();
    private final Set<Long> missing = new HashSet<>();
    private int unexplainedDeaths;

    Batch(Collection<Task> tasks) {
        waiting.addAll(tasks);
    }

    /// Tasks not handed to a process yet.
    Collection<Task> waiting() {
        return waiting;
    }

    /// Values that are still on their way here.
    Set<Long> missing() {
        return missing;
    }

    /// Whose turn it is.
    int job() {
        return waiting.getFirst().job();
    }

    /// Takes out the tasks at the front that one process can run together: those of one job.
    List<Task> takeRun() {
        List<Task> run = new ArrayList<>(waiting.size());
        int job = job();
        while (!waiting.isEmpty() && waiting.getFirst().job() == job) {
            run.add(waiting.removeFirst());
        }
        return run;
    }

    /// Tasks whose process is gone, to be run by another one, before the others.
    void putBack(List<Task> tasks) {
        for (Task task : tasks.reversed()) {
            waiting.addFirst(task);
        }
    }

    /// A process died with this batch but between two of its tasks. Counts how often that has happened.
    int countUnexplainedDeath() {
        return ++unexplainedDeaths;
    }
}
