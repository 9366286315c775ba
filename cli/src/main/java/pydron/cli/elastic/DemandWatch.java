package pydron.cli.elastic;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import pydron.core.Demand;
import pydron.core.Facts;
import pydron.provision.model.Resources;
import pydron.provision.plan.Work;

/// What the scheduler has to do, as the planner wants to know it: with the times between which it came.
final class DemandWatch {
    private static final double LONGEST_SECONDS = Duration.ofDays(365).toSeconds();

    private Optional<Instant> waitingSince = Optional.empty();
    private Instant lastCame = Instant.MIN;
    private long submitted;

    /// Is to be called again and again.
    pydron.provision.plan.Demand look(Demand demand, Instant now) {
        if (demand.submitted() > submitted) {
            lastCame = now;
        }
        submitted = demand.submitted();
        List<Work> work = new ArrayList<>();
        int ready = 0;
        for (Demand.Group group : demand.groups()) {
            ready += group.ready();
            work.add(new Work(needs(group.needs()), group.ready(), group.running(), each(group)));
        }
        if (ready == 0) {
            waitingSince = Optional.empty();
        } else if (waitingSince.isEmpty()) {
            waitingSince = Optional.of(now);
        }
        return new pydron.provision.plan.Demand(
                work,
                waitingSince.map(since ->
                        new pydron.provision.plan.Demand.Burst(since, lastCame.isBefore(since) ? since : lastCame)));
    }

    /// How long until a burst counts as over, if nothing more comes; empty when nothing waits.
    Optional<Duration> settlesIn(Duration settle, Instant now) {
        return waitingSince
                .map(since -> Duration.between(now, (lastCame.isBefore(since) ? since : lastCame).plus(settle)))
                .filter(it -> !it.isNegative());
    }

    private static Resources needs(Facts.Needs needs) {
        int cores = (int) Math.clamp(Math.ceil(needs.cpus()), 1, 1 << 20);
        return new Resources(cores, needs.memoryBytes(), needs.gpus());
    }

    private static Optional<Duration> each(Demand.Group group) {
        return group.seconds().isEmpty()
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(
                        (long) (Math.min(LONGEST_SECONDS, group.seconds().getAsDouble()) * 1e9)));
    }
}
