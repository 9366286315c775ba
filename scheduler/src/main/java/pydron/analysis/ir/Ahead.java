package pydron.analysis.ir;

import java.util.List;
import pydron.analysis.ast.Expr;

/// The part of a pipeline that says which functional calls come next, and with which arguments: what the driver follows
/// while the pipeline itself has to wait. It is followed on values that are there, with variables of its own, and has
/// no effect; whatever it comes to is checked when the call is made.
public sealed interface Ahead {
    /// Evaluated if that can be done without an effect; otherwise nothing is known of the variables that it assigns.
    record Code(Step step, List<String> names) implements Ahead {
        public Code {
            names = List.copyOf(names);
        }
    }

    /// Nothing is known of these variables from here on.
    record Forget(List<String> names) implements Ahead {
        public Forget {
            names = List.copyOf(names);
        }
    }

    /// The pipeline waits for the values of these variables: an expected result is not an argument behind this place,
    /// its
    /// value is.
    record Settle(List<String> names) implements Ahead {
        public Settle {
            names = List.copyOf(names);
        }
    }

    /// A functional call, foreseen if its arguments are known, or the results of such calls. Its own
    /// result is not known, only that there will be one.
    record Call(Op.Call call) implements Ahead {}

    /// Where the test is not known, both ways are followed.
    ///
    /// @param assigned variables that the inside may assign
    record If(Expr test, List<Ahead> body, List<Ahead> orelse, List<String> assigned) implements Ahead {
        public If {
            body = List.copyOf(body);
            orelse = List.copyOf(orelse);
            assigned = List.copyOf(assigned);
        }
    }

    /// @param loop number of the loop: the driver keeps its iterator, and looks where it is
    /// @param idle nothing is foreseen inside, so it is passed over
    record For(
            int loop,
            Expr target,
            Expr iterable,
            List<Ahead> body,
            List<Ahead> orelse,
            List<String> assigned,
            boolean idle)
            implements Ahead {
        public For {
            body = List.copyOf(body);
            orelse = List.copyOf(orelse);
            assigned = List.copyOf(assigned);
        }
    }

    record While(
            List<Ahead> prepare, Expr test, List<Ahead> body, List<Ahead> orelse, List<String> assigned, boolean idle)
            implements Ahead {
        public While {
            prepare = List.copyOf(prepare);
            body = List.copyOf(body);
            orelse = List.copyOf(orelse);
            assigned = List.copyOf(assigned);
        }
    }

    /// The blocks of a `try` or `with`.
    ///
    /// @param inOrder those that run if nothing is raised
    /// @param aside handlers
    record Blocks(List<List<Ahead>> inOrder, List<List<Ahead>> aside) implements Ahead {
        public Blocks {
            inOrder = inOrder.stream().map(List::copyOf).toList();
            aside = aside.stream().map(List::copyOf).toList();
        }
    }

    enum Exit {
        BREAK,
        CONTINUE,
        /// Out of the pipeline.
        STOP
    }

    record Leave(Exit exit) implements Ahead {}

    /// The place of a {@link Planned.Look}.
    record Look(int position) implements Ahead {}
}
