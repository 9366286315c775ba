package pydron.core;

/// Things that are normal in a world of unreliable machines, and worth knowing all the same.
public final class Counters {
    long lateReports;
    long staleSessions;
    long unknownNames;
    long discardedAppends;
    long recomputed;
    long retried;
    long givenBack;

    /// Reports of attempts that are no longer wanted.
    public long lateReports() {
        return lateReports;
    }

    /// Messages of a stream that has been replaced, or of a worker that was given up.
    public long staleSessions() {
        return staleSessions;
    }

    /// Driver frames that name something which is gone.
    public long unknownNames() {
        return unknownNames;
    }

    /// Items that the driver appended to a body that was already discarded.
    public long discardedAppends() {
        return discardedAppends;
    }

    /// Values that were lost with their worker and computed again.
    public long recomputed() {
        return recomputed;
    }

    /// Tasks that workers gave back before they had begun, as others had time for them.
    public long givenBack() {
        return givenBack;
    }

    /// New attempts of tasks whose process or worker was lost.
    public long retried() {
        return retried;
    }
}
