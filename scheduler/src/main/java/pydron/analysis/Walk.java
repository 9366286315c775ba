package pydron.analysis;

import java.util.List;
import java.util.function.Consumer;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;

/// Walks over the AST.
public final class Walk {
    private Walk() {}

    /// All statements of a function body and the expressions that it evaluates itself, nested functions and classes
    /// left out.
    static void statements(List<Stmt> body, Consumer<Stmt> statement, Consumer<Expr> expression) {
        for (Stmt stmt : body) {
            statement.accept(stmt);
            for (Expr expr : expressionsOf(stmt)) {
                expressions(expr, expression);
            }
            if (!(stmt instanceof Stmt.FunctionDef) && !isClass(stmt)) {
                blocksOf(stmt).forEach(block -> statements(block, statement, expression));
            }
        }
    }

    private static boolean isClass(Stmt stmt) {
        return stmt instanceof Stmt.Other other && other.type().equals("ClassDef");
    }

    /// Every name used in statements, nested scopes included.
    static void everything(List<Stmt> body, Consumer<String> use) {
        for (Stmt stmt : body) {
            expressionsOf(stmt).forEach(expr -> names(expr, use));
            if (stmt instanceof Stmt.Declare declare) {
                declare.names().forEach(use);
            }
            blocksOf(stmt).forEach(block -> everything(block, use));
        }
    }

    static void names(Expr expr, Consumer<String> use) {
        expressions(expr, each -> {
            if (each instanceof Expr.Name name) {
                use.accept(name.name());
            }
        });
    }

    static void expressions(Expr expr, Consumer<Expr> visit) {
        visit.accept(expr);
        for (Expr child : childrenOf(expr)) {
            expressions(child, visit);
        }
    }

    static List<List<Stmt>> blocksOf(Stmt stmt) {
        return switch (stmt) {
            case Stmt.If s -> List.of(s.body(), s.orelse());
            case Stmt.For s -> List.of(s.body(), s.orelse());
            case Stmt.While s -> List.of(s.body(), s.orelse());
            case Stmt.With s -> List.of(s.body());
            case Stmt.Try s -> {
                var blocks = new java.util.ArrayList<List<Stmt>>();
                blocks.add(s.body());
                s.handlers().forEach(handler -> blocks.add(handler.body()));
                blocks.add(s.orelse());
                blocks.add(s.finalbody());
                yield blocks;
            }
            case Stmt.FunctionDef s -> List.of(s.body());
            case Stmt.Other s -> List.of(s.inner());
            case Stmt.Assign _, Stmt.AugAssign _, Stmt.AnnAssign _, Stmt.ExprStmt _, Stmt.Return _, Stmt.Delete _ ->
                List.of();
            case Stmt.Raise _, Stmt.Assert _, Stmt.Break _, Stmt.Continue _, Stmt.Pass _, Stmt.Declare _ -> List.of();
        };
    }

    /// The expressions directly in a statement, in the order of evaluation where that matters.
    public static List<Expr> expressionsOf(Stmt stmt) {
        var list = new java.util.ArrayList<Expr>();
        switch (stmt) {
            case Stmt.Assign s -> {
                list.add(s.value());
                list.addAll(s.targets());
            }
            case Stmt.AugAssign s -> {
                list.add(s.target());
                list.add(s.value());
            }
            case Stmt.AnnAssign s -> {
                s.value().ifPresent(list::add);
                list.add(s.target());
            }
            case Stmt.ExprStmt s -> list.add(s.value());
            case Stmt.Return s -> s.value().ifPresent(list::add);
            case Stmt.Delete s -> list.addAll(s.targets());
            case Stmt.If s -> list.add(s.test());
            case Stmt.For s -> {
                list.add(s.iterable());
                list.add(s.target());
            }
            case Stmt.While s -> list.add(s.test());
            case Stmt.Try s -> s.handlers().forEach(handler -> handler.type().ifPresent(list::add));
            case Stmt.With s ->
                s.items().forEach(item -> {
                    list.add(item.context());
                    item.target().ifPresent(list::add);
                });
            case Stmt.Raise s -> {
                s.exception().ifPresent(list::add);
                s.cause().ifPresent(list::add);
            }
            case Stmt.Assert s -> {
                list.add(s.test());
                s.message().ifPresent(list::add);
            }
            case Stmt.FunctionDef s -> {
                list.addAll(s.decorators());
                list.addAll(s.parameters().defaults());
            }
            case Stmt.Other s -> list.addAll(s.expressions());
            case Stmt.Break _, Stmt.Continue _, Stmt.Pass _, Stmt.Declare _ -> {}
        }
        return list;
    }

    /// Sub-expressions in the order of evaluation.
    public static List<Expr> childrenOf(Expr expr) {
        var list = new java.util.ArrayList<Expr>();
        switch (expr) {
            case Expr.Name _, Expr.Constant _ -> {}
            case Expr.Attribute e -> list.add(e.value());
            case Expr.Subscript e -> {
                list.add(e.value());
                list.add(e.index());
            }
            case Expr.Slice e -> {
                e.lower().ifPresent(list::add);
                e.upper().ifPresent(list::add);
                e.step().ifPresent(list::add);
            }
            case Expr.Call e -> {
                list.add(e.callee());
                list.addAll(e.args());
                e.keywords().forEach(keyword -> list.add(keyword.value()));
            }
            case Expr.Starred e -> list.add(e.value());
            case Expr.Binary e -> {
                list.add(e.left());
                list.add(e.right());
            }
            case Expr.Unary e -> list.add(e.operand());
            case Expr.Compare e -> {
                list.add(e.left());
                list.addAll(e.comparators());
            }
            case Expr.Bool e -> list.addAll(e.values());
            case Expr.Conditional e -> {
                list.add(e.test());
                list.add(e.then());
                list.add(e.otherwise());
            }
            case Expr.Display e -> list.addAll(e.elements());
            case Expr.Dict e ->
                e.entries().forEach(entry -> {
                    entry.key().ifPresent(list::add);
                    list.add(entry.value());
                });
            case Expr.Comprehension e -> {
                e.clauses().forEach(clause -> {
                    list.add(clause.iterable());
                    list.add(clause.target());
                    list.addAll(clause.conditions());
                });
                e.key().ifPresent(list::add);
                list.add(e.element());
            }
            case Expr.Lambda e -> {
                list.addAll(e.parameters().defaults());
                list.add(e.body());
            }
            case Expr.Walrus e -> {
                list.add(e.value());
                list.add(e.target());
            }
            case Expr.JoinedString e -> list.addAll(e.parts());
            case Expr.Formatted e -> {
                list.add(e.value());
                e.format().ifPresent(list::add);
            }
            case Expr.Other e -> list.addAll(e.children());
        }
        return list;
    }
}
