package pydron.cli.explain;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import pydron.analysis.Place;
import pydron.cli.explain.Report.At;
import pydron.cli.explain.Report.Finding;
import pydron.cli.explain.Report.Lane;

/// The report as a page: the source with what was measured in its margin, and what each slot did. It holds all that it
/// needs and runs no script.
public final class HtmlReport {
    /// Longer files are shown where something is.
    private static final int WHOLE_FILE = 300;

    private static final int AROUND = 4;
    private static final int MOST_LINKS = 30;

    private final Report report;
    private final StringBuilder out = new StringBuilder();

    private HtmlReport(Report report) {
        this.report = report;
    }

    public static String write(Report report) {
        var page = new HtmlReport(report);
        page.write();
        return page.out.toString();
    }

    private static String style() {
        try (InputStream in = HtmlReport.class.getResourceAsStream("/pydron/explain/report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write() {
        out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
                .append("style-src 'unsafe-inline'\">\n<title>")
                .append(Html.text(report.title()))
                .append("</title>\n<style>\n")
                .append(style())
                .append("</style>\n</head>\n<body>\n");
        element("h1", report.title());
        report.run().ifPresentOrElse(this::totals, this::promise);
        report.run().filter(run -> !run.recording().calls().isEmpty()).ifPresent(run -> {
            element("h2", "Slots over time");
            HtmlChart.write(run, out);
        });
        findings();
        late();
        report.run().ifPresent(this::path);
        report.sources().forEach(this::source);
        out.append(
                        "<footer>Green lines ran at the same time as others, amber ones were set aside or happened in order, ")
                .append("red ones held up what follows. Times of different places may overlap. ")
                .append("Written by Pydron.</footer>\n</body>\n</html>\n");
    }

    private void element(String tag, String text) {
        out.append('<').append(tag).append('>').append(Html.text(text)).append("</");
        out.append(tag.split(" ")[0]).append(">\n");
    }

    private void tile(String figure, String what) {
        out.append("<div class=\"tile\"><b>").append(Html.text(figure)).append("</b><span>");
        out.append(Html.text(what)).append("</span></div>\n");
    }

    private void totals(Report.Run run) {
        Report.Totals totals = run.totals();
        int slots = run.recording().slots();
        element("p class=\"faint\"", "What ran at the same time, what did not, and why.");
        out.append("<div class=\"tiles\">\n");
        tile(Words.time(totals.wall()), "in pipelines");
        tile(String.format(Locale.ROOT, "%.1f ×", totals.speedUp()), "as fast as in sequence");
        tile(Words.time(totals.tasks()), run.recording().tasks().size() + " tasks in all");
        tile(Words.time(totals.script()), "the script's own code");
        tile(Words.percent(totals.efficiency(slots)), "of " + slots + (slots == 1 ? " slot" : " slots") + " busy");
        tile(Words.percent(totals.parallelShare()), "of the time parallel");
        out.append("</div>\n");
    }

    private void promise() {
        element(
                "p class=\"faint\"",
                "What can run at the same time, what cannot, and why. What it costs is told by 'pydron run --explain'.");
    }

    // ---- findings

    private boolean isShown(Finding finding) {
        return report.run().isEmpty() ? finding.place().kind() != Place.Kind.MAY_WAIT : finding.isPaid();
    }

    private void findings() {
        List<Finding> shown = report.findings().stream().filter(this::isShown).toList();
        element("h2", report.run().isPresent() ? "What held the program up" : "Where the program waits");
        if (shown.isEmpty()) {
            element("p", "Nothing.");
        }
        boolean first = true;
        for (Finding finding : shown) {
            finding(finding, first);
            first = false;
        }
        int others = report.findings().size() - shown.size();
        if (others > 0) {
            element(
                    "p class=\"faint\"",
                    (others == 1 ? "One more place" : others + " more places")
                            + (report.run().isPresent()
                                    ? " could have waited, and did not in this run: see the source."
                                    : " may wait, depending on values: see the source."));
        }
    }

    private String id(String file, int line) {
        return "f" + new ArrayList<>(report.sources().keySet()).indexOf(file) + "L" + line;
    }

    private void finding(Finding finding, boolean open) {
        Place place = finding.place();
        out.append("<details class=\"finding")
                .append(finding.isPaid() ? " paid" : "")
                .append('"');
        out.append(open ? " open" : "").append("><summary><span class=\"head\">");
        if (finding.isPaid()) {
            var cost = finding.cost().orElseThrow();
            out.append("<span class=\"time\">")
                    .append(Words.time(cost.waited() + cost.ran()))
                    .append("</span>");
        }
        out.append("<a href=\"#").append(id(place.file(), place.line())).append("\">");
        out.append(Html.text(Words.file(place.file()) + ":" + place.line())).append("</a><b>");
        out.append(Html.text(finding.reason().rule().title())).append("</b>");
        if (finding.isSyncPointInLoop()) {
            out.append("<span class=\"faint\">in a loop</span>");
        }
        out.append("</span><span class=\"code\">").append(Html.text(report.text(place)));
        out.append("</span></summary>\n<div>\n");
        hint(finding);
        out.append("</div></details>\n");
    }

    private void hint(Finding finding) {
        element("p", Words.why(finding));
        if (!finding.place().held().isEmpty()) {
            out.append("<p>It holds back <code>")
                    .append(Html.text(Words.held(finding, 5)))
                    .append("</code>");
            out.append(finding.place().inLoop() ? " of the next rounds.</p>\n" : ".</p>\n");
        }
        if (finding.cost().isPresent()) {
            element("p", Words.cost(finding));
        }
        element("p class=\"instead\"", "Instead: " + finding.reason().advice());
    }

    private void late() {
        var late = report.late();
        if (late.isEmpty()) {
            return;
        }
        element("h2", "Calls that waited for their arguments");
        out.append("<table>\n");
        late.forEach(entry -> {
            At at = entry.getKey();
            out.append("<tr><td class=\"number\">")
                    .append(Words.time(entry.getValue().late()));
            out.append("</td><td><a href=\"#").append(id(at.file(), at.line())).append("\">");
            out.append(Html.text(Words.file(at.file()) + ":" + at.line())).append("</a></td><td><code>");
            out.append(Html.text(Report.text(report.sources(), at.file(), at.line())))
                    .append("</code></td></tr>\n");
        });
        out.append("</table>\n");
        element("p class=\"faint\"", Words.LATE);
    }

    // ---- the longest chain

    private void path(Report.Run run) {
        if (run.path().isEmpty()) {
            return;
        }
        element("h2", "What the time went into: the longest chain");
        var sums = new LinkedHashMap<String, long[]>();
        for (CriticalPath.Link link : run.path()) {
            String at = link.line() == 0 ? "" : Words.file(link.file()) + ":" + link.line();
            String what = switch (link.kind()) {
                case TASK -> link.label();
                case SCRIPT -> "the script's own code";
                case BETWEEN -> "starting tasks, fetching results";
            };
            long[] sum = sums.computeIfAbsent(what + "\n" + at, _ -> new long[3]);
            sum[0] += link.nanos();
            sum[1]++;
            sum[2] += link.slotWasBusy() ? 1 : 0;
        }
        long all = Math.max(1, sums.values().stream().mapToLong(sum -> sum[0]).sum());
        out.append("<table>\n");
        sums.entrySet().stream()
                .sorted((a, b) -> Long.compare(b.getValue()[0], a.getValue()[0]))
                .filter(entry -> entry.getValue()[0] >= all / 500)
                .limit(MOST_LINKS)
                .forEach(entry -> {
                    long[] sum = entry.getValue();
                    String[] what = entry.getKey().split("\n", -1);
                    out.append("<tr><td class=\"number\">").append(Words.time(sum[0]));
                    out.append("</td><td class=\"number\">").append(Words.percent((double) sum[0] / all));
                    out.append("</td><td class=\"number\">").append(sum[1]).append(" ×</td><td>");
                    out.append(Html.text(what[0]))
                            .append("</td><td class=\"faint\">")
                            .append(Html.text(what[1]));
                    out.append(sum[2] > 0 ? " waited for a slot: more slots help" : "")
                            .append("</td></tr>\n");
                });
        out.append("</table>\n");
    }

    // ---- source

    private void source(String file, List<String> lines) {
        if (lines.isEmpty()) {
            return;
        }
        element("h2", file);
        Map<Integer, List<Finding>> findings = new LinkedHashMap<>();
        report.findings().stream()
                .filter(finding -> finding.place().file().equals(file))
                .forEach(finding -> findings.computeIfAbsent(finding.place().line(), _ -> new ArrayList<>())
                        .add(finding));
        out.append("<div class=\"source\">\n");
        int before = 0;
        for (int line : shown(file, lines.size())) {
            if (line > before + 1) {
                out.append("<div class=\"gap\">⋯</div>\n");
            }
            before = line;
            row(file, line, lines.get(line - 1), findings.getOrDefault(line, List.of()));
        }
        if (before < lines.size()) {
            out.append("<div class=\"gap\">⋯</div>\n");
        }
        out.append("</div>\n");
    }

    private TreeSet<Integer> shown(String file, int count) {
        var shown = new TreeSet<Integer>();
        var marks = new TreeSet<Integer>();
        report.places().stream().filter(place -> place.file().equals(file)).forEach(place -> marks.add(place.line()));
        report.lines().keySet().stream().filter(at -> at.file().equals(file)).forEach(at -> marks.add(at.line()));
        int reach = count <= WHOLE_FILE ? count : AROUND;
        for (int mark : marks) {
            for (int line = Math.max(1, mark - reach); line <= Math.min(count, mark + reach); line++) {
                shown.add(line);
            }
        }
        return shown;
    }

    private enum Colour {
        NONE,
        GREEN,
        AMBER,
        RED
    }

    private Colour colour(String file, int line, List<Finding> findings, Lane lane) {
        boolean run = report.run().isPresent();
        if (run
                ? lane.waited() >= Report.NOTICEABLE && findings.stream().anyMatch(Finding::isPaid)
                        || findings.stream()
                                .anyMatch(f -> f.isPaid() && f.place().kind() == Place.Kind.AS_IT_IS)
                : findings.stream().anyMatch(this::isShown)) {
            return Colour.RED;
        }
        if (run && lane.tasks() > 0) {
            return 2 * lane.overlapped() >= lane.ran() ? Colour.GREEN : Colour.NONE;
        }
        if (lane.aside() >= Report.NOTICEABLE) {
            return Colour.AMBER;
        }
        Colour colour = Colour.NONE;
        for (Place place : report.places()) {
            if (place.line() == line && place.file().equals(file)) {
                Colour own = switch (place.kind()) {
                    case TASK -> run ? Colour.NONE : isHeldBack(place) ? Colour.AMBER : Colour.GREEN;
                    case SET_ASIDE, IN_ORDER -> Colour.AMBER;
                    case MAY_WAIT -> run ? Colour.NONE : Colour.AMBER;
                    case WAITS, AS_IT_IS -> Colour.NONE;
                };
                colour = colour == Colour.GREEN || own == Colour.NONE ? colour : own;
            }
        }
        return colour;
    }

    /// Whether something in its loop waits each time.
    private boolean isHeldBack(Place call) {
        return call.inLoop()
                && report.findings().stream()
                        .map(Finding::place)
                        .anyMatch(place -> place.isSyncPointInLoop()
                                && place.file().equals(call.file())
                                && place.held().contains(new Place.Held(call.code(), call.line())));
    }

    /// What was measured, in a few letters.
    private String margin(String file, int line, Lane lane, Colour colour, List<Finding> findings) {
        return switch (colour) {
            case RED -> {
                long time = findings.stream()
                        .filter(Finding::isPaid)
                        .mapToLong(f -> f.cost().orElseThrow().waited()
                                + f.cost().orElseThrow().ran())
                        .max()
                        .orElse(0);
                yield time > 0 ? "held up " + Words.time(time) : "waits";
            }
            case GREEN, NONE -> lane.tasks() > 0 ? lane.tasks() + " × " + Words.time(lane.ran() / lane.tasks()) : "";
            case AMBER -> {
                boolean heldBack = report.run().isEmpty()
                        && report.places().stream()
                                .anyMatch(place -> place.kind() == Place.Kind.TASK
                                        && place.line() == line
                                        && place.file().equals(file)
                                        && isHeldBack(place));
                yield lane.aside() >= Report.NOTICEABLE
                        ? "aside " + Words.time(lane.aside())
                        : heldBack ? "held back" : "";
            }
        };
    }

    private void row(String file, int line, String code, List<Finding> findings) {
        Lane lane = report.lines().getOrDefault(new At(file, line), new Lane(0, 0, 0, 0, 0, 0));
        Colour colour = colour(file, line, findings, lane);
        String title = findings.isEmpty()
                ? lane.tasks() > 0
                        ? lane.tasks() + " tasks, " + Words.time(lane.ran()) + " in all, "
                                + Words.percent((double) lane.overlapped() / Math.max(1, lane.ran()))
                                + " of it at the same time as others; their arguments were not there for "
                                + Words.time(lane.late())
                        : ""
                : Words.why(findings.getFirst());
        out.append(findings.isEmpty() ? "" : "<details><summary>");
        out.append("<span class=\"row ")
                .append(colour.name().toLowerCase(Locale.ROOT))
                .append("\" id=\"");
        out.append(id(file, line)).append('"');
        out.append(title.isEmpty() ? "" : " title=\"" + Html.text(title) + "\"").append("><span class=\"n\">");
        out.append(line).append("</span><span class=\"m\">");
        out.append(Html.text(margin(file, line, lane, colour, findings))).append("</span><span class=\"code\">");
        out.append(Html.text(code)).append("</span></span>");
        if (!findings.isEmpty()) {
            out.append("</summary><div>\n");
            findings.forEach(this::hint);
            out.append("</div></details>");
        }
        out.append('\n');
    }
}
