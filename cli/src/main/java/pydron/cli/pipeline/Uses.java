package pydron.cli.pipeline;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pydron.analysis.Walk;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ir.Step;

/// Which variables a piece of code reads and gives a new value, near enough for a picture: an object that a statement
/// changes counts as a new value of its variable.
record Uses(Set<String> reads, Set<String> defines) {
    static Uses none() {
        return new Uses(new LinkedHashSet<>(), new LinkedHashSet<>());
    }

    /// @param substitutions number of a lowered node to the variable that holds its value
    static Uses of(Step step, Map<Integer, String> substitutions) {
        Uses uses = none();
        Collector collector = new Collector(substitutions, uses);
        switch (step) {
            case Step.Statement(Stmt stmt) -> collector.statement(stmt);
            case Step.Bind s -> {
                // The node that is bound is itself known by this name from now on.
                if (s.name().equals(substitutions.get(s.value().id()))) {
                    collector.readInside(s.value());
                } else {
                    collector.read(s.value());
                }
                uses.defines.add(s.name());
            }
            case Step.Store s -> {
                uses.reads.add(s.name());
                collector.target(s.target());
            }
            case Step.NewContainer s -> uses.defines.add(s.name());
            case Step.Collect s -> {
                s.key().ifPresent(collector::read);
                collector.read(s.value());
                collector.change(s.name());
            }
            case Step.Update s -> {
                collector.read(s.value());
                collector.change(s.name());
            }
            case Step.Check s -> uses.reads.add(s.name().name());
            case Step.Replay s -> {
                uses.defines.add(s.name());
                uses.reads.add(s.list());
            }
            case Step.Progress s -> {
                s.call().ifPresent(collector::read);
                collector.change(s.name());
            }
            case Step.Flag s -> uses.defines.add(s.name());
        }
        return uses;
    }

    static Uses reading(List<Expr> exprs, Map<Integer, String> substitutions) {
        Uses uses = none();
        Collector collector = new Collector(substitutions, uses);
        exprs.forEach(collector::read);
        return uses;
    }

    /// Adds what assigning to `target` defines.
    Uses assigning(Expr target, Map<Integer, String> substitutions) {
        new Collector(substitutions, this).target(target);
        return this;
    }

    private record Collector(Map<Integer, String> substitutions, Uses uses) {
        void statement(Stmt stmt) {
            switch (stmt) {
                case Stmt.Assign s -> {
                    read(s.value());
                    s.targets().forEach(this::target);
                }
                case Stmt.AugAssign s -> {
                    read(s.value());
                    read(s.target());
                    target(s.target());
                }
                case Stmt.AnnAssign s -> {
                    s.value().ifPresent(this::read);
                    s.value().ifPresent(_ -> target(s.target()));
                }
                case Stmt.ExprStmt s -> {
                    read(s.value());
                    if (s.value() instanceof Expr.Call call && call.callee() instanceof Expr.Attribute method) {
                        owner(method.value());
                    }
                }
                case Stmt.FunctionDef s -> {
                    uses.defines.add(s.name());
                    Walk.expressionsOf(s).forEach(this::read);
                }
                case Stmt.Other s -> {
                    s.expressions().forEach(this::read);
                    uses.defines.addAll(s.binds());
                }
                case Stmt.Delete _,
                        Stmt.Raise _,
                        Stmt.Assert _,
                        Stmt.Return _,
                        Stmt.If _,
                        Stmt.For _,
                        Stmt.While _,
                        Stmt.Try _,
                        Stmt.With _,
                        Stmt.Break _,
                        Stmt.Continue _,
                        Stmt.Pass _,
                        Stmt.Declare _ -> Walk.expressionsOf(stmt).forEach(this::read);
            }
        }

        void read(Expr expr) {
            String held = substitutions.get(expr.id());
            if (held != null) {
                uses.reads.add(held);
            } else if (expr instanceof Expr.Name name) {
                uses.reads.add(name.name());
            } else {
                readInside(expr);
            }
        }

        /// Variables of comprehensions and lambdas are their own.
        void readInside(Expr expr) {
            Set<String> own = switch (expr) {
                case Expr.Comprehension e -> {
                    Uses bound = none();
                    e.clauses().forEach(clause -> bound.assigning(clause.target(), Map.of()));
                    yield bound.defines;
                }
                case Expr.Lambda e -> Set.copyOf(e.parameters().names());
                case Expr.Name _,
                        Expr.Constant _,
                        Expr.Attribute _,
                        Expr.Subscript _,
                        Expr.Slice _,
                        Expr.Call _,
                        Expr.Starred _,
                        Expr.Binary _,
                        Expr.Unary _,
                        Expr.Compare _,
                        Expr.Bool _,
                        Expr.Conditional _,
                        Expr.Display _,
                        Expr.Dict _,
                        Expr.Walrus _,
                        Expr.JoinedString _,
                        Expr.Formatted _,
                        Expr.Other _ -> Set.of();
            };
            Uses inner = own.isEmpty() ? uses : none();
            Walk.childrenOf(expr).forEach(new Collector(substitutions, inner)::read);
            if (inner != uses) {
                inner.reads.removeAll(own);
                uses.reads.addAll(inner.reads);
                uses.defines.addAll(inner.defines);
            }
        }

        void target(Expr target) {
            switch (target) {
                case Expr.Name name -> uses.defines.add(name.name());
                case Expr.Starred starred -> target(starred.value());
                case Expr.Display display -> display.elements().forEach(this::target);
                case Expr.Subscript element -> {
                    read(element.index());
                    owner(element.value());
                }
                case Expr.Attribute attribute -> owner(attribute.value());
                case Expr.Constant _,
                        Expr.Slice _,
                        Expr.Call _,
                        Expr.Binary _,
                        Expr.Unary _,
                        Expr.Compare _,
                        Expr.Bool _,
                        Expr.Conditional _,
                        Expr.Dict _,
                        Expr.Comprehension _,
                        Expr.Lambda _,
                        Expr.Walrus _,
                        Expr.JoinedString _,
                        Expr.Formatted _,
                        Expr.Other _ -> read(target);
            }
        }

        /// The variable through which an object is changed.
        private void owner(Expr expr) {
            switch (expr) {
                case Expr.Name name -> change(name.name());
                case Expr.Attribute attribute -> owner(attribute.value());
                case Expr.Subscript element -> {
                    read(element.index());
                    owner(element.value());
                }
                case Expr.Constant _,
                        Expr.Slice _,
                        Expr.Call _,
                        Expr.Starred _,
                        Expr.Binary _,
                        Expr.Unary _,
                        Expr.Compare _,
                        Expr.Bool _,
                        Expr.Conditional _,
                        Expr.Display _,
                        Expr.Dict _,
                        Expr.Comprehension _,
                        Expr.Lambda _,
                        Expr.Walrus _,
                        Expr.JoinedString _,
                        Expr.Formatted _,
                        Expr.Other _ -> read(expr);
            }
        }

        void change(String name) {
            uses.reads.add(name);
            uses.defines.add(name);
        }
    }
}
