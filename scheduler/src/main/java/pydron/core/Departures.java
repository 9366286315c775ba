package pydron.core;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pydron.core.Content.Filed;

/// Workers that are to go: they get no new tasks, and what only they hold is brought here. When nothing of that is left
/// ([#sights]), who started the machine ends it; at its deadline the worker ends by itself, and is lost like any other.
public final class Departures {
    /// Files that one worker sends at a time: more would share the same line, and all be late.
    private static final int AT_A_TIME = 4;

    /// One that comes so long after its deadline is not the one that was meant.
    private static final long MEMORY_NANOS = Duration.ofHours(1).toNanos();

    /// What is still to be brought from one worker, over all its streams.
    static final class Departure {
        private final ArrayDeque<Value> toSave = new ArrayDeque<>();
        private final Set<Value> onTheWay = new LinkedHashSet<>();

        /// It holds one more.
        void also(Value v) {
            toSave.add(v);
        }
    }

    private final Outbox out;
    private final Graph graph;
    private final Map<String, Long> deadlines = new LinkedHashMap<>();

    /// When machines are taken away: no order makes that later.
    private final Map<String, Long> recalls = new LinkedHashMap<>();

    private boolean any;

    Departures(Outbox out, Graph graph) {
        this.out = out;
        this.graph = graph;
    }

    /// Says so again if it was said before.
    ///
    /// @param w null when it is not there at the moment: it is told when it comes
    void order(String id, Worker w, Duration left, long now) {
        deadlines.values().removeIf(it -> it < now - MEMORY_NANOS);
        recalls.values().removeIf(it -> it < now - MEMORY_NANOS);
        long deadline = Math.min(now + Math.max(0, left.toNanos()), recalls.getOrDefault(id, Long.MAX_VALUE));
        deadlines.put(id, deadline);
        if (w != null) {
            begin(w, deadline, now);
        }
    }

    /// Its machine goes. It says so again after each break, by then with less time left.
    void recalled(Worker w, Duration left, long now) {
        recalls.put(w.facts.id(), now + Math.max(0, left.toNanos()));
        order(w.facts.id(), w, left, now);
    }

    boolean isRecalled(Worker w) {
        return recalls.containsKey(w.facts.id());
    }

    /// The worker has come, or come back, on a new stream. Nothing that was said on an old one counts.
    void joined(Worker w, long now) {
        Long deadline = deadlines.get(w.facts.id());
        if (deadline != null) {
            begin(w, deadline, now);
        }
    }

    private void begin(Worker w, long deadline, long now) {
        any = true;
        w.leaving(new Departure());
        w.sourceOf.forEach(w.departure::also);
        out.add(new Effect.Drain(w.session, Duration.ofNanos(Math.max(0, deadline - now))));
    }

    /// After each event: asks for what can be asked for now.
    void goOn(Collection<Worker> workers) {
        if (!any) {
            return;
        }
        any = false;
        for (Worker w : workers) {
            if (w.departure != null) {
                any = true;
                if (w.connected) {
                    bring(w, w.departure);
                }
            }
        }
    }

    private void bring(Worker w, Departure departure) {
        departure.onTheWay.removeIf(v -> !unsafe(w, v));
        for (Value v : List.copyOf(departure.onTheWay)) {
            graph.storage.requestUpload(v, (Filed) v.content); // if nobody sends it any more
        }
        while (departure.onTheWay.size() < AT_A_TIME && !departure.toSave.isEmpty()) {
            Value v = departure.toSave.poll();
            if (unsafe(w, v)) {
                departure.onTheWay.add(v);
                graph.storage.requestUpload(v, (Filed) v.content);
            }
        }
    }

    /// Someone may need it, this worker has it, and nobody else who stays.
    private static boolean unsafe(Worker w, Value v) {
        return w.sourceOf.contains(v)
                && v.content instanceof Filed filed
                && filed.kept == null
                && filed.sources.stream().noneMatch(s -> s.worker().departure == null);
    }

    /// Two that are both to go are no help to each other.
    private static boolean onlyCopy(Worker w, Value v, Filed filed) {
        return w.departure != null ? unsafe(w, v) : filed.kept == null && filed.sources.size() == 1;
    }

    /// A worker as those see it who may end it. The values are those that nobody else has who stays.
    ///
    /// @param recalled its machine is taken away, as it has said
    public record Sight(
            String id,
            String host,
            boolean connected,
            boolean draining,
            boolean recalled,
            int slots,
            int running,
            long done,
            Duration idle,
            int onlyCopies,
            long onlyCopyBytes) {}

    List<Sight> sights(Collection<Worker> workers, long now) {
        List<Sight> sights = new ArrayList<>(workers.size());
        for (Worker w : workers) {
            int running = w.batches.stream().mapToInt(b -> b.open).sum();
            int copies = 0;
            long bytes = 0;
            for (Value v : w.sourceOf) {
                if (v.content instanceof Filed filed && onlyCopy(w, v, filed)) {
                    copies++;
                    bytes += filed.size;
                }
            }
            Duration idle = w.batches.isEmpty() ? Duration.ofNanos(now - w.idleSince) : Duration.ZERO;
            sights.add(new Sight(
                    w.facts.id(),
                    w.facts.host(),
                    w.connected,
                    w.departure != null,
                    isRecalled(w),
                    w.facts.slots(),
                    running,
                    w.done,
                    idle,
                    copies,
                    bytes));
        }
        return sights;
    }
}
