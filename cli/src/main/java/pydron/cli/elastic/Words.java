package pydron.cli.elastic;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import pydron.provision.apply.Trouble;
import pydron.provision.model.Problem;
import pydron.provision.plan.Waiting;

/// Sentences for users about instances.
final class Words {
    private Words() {}

    /// Why nothing is started, and what to do where somebody can do something.
    ///
    /// @param troubles of the same round
    static String of(Waiting.Reason reason, List<Trouble> troubles) {
        return switch (reason) {
            case Waiting.LimitReached it ->
                "the limit of " + it.limit() + " is reached (pool '" + it.pool() + "'); 'pydron limits set "
                        + option(it.limit()) + " …' raises it";
            case Waiting.PoolRests it ->
                "pool '" + it.pool() + "' rests until " + StatusWriter.text(it.retry()) + ": " + it.reason();
            case Waiting.PoolPaused it ->
                "pool '" + it.pool() + "' is paused: " + it.reason() + "; 'pydron instances --resume " + it.pool()
                        + "' tries it again";
            case Waiting.PoolTried it -> "pool '" + it.pool() + "' is tried with one instance first";
            case Waiting.OnlySpotFits it ->
                "only spot instances (pool '" + it.pool()
                        + "') have what they ask for, and these tasks are too long for them, or not measured yet";
            case Waiting.CloudSilent it ->
                troubles.stream()
                        .filter(trouble -> trouble.cloud().equals(it.cloud()))
                        .findFirst()
                        .map(trouble -> "cloud '" + it.cloud() + "' does not say what runs there: "
                                + trouble.problem().text() + "; 'pydron cloud test " + it.cloud() + "' looks closer")
                        .orElse("cloud '" + it.cloud() + "' has not been reached yet");
            case Waiting.NothingFits _ -> "no pool's instances have what they ask for; add a larger [[pool]]";
        };
    }

    private static String option(Waiting.Limit limit) {
        return switch (limit) {
            case INSTANCES -> "--max-instances";
            case CORES -> "--max-cores";
            case PER_HOUR -> "--max-per-hour";
            case BUDGET -> "--budget";
        };
    }

    /// Whether somebody has to do something before it gets better.
    ///
    /// @param troubles of the same round
    static boolean lasting(Waiting.Reason reason, List<Trouble> troubles) {
        return switch (reason) {
            case Waiting.LimitReached _, Waiting.PoolPaused _, Waiting.OnlySpotFits _, Waiting.NothingFits _ -> true;
            case Waiting.CloudSilent it ->
                troubles.stream()
                        .anyMatch(trouble -> trouble.cloud().equals(it.cloud())
                                && trouble.problem() instanceof Problem.Unauthorized);
            case Waiting.PoolRests _, Waiting.PoolTried _ -> false;
        };
    }

    static String memory(long bytes) {
        return bytes % (1L << 30) == 0 || bytes >= 10L << 30
                ? (bytes >> 30) + "GiB"
                : Math.ceilDiv(bytes, 1L << 20) + "MiB";
    }

    static String duration(Duration time) {
        long seconds = Math.max(0, time.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        } else if (seconds < 7200) {
            return seconds / 60 + "m";
        } else if (seconds < 48 * 3600) {
            return String.format(Locale.ROOT, "%dh%02dm", seconds / 3600, seconds / 60 % 60);
        }
        return seconds / 86400 + "d";
    }

    /// The progress line's part about instances.
    static String line(Status status) {
        if (status.instances().isEmpty() && status.waiting().isEmpty()) {
            return "";
        }
        int coming = 0;
        for (Status.Instance it : status.instances()) {
            coming += it.state().equals("requested") || it.state().equals("booting") ? 1 : 0;
        }
        int all = status.instances().size();
        StringBuilder line = new StringBuilder(all + (all == 1 ? " instance" : " instances"));
        if (coming > 0) {
            line.append(", ").append(coming).append(" of them starting");
        }
        line.append(", ").append(status.money().perHour()).append("/h, ");
        line.append(status.money().spent()).append(" so far");
        List<Status.Waits> waiting = status.waiting();
        if (!waiting.isEmpty()) {
            line.append("; waits: ").append(waiting.getFirst().text());
        }
        return line.toString();
    }
}
