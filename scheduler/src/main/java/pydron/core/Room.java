package pydron.core;

import java.util.Arrays;

/// Which workers have room, of those that are alike to a job: the same Python, the same way to values. A tournament
/// tree, so that the least loaded one with enough of everything is found, and a change is entered, in O(log workers).
///
/// Invariant: whoever changes what a worker has, or whether it takes work, calls [#changed].
final class Room {
    private static final int QUEUES = 1;
    private static final int OPEN = 2;

    final boolean sharesMemory;

    // Of each node, the best below it; the leaves are the second half. A leaf whose worker has no credit, or takes
    // no work, takes part in nothing.
    private int leaves = 4;
    private double[] load = new double[2 * leaves];
    private int[] free = new int[2 * leaves];
    private int[] flags = new int[2 * leaves];
    private long[] memory = new long[2 * leaves];
    private int[] gpus = new int[2 * leaves];
    // The same of connected workers, whatever they are doing.
    private int[] largest = new int[2 * leaves];
    private long[] mostMemory = new long[2 * leaves];
    private int[] mostGpus = new int[2 * leaves];

    private Worker[] workers = new Worker[leaves];
    private int used;
    private int connected;
    private int slots;

    // Of the search that is under way.
    private int width;
    private Facts.Needs needs;
    private boolean queued;
    private Worker except;
    private Worker found;
    private double foundLoad;

    Room(boolean sharesMemory) {
        this.sharesMemory = sharesMemory;
        clear();
    }

    private void clear() {
        Arrays.fill(load, Double.POSITIVE_INFINITY);
        Arrays.fill(free, -1);
        Arrays.fill(memory, -1);
        Arrays.fill(gpus, -1);
    }

    void add(Worker w) {
        int leaf = freeLeaf();
        workers[leaf] = w;
        w.room = this;
        w.leaf = leaf;
        changed(w);
    }

    void remove(Worker w) {
        if (w.room == this) {
            workers[w.leaf] = null;
            enter(w.leaf, null);
            count(w, false);
            w.room = null;
        }
    }

    private int freeLeaf() {
        if (used < leaves) {
            return used++;
        }
        for (int i = 0; i < leaves; i++) {
            if (workers[i] == null) {
                return i;
            }
        }
        leaves *= 2;
        load = new double[2 * leaves];
        free = new int[2 * leaves];
        flags = new int[2 * leaves];
        memory = new long[2 * leaves];
        gpus = new int[2 * leaves];
        largest = new int[2 * leaves];
        mostMemory = new long[2 * leaves];
        mostGpus = new int[2 * leaves];
        workers = Arrays.copyOf(workers, leaves);
        clear();
        for (int i = 0; i < used; i++) {
            enter(i, workers[i]);
        }
        return used++;
    }

    /// Something about the worker is not what it was.
    void changed(Worker w) {
        count(w, w.takesWork());
        enter(w.leaf, w);
    }

    private void count(Worker w, boolean counts) {
        if (w.counted != counts) {
            w.counted = counts;
            connected += counts ? 1 : -1;
            slots += counts ? w.facts.slots() : -w.facts.slots();
        }
    }

    private void enter(int leaf, Worker w) {
        int at = leaves + leaf;
        boolean there = w != null && w.takesWork();
        largest[at] = there ? w.facts.slots() : 0;
        mostMemory[at] = there ? Fleet.memoryOf(w) : 0;
        mostGpus[at] = there ? w.facts.gpus() : 0;
        boolean offers = there && w.credit > 0;
        load[at] = offers ? w.load() : Double.POSITIVE_INFINITY;
        free[at] = offers ? w.freeSlots() : -1;
        flags[at] = offers ? (w.queues() ? QUEUES : 0) | (w.open() ? OPEN : 0) : 0;
        memory[at] = offers ? w.freeMemory() : -1;
        gpus[at] = offers ? w.freeGpus() : -1;
        while (at > 1) {
            at /= 2;
            int a = 2 * at;
            int b = a + 1;
            load[at] = Math.min(load[a], load[b]);
            free[at] = Math.max(free[a], free[b]);
            flags[at] = flags[a] | flags[b];
            memory[at] = Math.max(memory[a], memory[b]);
            gpus[at] = Math.max(gpus[a], gpus[b]);
            largest[at] = Math.max(largest[a], largest[b]);
            mostMemory[at] = Math.max(mostMemory[a], mostMemory[b]);
            mostGpus[at] = Math.max(mostGpus[a], mostGpus[b]);
        }
    }

    /// The least loaded worker on which the task could run at once, or wait behind something brief (`queued`); null if
    /// there is none. `except` is left out.
    Worker best(int width, Facts.Needs needs, boolean queued, Worker except) {
        this.width = width;
        this.needs = needs;
        this.queued = queued;
        this.except = except;
        found = null;
        foundLoad = Double.POSITIVE_INFINITY;
        search(1);
        return found;
    }

    private void search(int at) {
        if (load[at] >= foundLoad || !couldTake(at)) {
            return;
        }
        if (at >= leaves) {
            Worker w = workers[at - leaves];
            if (w != except) {
                found = w;
                foundLoad = load[at];
            }
            return;
        }
        int a = 2 * at;
        boolean leftFirst = load[a] <= load[a + 1];
        search(leftFirst ? a : a + 1);
        search(leftFirst ? a + 1 : a);
    }

    private boolean couldTake(int at) {
        boolean room = queued ? (flags[at] & QUEUES) != 0 : free[at] >= width;
        return room && memory[at] >= needs.memoryBytes() && gpus[at] >= needs.gpus();
    }

    /// One of this room's workers could take it.
    boolean couldTake(Worker w, int width, Facts.Needs needs, boolean queued) {
        this.width = width;
        this.needs = needs;
        this.queued = queued;
        return couldTake(leaves + w.leaf);
    }

    /// Nobody is in it, connected or not.
    boolean isEmpty() {
        return Arrays.stream(workers).allMatch(w -> w == null);
    }

    /// Some worker could be given something.
    boolean isOpen() {
        return (flags[1] & OPEN) != 0;
    }

    int connected() {
        return connected;
    }

    /// Of all connected workers.
    int slots() {
        return slots;
    }

    int largest() {
        return largest[1];
    }

    long mostMemory() {
        return mostMemory[1];
    }

    int mostGpus() {
        return mostGpus[1];
    }
}
