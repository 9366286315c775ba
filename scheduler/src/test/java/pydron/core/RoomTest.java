package pydron.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// The tree gives what looking at all workers gives.
class RoomTest {
    private final List<Worker> workers = new ArrayList<>();
    private final Room room = new Room(false);

    @Test
    void findsTheLeastLoadedWorkerThatHasEnough() {
        for (int seed = 0; seed < 200; seed++) {
            workers.forEach(room::remove);
            workers.clear();
            RandomGenerator random = new Random(seed);
            for (int step = 0; step < 120; step++) {
                change(random);
                compare(seed, random);
            }
        }
    }

    @Test
    void givesNothingWhereNobodyIs() {
        assertThat(room.best(1, Facts.Needs.ONE_SLOT, false, null)).isNull();
        assertThat(room.isOpen()).isFalse();
        assertThat(room.slots()).isZero();
    }

    private void change(RandomGenerator random) {
        if (workers.isEmpty() || random.nextInt(4) == 0) {
            Facts.Worker facts = new Facts.Worker(
                    "w", "h", "3.11", random.nextInt(1, 9), random.nextInt(3) * 1000L, random.nextInt(3), false);
            Worker w = new Worker(workers.size(), facts, random.nextInt(3), 0);
            workers.add(w);
            room.add(w);
            return;
        }
        Worker w = workers.get(random.nextInt(workers.size()));
        switch (random.nextInt(6)) {
            case 0 -> {
                room.remove(w);
                workers.remove(w);
            }
            case 1 -> w.connected(!w.connected);
            case 2 -> w.grant(1);
            case 3 -> w.grant(-Math.min(1, w.credit));
            default -> {
                w.lastingWidth = random.nextInt(w.facts.slots() + 1);
                w.briefWidth = random.nextInt(w.facts.slots() + 1);
                w.memoryTaken = random.nextInt(3) * 500L;
                w.gpusTaken = random.nextInt(3);
                w.grant(0);
            }
        }
    }

    private void compare(int seed, RandomGenerator random) {
        int width = random.nextInt(1, 4);
        Facts.Needs needs = new Facts.Needs(width, random.nextInt(3) * 500L, random.nextInt(3));
        boolean queued = random.nextBoolean();
        Worker except = random.nextBoolean() || workers.isEmpty() ? null : workers.getFirst();
        Worker found = room.best(width, needs, queued, except);
        double least = Double.POSITIVE_INFINITY;
        int slots = 0;
        boolean open = false;
        for (Worker w : workers) {
            slots += w.connected ? w.facts.slots() : 0;
            boolean offers = w.connected && w.credit > 0;
            open |= offers && w.open();
            boolean enough = offers
                    && (queued ? w.queues() : w.freeSlots() >= width)
                    && w.freeMemory() >= needs.memoryBytes()
                    && w.freeGpus() >= needs.gpus();
            if (enough && w != except) {
                least = Math.min(least, w.load());
                assertThat(room.couldTake(w, width, needs, queued)).isTrue();
            }
        }
        assertThat(found == null ? Double.POSITIVE_INFINITY : found.load())
                .as("Failed on seed %d", seed)
                .isEqualTo(least);
        assertThat(found)
                .as("Failed on seed %d", seed)
                .satisfiesAnyOf(
                        w -> assertThat(w).isNull(), w -> assertThat(workers).contains(w));
        assertThat(room.slots()).as("Failed on seed %d", seed).isEqualTo(slots);
        assertThat(room.isOpen()).as("Failed on seed %d", seed).isEqualTo(open);
    }
}
