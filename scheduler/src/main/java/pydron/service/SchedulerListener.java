package pydron.service;

import pydron.core.Core;
import pydron.core.Effect;
import pydron.core.Event;

/// What the command line may want to show. Called on the thread that happens to run the core: be quick.
public interface SchedulerListener {
    SchedulerListener NONE = new SchedulerListener() {};

    /// Several times a second, when something has changed.
    default void statistics(Core.Statistics now) {}

    /// A driver has come, or gone.
    default void drivers(int connected) {}

    /// Whether drivers are asked to record what held them up: then each sends a [DriverTrace] at the end of a run.
    default boolean recordsRuns() {
        return false;
    }

    /// Before the core handles it. The time is that of `System.nanoTime`.
    default void happened(Event event, long nanos) {}

    /// What the core decided on that.
    default void decided(Effect effect, long nanos) {}

    /// Called by the thread that reads from drivers.
    default void traced(int job, DriverTrace trace, long nanos) {}
}
