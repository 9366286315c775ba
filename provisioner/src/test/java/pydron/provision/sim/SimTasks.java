package pydron.provision.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import pydron.provision.model.Resources;
import pydron.provision.plan.Demand;
import pydron.provision.plan.Work;

/// The tasks of a simulation, and a placement that gives each worker what fits.
final class SimTasks {
    static final class Kind {
        final Resources needs;
        final Duration each;
        int ready;
        boolean measured;

        Kind(Resources needs, Duration each) {
            this.needs = needs;
            this.each = each;
        }
    }

    final List<Kind> kinds = new ArrayList<>();
    private Instant since = Instant.MAX;
    private Instant last = Instant.MAX;
    long finished;
    long arrived;

    void arrive(Kind kind, int count, Instant now) {
        kind.ready += count;
        arrived += count;
        last = now;
        if (since.equals(Instant.MAX)) {
            since = now;
        }
    }

    boolean waiting() {
        return kinds.stream().anyMatch(it -> it.ready > 0);
    }

    void cancel() {
        kinds.forEach(it -> it.ready = 0);
    }

    /// Finished tasks leave, free slots are filled; `step` is how long it takes until this is called again.
    void place(List<Guest> guests, Instant now, Duration step, RandomGenerator random) {
        for (Guest guest : guests) {
            finish(guest, now, random);
            if (guest.up(now) && guest.connected && guest.accepting) {
                fill(guest, now, step);
            }
        }
        if (!waiting()) {
            since = Instant.MAX;
            last = Instant.MAX;
        }
    }

    private void finish(Guest guest, Instant now, RandomGenerator random) {
        for (Iterator<Guest.Run> runs = guest.runs.iterator(); runs.hasNext(); ) {
            Guest.Run run = runs.next();
            if (!guest.instance.alive(now)) {
                run.kind.ready += run.tasks;
                if (since.equals(Instant.MAX)) {
                    since = now;
                    last = now;
                }
                runs.remove();
            } else if (!now.isBefore(run.end)) {
                runs.remove();
                finished += run.tasks;
                run.kind.measured = true;
                guest.idleSince = run.end;
                guest.onlyCopies += random.nextInt(4) == 0 ? 1000 : 0;
            }
        }
    }

    private void fill(Guest guest, Instant now, Duration step) {
        int cores = guest.instance.pool().size().cores();
        long memory = guest.instance.pool().size().memory();
        int gpus = guest.instance.pool().size().gpus();
        for (Guest.Run run : guest.runs) {
            cores -= run.kind.needs.cores();
            memory -= run.kind.needs.memory();
            gpus -= run.kind.needs.gpus();
        }
        for (Kind kind : kinds) {
            if (kind.ready == 0) {
                continue;
            }
            int slots = new Resources(Math.max(0, cores), Math.max(0, memory), Math.max(0, gpus)).holds(kind.needs);
            while (slots-- > 0 && kind.ready > 0) {
                int tasks = (int) Math.clamp(step.toMillis() / kind.each.toMillis(), 1, kind.ready);
                kind.ready -= tasks;
                guest.runs.add(new Guest.Run(kind, tasks, now.plus(kind.each.multipliedBy(tasks))));
                cores -= kind.needs.cores();
                memory -= kind.needs.memory();
                gpus -= kind.needs.gpus();
            }
        }
    }

    /// @param shift from the world's time to the service's
    Demand demand(List<Guest> guests, Duration shift) {
        List<Work> work = new ArrayList<>();
        for (Kind kind : kinds) {
            int running = 0;
            for (Guest guest : guests) {
                for (Guest.Run run : guest.runs) {
                    running += run.kind == kind && guest.accepting ? 1 : 0;
                }
            }
            if (kind.ready + running > 0) {
                work.add(new Work(
                        kind.needs, kind.ready, running, kind.measured ? Optional.of(kind.each) : Optional.empty()));
            }
        }
        Optional<Demand.Burst> burst = since.equals(Instant.MAX)
                ? Optional.empty()
                : Optional.of(new Demand.Burst(since.plus(shift), last.plus(shift)));
        return new Demand(work, burst);
    }
}
