package pydron.provision.plan;

import java.time.Instant;
import java.util.Objects;

/// What the scheduler knows of the worker on an instance.
///
/// @param connected its stream is open; when not, the rest is as last heard
/// @param accepting it may be given tasks
/// @param onlyCopies bytes of values that are nowhere else and that someone may still need
/// @param idleSince since when it has run nothing; any time when it runs something
/// @param leaving the cloud has told it that it is taken back
public record WorkerView(
        boolean connected, boolean accepting, int running, long onlyCopies, Instant idleSince, boolean leaving) {
    public WorkerView {
        Objects.requireNonNull(idleSince);
    }
}
