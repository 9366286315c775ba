package pydron.cli.explain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import pydron.analysis.Place;
import pydron.analysis.Place.Kind;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;
import pydron.cli.explain.Recording.Call;
import pydron.cli.explain.Recording.Span;
import pydron.cli.explain.Recording.Task;
import pydron.cli.explain.Recording.Wait;

/// What there is to tell of a script: from the plans of its pipelines, and, after a run, from what was recorded.
///
/// @param sources the lines of each file that has places
/// @param findings what did not, or may not, run in parallel: the most expensive first
public record Report(
        String title,
        Map<String, List<String>> sources,
        List<Place> places,
        List<Finding> findings,
        Map<At, Lane> lines,
        Optional<Run> run) {
    /// A line of a file.
    public record At(String file, int line) {}

    /// What was measured at a line.
    ///
    /// @param overlapped nanoseconds of its tasks in which another task was running too
    /// @param waited nanoseconds that the program stood there
    /// @param late nanoseconds in which calls were waiting for their arguments
    /// @param aside nanoseconds that parts of it which had been set aside stood there
    public record Lane(int tasks, long ran, long overlapped, long late, long waited, long aside) {}

    /// @param count how often it happened
    /// @param waited nanoseconds until it could go on
    /// @param ran nanoseconds that it then took, in order
    /// @param lost nanoseconds of both in which a slot had nothing to do
    /// @param front whether it was the program itself that waited, and not a part that had been set aside
    public record Cost(int count, long waited, long ran, long lost, boolean front) {}

    /// @param detail what was found out at run time; may be empty
    public record Finding(Place place, Reason reason, String detail, Optional<Cost> cost) {
        /// Whether it made the run longer, or may have.
        boolean isPaid() {
            return cost.filter(c -> c.waited + c.ran >= NOTICEABLE
                            && (c.front || !place.held().isEmpty()))
                    .isPresent();
        }

        /// Whether the calls of a loop could not run at the same time because of it.
        boolean isSyncPointInLoop() {
            return switch (place.kind()) {
                case WAITS, AS_IT_IS -> place.isSyncPointInLoop();
                case MAY_WAIT, TASK, SET_ASIDE, IN_ORDER -> place.inLoop() && isPaid();
            };
        }
    }

    /// @param path the chain that determined how long it took
    record Run(Recording recording, Profile profile, List<CriticalPath.Link> path, Totals totals) {}

    /// Nanoseconds. `script` is what the driver did itself.
    record Totals(long wall, long tasks, long script, long parallel) {
        /// The share of the slots' time in which they ran tasks.
        double efficiency(int slots) {
            return wall == 0 ? 0 : (double) tasks / wall / slots;
        }

        /// The share of the time in which two tasks or more ran.
        double parallelShare() {
            return wall == 0 ? 0 : (double) parallel / wall;
        }

        /// As against one task after the other.
        double speedUp() {
            return wall == 0 ? 1 : (double) (tasks + script) / wall;
        }
    }

    /// Less is noise, of which nobody wants to read.
    static final long NOTICEABLE = 1_000_000;

    /// What `pydron explain` tells.
    public static Report of(String title, List<Place> places, Function<String, List<String>> source) {
        return of(title, places, source, Optional.empty());
    }

    /// What is told after a run.
    public static Report of(
            String title, List<Place> places, Function<String, List<String>> source, Recording recording) {
        return of(title, places, source, Optional.of(recording));
    }

    private static Report of(
            String title, List<Place> places, Function<String, List<String>> source, Optional<Recording> recording) {
        var sources = new LinkedHashMap<String, List<String>>();
        places.forEach(place -> sources.computeIfAbsent(place.file(), source));
        recording.ifPresent(r -> r.calls().forEach(call -> sources.computeIfAbsent(call.file(), source)));
        var profile = recording.map(r -> new Profile(r.tasks(), r.slots()));
        var findings = new ArrayList<>(new Findings(places, sources, recording, profile).all());
        findings.sort(Comparator.comparingLong(
                        (Finding f) -> -f.cost.map(c -> c.waited + c.ran).orElse(0L))
                .thenComparing(f -> f.place.kind() == Kind.MAY_WAIT)
                .thenComparing(f -> !f.isSyncPointInLoop()));
        return new Report(
                title,
                sources,
                places,
                findings,
                recording.map(r -> lines(r, profile.orElseThrow())).orElse(Map.of()),
                recording.map(
                        r -> new Run(r, profile.orElseThrow(), CriticalPath.of(r), totals(r, profile.orElseThrow()))));
    }

    private static Totals totals(Recording recording, Profile profile) {
        List<Span> calls = Profile.union(recording.calls().stream()
                .map(call -> new Span(call.start(), call.end()))
                .toList());
        long wall = calls.stream().mapToLong(Span::nanos).sum();
        long idle = Profile.union(recording.idle()).stream()
                .mapToLong(span -> calls.stream()
                        .mapToLong(call ->
                                Math.max(0, Math.min(call.end(), span.end()) - Math.max(call.start(), span.start())))
                        .sum())
                .sum();
        long tasks = recording.tasks().stream()
                .mapToLong(task -> task.end() - task.start())
                .sum();
        long parallel = calls.stream()
                .mapToLong(call -> profile.parallel(call.start(), call.end()))
                .sum();
        return new Totals(wall, tasks, Math.max(0, wall - idle), parallel);
    }

    private static Map<At, Lane> lines(Recording recording, Profile profile) {
        var lines = new LinkedHashMap<At, Lane>();
        var late = new LinkedHashMap<At, List<Span>>();
        for (Task task : recording.tasks()) {
            var lane = new Lane(1, task.end() - task.start(), profile.parallel(task.start(), task.end()), 0, 0, 0);
            lines.merge(new At(task.file(), task.line()), lane, Report::sum);
            late.computeIfAbsent(new At(task.file(), task.line()), _ -> new ArrayList<>())
                    .add(new Span(task.submitted(), task.ready()));
        }
        var front = new LinkedHashMap<At, List<Span>>();
        var aside = new LinkedHashMap<At, List<Span>>();
        for (Wait wait : recording.waits()) {
            (wait.front() ? front : aside)
                    .computeIfAbsent(new At(wait.file(), wait.line()), _ -> new ArrayList<>())
                    .add(new Span(wait.start(), wait.end()));
        }
        late.forEach((at, spans) -> lines.merge(at, new Lane(0, 0, 0, Profile.length(spans), 0, 0), Report::sum));
        front.forEach((at, spans) -> lines.merge(at, new Lane(0, 0, 0, 0, Profile.length(spans), 0), Report::sum));
        aside.forEach((at, spans) -> lines.merge(at, new Lane(0, 0, 0, 0, 0, Profile.length(spans)), Report::sum));
        for (Call call : recording.calls()) {
            if (!call.plainReason().isEmpty()) {
                var lane = new Lane(0, 0, 0, 0, call.end() - call.start(), 0);
                lines.merge(new At(call.file(), call.line()), lane, Report::sum);
            }
        }
        return lines;
    }

    private static Lane sum(Lane a, Lane b) {
        return new Lane(
                a.tasks + b.tasks,
                a.ran + b.ran,
                a.overlapped + b.overlapped,
                a.late + b.late,
                a.waited + b.waited,
                a.aside + b.aside);
    }

    /// Lines with calls that waited for their arguments so long that it is worth telling, the longest first.
    List<Map.Entry<At, Lane>> late() {
        long wall = run.map(r -> r.totals().wall()).orElse(0L);
        return lines.entrySet().stream()
                .filter(entry -> entry.getValue().late >= Math.max(NOTICEABLE, wall / 20))
                .sorted((a, b) -> Long.compare(b.getValue().late, a.getValue().late))
                .toList();
    }

    /// What `--assert-parallel` objects to.
    public List<Finding> syncPointsInLoops() {
        return findings.stream().filter(Finding::isSyncPointInLoop).toList();
    }

    /// A line of the user's, without its indentation.
    static String text(Map<String, List<String>> sources, String file, int line) {
        List<String> lines = sources.getOrDefault(file, List.of());
        return line >= 1 && line <= lines.size() ? lines.get(line - 1).strip() : "";
    }

    String text(Place place) {
        String line = text(sources, place.file(), place.line());
        return line.isEmpty() ? place.code() : line;
    }

    static Reason type(String subject) {
        return new Reason(Rule.TYPE, subject);
    }
}
