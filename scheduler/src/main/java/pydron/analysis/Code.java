package pydron.analysis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Step;

/// The pieces of the user's code that an op of a template refers to.
final class Code {
    private Code() {}

    /// The expressions that an op evaluates or assigns to itself; those of the ops inside it are left out.
    static List<Expr> of(Planned planned) {
        return switch (planned) {
            case Planned.Local p -> of(p.step());
            case Planned.Call p -> {
                var all = new ArrayList<Expr>();
                all.add(p.call().callee());
                all.addAll(p.call().args());
                p.call().keywords().forEach(keyword -> all.add(keyword.value()));
                yield all;
            }
            case Planned.If p -> List.of(p.test());
            case Planned.For p -> List.of(p.iterable(), p.target());
            case Planned.While p -> List.of(p.test());
            case Planned.Try p -> {
                var all = new ArrayList<Expr>();
                p.handlers().forEach(handler -> handler.type().ifPresent(all::add));
                yield all;
            }
            case Planned.With p -> {
                var all = new ArrayList<Expr>(List.of(p.context()));
                p.target().ifPresent(all::add);
                yield all;
            }
            case Planned.Return p -> p.value().stream().toList();
            case Planned.Region _, Planned.Finally _, Planned.Break _, Planned.Continue _, Planned.Look _ -> List.of();
        };
    }

    static List<Expr> of(Step step) {
        return switch (step) {
            case Step.Statement(Stmt stmt) -> statement(stmt);
            case Step.Bind s -> List.of(s.value());
            case Step.Store s -> List.of(s.target());
            case Step.NewContainer _, Step.Replay _, Step.Flag _ -> List.of();
            case Step.Check s -> List.of(s.name());
            case Step.Progress s -> List.copyOf(s.call().stream().toList());
            case Step.Collect s -> {
                var all = new ArrayList<Expr>(s.key().stream().toList());
                all.add(s.value());
                yield all;
            }
            case Step.Update s -> List.of(s.value());
        };
    }

    /// Statements that are no ops of their own, such as the body of a class, are looked through as well.
    private static List<Expr> statement(Stmt stmt) {
        var all = new ArrayList<>(Walk.expressionsOf(stmt));
        if (!(stmt instanceof Stmt.FunctionDef)) {
            Walk.blocksOf(stmt).forEach(block -> block.forEach(inner -> all.addAll(statement(inner))));
        }
        return all;
    }

    /// The expression with this number among some expressions and what they consist of.
    static Optional<Expr> find(int node, List<Expr> among) {
        var found = new ArrayList<Expr>();
        among.forEach(expr -> Walk.expressions(expr, each -> {
            if (each.id() == node) {
                found.add(each);
            }
        }));
        return found.stream().findFirst();
    }
}
