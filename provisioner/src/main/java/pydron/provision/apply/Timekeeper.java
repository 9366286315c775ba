package pydron.provision.apply;

import java.time.Instant;
import java.util.function.LongSupplier;
import pydron.provision.claims.Claims;
import pydron.provision.model.Claim;

/// The time that claims are written in. Within a process it only goes on, however the clock of the machine is
/// set; from one process to the next it never goes back.
///
/// A clock that is behind what an earlier process wrote has been set back, and nobody knows for how long
/// instances ran meanwhile: no longer than their leases, so the time begins where these end. A clock that was
/// set back by less than the pause cannot be told; money is then counted too low by that much.
public final class Timekeeper {
    private final Instant begin;
    private final LongSupplier nanos;
    private final long beginNanos;

    /// @param wall what the machine's clock says now
    /// @param nanos a count of nanoseconds that only goes on, [System#nanoTime]
    public Timekeeper(Claims claims, Instant wall, LongSupplier nanos) {
        this.nanos = nanos;
        beginNanos = nanos.getAsLong();
        Instant last = claims.tick();
        if (!wall.isBefore(last)) {
            begin = wall;
        } else {
            begin = claims.open().stream()
                    .map(Claim::until)
                    .reduce(last, (one, other) -> one.isAfter(other) ? one : other);
        }
    }

    public Instant begin() {
        return begin;
    }

    public Instant now() {
        return begin.plusNanos(nanos.getAsLong() - beginNanos);
    }
}
