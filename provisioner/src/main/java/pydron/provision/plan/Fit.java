package pydron.provision.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import pydron.provision.model.Pool;
import pydron.provision.model.Resources;

/// Whether the work finds room on the machines that there are, and what is missing. Machines of one size
/// count together, so the time this takes does not depend on how many there are.
final class Fit {
    /// Gpus are the scarcest, then memory: what needs them is placed first, on the smallest machines that
    /// have them.
    static final Comparator<Resources> HARDER = Comparator.comparingInt(Resources::gpus)
            .thenComparingLong(Resources::memory)
            .thenComparingInt(Resources::cores);

    /// What a task is taken for when none of its kind has finished.
    private static final Duration UNMEASURED = Duration.ofSeconds(60);

    private final List<Work> work;
    private final TreeMap<Resources, Integer> machines = new TreeMap<>(HARDER);

    Fit(Demand demand) {
        work = new ArrayList<>(demand.work());
        work.sort(Comparator.comparing(Work::needs, HARDER).reversed());
    }

    void add(Resources size, int count) {
        machines.merge(size, count, Integer::sum);
    }

    /// Work that finds no room now.
    record Shortage(Work work, int missing, int has) {
        /// How many slots are worth starting on machines that take `boot` to come: each is to have work for
        /// as long as it boots and, later, idles, so that at most half of what is paid is not work. What the
        /// others have done by then is not counted. One task that nothing can run is always worth a machine.
        int worthStarting(Duration boot, Duration idle) {
            double each = seconds(work.each().orElse(UNMEASURED));
            double total = (work.ready() + work.running() / 2.0) * each;
            double use = Math.max(1, seconds(boot) + seconds(idle));
            double left = total - has * seconds(boot);
            int slots = (int) Math.clamp(Math.floor(left / use) - has, 0, missing);
            return slots == 0 && has == 0 ? Math.min(1, missing) : slots;
        }

        private static double seconds(Duration time) {
            return time.toNanos() / 1e9;
        }

        boolean shortTasks(Duration bound) {
            return work.each().isPresent() && work.each().get().compareTo(bound) <= 0;
        }
    }

    /// What finds no room, the hardest to place first.
    List<Shortage> shortages() {
        List<Shortage> result = new ArrayList<>();
        List<Free> free = new ArrayList<>();
        machines.forEach((size, count) -> free.add(new Free(size, count)));
        for (Work each : work) {
            double width = each.ready() + each.running();
            double left = place(free, each.needs(), width);
            int missing = (int) Math.min(each.ready(), left);
            if (missing > 0) {
                result.add(new Shortage(each, missing, (int) Math.round(width - left)));
            }
        }
        return result;
    }

    /// What is left of the machines of one size, all together.
    private static final class Free {
        final Resources size;
        final int count;
        double cores;
        double memory;
        double gpus;

        Free(Resources size, int count) {
            this.size = size;
            this.count = count;
            cores = (double) size.cores() * count;
            memory = (double) size.memory() * count;
            gpus = (double) size.gpus() * count;
        }

        /// How many of `wanted` find room.
        double take(Resources needs, double wanted) {
            double slots = Math.min(wanted, (double) size.holds(needs) * count);
            slots = Math.min(slots, cores / Math.max(1, needs.cores()));
            slots = needs.memory() > 0 ? Math.min(slots, memory / needs.memory()) : slots;
            slots = needs.gpus() > 0 ? Math.min(slots, gpus / needs.gpus()) : slots;
            slots = Math.max(0, Math.floor(slots + 1e-9));
            cores -= slots * Math.max(1, needs.cores());
            memory -= slots * needs.memory();
            gpus -= slots * needs.gpus();
            return slots;
        }
    }

    private static double place(List<Free> free, Resources needs, double width) {
        double left = width;
        for (Free machines : free) {
            left -= machines.take(needs, left);
        }
        return left;
    }

    /// How many slots are missing that are worth starting.
    int worthStarting(Duration boot, Duration idle) {
        return shortages().stream().mapToInt(it -> it.worthStarting(boot, idle)).sum();
    }

    static boolean holds(Pool pool, Work work) {
        return pool.size().holds(work.needs()) > 0;
    }
}
