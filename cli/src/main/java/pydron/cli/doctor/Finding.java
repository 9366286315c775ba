package pydron.cli.doctor;

import java.util.List;

/// The outcome of one check.
///
/// @param what   the thing looked at
/// @param result what was found, in a few words
/// @param advice what to do about it; empty when all is well
public record Finding(Grade grade, String what, String result, List<String> advice) {
    public enum Grade {
        OK("ok"),
        /// Pydron works, but something is slower, or missing for developers.
        NOTE("note"),
        /// Pydron does not work.
        MISSING("MISSING");

        final String word;

        Grade(String word) {
            this.word = word;
        }
    }

    public Finding {
        advice = List.copyOf(advice);
    }

    static Finding ok(String what, String result) {
        return new Finding(Grade.OK, what, result, List.of());
    }

    static Finding note(String what, String result, String... advice) {
        return new Finding(Grade.NOTE, what, result, List.of(advice));
    }

    static Finding missing(String what, String result, String... advice) {
        return new Finding(Grade.MISSING, what, result, List.of(advice));
    }

    public String text() {
        StringBuilder text = new StringBuilder(String.format("%-8s %-18s %s", grade.word, what, result));
        advice.forEach(line -> text.append("\n").append(" ".repeat(28)).append(line));
        return text.toString();
    }
}
