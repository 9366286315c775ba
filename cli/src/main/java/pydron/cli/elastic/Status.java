package pydron.cli.elastic;

import java.util.List;

/// What the service says of itself, as JSON. Amounts of money are decimal texts, times ISO 8601 texts, durations
/// seconds. Fields are only ever added.
///
/// @param since when the service started
/// @param clouds the clouds that may start instances now
/// @param problem what is wrong with the settings file as it is now; empty: nothing
public record Status(
        long pid,
        String since,
        List<String> clouds,
        Work work,
        Money money,
        List<Instance> instances,
        List<Pool> pools,
        List<Waits> waiting,
        List<Trouble> troubles,
        String problem) {
    public Status {
        clouds = List.copyOf(clouds);
        instances = List.copyOf(instances);
        pools = List.copyOf(pools);
        waiting = List.copyOf(waiting);
        troubles = List.copyOf(troubles);
    }

    /// @param drivers programs that are connected
    public record Work(int drivers, long done, int running, int waiting, int slots) {}

    /// @param perHour of all instances there are
    /// @param spent by all there ever were, up to now
    /// @param reserved what they may come to before their leases end
    /// @param budget the limit
    public record Money(String perHour, String spent, String reserved, String budget) {}

    /// @param why it ends; empty as long as it does not
    /// @param since when it got into that state
    /// @param started when it was asked for
    /// @param tasks finished there
    /// @param running tasks
    /// @param cost so far
    /// @param joining how far the way to another machine is, in words
    /// @param leased until when it lives if nobody renews
    public record Instance(
            String claim,
            String pool,
            String cloud,
            String type,
            String zone,
            String id,
            String state,
            String why,
            String since,
            String started,
            String leased,
            int cores,
            String perHour,
            boolean spot,
            String cost,
            long tasks,
            int running,
            boolean connected,
            String joining) {}

    /// @param state `healthy`, `resting` or `paused`
    /// @param reason in words; empty for a healthy one
    /// @param retry when a resting one is tried again
    public record Pool(String name, String cloud, String state, String reason, String retry) {}

    /// @param slots tasks for which nothing is started
    /// @param text why
    public record Waits(int slots, String needs, String text) {}

    public record Trouble(String cloud, String what, String text) {}
}
