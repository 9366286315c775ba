package pydron.cli.explain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import pydron.cli.explain.Recording.Call;
import pydron.cli.explain.Recording.Span;
import pydron.cli.explain.Recording.Task;
import pydron.cli.explain.Recording.Wait;

/// The chain of tasks, waits and code of the script's own that determined how long a run took: to make the run shorter,
/// one of these has to become so.
///
/// Found backwards from the end: what did the driver do then, or which task was it waiting for; what did that task wait
/// for: its call, the result of another task, or a slot.
final class CriticalPath {
    /// Results take so long to arrive, and the driver to go on.
    private static final long LATE = 3_000_000;

    private static final int LONGEST = 200_000;

    enum Kind {
        /// A task ran.
        TASK,
        /// The script's own code ran, in the driver.
        SCRIPT,
        /// Between the end of one and the beginning of the next: pickling, starting, a process that was busy.
        BETWEEN
    }

    /// @param slotWasBusy the task could have begun earlier, had there been a slot
    record Link(Kind kind, long start, long end, String label, String file, int line, boolean slotWasBusy, int task) {
        long nanos() {
            return end - start;
        }
    }

    private final Recording recording;
    private final List<Task> byEnd;
    private final List<Span> idle;
    private final List<Wait> inPlace;
    private final Map<Integer, List<Task>> bySlot = new HashMap<>();
    private final List<Link> links = new ArrayList<>();

    private CriticalPath(Recording recording) {
        this.recording = recording;
        this.byEnd = new ArrayList<>(recording.tasks());
        byEnd.sort(Comparator.comparingLong(Task::end));
        byEnd.forEach(task ->
                bySlot.computeIfAbsent(task.slot(), _ -> new ArrayList<>()).add(task));
        this.idle = Profile.union(recording.idle());
        this.inPlace = recording.waits().stream()
                .filter(wait -> wait.end() - wait.until() > 0)
                .sorted(Comparator.comparingLong(Wait::until))
                .toList();
    }

    /// The links in the order of time.
    static List<Link> of(Recording recording) {
        var path = new CriticalPath(recording);
        var calls = new ArrayList<>(recording.calls());
        calls.sort(Comparator.comparingLong(Call::end).reversed());
        long until = Long.MAX_VALUE;
        for (Call call : calls) {
            // A pipeline that was called by one that ran as it is lies within that.
            if (call.start() < until) {
                path.back(call, Math.min(until, call.end()));
                until = call.start();
            }
        }
        return path.links.reversed();
    }

    private void back(Call call, long end) {
        long now = end;
        Optional<Task> task = Optional.empty();
        while (now > call.start() && links.size() < LONGEST) {
            if (task.isPresent()) {
                Task running = task.get();
                now = running.start();
                Optional<Task> before = before(running);
                boolean slot = before.isPresent()
                        && !running.needs().contains(before.get().index());
                add(Kind.TASK, running.start(), running.end(), running.function(), running, slot);
                if (before.isPresent()) {
                    between(before.get().end(), now);
                    now = Math.min(now, before.get().end());
                } else {
                    between(running.ready(), now);
                    now = running.ready();
                }
                task = before;
            } else {
                Optional<Span> waiting = idleBefore(now);
                long from = Math.max(call.start(), waiting.map(Span::end).orElse(call.start()));
                script(from, now, call);
                now = from;
                if (waiting.isPresent() && now > call.start()) {
                    long since = Math.max(call.start(), waiting.get().start());
                    task = endedIn(since, now);
                    long arrived = task.map(Task::end).orElse(since);
                    between(arrived, now);
                    now = Math.min(now, arrived);
                }
            }
        }
    }

    private void add(Kind kind, long start, long end, String label, Task task, boolean slot) {
        links.add(new Link(kind, start, end, label, task.file(), task.line(), slot, task.index()));
    }

    private void between(long start, long end) {
        if (end > start) {
            links.add(new Link(Kind.BETWEEN, start, end, "", "", 0, false, -1));
        }
    }

    /// Code of the script's own: the longest piece that ran in order says what it was.
    private void script(long start, long end, Call call) {
        if (end <= start) {
            return;
        }
        long most = (end - start) / 2;
        String label = call.plainReason().isEmpty() ? "" : call.name();
        String file = call.file();
        int line = call.plainReason().isEmpty() ? 0 : call.line();
        int first = firstInPlace(start);
        for (int i = first; i < inPlace.size() && inPlace.get(i).until() < end; i++) {
            Wait wait = inPlace.get(i);
            long overlap = Math.min(end, wait.end()) - Math.max(start, wait.until());
            if (overlap > most) {
                most = overlap;
                label = wait.function();
                file = wait.file();
                line = wait.line();
            }
        }
        links.add(new Link(Kind.SCRIPT, start, end, label, file, line, false, -1));
    }

    private int firstInPlace(long start) {
        int low = 0;
        int high = inPlace.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (inPlace.get(middle).until() < start) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return Math.max(0, low - 1);
    }

    private Optional<Span> idleBefore(long moment) {
        int low = 0;
        int high = idle.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (idle.get(middle).start() < moment) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0
                ? Optional.empty()
                : Optional.of(new Span(
                        idle.get(low - 1).start(),
                        Math.min(moment, idle.get(low - 1).end())));
    }

    /// The last task to end in the span: what the driver was waiting for.
    private Optional<Task> endedIn(long start, long end) {
        int low = 0;
        int high = byEnd.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (byEnd.get(middle).end() <= end + LATE) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (int i = low - 1; i >= 0 && byEnd.get(i).end() > start; i--) {
            // Reported late, it may seem to end after what it has led to.
            if (byEnd.get(i).start() < end) {
                return Optional.of(byEnd.get(i));
            }
        }
        return Optional.empty();
    }

    /// The task whose end let this one begin, if it was not called only then.
    private Optional<Task> before(Task task) {
        Optional<Task> needed = task.needs().stream()
                .map(index -> recording.tasks().get(index))
                .filter(need -> need.start() < task.start())
                .max(Comparator.comparingLong(Task::end));
        long ready = task.ready();
        if (task.start() - ready > LATE) {
            Optional<Task> sameSlot = bySlot.get(task.slot()).stream()
                    .takeWhile(other -> other.end() <= task.start() + LATE)
                    .filter(other -> other != task && other.end() > ready && other.start() < task.start())
                    .reduce((_, last) -> last);
            if (sameSlot.isPresent()) {
                return sameSlot;
            }
        }
        return needed.filter(need -> need.end() + LATE >= ready);
    }
}
