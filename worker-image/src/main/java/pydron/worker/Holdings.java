package pydron.worker;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pydron.proto.Function;
import pydron.proto.Job;
import pydron.wire.FrameConnection;
import pydron.wire.FrameWriter;

/// The jobs, functions and values that this worker has been told of, and which of them each task process knows.
final class Holdings {
    /// Which values it is to forget a process is told with its next tasks, as each message wakes it. No later than
    /// when there are so many; the large ones are files, and they are gone already.
    private static final int UNTOLD = 64;

    private final FrameWriter frames = new FrameWriter();
    private final Map<Integer, Job> jobs = new LinkedHashMap<>();
    private final Map<Long, Function> functions = new LinkedHashMap<>();
    private final Values values = new Values();

    void learn(Collection<Job> newJobs, Collection<Function> newFunctions) {
        newJobs.forEach(job -> jobs.put(job.getJob(), job));
        newFunctions.forEach(function -> functions.put(function.getFunction(), function));
    }

    Values values() {
        return values;
    }

    Job job(int number) {
        return jobs.get(number);
    }

    Function function(Task ofTask) {
        return functions.get(ofTask.function());
    }

    boolean knows(Task task) {
        return jobs.containsKey(task.job()) && functions.containsKey(task.function());
    }

    /// A value that the task needs and that nobody has sent.
    Optional<Long> absent(Task task) {
        return needed(task).stream().filter(v -> values.get(v).isEmpty()).findFirst();
    }

    /// Values that the task needs and that are still on their way.
    List<Long> arriving(Task task) {
        return needed(task).stream()
                .filter(v -> values.get(v).orElse(null) instanceof Values.Arriving)
                .toList();
    }

    private Set<Long> needed(Task task) {
        return task.deps().length == 0 ? Set.of() : values.closure(task.deps());
    }

    /// Sends a process tasks, and before them whatever they need that it has not been sent before.
    void send(TaskProcess process, FrameConnection connection, List<Task> tasks) {
        int job = tasks.getFirst().job();
        frames.clear();
        tellGone(process);
        if (process.mustLearnJob()) {
            TaskWire.job(frames, jobs.get(job));
        }
        for (Task task : tasks) {
            if (process.functions().add(task.function())) {
                TaskWire.function(frames, functions.get(task.function()));
            }
            for (long value : needed(task)) {
                if (process.values().add(value)) {
                    TaskWire.value(frames, value, values.get(value).orElseThrow());
                }
            }
        }
        TaskWire.run(frames, job, tasks);
        connection.send(frames);
    }

    /// Forgets, here and in the task processes.
    void drop(Collection<Long> oldValues, Collection<Long> oldFunctions, Collection<TaskProcess> processes) {
        Set<Long> goneValues = new HashSet<>(oldValues);
        Set<Long> goneFunctions = new HashSet<>(oldFunctions);
        goneValues.forEach(values::free);
        goneFunctions.forEach(functions::remove);
        for (TaskProcess process : processes) {
            process.gone().values().addAll(known(goneValues, process.values()));
            process.gone().functions().addAll(known(goneFunctions, process.functions()));
            if (process.gone().values().size() >= UNTOLD
                    || !process.gone().functions().isEmpty()) {
                process.connection().ifPresent(connection -> {
                    frames.clear();
                    tellGone(process);
                    connection.send(frames);
                });
            }
        }
    }

    /// Puts what the process is to forget in front of what it is sent.
    private void tellGone(TaskProcess process) {
        TaskProcess.Gone gone = process.gone();
        if (gone.size() > 0) {
            TaskWire.drop(frames, longs(gone.values()), longs(gone.functions()));
            gone.values().clear();
            gone.functions().clear();
        }
    }

    private static long[] longs(List<Long> numbers) {
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    /// Which of `gone` were known; they are not any more.
    private static List<Long> known(Set<Long> gone, Set<Long> known) {
        return gone.stream().filter(known::remove).toList();
    }

    void dropJob(int job) {
        jobs.remove(job);
        functions.keySet().removeIf(function -> Task.jobOf(function) == job);
        values.freeIf(value -> Task.jobOf(value) == job);
    }
}
