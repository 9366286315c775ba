package pydron.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/// What is to be done, counted: from this others decide how many machines are worth having. Tasks that are only
/// foreseen do not count, nor do those that still wait for inputs, nor those that are held back because their driver
/// is slower than the workers are ([Stock]).
///
/// @param groups of tasks that ask for the same
/// @param functions whose calls have been measured
/// @param submitted all tasks that drivers have ever asked for: when it has risen, more has come
public record Demand(List<Group> groups, List<Measured> functions, long submitted) {
    public static final Demand NONE = new Demand(List.of(), List.of(), 0);

    /// @param ready could run, or are queued behind one that runs
    /// @param running do run
    /// @param seconds how long one of them takes on average, as far as their functions have been measured
    public record Group(Facts.Needs needs, int ready, int running, OptionalDouble seconds) {}

    /// @param seconds a call takes, a moving average
    public record Measured(String name, String file, int line, double seconds) {}

    public Demand {
        groups = List.copyOf(groups);
        functions = List.copyOf(functions);
    }

    /// Looks at every task that is ready, so it is not for every event.
    static Demand of(Collection<Job> jobs, Collection<Worker> workers, long submitted, Stock stock, long now) {
        Map<Facts.Needs, Count> counts = new LinkedHashMap<>();
        List<Measured> functions = new ArrayList<>();
        for (Job job : jobs) {
            Predicate<Task> useful = stock.useful(job, now);
            for (ReadyTasks.Row row : job.ready.rows()) {
                if (!row.ahead) {
                    row.forEach(t -> {
                        if (useful.test(t)) {
                            counts.computeIfAbsent(t.function.facts.needs(), _ -> new Count())
                                    .ready(t);
                        }
                    });
                }
            }
            job.functions.forEach(f -> {
                if (f.timed()) {
                    functions.add(new Measured(f.facts.name(), f.facts.file(), f.facts.line(), f.seconds()));
                }
            });
        }
        for (Worker worker : workers) {
            for (Batch batch : worker.batches) {
                count(batch, counts);
            }
        }
        List<Group> groups = new ArrayList<>();
        counts.forEach((needs, count) -> groups.add(count.group(needs)));
        return new Demand(groups, functions, submitted);
    }

    private static void count(Batch batch, Map<Facts.Needs, Count> counts) {
        boolean first = true;
        for (Task task : batch.tasks) {
            if (task.batch != batch || task.standing == Task.Standing.AHEAD) {
                continue;
            }
            Count count = counts.computeIfAbsent(task.function.facts.needs(), _ -> new Count());
            if (first) {
                count.running++;
                count.measure(task);
                first = false;
            } else {
                count.ready(task);
            }
        }
    }

    private static final class Count {
        int ready;
        int running;
        private int measured;
        private double seconds;

        void ready(Task task) {
            ready++;
            measure(task);
        }

        void measure(Task task) {
            if (task.function.timed()) {
                measured++;
                seconds += task.function.seconds();
            }
        }

        Group group(Facts.Needs needs) {
            return new Group(
                    needs,
                    ready,
                    running,
                    measured == 0 ? OptionalDouble.empty() : OptionalDouble.of(seconds / measured));
        }
    }
}
