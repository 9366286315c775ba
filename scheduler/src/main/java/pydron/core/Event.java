package pydron.core;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// What has happened outside. Numbers of values, regions, markers, tokens and functions are the driver's own; a `long`
/// value is `job << 32 | number`.
public sealed interface Event {
    /// Something a driver has said, see `docs/protocols.md`, "driver → scheduler".
    sealed interface FromDriver extends Event {
        int job();
    }

    /// Something a worker has said. `session` numbers its streams: what an earlier stream brought late is told apart.
    sealed interface FromWorker extends Event {
        int session();
    }

    record JobOpened(int job, Facts.Driver driver) implements FromDriver {}

    record FunctionDefined(int job, int function, Facts.Function facts) implements FromDriver {}

    record RunBegun(int job, int root) implements FromDriver {}

    /// Tasks `first`, `first + 1`, …; the columns belong together by index, all dependencies in one row.
    record TasksSubmitted(
            int job, int region, int first, Place place, int[] functions, int[] depCounts, int[] deps, byte[][] args)
            implements FromDriver {
        /// Where tasks are in the program order.
        public enum Place {
            /// At the end of the region.
            HERE,
            /// Nowhere: a failure is only seen by who wants the value.
            QUIET,
            /// Nowhere yet: the driver foresees the call, and says so when it is made ([TaskAdopted]).
            AHEAD
        }
    }

    /// A call is made that was foreseen: the task gets its place at the end of the region.
    record TaskAdopted(int job, int region, int task) implements FromDriver {}

    record RegionForked(int job, int parent, int region) implements FromDriver {}

    record MarkerSet(int job, int region, int marker) implements FromDriver {}

    record RegionClosed(int job, int region) implements FromDriver {}

    record RegionFailed(int job, int region) implements FromDriver {}

    record OrderAsked(int job, int region, int token, boolean brief) implements FromDriver {}

    record FenceAsked(int job, int region, int marker, int token) implements FromDriver {}

    record ValuesWanted(int job, int[] values) implements FromDriver {}

    record InlinePut(int job, int value, int[] deps, byte[] pickle) implements FromDriver {}

    record FilePut(int job, int value, int[] deps, String path, long size) implements FromDriver {}

    record ValueAliased(int job, int value, int other) implements FromDriver {}

    record ValueKeptInDriver(int job, int value) implements FromDriver {}

    record ValueNeverComes(int job, int value) implements FromDriver {}

    record ValuesFreed(int job, int[] values) implements FromDriver {}

    record TaskRaisedInDriver(int job, int task, byte[] record) implements FromDriver {}

    record MarkerDropped(int job, int marker) implements FromDriver {}

    record RunEnded(int job, int root) implements FromDriver {}

    /// The driver has gone, for whatever reason.
    record JobClosed(int job) implements FromDriver {}

    record WorkerJoined(int session, Facts.Worker facts, long[] running, List<Facts.Held> held, int credit)
            implements FromWorker {}

    record CreditGranted(int session, int batches) implements FromWorker {}

    record ResultsReported(int session, List<Outcome.Report> reports) implements FromWorker {}

    record OutputPrinted(int session, long attempt, boolean stderr, byte[] text) implements FromWorker {}

    record WorkerSpoke(int session) implements FromWorker {}

    record ValueVanished(int session, long value, String reason) implements FromWorker {}

    record WorkerLeft(int session, String reason) implements FromWorker {}

    /// Its machine is taken away after `left`, whatever anybody does.
    record WorkerRecalled(int session, Duration left) implements FromWorker {}

    /// The stream broke. The worker may come back within its lease.
    record WorkerCutOff(int session) implements FromWorker {}

    /// A value that was asked of a worker is now in a file of the scheduler's own.
    record UploadFinished(long value, String path, long size) implements Event {}

    record UploadFailed(long value, String reason) implements Event {}

    /// A file by which a value was given out cannot be read on the scheduler's machine. The path is empty when it is
    /// the
    /// one that the driver was last given.
    record FileUnreadable(long value, String path) implements Event {}

    /// A worker fetches a value by a call that is to be answered; `request` numbers the calls.
    record ValueAsked(long request, long value) implements Event {}

    /// The worker of that name is to go when what it runs has ended and what only it holds is here, or after `left`.
    record DrainOrdered(String worker, Duration left) implements Event {}

    /// The machine of the worker of that name may run on for so long.
    record LeaseRenewed(String worker, Duration left) implements Event {}

    /// What there is to say of the machines, for the users of all jobs.
    ///
    /// @param line for the progress line, instead of their number; empty: nothing
    /// @param notice said once to each job that waits or runs, and again when it changes; empty: nothing
    record FleetDescribed(String line, String notice) implements Event {
        public FleetDescribed {
            Objects.requireNonNull(line);
            Objects.requireNonNull(notice);
        }
    }

    record TimePassed() implements Event {}
}
