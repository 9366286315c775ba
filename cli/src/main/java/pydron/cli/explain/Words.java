package pydron.cli.explain;

import java.util.Locale;

/// How figures and places are written.
final class Words {
    private static final double NANOS = 1e9;

    /// What to do about calls that waited for their arguments.
    static final String LATE =
            "They need what earlier calls, or code that waits for these, came to. They run earlier if "
                    + "their arguments depend on less: on the input, say, or a counter, instead of on a result.";

    private Words() {}

    static double seconds(long nanos) {
        return nanos / NANOS;
    }

    /// "12.3 s", "45 ms".
    static String time(long nanos) {
        double seconds = seconds(nanos);
        if (seconds >= 100) {
            return String.format(Locale.ROOT, "%.0f s", seconds);
        }
        if (seconds >= 1) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        return String.format(Locale.ROOT, seconds >= 0.001 || nanos == 0 ? "%.0f ms" : "%.1f ms", seconds * 1000);
    }

    static String percent(double share) {
        return Math.round(Math.clamp(share, 0, 1) * 100) + " %";
    }

    static String times(int count) {
        return count == 1 ? "once" : count + " times";
    }

    /// The last part of a path.
    static String file(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    static String capital(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    /// What a finding holds back: "f(x), g(y) and 3 more".
    static String held(Report.Finding finding, int most) {
        var calls = finding.place().held().stream()
                .map(pydron.analysis.Place.Held::code)
                .distinct()
                .toList();
        String first = String.join(", ", calls.subList(0, Math.min(most, calls.size())));
        return calls.size() > most ? first + " and " + (calls.size() - most) + " more" : first;
    }

    /// What was measured, as a sentence; empty without a run.
    static String cost(Report.Finding finding) {
        return finding.cost()
                .map(cost -> {
                    String waited = "It happened " + times(cost.count()) + ": "
                            + (cost.front() ? "the program" : "what had been set aside") + " waited "
                            + time(cost.waited());
                    String ran = cost.ran() >= Report.NOTICEABLE ? ", then ran in order for " + time(cost.ran()) : "";
                    return waited + ran + "; for " + time(cost.lost()) + " of that a slot had nothing to do.";
                })
                .orElse("");
    }

    static String why(Report.Finding finding) {
        String detail = finding.detail().isEmpty() ? "" : " (" + finding.detail() + ")";
        return capital(finding.reason().sentence()) + detail + ".";
    }
}
