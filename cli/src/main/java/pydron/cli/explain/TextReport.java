package pydron.cli.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pydron.analysis.Place;

/// The report for a terminal.
public final class TextReport {
    private static final int LONGEST_CHART = 72;
    private static final int CHART_HEIGHT = 4;
    private static final int MOST_LINKS = 12;
    private static final String BLOCKS = " ▁▂▃▄▅▆▇█";

    private static final String BOLD = "1";
    private static final String RED = "31";
    private static final String YELLOW = "33";
    private static final String GREEN = "32";
    private static final String FAINT = "2";

    private final Report report;
    private final int width;
    private final boolean colours;
    private final StringBuilder out = new StringBuilder();

    private TextReport(Report report, int width, boolean colours) {
        this.report = report;
        this.width = Math.max(40, width);
        this.colours = colours;
    }

    /// @param width of the terminal, in characters
    public static String write(Report report, int width, boolean colours) {
        var writer = new TextReport(report, width, colours);
        writer.write();
        return writer.out.toString();
    }

    private void write() {
        report.run().ifPresent(this::totals);
        findings();
        late();
        report.run().ifPresent(this::path);
    }

    private String styled(String text, String style) {
        return colours ? "\u001b[" + style + "m" + text + "\u001b[0m" : text;
    }

    private void line(String text) {
        out.append(text.stripTrailing()).append('\n');
    }

    /// Text in lines that fit, each behind an indentation.
    private void wrapped(String label, String text, int indent) {
        String prefix = " ".repeat(indent) + (label.isEmpty() ? "" : label);
        int hang = label.isEmpty() ? indent : indent + label.length();
        var line = new StringBuilder(prefix);
        boolean empty = true;
        for (String word : text.split(" ")) {
            if (!empty && line.length() + 1 + word.length() > width) {
                line(line.toString());
                line = new StringBuilder(" ".repeat(hang));
                empty = true;
            }
            line.append(empty ? "" : " ").append(word);
            empty = false;
        }
        line(line.toString());
    }

    private String cut(String code, int room) {
        return code.length() <= room ? code : code.substring(0, Math.max(1, room - 1)) + "…";
    }

    private void totals(Report.Run run) {
        Report.Totals totals = run.totals();
        int slots = run.recording().slots();
        line(styled(report.title(), BOLD));
        wrapped(
                "",
                String.format(
                        Locale.ROOT,
                        "%d tasks of %s in all, and %s of the script's own code, took %s on %d %s: %.1f times as fast as one "
                                + "after the other. The slots were busy for %s of that time, two tasks or more ran at a time for %s.",
                        run.recording().tasks().size(),
                        Words.time(totals.tasks()),
                        Words.time(totals.script()),
                        Words.time(totals.wall()),
                        slots,
                        slots == 1 ? "slot" : "slots",
                        totals.speedUp(),
                        Words.percent(totals.efficiency(slots)),
                        Words.percent(totals.parallelShare())),
                2);
        chart(run);
    }

    /// Tasks running at each moment, as columns of blocks.
    private void chart(Report.Run run) {
        long end = run.recording().calls().stream()
                .mapToLong(Recording.Call::end)
                .max()
                .orElse(0);
        if (end <= 0 || run.recording().tasks().isEmpty()) {
            return;
        }
        int columns = Math.min(LONGEST_CHART, width - 8);
        int most = Math.max(run.recording().slots(), 1);
        double[] running = run.profile().means(0, end, columns);
        line("");
        int rows = Math.min(CHART_HEIGHT, most);
        for (int row = rows - 1; row >= 0; row--) {
            var text = new StringBuilder();
            for (double mean : running) {
                double level = Math.clamp(mean / most * rows - row, 0, 1);
                text.append(BLOCKS.charAt((int) Math.round(level * (BLOCKS.length() - 1))));
            }
            String mark = row == rows - 1 ? String.format("%4d ", most) : "     ";
            line(mark + "│" + styled(text.toString(), GREEN));
        }
        String right = Words.time(end);
        line("   0 └" + "─".repeat(columns));
        line("      0 s" + " ".repeat(Math.max(1, columns - 3 - right.length())) + right);
    }

    private void findings() {
        List<Report.Finding> waits = new ArrayList<>();
        List<Report.Finding> may = new ArrayList<>();
        int quiet = 0;
        for (Report.Finding finding : report.findings()) {
            boolean measured = finding.isPaid();
            if (report.run().isPresent() && !measured) {
                quiet++;
            } else if (finding.place().kind() == Place.Kind.MAY_WAIT && !measured) {
                may.add(finding);
            } else {
                waits.add(finding);
            }
        }
        long overlap = report.places().stream()
                .filter(place -> place.kind() == Place.Kind.TASK)
                .count();
        if (report.run().isEmpty()) {
            line(styled(report.title(), BOLD));
            wrapped(
                    "",
                    overlap + (overlap == 1 ? " call" : " calls") + " can run at the same time as other code; "
                            + (waits.isEmpty() ? "nothing waits" : count(waits.size()) + " where the program waits")
                            + (may.isEmpty() ? "." : ", and " + count(may.size()) + " where it may."),
                    2);
        } else if (waits.isEmpty()) {
            line("");
            wrapped("", "Nowhere did the program wait for a millisecond or more.", 2);
        }
        waits.forEach(this::finding);
        if (!may.isEmpty()) {
            line("");
            line(styled("May wait, depending on the values", BOLD));
            for (Report.Finding finding : may) {
                String at = at(finding);
                line("  " + at + "  " + styled(cut(report.text(finding.place()), width - at.length() - 4), FAINT));
                wrapped("", Words.why(finding), 6);
            }
        }
        if (quiet > 0 && report.run().isPresent()) {
            line("");
            wrapped(
                    "",
                    (quiet == 1 ? "One more place" : quiet + " more places")
                            + " where it could have waited cost nothing in this run; 'pydron explain' lists them.",
                    2);
        }
    }

    private static String count(int places) {
        return places == 1 ? "there is 1 place" : "there are " + places + " places";
    }

    private static String at(Report.Finding finding) {
        return Words.file(finding.place().file()) + ":" + finding.place().line();
    }

    private void finding(Report.Finding finding) {
        Place place = finding.place();
        line("");
        String at = at(finding);
        String time = finding.cost()
                .map(cost -> "  " + Words.time(cost.waited() + cost.ran()))
                .orElse("");
        line(styled(at, BOLD) + styled(time, RED) + "  "
                + styled(finding.reason().rule().title(), YELLOW) + (finding.isSyncPointInLoop() ? ", in a loop" : ""));
        line("    " + cut(report.text(place), width - 4));
        wrapped("", Words.why(finding), 2);
        if (!place.held().isEmpty()) {
            String which = place.inLoop() ? " of the next rounds." : ".";
            wrapped("", "It holds back " + Words.held(finding, 4) + which, 2);
        }
        String cost = Words.cost(finding);
        if (!cost.isEmpty()) {
            wrapped("", cost, 2);
        }
        wrapped("Instead: ", finding.reason().advice(), 2);
    }

    private void late() {
        var late = report.late();
        if (late.isEmpty()) {
            return;
        }
        line("");
        line(styled("Calls that waited for their arguments", BOLD));
        late.forEach(entry -> {
            Report.At at = entry.getKey();
            String text = String.format(
                    Locale.ROOT,
                    "%9s  %s:%d  %s",
                    Words.time(entry.getValue().late()),
                    Words.file(at.file()),
                    at.line(),
                    Report.text(report.sources(), at.file(), at.line()));
            line(cut(text, width));
        });
        wrapped("", Words.LATE, 2);
    }

    private record Sum(String what, String at, CriticalPath.Kind kind) {}

    /// Links of the same line are told together: the chain of a loop has thousands.
    private void path(Report.Run run) {
        if (run.path().isEmpty()) {
            return;
        }
        Map<Sum, long[]> sums = new LinkedHashMap<>();
        for (CriticalPath.Link link : run.path()) {
            String what = switch (link.kind()) {
                case TASK -> link.label();
                case SCRIPT -> "the script's own code";
                case BETWEEN -> "starting tasks, fetching results";
            };
            String at = link.line() == 0 ? "" : Words.file(link.file()) + ":" + link.line();
            long[] sum = sums.computeIfAbsent(new Sum(what, at, link.kind()), _ -> new long[3]);
            sum[0] += link.nanos();
            sum[1]++;
            sum[2] += link.slotWasBusy() ? 1 : 0;
        }
        line("");
        line(styled("What the time went into: the longest chain", BOLD));
        long all = sums.values().stream().mapToLong(sum -> sum[0]).sum();
        sums.entrySet().stream()
                .filter(entry -> entry.getValue()[0] >= Math.max(Report.NOTICEABLE, all / 200))
                .sorted((a, b) -> Long.compare(b.getValue()[0], a.getValue()[0]))
                .limit(MOST_LINKS)
                .forEach(entry -> {
                    long[] sum = entry.getValue();
                    String count = entry.getKey().kind == CriticalPath.Kind.TASK && sum[1] > 1 ? sum[1] + " × " : "";
                    String slot = sum[2] > 0 ? "  (waited for a slot: more slots help)" : "";
                    String text = String.format(
                            Locale.ROOT,
                            "%9s %5s  %s%s  %s%s",
                            Words.time(sum[0]),
                            Words.percent((double) sum[0] / all),
                            count,
                            entry.getKey().what,
                            entry.getKey().at,
                            slot);
                    line(cut(text, width));
                });
    }
}
