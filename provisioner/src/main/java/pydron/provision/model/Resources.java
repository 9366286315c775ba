package pydron.provision.model;

/// What a machine has, or a task asks for. Memory in bytes.
public record Resources(int cores, long memory, int gpus) {
    public Resources {
        if (cores < 0 || memory < 0 || gpus < 0) {
            throw new IllegalArgumentException("negative resources: " + cores + ", " + memory + ", " + gpus);
        }
    }

    /// How many tasks that each need `each` run here at a time. A task that asks for no core takes one all
    /// the same.
    public int holds(Resources each) {
        long count = cores / Math.max(1, each.cores);
        if (each.memory > 0) {
            count = Math.min(count, memory / each.memory);
        }
        if (each.gpus > 0) {
            count = Math.min(count, gpus / each.gpus);
        }
        return (int) count;
    }
}
