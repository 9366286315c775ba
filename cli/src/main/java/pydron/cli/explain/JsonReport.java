package pydron.cli.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pydron.analysis.Place;

/// The report for programs: the schema is in `docs/explain.md`.
public final class JsonReport {
    /// Of the schema: a reader of this number understands every later addition too.
    private static final int VERSION = 1;

    private final StringBuilder out = new StringBuilder();

    private JsonReport() {}

    public static String write(Report report) {
        var json = new LinkedHashMap<String, Object>();
        json.put("version", VERSION);
        json.put("script", report.title());
        json.put(
                "findings",
                report.findings().stream().map(f -> finding(report, f)).toList());
        var places = report.places().stream()
                .filter(place -> place.reason().isEmpty())
                .map(place -> Map.<String, Object>of(
                        "file", place.file(), "line", place.line(), "kind", name(place.kind()), "code", place.code()))
                .<Object>map(LinkedHashMap::new)
                .toList();
        json.put("places", places);
        report.run().ifPresent(run -> json.put("run", run(report, run)));
        var writer = new JsonReport();
        writer.value(json, 0);
        return writer.out.append('\n').toString();
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static double seconds(long nanos) {
        return Math.round(Words.seconds(nanos) * 1e6) / 1e6;
    }

    private static Map<String, Object> finding(Report report, Report.Finding finding) {
        Place place = finding.place();
        var json = new LinkedHashMap<String, Object>();
        json.put("file", place.file());
        json.put("line", place.line());
        json.put("code", report.text(place));
        json.put("pipeline", place.pipeline());
        json.put("kind", name(place.kind()));
        json.put("rule", name(finding.reason().rule()));
        json.put("title", finding.reason().rule().title());
        json.put("why", Words.why(finding));
        json.put("advice", finding.reason().advice());
        json.put("sync_point_in_loop", finding.isSyncPointInLoop());
        var held = new ArrayList<Object>();
        place.held().forEach(call -> {
            var one = new LinkedHashMap<String, Object>();
            one.put("code", call.code());
            one.put("line", call.line());
            held.add(one);
        });
        json.put("holds_back", held);
        finding.cost().ifPresent(cost -> {
            var measured = new LinkedHashMap<String, Object>();
            measured.put("count", cost.count());
            measured.put("waited_s", seconds(cost.waited()));
            measured.put("ran_s", seconds(cost.ran()));
            measured.put("idle_slot_s", seconds(cost.lost()));
            json.put("measured", measured);
        });
        return json;
    }

    private static Map<String, Object> run(Report report, Report.Run run) {
        var json = new LinkedHashMap<String, Object>();
        Report.Totals totals = run.totals();
        int slots = run.recording().slots();
        json.put("slots", slots);
        json.put("wall_s", seconds(totals.wall()));
        json.put("tasks", run.recording().tasks().size());
        json.put("tasks_s", seconds(totals.tasks()));
        json.put("script_s", seconds(totals.script()));
        json.put("speed_up", Math.round(totals.speedUp() * 100) / 100.0);
        json.put("efficiency", Math.round(totals.efficiency(slots) * 1000) / 1000.0);
        json.put("parallel_share", Math.round(totals.parallelShare() * 1000) / 1000.0);
        json.put("waits_left_out", run.recording().leftOut());
        var steps = new ArrayList<Object>();
        run.profile().steps().forEach(step -> steps.add(List.of(seconds(step.at()), step.running())));
        json.put("parallelism", steps);
        var path = new ArrayList<Object>();
        run.path().forEach(link -> {
            var one = new LinkedHashMap<String, Object>();
            one.put("kind", name(link.kind()));
            one.put("start_s", seconds(link.start()));
            one.put("end_s", seconds(link.end()));
            one.put("what", link.label());
            one.put("file", link.file());
            one.put("line", link.line());
            one.put("slot_was_busy", link.slotWasBusy());
            path.add(one);
        });
        json.put("critical_path", path);
        var lines = new ArrayList<Object>();
        report.lines().forEach((at, lane) -> {
            var one = new LinkedHashMap<String, Object>();
            one.put("file", at.file());
            one.put("line", at.line());
            one.put("tasks", lane.tasks());
            one.put("tasks_s", seconds(lane.ran()));
            one.put("overlapped_s", seconds(lane.overlapped()));
            one.put("arguments_late_s", seconds(lane.late()));
            one.put("waited_s", seconds(lane.waited()));
            one.put("waited_aside_s", seconds(lane.aside()));
            lines.add(one);
        });
        json.put("lines", lines);
        var tasks = new ArrayList<Object>();
        run.recording().tasks().forEach(task -> {
            var one = new LinkedHashMap<String, Object>();
            one.put("function", task.function());
            one.put("file", task.file());
            one.put("line", task.line());
            one.put("slot", task.slot());
            one.put("called_s", seconds(task.submitted()));
            one.put("ready_s", seconds(task.ready()));
            one.put("start_s", seconds(task.start()));
            one.put("end_s", seconds(task.end()));
            one.put("needs", task.needs());
            tasks.add(one);
        });
        json.put("task_list", tasks);
        return json;
    }

    // ---- JSON

    private void value(Object value, int depth) {
        switch (value) {
            case Map<?, ?> map -> {
                out.append('{');
                String between = "";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(between);
                    line(depth + 1);
                    string(String.valueOf(entry.getKey()));
                    out.append(": ");
                    value(entry.getValue(), depth + 1);
                    between = ",";
                }
                line(map.isEmpty() ? -1 : depth);
                out.append('}');
            }
            case List<?> list -> {
                boolean flat = list.stream().noneMatch(item -> item instanceof Map || item instanceof List);
                out.append('[');
                String between = "";
                for (Object item : list) {
                    out.append(between);
                    line(flat ? -1 : depth + 1);
                    value(item, depth + 1);
                    between = flat ? ", " : ",";
                }
                line(flat ? -1 : depth);
                out.append(']');
            }
            case String string -> string(string);
            case Number number -> out.append(number);
            case Boolean bool -> out.append(bool);
            default -> throw new IllegalStateException("cannot write " + value.getClass());
        }
    }

    private void line(int depth) {
        if (depth >= 0) {
            out.append('\n').append(" ".repeat(depth));
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                default -> {
                    if (c < 0x20 || Character.isSurrogate(c) && !pairs(text, i)) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean pairs(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
                ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
                : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }
}
