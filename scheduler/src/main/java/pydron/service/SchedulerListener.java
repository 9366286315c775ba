package pydron.service;

import pydron.core.Core;

/// What the command line may want to show. Called on the thread that happens to run the core: be quick.
public interface SchedulerListener {
    SchedulerListener NONE = new SchedulerListener() {};

    /// Several times a second, when something has changed.
    default void statistics(Core.Statistics now) {}

    /// A driver has come, or gone.
    default void drivers(int connected) {}
}
