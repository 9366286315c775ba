package pydron.cli.local;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pydron.cli.explain.Recording;
import pydron.core.Effect;
import pydron.core.Event;
import pydron.core.Outcome;
import pydron.service.DriverTrace;
import pydron.service.SchedulerListener;

/// Listens to the scheduler, and remembers what a report needs: when each task was called and ran, and where.
///
/// A task's end is when its result arrived, its start that less its own seconds; a slot runs one batch after another.
final class Recorder implements SchedulerListener {
    private static final int DEEPEST = 100;

    private static final class Row {
        final long submitted;
        final int[] deps;
        final int job;
        String function = "";
        String file = "";
        int line;
        long batch = -1;
        long start;
        long end;

        Row(int job, long submitted, int[] deps) {
            this.job = job;
            this.submitted = submitted;
            this.deps = deps;
        }
    }

    /// Tasks that one slot runs, one after the other.
    private record Batch(int session, List<Long> tasks) {}

    private final Map<Long, Row> tasks = new LinkedHashMap<>();
    private final Map<Long, Long> attempts = new HashMap<>();
    /// A value that the driver made, and what it refers to.
    private record Made(long at, int[] deps) {}

    private final Map<Long, Made> values = new HashMap<>();
    private final Map<Long, Batch> batches = new LinkedHashMap<>();
    private final Map<String, Integer> slots = new HashMap<>();
    private final List<Recording.Wait> waits = new ArrayList<>();
    private final List<Recording.Span> idle = new ArrayList<>();
    private final List<Recording.Call> calls = new ArrayList<>();
    private String script = "";
    private int leftOut;
    private int drivers;

    @Override
    public boolean recordsRuns() {
        return true;
    }

    @Override
    public synchronized void drivers(int connected) {
        drivers = connected;
        notifyAll();
    }

    /// Waits until what the drivers said has been read, but not for ever: one may be a grandchild that goes on.
    synchronized void awaitSilence(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + millis * 1_000_000;
        while (drivers > 0 && System.nanoTime() < deadline) {
            wait(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
        }
    }

    /// The path of the script that connected last.
    synchronized String script() {
        return script;
    }

    private static long id(int job, int number) {
        return ((long) job << 32) | Integer.toUnsignedLong(number);
    }

    @Override
    public synchronized void happened(Event event, long nanos) {
        if (event instanceof Event.JobOpened e) {
            script = e.driver().mainPath();
        } else if (event instanceof Event.TasksSubmitted e) {
            int at = 0;
            for (int i = 0; i < e.functions().length; i++) {
                int[] deps = new int[e.depCounts()[i]];
                System.arraycopy(e.deps(), at, deps, 0, deps.length);
                at += deps.length;
                tasks.put(id(e.job(), e.first() + i), new Row(e.job(), nanos, deps));
            }
        } else if (event instanceof Event.InlinePut e) {
            values.put(id(e.job(), e.value()), new Made(nanos, e.deps()));
        } else if (event instanceof Event.FilePut e) {
            values.put(id(e.job(), e.value()), new Made(nanos, e.deps()));
        } else if (event instanceof Event.ValueAliased e) {
            values.put(id(e.job(), e.value()), new Made(nanos, new int[] {e.other()}));
        } else if (event instanceof Event.WorkerJoined e) {
            slots.put(e.facts().id(), e.facts().slots());
        } else if (event instanceof Event.ResultsReported e) {
            results(e.reports(), nanos);
        }
    }

    /// Results of one batch that arrive together ran one after the other.
    private void results(List<Outcome.Report> reports, long nanos) {
        Map<Long, Long> ends = new HashMap<>();
        for (Outcome.Report report : reports.reversed()) {
            Long task = attempts.remove(report.attempt());
            Row row = task == null ? null : tasks.get(task);
            if (row == null || report.outcome() instanceof Outcome.Lost) {
                continue;
            }
            row.end = ends.getOrDefault(row.batch, nanos);
            row.start = Math.max(row.submitted, row.end - (long) (report.seconds() * 1e9));
            ends.put(row.batch, row.start);
        }
    }

    @Override
    public synchronized void decided(Effect effect, long nanos) {
        if (effect instanceof Effect.Assign e) {
            long number = batches.size();
            List<Long> mentioned = new ArrayList<>();
            for (Effect.TaskMention task : e.tasks()) {
                attempts.put(task.attempt(), task.task());
                mentioned.add(task.task());
                Row row = tasks.get(task.task());
                if (row != null) {
                    row.batch = number;
                }
            }
            batches.put(number, new Batch(e.session(), mentioned));
        }
    }

    @Override
    public synchronized void traced(int job, DriverTrace trace, long nanos) {
        // Driver and scheduler may count from different moments.
        long shift = nanos - trace.now();
        leftOut += trace.leftOut();
        trace.places()
                .forEach(place -> waits.add(new Recording.Wait(
                        kind(place.kind()),
                        place.front(),
                        place.file(),
                        place.line(),
                        place.function(),
                        place.detail(),
                        place.start() + shift,
                        place.until() + shift,
                        place.end() + shift)));
        for (DriverTrace.TaskSite site : trace.tasks()) {
            Row row = tasks.get(id(job, site.task()));
            if (row != null) {
                row.function = site.function();
                row.file = site.file();
                row.line = site.line();
            }
        }
        trace.idle().forEach(span -> idle.add(new Recording.Span(span.start() + shift, span.end() + shift)));
        trace.calls()
                .forEach(call -> calls.add(new Recording.Call(
                        call.file(),
                        call.line(),
                        call.name(),
                        call.plainReason(),
                        call.start() + shift,
                        call.end() + shift)));
    }

    private static Recording.Kind kind(DriverTrace.Kind kind) {
        return switch (kind) {
            case IN_ORDER -> Recording.Kind.IN_ORDER;
            case FOR_VALUE -> Recording.Kind.FOR_VALUE;
            case AT_FENCE -> Recording.Kind.AT_FENCE;
            case RUN_HERE -> Recording.Kind.RUN_HERE;
        };
    }

    /// What was recorded, from the first call of a pipeline on.
    ///
    /// @param expected slots, if no worker ever came
    synchronized Recording recording(int expected) {
        long zero = calls.stream().mapToLong(Recording.Call::start).min().orElse(0);
        Map<Long, Integer> slotOf = slotsOfBatches();
        Map<Long, Integer> index = new HashMap<>();
        List<Map.Entry<Long, Row>> ran =
                tasks.entrySet().stream().filter(e -> e.getValue().end > 0).toList();
        ran.forEach(e -> index.put(e.getKey(), index.size()));
        List<Recording.Task> found = new ArrayList<>();
        for (Map.Entry<Long, Row> entry : ran) {
            Row row = entry.getValue();
            List<Integer> needs = new ArrayList<>();
            long made = needs(row.job, row.deps, index, needs, 0);
            long there = needs.stream()
                    .mapToLong(need -> ran.get(need).getValue().end)
                    .max()
                    .orElse(0);
            long ready = Math.min(row.start, Math.max(row.submitted, Math.max(made, there)));
            found.add(new Recording.Task(
                    found.size(),
                    row.function,
                    row.file,
                    row.line,
                    slotOf.getOrDefault(row.batch, 0),
                    row.submitted - zero,
                    ready - zero,
                    row.start - zero,
                    row.end - zero,
                    needs));
        }
        int all = slots.values().stream().mapToInt(Integer::intValue).sum();
        return new Recording(
                Math.max(1, all == 0 ? expected : all),
                found,
                waits.stream()
                        .map(w -> new Recording.Wait(
                                w.kind(),
                                w.front(),
                                w.file(),
                                w.line(),
                                w.function(),
                                w.detail(),
                                w.start() - zero,
                                w.until() - zero,
                                w.end() - zero))
                        .toList(),
                idle.stream()
                        .map(s -> new Recording.Span(s.start() - zero, s.end() - zero))
                        .toList(),
                calls.stream()
                        .map(c -> new Recording.Call(
                                c.file(), c.line(), c.name(), c.plainReason(), c.start() - zero, c.end() - zero))
                        .toList(),
                leftOut);
    }

    /// The tasks whose results are needed, directly or in values that the driver made; and when it made the last.
    private long needs(int job, int[] deps, Map<Long, Integer> index, List<Integer> into, int depth) {
        long last = 0;
        for (int dep : deps) {
            Integer task = index.get(id(job, dep));
            Made made = values.get(id(job, dep));
            if (task != null) {
                into.add(task);
            } else if (made != null && depth < DEEPEST) {
                last = Math.max(last, made.at);
                last = Math.max(last, needs(job, made.deps, index, into, depth + 1));
            }
        }
        return last;
    }

    /// Each batch to the first slot of its worker that is free by then.
    private Map<Long, Integer> slotsOfBatches() {
        Map<Integer, List<Long>> free = new HashMap<>();
        Map<Integer, List<Integer>> numbers = new HashMap<>();
        Map<Long, Integer> slotOf = new HashMap<>();
        int[] next = {0};
        record Busy(long batch, int session, long start, long end) {}
        List<Busy> busy = new ArrayList<>();
        batches.forEach((number, batch) -> {
            long start = Long.MAX_VALUE;
            long end = 0;
            for (long task : batch.tasks) {
                Row row = tasks.get(task);
                if (row != null && row.end > 0 && row.batch == number) {
                    start = Math.min(start, row.start);
                    end = Math.max(end, row.end);
                }
            }
            if (end > 0) {
                busy.add(new Busy(number, batch.session, start, end));
            }
        });
        busy.sort(java.util.Comparator.comparingLong(Busy::start));
        for (Busy each : busy) {
            List<Long> until = free.computeIfAbsent(each.session, _ -> new ArrayList<>());
            List<Integer> lanes = numbers.computeIfAbsent(each.session, _ -> new ArrayList<>());
            int lane = 0;
            // A result may be reported a little late, and the next batch have begun by then.
            while (lane < until.size() && until.get(lane) > each.start + (each.end - each.start) / 20 + 2_000_000) {
                lane++;
            }
            if (lane == until.size()) {
                until.add(0L);
                lanes.add(next[0]++);
            }
            until.set(lane, each.end);
            slotOf.put(each.batch, lanes.get(lane));
        }
        return slotOf;
    }
}
