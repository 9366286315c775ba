package pydron.provision.sim;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import pydron.provision.cloud.FakeCloud;

/// What runs on an instance.
final class Guest {
    final FakeCloud cloud;
    final FakeCloud.Instance instance;
    final Instant bootsAt;
    /// When it switches itself off.
    Instant leaseEnd;
    boolean connected;
    Instant connectsAt = Instant.MIN;
    boolean accepting = true;
    /// The end of the grace that it was given when it was told to drain.
    Instant deadline = Instant.MAX;
    /// When lease and grace end in the eyes of a service whose clock has been set forward.
    Instant leaseEndBelieved = Instant.MAX;
    Instant deadlineBelieved = Instant.MAX;
    /// Ended once with good reason, so it may be told again.
    boolean mayEnd;
    Instant takenBackAt = Instant.MAX;
    long onlyCopies;
    Instant idleSince;
    final List<Run> runs = new ArrayList<>();

    /// One slot in use.
    static final class Run {
        final SimTasks.Kind kind;
        final int tasks;
        final Instant end;

        Run(SimTasks.Kind kind, int tasks, Instant end) {
            this.kind = kind;
            this.tasks = tasks;
            this.end = end;
        }
    }

    Guest(FakeCloud cloud, FakeCloud.Instance instance, Instant bootsAt) {
        this.cloud = cloud;
        this.instance = instance;
        this.bootsAt = bootsAt;
        leaseEnd = instance.created.plus(instance.request.lease());
        idleSince = bootsAt;
    }

    boolean up(Instant now) {
        return !instance.hung && instance.alive(now) && !now.isBefore(bootsAt);
    }
}
