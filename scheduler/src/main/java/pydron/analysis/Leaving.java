package pydron.analysis;

import java.util.List;
import java.util.Optional;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ir.Step;

/// Ways out of a statement that is run as it is, as `match` is: into the loop around it, or out of the function.
record Leaving(boolean breaks, boolean continues, boolean returns) {
    private static final Leaving NOWHERE = new Leaving(false, false, false);

    /// Empty when it goes on behind it.
    static Optional<Leaving> of(Step step) {
        return step instanceof Step.Statement(Stmt.Other other) && !other.type().equals("ClassDef")
                ? Optional.of(of(other.inner())).filter(found -> !found.equals(NOWHERE))
                : Optional.empty();
    }

    private static Leaving of(List<Stmt> block) {
        return block.stream().map(Leaving::of).reduce(NOWHERE, Leaving::or);
    }

    private static Leaving of(Stmt stmt) {
        return switch (stmt) {
            case Stmt.Break _ -> new Leaving(true, false, false);
            case Stmt.Continue _ -> new Leaving(false, true, false);
            case Stmt.Return _ -> new Leaving(false, false, true);
            case Stmt.If s -> of(s.body()).or(of(s.orelse()));
            case Stmt.For s -> of(s.body()).withinLoop().or(of(s.orelse()));
            case Stmt.While s -> of(s.body()).withinLoop().or(of(s.orelse()));
            case Stmt.Try s ->
                s.handlers().stream()
                        .map(handler -> of(handler.body()))
                        .reduce(of(s.body()).or(of(s.orelse())).or(of(s.finalbody())), Leaving::or);
            case Stmt.With s -> of(s.body());
            case Stmt.Other s -> s.type().equals("ClassDef") ? NOWHERE : of(s.inner());
            case Stmt.Assign _,
                    Stmt.AugAssign _,
                    Stmt.AnnAssign _,
                    Stmt.ExprStmt _,
                    Stmt.Delete _,
                    Stmt.Raise _,
                    Stmt.Assert _,
                    Stmt.FunctionDef _,
                    Stmt.Pass _,
                    Stmt.Declare _ -> NOWHERE;
        };
    }

    private Leaving or(Leaving other) {
        return new Leaving(breaks || other.breaks, continues || other.continues, returns || other.returns);
    }

    private Leaving withinLoop() {
        return new Leaving(false, false, returns);
    }
}
