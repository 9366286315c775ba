package pydron.analysis.ir;

import java.util.List;
import java.util.Optional;
import pydron.analysis.ast.Expr;

/// A pipeline after lowering: calls that may become tasks are ops of their own, in the order Python evaluates them;
/// everything else is ordinary code around them. No decision about parallelism has been taken yet.
public sealed interface Op {
    int line();

    /// Ordinary code, executed by the driver in one go.
    record Local(Step step, int line) implements Op {}

    /// A call of a functional or of a pipeline.
    ///
    /// @param target variable that gets the result
    /// @param site number of the node that tracebacks name
    record Call(
            String target,
            Kind kind,
            int pipeline,
            Expr callee,
            List<Expr> args,
            List<Expr.Keyword> keywords,
            int site,
            int line)
            implements Op {
        public Call {
            args = List.copyOf(args);
            keywords = List.copyOf(keywords);
        }

        public enum Kind {
            FUNCTIONAL,
            PIPELINE
        }
    }

    record If(Expr test, List<Op> body, List<Op> orelse, int line) implements Op {
        public If {
            body = List.copyOf(body);
            orelse = List.copyOf(orelse);
        }
    }

    record For(Expr target, Expr iterable, List<Op> body, List<Op> orelse, int line) implements Op {
        public For {
            body = List.copyOf(body);
            orelse = List.copyOf(orelse);
        }
    }

    /// @param prepare what must run before each test: calls inside it
    record While(List<Op> prepare, Expr test, List<Op> body, List<Op> orelse, int line) implements Op {
        public While {
            prepare = List.copyOf(prepare);
            body = List.copyOf(body);
            orelse = List.copyOf(orelse);
        }
    }

    record Try(List<Op> body, List<Handler> handlers, List<Op> orelse, int line) implements Op {
        public Try {
            body = List.copyOf(body);
            handlers = List.copyOf(handlers);
            orelse = List.copyOf(orelse);
        }
    }

    record Handler(Optional<Expr> type, Optional<String> name, List<Op> body, int line) {
        public Handler {
            body = List.copyOf(body);
        }
    }

    record Finally(List<Op> body, List<Op> finalbody, int line) implements Op {
        public Finally {
            body = List.copyOf(body);
            finalbody = List.copyOf(finalbody);
        }
    }

    record With(Expr context, Optional<Expr> target, List<Op> body, int line) implements Op {
        public With {
            body = List.copyOf(body);
        }
    }

    record Return(Optional<Expr> value, int line) implements Op {}

    record Break(int line) implements Op {}

    record Continue(int line) implements Op {}
}
