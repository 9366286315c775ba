package pydron.provision.plan;

import java.time.Instant;
import java.util.Objects;
import pydron.provision.model.Resources;

/// Work for which nothing is started, and why.
public record Waiting(Resources needs, int slots, Reason reason) {
    public Waiting {
        Objects.requireNonNull(needs);
        Objects.requireNonNull(reason);
    }

    public sealed interface Reason {}

    public enum Limit {
        INSTANCES("instances"),
        CORES("cores"),
        PER_HOUR("money per hour"),
        BUDGET("the budget");

        private final String words;

        Limit(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    public record LimitReached(Limit limit, String pool) implements Reason {}

    public record PoolRests(String pool, Instant retry, String reason) implements Reason {}

    public record PoolPaused(String pool, String reason) implements Reason {}

    /// A recovering pool is tried with one instance first.
    public record PoolTried(String pool) implements Reason {}

    public record OnlySpotFits(String pool) implements Reason {}

    /// Its list has not been had yet, so nobody knows what runs there.
    public record CloudSilent(String cloud) implements Reason {}

    /// No pool's instances have what these tasks ask for.
    public record NothingFits() implements Reason {}
}
