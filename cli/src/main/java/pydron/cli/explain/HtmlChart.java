package pydron.cli.explain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import pydron.cli.explain.Recording.Span;
import pydron.cli.explain.Recording.Task;

/// What each slot, and the script itself, did at each moment; and how many tasks were running.
final class HtmlChart {
    /// Units of the pictures' own: they are stretched to the width of the page.
    private static final int WIDTH = 4000;

    private static final int HEIGHT = 60;
    private static final int PARTS = 400;
    /// Shorter pieces side by side are drawn as one.
    private static final int NARROW = 4;

    private static final int MOST_SLOTS = 64;

    private final Report.Run run;
    private final StringBuilder out;
    private final long end;

    private HtmlChart(Report.Run run, StringBuilder out) {
        this.run = run;
        this.out = out;
        this.end = Math.max(
                1,
                run.recording().calls().stream()
                        .mapToLong(Recording.Call::end)
                        .max()
                        .orElse(1));
    }

    static void write(Report.Run run, StringBuilder out) {
        new HtmlChart(run, out).write();
    }

    private void write() {
        out.append("<div class=\"chart\">\n");
        running();
        script();
        lanes();
        out.append("<span></span><div class=\"axis\">");
        for (int i = 0; i <= 4; i++) {
            out.append("<span style=\"left:").append(25 * i).append("%\">");
            out.append(i == 0 ? "0 s" : Words.time(end * i / 4)).append("</span>");
        }
        out.append("</div>\n</div>\n<div class=\"key\"><span><i class=\"task\"></i>task</span>")
                .append("<span><i class=\"critical\"></i>on the longest chain</span>")
                .append("<span><i class=\"script\"></i>the script's own code</span></div>\n");
    }

    private int x(long nanos) {
        return (int) Math.clamp(Math.round((double) nanos / end * WIDTH), 0, WIDTH);
    }

    private void picture(String label, int height, int pixels) {
        out.append("<span class=\"label\">")
                .append(Html.text(label))
                .append("</span>")
                .append(String.format(
                        Locale.ROOT,
                        "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" style=\"height:%dpx\" role=\"img\" aria-label=\"%s\">",
                        WIDTH,
                        height,
                        pixels,
                        Html.text(label)));
    }

    private void running() {
        int slots = Math.max(run.recording().slots(), run.profile().most());
        picture("running", HEIGHT, HEIGHT);
        double[] means = run.profile().means(0, end, PARTS);
        out.append("<path class=\"running\" d=\"M0 ").append(HEIGHT);
        for (int i = 0; i < PARTS; i++) {
            String y = String.format(Locale.ROOT, "%.1f", HEIGHT - means[i] / slots * (HEIGHT - 4));
            out.append("V").append(y).append("H").append(WIDTH * (i + 1) / PARTS);
        }
        out.append("V")
                .append(HEIGHT)
                .append("Z\"/><line class=\"limit\" x1=\"0\" x2=\"")
                .append(WIDTH);
        out.append("\" y1=\"4\" y2=\"4\" vector-effect=\"non-scaling-stroke\"><title>")
                .append(run.recording().slots())
                .append(" slots</title></line></svg>\n");
    }

    private void box(String kind, long start, long until, String title) {
        int left = x(start);
        out.append(String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%d\" width=\"%d\" height=\"10\"><title>%s</title></rect>",
                kind,
                left,
                Math.max(2, x(until) - left - 1),
                Html.text(title)));
    }

    /// The driver was not waiting.
    private void script() {
        picture("script", 10, 14);
        List<Span> idle = Profile.union(run.recording().idle());
        for (Span call : Profile.union(run.recording().calls().stream()
                .map(each -> new Span(each.start(), each.end()))
                .toList())) {
            long now = call.start();
            for (Span span : idle) {
                if (span.end() > now && span.start() < call.end()) {
                    busy(now, span.start());
                    now = Math.max(now, span.end());
                }
            }
            busy(now, call.end());
        }
        out.append("</svg>\n");
    }

    private void busy(long start, long until) {
        if (x(until) > x(start)) {
            box("script", start, until, "the script's own code, " + Words.time(until - start));
        }
    }

    private void lanes() {
        Set<Integer> critical = new HashSet<>();
        run.path().stream()
                .filter(link -> link.kind() == CriticalPath.Kind.TASK)
                .forEach(link -> critical.add(link.task()));
        var lanes = new TreeMap<Integer, List<Task>>();
        for (int slot = 0; slot < Math.min(run.recording().slots(), MOST_SLOTS); slot++) {
            lanes.put(slot, new ArrayList<>());
        }
        run.recording()
                .tasks()
                .forEach(task -> lanes.computeIfAbsent(task.slot(), _ -> new ArrayList<>())
                        .add(task));
        int shown = 0;
        for (var lane : lanes.entrySet()) {
            if (shown++ == MOST_SLOTS) {
                out.append("<span></span><span class=\"faint small\">and ")
                        .append(lanes.size() - MOST_SLOTS)
                        .append(" more</span>\n");
                return;
            }
            picture("slot " + (lane.getKey() + 1), 10, 14);
            lane.getValue().sort(Comparator.comparingLong(Task::start));
            lane(lane.getValue(), critical);
            out.append("</svg>\n");
        }
    }

    private void lane(List<Task> tasks, Set<Integer> critical) {
        int i = 0;
        while (i < tasks.size()) {
            Task first = tasks.get(i);
            boolean isCritical = critical.contains(first.index());
            int last = i;
            while (x(tasks.get(last).end()) - x(tasks.get(last).start()) < NARROW
                    && last + 1 < tasks.size()
                    && x(tasks.get(last + 1).end()) - x(first.start()) < 3 * NARROW) {
                last++;
                isCritical |= critical.contains(tasks.get(last).index());
            }
            Task end = tasks.get(last);
            String title = last == i
                    ? first.function() + ", " + Words.file(first.file()) + ":" + first.line() + ", from "
                            + Words.time(first.start()) + " for " + Words.time(first.end() - first.start())
                    : (last - i + 1) + " tasks, from " + Words.time(first.start());
            box(isCritical ? "critical" : "task", first.start(), end.end(), title);
            i = last + 1;
        }
    }
}
