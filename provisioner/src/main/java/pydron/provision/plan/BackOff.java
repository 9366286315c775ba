package pydron.provision.plan;

import java.time.Duration;
import java.time.Instant;
import pydron.provision.model.PoolState;
import pydron.provision.model.Problem;

/// What a failure means for its pool.
///
/// @param first how long a pool rests after a failure; twice as long after each further one in a row
/// @param most but never longer
/// @param pauseAfter so many failures in a row that time will not mend, and the pool stays shut until
/// somebody opens it
public record BackOff(Duration first, Duration most, int pauseAfter) {
    public static final BackOff STANDARD = new BackOff(Duration.ofSeconds(30), Duration.ofMinutes(15), 3);

    /// After the cloud did not start an instance.
    public PoolState after(PoolState state, Problem problem, Instant now) {
        return switch (problem) {
            case Problem.Refused _ -> failed(state, problem.text(), now, true);
            case Problem.Throttled throttled -> rest(state, throttled, now);
            case Problem.NoCapacity _, Problem.QuotaExceeded _, Problem.Unauthorized _, Problem.Unknown _ ->
                failed(state, problem.text(), now, false);
        };
    }

    /// After an instance started and did not become what it should.
    ///
    /// @param lasting it will not mend by waiting
    public PoolState failed(PoolState state, String reason, Instant now, boolean lasting) {
        return switch (state) {
            case PoolState.Healthy _ -> backingOff(1, reason, now, lasting);
            // Starts of one round fail one after the other: that is one failure.
            case PoolState.BackingOff it
            when now.isBefore(it.retry()) -> new PoolState.BackingOff(it.failures(), it.retry(), reason);
            case PoolState.BackingOff it -> backingOff(it.failures() + 1, reason, now, lasting);
            case PoolState.Paused it -> it;
        };
    }

    private PoolState backingOff(int failures, String reason, Instant now, boolean lasting) {
        if (lasting && failures >= pauseAfter) {
            return new PoolState.Paused(now, reason);
        }
        Duration rest = first.multipliedBy(1L << Math.min(failures - 1, 20));
        return new PoolState.BackingOff(failures, now.plus(rest.compareTo(most) < 0 ? rest : most), reason);
    }

    /// Being told to wait is no failure of the pool.
    private static PoolState rest(PoolState state, Problem.Throttled throttled, Instant now) {
        Instant retry = now.plus(throttled.retryAfter());
        return switch (state) {
            case PoolState.Healthy _ -> new PoolState.BackingOff(0, retry, throttled.text());
            case PoolState.BackingOff it ->
                new PoolState.BackingOff(
                        it.failures(), retry.isAfter(it.retry()) ? retry : it.retry(), throttled.text());
            case PoolState.Paused it -> it;
        };
    }
}
