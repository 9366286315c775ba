package pydron.analysis;

import java.util.ArrayList;
import java.util.List;
import pydron.analysis.ast.Stmt;

/// Turns `continue` into structure, so that a condition that is still pending decides only about the rest of its own
/// iteration.
final class ContinueStructure {
    private ContinueStructure() {}

    static boolean endsWithContinue(List<Stmt> body) {
        return !body.isEmpty() && body.get(body.size() - 1) instanceof Stmt.Continue;
    }

    /// `if c: …; continue` followed by more statements.
    static boolean applies(Stmt.If test) {
        return endsWithContinue(test.body()) != endsWithContinue(test.orelse());
    }

    /// `try: … except E: …; continue` followed by more statements.
    static boolean applies(Stmt.Try attempt) {
        return attempt.handlers().stream().anyMatch(handler -> endsWithContinue(handler.body()));
    }

    /// `try: … except E: …; continue` where what follows can only be reached when the body succeeded.
    static boolean nests(Stmt.Try attempt) {
        return applies(attempt)
                && attempt.finalbody().isEmpty()
                && attempt.handlers().stream().allMatch(handler -> leaves(handler.body()));
    }

    private static boolean leaves(List<Stmt> body) {
        return !body.isEmpty()
                && switch (body.get(body.size() - 1)) {
                    case Stmt.Continue _, Stmt.Break _, Stmt.Return _, Stmt.Raise _ -> true;
                    default -> false;
                };
    }

    /// The same, with the statements behind it in its `else`, which the handlers do not protect either.
    static Stmt.Try nest(Stmt.Try attempt, List<Stmt> rest) {
        var handlers = attempt.handlers().stream()
                .map(handler -> new Stmt.Handler(
                        handler.id(), handler.line(), handler.type(), handler.name(), dropLast(handler.body())))
                .toList();
        return new Stmt.Try(
                attempt.id(), attempt.line(), attempt.body(), handlers, join(attempt.orelse(), rest), List.of());
    }

    /// The same, with the statements behind it in the other branch.
    static Stmt.If nest(Stmt.If test, List<Stmt> rest) {
        if (endsWithContinue(test.body())) {
            return new Stmt.If(test.id(), test.line(), test.test(), dropLast(test.body()), join(test.orelse(), rest));
        }
        return new Stmt.If(test.id(), test.line(), test.test(), join(test.body(), rest), dropLast(test.orelse()));
    }

    private static List<Stmt> join(List<Stmt> first, List<Stmt> second) {
        var all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    /// A body without the `continue` at its very end, which does nothing there.
    static List<Stmt> dropLast(List<Stmt> body) {
        return endsWithContinue(body) ? body.subList(0, body.size() - 1) : body;
    }
}
