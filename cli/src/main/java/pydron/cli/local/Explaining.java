package pydron.cli.local;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pydron.analysis.PipelineAnalysis;
import pydron.analysis.Place;
import pydron.analysis.Places;
import pydron.analysis.ast.Unit;
import pydron.cli.explain.HtmlReport;
import pydron.cli.explain.JsonReport;
import pydron.cli.explain.Report;
import pydron.cli.explain.TextReport;

/// Reports on a run: what its pipelines' plans say, and what was recorded.
public final class Explaining {
    private static final long LARGEST_SOURCE = 8 << 20;
    private static final long SILENCE_MILLIS = 5_000;

    private final ExplainSettings settings;
    private final Recorder recorder = new Recorder();
    private final Set<Place> places = new LinkedHashSet<>();

    Explaining(ExplainSettings settings) {
        this.settings = settings;
    }

    Recorder recorder() {
        return recorder;
    }

    /// A pipeline was analysed. Called on the thread that does so, whose stack is large enough.
    synchronized void analysed(byte[] bytes) {
        try {
            Unit unit = Unit.read(bytes);
            places.addAll(Places.of(unit, PipelineAnalysis.analyse(unit)));
        } catch (IllegalArgumentException e) {
            return; // It runs as it is, which the driver reports.
        }
    }

    /// Tells what there is to tell. The answer is false if that is an error.
    synchronized boolean tell(String title, int slots, Map<String, String> environment, PrintStream err) {
        try {
            recorder.awaitSilence(SILENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        String name = title.isEmpty() ? recorder.script() : title;
        Report report = Report.of(name, new ArrayList<>(places), Explaining::lines, recorder.recording(slots));
        if (settings.tells()) {
            write(report, settings, environment, err);
        }
        return !settings.assertParallel() || isParallel(report, err);
    }

    /// Lists the places that `--assert-parallel` objects to.
    public static boolean isParallel(Report report, PrintStream err) {
        List<Report.Finding> found = report.syncPointsInLoops();
        if (found.isEmpty()) {
            return true;
        }
        err.println("pydron: not parallel: " + found.size() + (found.size() == 1 ? " place keeps" : " places keep")
                + " the calls of a loop from running at the same time");
        for (Report.Finding finding : found) {
            err.println("  " + finding.place().file() + ":" + finding.place().line() + ": " + finding.reason());
        }
        return false;
    }

    /// Writes a report where the user wants it.
    ///
    /// @param screen where to, if not to a file
    public static void write(
            Report report, ExplainSettings settings, Map<String, String> environment, PrintStream screen) {
        String text = switch (settings.format()) {
            case TEXT -> {
                boolean terminal = settings.file().isEmpty() && Terminal.is(screen == System.out ? 1 : 2);
                boolean colours =
                        terminal && environment.getOrDefault("NO_COLOR", "").isEmpty();
                yield TextReport.write(report, Terminal.width(terminal, environment), colours);
            }
            case JSON -> JsonReport.write(report);
            case HTML -> HtmlReport.write(report);
        };
        if (settings.file().isEmpty()) {
            screen.write(text.getBytes(StandardCharsets.UTF_8), 0, text.getBytes(StandardCharsets.UTF_8).length);
            screen.flush();
            return;
        }
        Path file = settings.file().get();
        try {
            Files.writeString(file, text, StandardCharsets.UTF_8);
            System.err.println("pydron: the report is in '" + file + "'");
        } catch (IOException e) {
            System.err.println("pydron: cannot write the report to '" + file + "': " + e.getMessage());
        }
    }

    /// The lines of a source file; none if it cannot be read.
    public static List<String> lines(String file) {
        try {
            Path path = Path.of(file);
            if (!Files.isRegularFile(path) || Files.size(path) > LARGEST_SOURCE) {
                return List.of();
            }
            return new String(Files.readAllBytes(path), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException | java.nio.file.InvalidPathException e) {
            return List.of();
        }
    }
}
