package pydron.provision.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/// The recorded intent to have an instance, written down before the cloud is called.
///
/// @param pool as it was when the claim was made: what the settings say later changes neither its price nor
/// its size
/// @param at when it was made
/// @param until when the instance ends by itself unless its lease is renewed; the money until then is set
/// aside
public record Claim(ClaimId id, Pool pool, Instant at, Instant until, ClaimState state) {
    public Claim {
        Objects.requireNonNull(id);
        Objects.requireNonNull(pool);
        Objects.requireNonNull(at);
        Objects.requireNonNull(until);
        Objects.requireNonNull(state);
    }

    public Claim with(ClaimState next) {
        return new Claim(id, pool, at, until, next);
    }

    public Claim leasedUntil(Instant end) {
        return new Claim(id, pool, at, end, state);
    }

    public boolean open() {
        return !(state instanceof ClaimState.Gone);
    }

    /// The most that it can have cost by then.
    public Money costBy(Instant time) {
        return pool.perHour().during(Duration.between(at, time));
    }

    /// What it may still come to when nothing more is done about it.
    public Money committed(Instant now) {
        return switch (state) {
            case ClaimState.Gone gone -> gone.cost();
            case ClaimState.Requested _,
                    ClaimState.Booting _,
                    ClaimState.Working _,
                    ClaimState.Draining _,
                    ClaimState.Terminating _ -> costBy(now.isAfter(until) ? now : until);
        };
    }
}
