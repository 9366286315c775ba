package pydron.analysis.ir;

/// Why code does not, or may not, run at the same time as other code: the whole list. Each rule has a name, which
/// reports and documentation use, a sentence about what it applies to, and advice.
///
/// In both, `%s` stands for what it applies to, in the user's own words.
public enum Rule {
    UNKNOWN_CALL(
            "unknown call",
            "nothing is known about '%s'",
            "If '%s' changes nothing and needs no order, say so: decorate it with @pydron.functional, or call it as"
                    + " pydron.functional(%s). If it has effects, collect the results first and call it after the loop."),
    EFFECTS(
            "function that does more",
            "'%s' does more than compute a value, or calls something that may",
            "If '%s' changes nothing and needs no order, decorate it with @pydron.functional. If it has effects, collect"
                    + " the results first and call it after the loop."),
    UNKNOWN_FUNCTION(
            "unknown function",
            "nothing is known about the function given to '%s'",
            "Give '%s' a lambda, a function with @pydron.functional, or a function of a library that Pydron knows."),
    SHARED_OBJECT(
            "changes something others can reach",
            "'%s' may change an object that others can see",
            "Build a new object in this function (a copy of the old one will do), change that, and return it."),
    ATTRIBUTE(
            "changes an attribute",
            "it changes '%s'",
            "Keep the value in a local variable, and assign '%s' once, after the loop."),
    SHARED_VARIABLE(
            "shared variable",
            "'%s' is shared with a nested function or the module",
            "Use a local variable in place of '%s': give it to the function as an argument, return the result."),
    CONTEXT(
            "context manager",
            "entering and leaving '%s' may do anything",
            "Move the calls that are to run in parallel out of the 'with', or the 'with' into the function they call."),
    OUTPUT("output in the middle", "it prints %s", "Compute the value first, then print it in a statement of its own."),
    STATEMENT(
            "not analysed",
            "%s",
            "Move it out of the loop, to the beginning of the function, or into a function of its own."),
    PIPELINE(
            "pipeline that waits",
            "the pipeline '%s' does something that must happen in order",
            "See the places listed for '%s': without them, calls of it run at the same time."),
    NEEDS_RESULT(
            "looks into a result",
            "it needs the value of '%s', which may not be there yet",
            "Put what depends on '%s' into the function that computes it, or behind the loop, where all results are there."),
    HANDLER(
            "seen by a handler",
            "code behind the 'try' could see '%s' change before what comes earlier has succeeded",
            "Call the function inside the 'try', and change '%s' in its 'else', or behind it."),
    TRY_END(
            "end of a try",
            "leaving 'try' waits for what was begun in it",
            "Catch the exception inside the function that may raise it, and return what stands for a failure."),
    LOOP_SOURCE(
            "changes what it iterates over",
            "the loop may change '%s' while it iterates over it",
            "Iterate over a copy, 'list(%s)', or add to another list."),
    TYPE(
            "type with code of its own",
            "'%s' may have a type whose operators or attributes run code that nobody knows",
            "Take what you need from '%s' before the loop, or inside the function that is called."),
    CANNOT_PICKLE(
            "cannot be pickled",
            "'%s' cannot be sent to another process",
            "Give the function what it needs (a path, say, in place of an open file) and make the object inside it."),
    GENERATOR(
            "generator",
            "it is a generator",
            "Its body runs when it is iterated. Put the loop with the calls into a function that returns a list."),
    COROUTINE(
            "coroutine",
            "it is a coroutine",
            "Pydron runs calls in parallel without 'async': make it an ordinary function."),
    NOT_ANALYSABLE(
            "not analysable",
            "it %s",
            "Move that into a function of its own, without @pydron.schedule, and call it from here."),
    INTERNAL_ERROR(
            "internal error",
            "of an internal error of the analysis (%s)",
            "This is a bug in Pydron, which costs time and not the answer. Please report it with the function.");

    private final String title;
    private final String sentence;
    private final String advice;

    Rule(String title, String sentence, String advice) {
        this.title = title;
        this.sentence = sentence;
        this.advice = advice;
    }

    /// What people call it.
    public String title() {
        return title;
    }

    String sentence() {
        return sentence;
    }

    String advice() {
        return advice;
    }
}
