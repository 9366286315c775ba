package pydron.worker;

import com.google.protobuf.UnsafeByteOperations;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import pydron.proto.Assign;
import pydron.proto.Free;
import pydron.proto.HeldValue;
import pydron.proto.Hello;
import pydron.proto.Lost;
import pydron.proto.Result;
import pydron.proto.Stored;
import pydron.proto.Value;
import pydron.wire.FrameConnection;

/// What the worker has in hand, and what it does about each thing that happens: batches wait in a queue, a run takes
/// the tasks of a batch to a task process, results come back. A run that loses its process gives up the task that was
/// running, and its other tasks go back to the queue.
///
/// It is not thread safe: [Worker] calls it under one lock. It never waits and never calls the scheduler; messages are
/// queued in the [Link] and sent when the lock is free.
final class Agent {
    /// Batches a slot has room for: one that runs, and one that follows without a round trip.
    private static final int BATCHES_PER_SLOT = 2;

    /// What an agent asks for that must not happen under the lock, or takes time.
    interface Outside {
        void fetch(long value, Path file);

        void upload(long value, Path file);

        void problem(String message);

        void jobOver(int job);

        /// Look at limits and cancelled tasks again in a moment.
        void watch();

        /// The worker's work is over: `asTold` by the scheduler, or because it cannot go on.
        void end(boolean asTold, String reason);
    }

    private final WorkerConfig config;
    private final Link link;
    private final Pool pool;
    private final Interpreters interpreters;
    private final String valuePrefix;
    private final Outside outside;

    private final Holdings holdings = new Holdings();
    private final Values values = holdings.values();
    private final Deque<Batch> queue = new ArrayDeque<>();
    private int batches;
    private boolean draining;
    private boolean staying;

    Agent(WorkerConfig config, Link link, Pool pool, Interpreters interpreters, Outside outside) {
        this.interpreters = interpreters;
        this.config = config;
        this.link = link;
        this.pool = pool;
        this.valuePrefix = pool.valuePrefix();
        this.outside = outside;
    }

    // From the scheduler.

    /// Everything in hand and held, on a new stream.
    void describe(Hello.Builder hello) {
        Set<Long> running = new HashSet<>(link.startHello());
        queue.forEach(batch -> batch.waiting().forEach(task -> running.add(task.attempt())));
        pool.all().forEach(p -> p.run().ifPresent(run -> run.wanted().forEach(t -> running.add(t.attempt()))));
        hello.addAllRunning(running).setCredit(draining ? 0 : BATCHES_PER_SLOT * config.slots() - batches);
        values.all().forEach((value, held) -> {
            HeldValue.Builder one = HeldValue.newBuilder().setValue(value).setSize(held.size());
            if (config.sharesMemory() && held instanceof Values.Stored stored) {
                one.setPath(stored.path().toString());
            }
            hello.addHeld(one);
        });
    }

    void assign(Assign assign) {
        holdings.learn(assign.getJobsList(), assign.getFunctionsList());
        assign.getValuesList().forEach(this::take);
        batches++;
        Batch batch = new Batch(assign.getTasksList().stream().map(Task::of).toList());
        batch.waiting().forEach(task -> batch.missing().addAll(holdings.arriving(task)));
        goOn(batch, false);
        dispatch();
    }

    private void take(Value value) {
        long number = value.getValue();
        long[] deps = value.getDepsList().stream().mapToLong(Long::longValue).toArray();
        switch (value.getWhereCase()) {
            case INLINE -> values.put(number, new Values.Inline(value.getInline(), deps));
            case PATH -> {
                if (values.get(number).orElse(null) instanceof Values.Stored here && here.ours()) {
                    return; // the file is ours to remove, so that must not be forgotten
                }
                Path path = Path.of(value.getPath());
                values.put(number, new Values.Stored(path, path.toFile().length(), deps, false));
            }
            case FETCH_SIZE -> {
                if (values.get(number).isEmpty()) {
                    values.put(number, new Values.Arriving(value.getFetchSize(), deps));
                    outside.fetch(number, fetchedFile(number));
                }
            }
            case WHERE_NOT_SET -> {} // its task is reported as one whose value is not here
        }
    }

    private Path fetchedFile(long value) {
        return Path.of(valuePrefix + "v" + Long.toHexString(value));
    }

    /// Running ones die with their process, waiting ones are dropped. Those in a run that are not their turn yet are
    /// remembered, and their process is ended if their turn comes.
    void cancel(Collection<Long> attempts) {
        Set<Long> unwanted = new HashSet<>(attempts);
        for (Batch batch : List.copyOf(queue)) {
            if (batch.waiting().removeIf(task -> unwanted.contains(task.attempt()))
                    && batch.waiting().isEmpty()) {
                queue.remove(batch);
                goOn(batch, false);
            }
        }
        for (TaskProcess process : pool.all()) {
            process.run().ifPresent(run -> {
                run.batch().waiting().removeIf(task -> unwanted.contains(task.attempt()));
                run.outstanding().keySet().stream().filter(unwanted::contains).forEach(run.cancelled()::add);
                stopIfUnwanted(process, run);
            });
        }
        dispatch();
    }

    /// Others have time for them. What waits here is reported at once; a process gives back what it has not begun.
    void takeBack(Collection<Long> attempts) {
        Set<Long> asked = new HashSet<>(attempts);
        for (Batch batch : List.copyOf(queue)) {
            List<Long> back = batch.waiting().stream()
                    .map(Task::attempt)
                    .filter(asked::contains)
                    .toList();
            batch.waiting().removeIf(task -> asked.contains(task.attempt()));
            back.forEach(attempt -> lost(attempt, Lost.Reason.GIVEN_BACK, ""));
            if (batch.waiting().isEmpty()) {
                queue.remove(batch);
                goOn(batch, false);
            }
        }
        for (TaskProcess process : pool.all()) {
            process.run()
                    .filter(run -> run.outstanding().size() > 1)
                    .filter(run -> run.outstanding().keySet().stream().anyMatch(asked::contains))
                    .ifPresent(run -> process.takeBack(run.last()));
        }
    }

    private void stopIfUnwanted(TaskProcess process, Run run) {
        if (run.cancelled().isEmpty()) {
            return;
        }
        if (run.wanted().isEmpty() || run.cancelled().contains(process.currentAttempt())) {
            abandon(process, run, Optional.empty());
        } else {
            outside.watch();
        }
    }

    void free(Free free) {
        holdings.drop(free.getValuesList(), free.getFunctionsList(), pool.all());
        free.getJobsList().forEach(this::freeJob);
    }

    private void freeJob(int job) {
        List<Long> tasks = new ArrayList<>();
        queue.forEach(b -> b.waiting().stream().filter(t -> t.job() == job).forEach(t -> tasks.add(t.attempt())));
        pool.all()
                .forEach(p -> p.run()
                        .ifPresent(run -> run.outstanding().values().stream()
                                .filter(t -> t.job() == job)
                                .forEach(t -> tasks.add(t.attempt()))));
        cancel(tasks);
        holdings.dropJob(job);
        outside.jobOver(job);
        pool.all().stream()
                .filter(p -> p.job().isPresent() && p.job().getAsInt() == job)
                .forEach(pool::retire);
        pool.fill();
    }

    void upload(long value) {
        if (values.get(value).orElse(null) instanceof Values.Stored stored) {
            outside.upload(value, stored.path());
        } else {
            link.send(Messages.valueLost(value, "this worker does not hold it"), 64);
        }
    }

    /// Takes nothing new.
    ///
    /// @param stays others may need the values that are here: the end comes from outside
    void drain(boolean stays) {
        draining = true;
        staying |= stays;
        endIfDrained();
    }

    /// The scheduler has ended: nobody waits for anything.
    void over() {
        queue.clear();
        pool.all().forEach(pool::retire);
        outside.end(true, "the scheduler has ended");
    }

    private void endIfDrained() {
        if (draining && !staying && batches == 0) {
            outside.end(true, "drained");
        }
    }

    // Values on their way.

    void fetched(long value, Path file) {
        if (values.get(value).orElse(null) instanceof Values.Arriving(long size, long[] deps)) {
            values.put(value, new Values.Stored(file, size, deps, true));
            queue.forEach(batch -> batch.missing().remove(value));
            dispatch();
        } else {
            Values.delete(file); // freed while it came
        }
    }

    void fetchAgain(long value) {
        outside.fetch(value, fetchedFile(value));
    }

    boolean isWanted(long value) {
        return values.get(value).orElse(null) instanceof Values.Arriving;
    }

    /// The value will not come. The tasks that need it are given back, so that others can be found for them.
    void fetchFailed(long value, String reason) {
        if (!isWanted(value)) {
            return;
        }
        values.free(value);
        link.send(Messages.valueLost(value, reason), 64);
        for (Batch batch : List.copyOf(queue)) {
            if (batch.missing().remove(value) && batch.missing().isEmpty()) {
                dispatch(); // tasks whose values are not here are reported there
            }
        }
    }

    void unreadable(long value, String reason) {
        holdings.drop(List.of(value), List.of(), pool.all());
        link.send(Messages.valueLost(value, reason), 64);
    }

    // Running.

    /// Begins what can be begun now.
    void dispatch() {
        while (pool.running() < config.slots()) {
            Optional<Batch> next = queue.stream().filter(this::isReady).findFirst();
            if (next.isEmpty()) {
                return;
            }
            queue.remove(next.get());
            start(next.get());
        }
    }

    private boolean isReady(Batch batch) {
        return batch.missing().isEmpty() && interpreters.settled(holdings.job(batch.job()));
    }

    private void start(Batch batch) {
        List<Task> tasks = batch.takeRun();
        int number = tasks.getFirst().job();
        tasks.removeIf(this::cannotRun);
        if (tasks.isEmpty()) {
            goOn(batch, true);
            return;
        }
        switch (interpreters.forJob(holdings.job(number))) {
            case Interpreters.Choice.Python(String python) -> run(batch, tasks, number, python);
            case Interpreters.Choice.None(String why) -> cannotStart(batch, tasks, Lost.Reason.ENVIRONMENT, why);
            case Interpreters.Choice.NotYet _ -> throw new IllegalStateException("its environment is not made yet");
        }
    }

    private void run(Batch batch, List<Task> tasks, int number, String python) {
        Optional<TaskProcess> process = pool.take(number, python);
        if (process.isEmpty()) {
            boolean own = Interpreters.environment(config, python).isPresent();
            Lost.Reason reason = own ? Lost.Reason.ENVIRONMENT : Lost.Reason.PROCESS_DIED;
            cannotStart(batch, tasks, reason, pool.hopeless(python).orElseThrow());
            return;
        }
        process.get().run(Optional.of(new Run(batch, tasks)));
        process.get().connection().ifPresent(connection -> holdings.send(process.get(), connection, tasks));
    }

    private void cannotStart(Batch batch, List<Task> tasks, Lost.Reason reason, String why) {
        outside.problem(why);
        tasks.forEach(task -> lost(task.attempt(), reason, why));
        goOn(batch, true);
    }

    private boolean cannotRun(Task task) {
        String why;
        if (!holdings.knows(task)) {
            why = "its function or job was not sent to this worker";
        } else {
            Optional<Long> absent = holdings.absent(task);
            if (absent.isEmpty()) {
                return false;
            }
            why = "the value " + Long.toHexString(absent.get()) + " that it needs is not on this worker";
            link.send(Messages.valueLost(absent.get(), why), 64);
        }
        lost(task.attempt(), Lost.Reason.UNKNOWN, why);
        return true;
    }

    /// A batch is back from a run or newly here: on to its next tasks, or its slot is free for another batch.
    private void goOn(Batch batch, boolean first) {
        if (batch.waiting().isEmpty()) {
            batches--;
            if (!draining) {
                link.send(Messages.credit(1), 8);
            }
            endIfDrained();
        } else if (first) {
            queue.addFirst(batch);
        } else {
            queue.addLast(batch);
        }
    }

    // From the task processes.

    void ready(TaskProcess process, FrameConnection connection) {
        process.ready(connection);
        pool.started(process);
        pool.fill();
        process.run()
                .ifPresent(run -> holdings.send(
                        process, connection, List.copyOf(run.outstanding().values())));
    }

    void results(TaskProcess process, List<TaskWire.Outcome> outcomes) {
        if (process.run().isEmpty()) {
            return;
        }
        Run run = process.run().get();
        List<Task> tasks = new ArrayList<>(outcomes.size());
        for (TaskWire.Outcome outcome : outcomes) {
            tasks.add(run.outstanding().remove(outcome.attempt()));
        }
        boolean through = run.outstanding().isEmpty();
        if (through) {
            // First of all: nothing runs there until it has the next ones.
            process.run(Optional.empty());
            dispatch();
        }
        List<Result> results = new ArrayList<>(outcomes.size());
        long bytes = 0;
        for (int i = 0; i < outcomes.size(); i++) {
            TaskWire.Outcome outcome = outcomes.get(i);
            Task task = tasks.get(i);
            boolean wanted = task != null && !run.cancelled().remove(outcome.attempt());
            if (wanted) {
                results.add(result(task, outcome));
                bytes += outcome.payload().size() + 32;
            } else if (outcome.status() == TaskWire.Status.FILE) {
                Values.delete(Path.of(TaskWire.file(outcome.payload()).path()));
            }
        }
        run.limited(
                run.limited().filter(l -> run.outstanding().containsKey(l.task().attempt())));
        if (!results.isEmpty()) {
            link.send(Messages.results(results), bytes);
        }
        if (through) {
            goOn(run.batch(), true);
            dispatch();
        } else {
            stopIfUnwanted(process, run);
        }
    }

    private Result result(Task task, TaskWire.Outcome outcome) {
        Result.Builder result = Result.newBuilder().setAttempt(task.attempt()).setSeconds(outcome.seconds());
        return switch (outcome.status()) {
            case INLINE -> result.setInline(outcome.payload()).build();
            case RAISED -> result.setRaised(outcome.payload()).build();
            case FILE -> {
                TaskWire.FileResult file = TaskWire.file(outcome.payload());
                values.put(task.value(), new Values.Stored(Path.of(file.path()), file.size(), new long[0], true));
                Stored.Builder stored = Stored.newBuilder().setSize(file.size());
                yield result.setStored(config.sharesMemory() ? stored.setPath(file.path()) : stored)
                        .build();
            }
            case UNPICKLABLE -> Messages.lost(result, Lost.Reason.UNPICKLABLE_RESULT, outcome);
            case STORE_FULL -> Messages.lost(result, Lost.Reason.STORE_FULL, outcome);
            case GIVEN_BACK -> Messages.lost(result, Lost.Reason.GIVEN_BACK, outcome);
            case UNLOADABLE ->
                Messages.lost(
                        result,
                        reportGoneFiles(task) ? Lost.Reason.UNKNOWN : Lost.Reason.UNPICKLABLE_ARGUMENT,
                        outcome);
        };
    }

    /// Is it a file that has gone, rather than a pickle that cannot be loaded?
    private boolean reportGoneFiles(Task task) {
        boolean gone = false;
        for (long value : values.closure(task.deps())) {
            if (values.get(value).orElse(null) instanceof Values.Stored stored
                    && !stored.path().toFile().exists()) {
                unreadable(value, "its file '" + stored.path() + "' is gone");
                gone = true;
            }
        }
        return gone;
    }

    private void lost(long attempt, Lost.Reason reason, String detail) {
        link.send(Messages.results(List.of(Messages.lost(attempt, reason, detail))), detail.length() + 32L);
    }

    void printed(TaskProcess process, long attempt, boolean isStderr, byte[] text) {
        boolean cancelled =
                process.run().map(run -> run.cancelled().contains(attempt)).orElse(false);
        if (attempt != 0 && !cancelled && pool.contains(process)) {
            link.send(Messages.output(attempt, isStderr, UnsafeByteOperations.unsafeWrap(text)), text.length + 32L);
        }
    }

    void started(TaskProcess process, long attempt) {
        process.run().ifPresent(run -> {
            Task task = run.outstanding().get(attempt);
            if (task != null) {
                run.limited(Optional.of(new Run.Limited(task, System.nanoTime())));
                outside.watch();
            }
        });
    }

    /// Looks at what is running under a limit, and at cancelled tasks whose turn may have come.
    void watch() {
        for (TaskProcess process : pool.all()) {
            process.run().ifPresent(run -> {
                run.limited().ifPresent(limited -> {
                    outside.watch();
                    Limits.exceeded(process, limited, holdings.function(limited.task()))
                            .ifPresent(lost -> abandon(process, run, Optional.of(lost)));
                });
                if (process.run().isPresent()) {
                    stopIfUnwanted(process, run);
                }
            });
        }
    }

    /// A process has ended; if nobody wanted it to, somebody is to blame.
    void exited(TaskProcess process, int status) {
        if (pool.contains(process)) {
            died(process, status);
        }
        pool.ended(process);
    }

    private void died(TaskProcess process, int status) {
        if (process.stage() == TaskProcess.Stage.STARTING) {
            boolean settled = pool.startFailed(process, status);
            process.run().ifPresent(run -> giveBack(process, run, run.wanted()));
            if (settled) {
                String why = pool.hopeless(process.python()).orElseThrow();
                outside.problem(why);
                if (config.python()
                        .map(Path::toString)
                        .filter(process.python()::equals)
                        .isPresent()) {
                    outside.end(false, why);
                }
            }
        } else {
            process.run()
                    .ifPresentOrElse(
                            run -> abandon(process, run, Deaths.culprit(process, run, Deaths.describe(status))),
                            () -> pool.retire(process));
        }
        pool.fill();
        dispatch();
    }

    /// Ends a process in the middle of a run. One task may have to answer for it; the others start again elsewhere.
    private void abandon(TaskProcess process, Run run, Optional<Result> culprit) {
        pool.retire(process);
        List<Task> rest = run.wanted();
        culprit.filter(lost -> rest.removeIf(task -> task.attempt() == lost.getAttempt()))
                .ifPresent(lost -> link.send(
                        Messages.results(List.of(lost)),
                        lost.getLost().getDetailBytes().size()));
        // Results of this run that were written and will not be reported.
        for (long attempt : run.outstanding().keySet()) {
            Values.delete(Path.of(valuePrefix + Long.toHexString(attempt)));
            Values.delete(Path.of(valuePrefix + Long.toHexString(attempt) + ".part"));
        }
        giveBack(process, run, rest);
        pool.fill();
        dispatch();
    }

    private void giveBack(TaskProcess process, Run run, List<Task> tasks) {
        process.run(Optional.empty());
        run.batch().putBack(tasks);
        goOn(run.batch(), true);
    }
}
