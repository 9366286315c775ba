package pydron.cli.explain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import pydron.cli.explain.Recording.Span;
import pydron.cli.explain.Recording.Task;

/// How many tasks were running at each moment.
final class Profile {
    /// From `at` on, until the next step.
    record Step(long at, int running) {}

    private final List<Step> steps = new ArrayList<>();
    /// Nanoseconds before each step with at least two tasks, and with a slot to spare.
    private final List<Long> parallel = new ArrayList<>();

    private final List<Long> spare = new ArrayList<>();
    private final int slots;

    Profile(List<Task> tasks, int slots) {
        this.slots = slots;
        record Change(long at, int by) {}
        var changes = new ArrayList<Change>();
        for (Task task : tasks) {
            if (task.end() > task.start()) {
                changes.add(new Change(task.start(), 1));
                changes.add(new Change(task.end(), -1));
            }
        }
        changes.sort(Comparator.comparingLong(Change::at));
        add(Long.MIN_VALUE / 4, 0);
        int running = 0;
        for (int i = 0; i < changes.size(); i++) {
            running += changes.get(i).by;
            if (i + 1 == changes.size() || changes.get(i + 1).at != changes.get(i).at) {
                add(changes.get(i).at, running);
            }
        }
    }

    private void add(long at, int running) {
        if (steps.isEmpty()) {
            parallel.add(0L);
            spare.add(0L);
        } else {
            Step last = steps.getLast();
            long nanos = at - last.at;
            parallel.add(parallel.getLast() + (last.running >= 2 ? nanos : 0));
            spare.add(spare.getLast() + (last.running < slots ? nanos : 0));
        }
        steps.add(new Step(at, running));
    }

    List<Step> steps() {
        return steps.subList(1, steps.size());
    }

    /// The last step at or before a moment.
    private int at(long moment) {
        int low = 0;
        int high = steps.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (steps.get(middle).at <= moment) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    int running(long moment) {
        return steps.get(at(moment)).running;
    }

    int most() {
        return steps.stream().mapToInt(Step::running).max().orElse(0);
    }

    /// Mean numbers of running tasks, for so many parts of a span.
    double[] means(long start, long end, int parts) {
        var means = new double[parts];
        int step = at(start);
        for (int i = 0; i < parts; i++) {
            long from = start + (end - start) * i / parts;
            long to = start + (end - start) * (i + 1) / parts;
            double sum = 0;
            long now = from;
            while (now < to) {
                while (step + 1 < steps.size() && steps.get(step + 1).at <= now) {
                    step++;
                }
                long next = step + 1 < steps.size() ? Math.min(to, steps.get(step + 1).at) : to;
                sum += (double) (next - now) * steps.get(step).running;
                now = next;
            }
            means[i] = to > from ? sum / (to - from) : 0;
        }
        return means;
    }

    private long before(List<Long> sums, long moment, boolean counts) {
        int step = at(moment);
        return sums.get(step) + (counts ? moment - steps.get(step).at : 0);
    }

    /// Nanoseconds with at least two tasks running.
    long parallel(long start, long end) {
        return before(parallel, end, running(end) >= 2) - before(parallel, start, running(start) >= 2);
    }

    /// Nanoseconds with a slot that had nothing to do.
    long spare(long start, long end) {
        return before(spare, end, running(end) < slots) - before(spare, start, running(start) < slots);
    }

    /// Spans that may overlap, as spans that do not.
    static List<Span> union(List<Span> spans) {
        var sorted = new ArrayList<>(spans);
        sorted.sort(Comparator.comparingLong(Span::start));
        var merged = new ArrayList<Span>();
        for (Span span : sorted) {
            if (!merged.isEmpty() && span.start() <= merged.getLast().end()) {
                Span last = merged.removeLast();
                merged.add(new Span(last.start(), Math.max(last.end(), span.end())));
            } else {
                merged.add(span);
            }
        }
        return merged;
    }

    static long length(List<Span> spans) {
        return union(spans).stream().mapToLong(Span::nanos).sum();
    }
}
