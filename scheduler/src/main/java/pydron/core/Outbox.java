package pydron.core;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Collects what one event brings about, so that each driver and worker gets one message where many things happened.
final class Outbox {
    private final List<Effect> effects = new ArrayList<>();
    private final Set<Job> jobs = new LinkedHashSet<>();
    private final Set<Worker> workers = new LinkedHashSet<>();

    /// A list that is emptied at the next event.
    List<Effect> effects() {
        return effects;
    }

    void start() {
        effects.clear();
    }

    void add(Effect effect) {
        effects.add(effect);
    }

    void deliver(Value value, Effect.Payload payload) {
        value.job.deliveries.add(new Effect.Delivery(value.number, payload));
        jobs.add(value.job);
    }

    void release(Job job, int token) {
        job.released.add(token);
        jobs.add(job);
    }

    void raiseTask(Job job, int marker, Task task) {
        flush(job);
        byte[] record = task.value.content instanceof Content.Failed f ? f.record() : new byte[0];
        effects.add(new Effect.RaiseTask(job.number, marker, task.value.number, record));
    }

    void raiseRegion(Job job, int marker, int region) {
        flush(job);
        effects.add(new Effect.RaiseRegion(job.number, marker, region));
    }

    void cancel(Worker worker, long attempt) {
        worker.cancels.add(attempt);
        workers.add(worker);
    }

    void free(Worker worker, long value) {
        worker.frees.add(value);
        workers.add(worker);
    }

    void flush() {
        if (!jobs.isEmpty()) {
            jobs.forEach(this::flush);
            jobs.clear();
        }
        if (!workers.isEmpty()) {
            for (Worker w : workers) {
                long[] attempts = w.cancels.take();
                long[] values = w.frees.take();
                if (w.gone) {
                    continue;
                }
                if (attempts.length > 0) {
                    effects.add(new Effect.Cancel(w.session, attempts));
                }
                if (values.length > 0) {
                    effects.add(new Effect.Free(w.session, values, new long[0], new int[0]));
                }
            }
            workers.clear();
        }
    }

    private void flush(Job job) {
        if (!job.deliveries.isEmpty()) {
            effects.add(new Effect.SendValues(job.number, List.copyOf(job.deliveries)));
            job.deliveries.clear();
        }
        if (!job.released.isEmpty()) {
            effects.add(new Effect.Release(job.number, job.released.takeInts()));
        }
    }
}
