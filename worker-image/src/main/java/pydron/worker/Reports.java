package pydron.worker;

import java.nio.file.Path;
import java.util.List;
import pydron.proto.Lost;
import pydron.proto.Result;
import pydron.proto.Stored;

/// What became of tasks and values, as the scheduler is told. Called under the agent's lock.
final class Reports {
    private final Holdings holdings;
    private final Values values;
    private final Link link;
    private final Pool pool;
    private final boolean sharesMemory;

    Reports(Holdings holdings, Link link, Pool pool, boolean sharesMemory) {
        this.holdings = holdings;
        this.values = holdings.values();
        this.link = link;
        this.pool = pool;
        this.sharesMemory = sharesMemory;
    }

    /// What a process says of a task, for the scheduler; a value file is ours from here on.
    Result result(Task task, TaskWire.Outcome outcome) {
        Result.Builder result = Result.newBuilder().setAttempt(task.attempt()).setSeconds(outcome.seconds());
        return switch (outcome.status()) {
            case INLINE -> result.setInline(outcome.payload()).build();
            case RAISED -> result.setRaised(outcome.payload()).build();
            case FILE -> {
                TaskWire.FileResult file = TaskWire.file(outcome.payload());
                values.put(task.value(), new Values.Stored(Path.of(file.path()), file.size(), new long[0], true));
                Stored.Builder stored = Stored.newBuilder().setSize(file.size());
                yield result.setStored(sharesMemory ? stored.setPath(file.path()) : stored)
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

    /// A value that is held cannot be read: it is held no longer.
    void unreadable(long value, String reason) {
        holdings.drop(List.of(value), List.of(), pool.all());
        link.send(Messages.valueLost(value, reason), 64);
    }

    /// An attempt that came to no process.
    void lost(long attempt, Lost.Reason reason, String detail) {
        link.send(Messages.results(List.of(Messages.lost(attempt, reason, detail))), detail.length() + 32L);
    }
}
