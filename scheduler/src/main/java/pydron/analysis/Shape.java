package pydron.analysis;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Step;

/// What can be said of code without following it, for {@link TemplateVerifier}.
final class Shape {
    private Shape() {}

    /// The numbers of all nodes of a definition.
    static Set<Integer> nodes(Stmt definition) {
        var all = new LinkedHashSet<Integer>();
        nodes(definition, all);
        return all;
    }

    private static void nodes(Stmt stmt, Set<Integer> into) {
        into.add(stmt.id());
        Walk.expressionsOf(stmt).forEach(expr -> Walk.expressions(expr, each -> into.add(each.id())));
        Walk.blocksOf(stmt).forEach(block -> block.forEach(inner -> nodes(inner, into)));
    }

    /// Whether a statement can be a function of its own.
    static boolean isParkable(Stmt stmt) {
        return switch (stmt) {
            case Stmt.Assign _, Stmt.AugAssign _, Stmt.AnnAssign _, Stmt.ExprStmt _, Stmt.Assert _ -> true;
            case Stmt.Return _,
                    Stmt.Delete _,
                    Stmt.If _,
                    Stmt.For _,
                    Stmt.While _,
                    Stmt.Try _,
                    Stmt.With _,
                    Stmt.Raise _,
                    Stmt.Break _,
                    Stmt.Continue _,
                    Stmt.Pass _,
                    Stmt.Declare _,
                    Stmt.FunctionDef _,
                    Stmt.Other _ -> false;
        };
    }

    /// Whether an op can be set aside as a whole.
    static boolean isRegion(Planned op) {
        return switch (op) {
            case Planned.Local _,
                    Planned.Region _,
                    Planned.Return _,
                    Planned.Break _,
                    Planned.Continue _,
                    Planned.Look _ -> false;
            case Planned.Call _,
                    Planned.If _,
                    Planned.For _,
                    Planned.While _,
                    Planned.Try _,
                    Planned.Finally _,
                    Planned.With _ -> true;
        };
    }

    /// The ops that the driver may have to suspend the function for, or check a type.
    static List<Planned> waiting(List<Planned> ops) {
        return ops.stream().filter(Shape::waits).toList();
    }

    /// Whether the driver may have to suspend the function, or check a type, for the op.
    static boolean waits(Planned op) {
        return switch (op) {
            case Planned.Local p -> p.mode() != Planned.Mode.INLINE || waits(p.needs());
            case Planned.Return p -> waits(p.needs());
            case Planned.Break _, Planned.Continue _, Planned.Look _ -> false;
            case Planned.Call _,
                    Planned.Region _,
                    Planned.If _,
                    Planned.For _,
                    Planned.While _,
                    Planned.Try _,
                    Planned.Finally _,
                    Planned.With _ -> true;
        };
    }

    private static boolean waits(Planned.Needs needs) {
        return needs.ordered()
                || !needs.reads().isEmpty()
                || !needs.guards().isEmpty()
                || !needs.nested().isEmpty()
                || !needs.atoms().isEmpty();
    }

    static boolean isRaise(Step step) {
        return step instanceof Step.Statement(Stmt.Raise _);
    }

    /// Whether a `for` may be left before its items are through.
    static boolean isLeftEarly(Planned planned) {
        return planned instanceof Planned.For loop && breaks(loop.body());
    }

    private static boolean breaks(List<Planned> body) {
        return body.stream().anyMatch(planned -> switch (planned) {
            case Planned.Break _ -> true;
            case Planned.If p -> breaks(p.body()) || breaks(p.orelse());
            default -> false;
        });
    }
}
