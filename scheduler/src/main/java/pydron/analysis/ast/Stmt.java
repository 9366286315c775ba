package pydron.analysis.ast;

import java.util.List;
import java.util.Optional;

/// A Python statement. Kinds that the analysis does not look into are {@link Other}.
public sealed interface Stmt {
    int id();

    int line();

    record Assign(int id, int line, List<Expr> targets, Expr value) implements Stmt {
        public Assign {
            targets = List.copyOf(targets);
        }
    }

    record AugAssign(int id, int line, Expr target, String operator, Expr value) implements Stmt {}

    record AnnAssign(int id, int line, Expr target, Optional<Expr> value) implements Stmt {}

    record ExprStmt(int id, int line, Expr value) implements Stmt {}

    record Return(int id, int line, Optional<Expr> value) implements Stmt {}

    record Delete(int id, int line, List<Expr> targets) implements Stmt {
        public Delete {
            targets = List.copyOf(targets);
        }
    }

    record If(int id, int line, Expr test, List<Stmt> body, List<Stmt> orelse) implements Stmt {
        public If {
            body = List.copyOf(body);
            orelse = List.copyOf(orelse);
        }
    }

    record For(int id, int line, Expr target, Expr iterable, List<Stmt> body, List<Stmt> orelse) implements Stmt {
        public For {
            body = List.copyOf(body);
            orelse = List.copyOf(orelse);
        }
    }

    record While(int id, int line, Expr test, List<Stmt> body, List<Stmt> orelse) implements Stmt {
        public While {
            body = List.copyOf(body);
            orelse = List.copyOf(orelse);
        }
    }

    record Try(int id, int line, List<Stmt> body, List<Handler> handlers, List<Stmt> orelse, List<Stmt> finalbody)
            implements Stmt {
        public Try {
            body = List.copyOf(body);
            handlers = List.copyOf(handlers);
            orelse = List.copyOf(orelse);
            finalbody = List.copyOf(finalbody);
        }
    }

    record Handler(int id, int line, Optional<Expr> type, Optional<String> name, List<Stmt> body) {
        public Handler {
            body = List.copyOf(body);
        }
    }

    record With(int id, int line, List<Item> items, List<Stmt> body) implements Stmt {
        public With {
            items = List.copyOf(items);
            body = List.copyOf(body);
        }
    }

    record Item(Expr context, Optional<Expr> target) {}

    record Raise(int id, int line, Optional<Expr> exception, Optional<Expr> cause) implements Stmt {}

    record Assert(int id, int line, Expr test, Optional<Expr> message) implements Stmt {}

    record Break(int id, int line) implements Stmt {}

    record Continue(int id, int line) implements Stmt {}

    record Pass(int id, int line) implements Stmt {}

    /// `global` or `nonlocal`.
    record Declare(int id, int line, String kind, List<String> names) implements Stmt {
        public Declare {
            names = List.copyOf(names);
        }
    }

    record FunctionDef(
            int id,
            int line,
            String name,
            boolean isAsync,
            List<Expr> decorators,
            Expr.Parameters parameters,
            List<Stmt> body)
            implements Stmt {
        public FunctionDef {
            decorators = List.copyOf(decorators);
            body = List.copyOf(body);
        }
    }

    /// Anything else (imports, classes, `match`, `async for`, …): names it binds, what it reads, statements inside.
    record Other(int id, int line, String type, List<String> binds, List<Expr> expressions, List<Stmt> inner)
            implements Stmt {
        public Other {
            binds = List.copyOf(binds);
            expressions = List.copyOf(expressions);
            inner = List.copyOf(inner);
        }

        /// Whether all that it binds has a value afterwards. Of what a `match` may bind, some does, or nothing.
        public boolean bindsAll() {
            return type.equals("Import") || type.equals("ImportFrom") || type.equals("ClassDef");
        }
    }
}
