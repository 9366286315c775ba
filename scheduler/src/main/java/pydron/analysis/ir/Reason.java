package pydron.analysis.ir;

import java.util.Objects;

/// Why an op waits, or a pipeline runs as it is. Made by the analysis where it decides so, so that what the user is
/// told cannot differ from what is done.
///
/// @param subject what the rule applies to, in the user's own words; empty where the rule says it all
/// @param because why the op could not be set aside instead; empty where that is no question
public record Reason(Rule rule, String subject, String because) {
    public Reason {
        Objects.requireNonNull(rule);
        Objects.requireNonNull(subject);
        Objects.requireNonNull(because);
    }

    public Reason(Rule rule, String subject) {
        this(rule, subject, "");
    }

    public Reason because(String why) {
        return new Reason(rule, subject, why);
    }

    /// What is the matter, as the rest of a sentence: "it prints inside a condition".
    public String sentence() {
        String text = rule.sentence().replace("%s", subject);
        return because.isEmpty() ? text : text + ", and cannot be set aside: " + because;
    }

    /// What to write instead.
    public String advice() {
        return rule.advice().replace("%s", subject);
    }

    @Override
    public String toString() {
        return rule.title() + ": " + sentence();
    }
}
