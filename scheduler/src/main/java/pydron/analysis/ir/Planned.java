package pydron.analysis.ir;

import java.util.List;
import java.util.Optional;
import pydron.analysis.ast.Expr;

/// An op of the graph template: lowered code with all decisions taken. The driver executes it mechanically.
public sealed interface Planned {
    int line();

    /// How a {@link Local} behaves when something it reads is pending.
    enum Mode {
        /// In place; waits for what it reads.
        INLINE,
        /// Becomes a region of its own; what it defines is pending then.
        PARK,
        /// Like PARK, and waits for everything earlier in program order.
        ORDERED,
        /// In place, when everything earlier is complete: it may do anything.
        BLOCK
    }

    /// What an op needs before it can run in place.
    ///
    /// @param reads values that may be pending
    /// @param guards type checks inside the expressions
    /// @param nested variables to check deeply beforehand, because comprehensions and lambdas look at them
    /// @param atoms variables that must be immutable for the op not to change what others see
    /// @param unbound variables that may have no value
    /// @param ordered whether everything earlier must be complete
    /// @param reason why it waits where it stands, for the user; none if it does not, or is set aside as a whole
    record Needs(
            List<Read> reads,
            List<Guard> guards,
            List<String> nested,
            List<String> atoms,
            List<String> unbound,
            boolean ordered,
            Optional<Reason> reason) {
        public Needs {
            reads = List.copyOf(reads);
            guards = List.copyOf(guards);
            nested = List.copyOf(nested);
            atoms = List.copyOf(atoms);
            unbound = List.copyOf(unbound);
        }

        /// The first reason is the one told.
        public Needs or(Reason another) {
            return reason.isPresent()
                    ? this
                    : new Needs(reads, guards, nested, atoms, unbound, ordered, Optional.of(another));
        }
    }

    /// @param ins variables the parked form takes
    /// @param outs variables it defines, changes, or protects from being changed too early
    record Local(Step step, Mode mode, Needs needs, List<String> ins, List<String> outs, int line) implements Planned {
        public Local {
            ins = List.copyOf(ins);
            outs = List.copyOf(outs);
        }
    }

    /// @param blocks a pipeline whose body may do anything
    record Call(Op.Call call, Needs needs, boolean blocks, int line) implements Planned {}

    /// A compound op that runs as a parked generator.
    ///
    /// @param atoms variables that an operator changes in it: if one is not immutable where the region
    ///     begins, the code behind it waits for the region, because others may see the object
    record Region(List<String> ins, List<String> outs, List<String> atoms, Planned body, int line) implements Planned {
        public Region {
            ins = List.copyOf(ins);
            outs = List.copyOf(outs);
            atoms = List.copyOf(atoms);
        }
    }

    record If(Expr test, Needs needs, List<Planned> body, List<Planned> orelse, int line) implements Planned {
        public If {
            body = List.copyOf(body);
            orelse = List.copyOf(orelse);
        }
    }

    /// When asking for the next item must wait for everything before it.
    enum Order {
        FREE,
        /// If something that was set aside may change what the items come from.
        IF_CHANGED,
        ALWAYS
    }

    /// What the driver must make sure of before it iterates without waiting.
    enum Check {
        NONE,
        /// That iterating runs no code of the user's, and uses nothing up.
        REPEATABLE,
        /// That iterating runs no code of the user's.
        HARMLESS
    }

    /// @param loop its number, if the driver follows it ahead ({@link Ahead.For})
    record For(
            Expr target,
            Expr iterable,
            Needs needs,
            Check check,
            List<Planned> body,
            List<Planned> orelse,
            Order order,
            int loop,
            int line)
            implements Planned {
        public static final int NOT_FOLLOWED = -1;

        public For {
            body = List.copyOf(body);
            orelse = List.copyOf(orelse);
        }

        public For with(List<Planned> newBody, List<Planned> newOrelse) {
            return new For(target, iterable, needs, check, newBody, newOrelse, order, loop, line);
        }

        public For followed(int as) {
            return new For(target, iterable, needs, check, body, orelse, order, as, line);
        }
    }

    record While(List<Planned> prepare, Expr test, Needs needs, List<Planned> body, List<Planned> orelse, int line)
            implements Planned {
        public While {
            prepare = List.copyOf(prepare);
            body = List.copyOf(body);
            orelse = List.copyOf(orelse);
        }
    }

    /// @param plain nothing in the body can be pending or wait: Python's own `try` does
    /// @param rollback variables that must be as they were when the exception was raised
    /// @param reason why its end waits where it stands
    record Try(
            List<Planned> body,
            List<Handler> handlers,
            List<Planned> orelse,
            List<String> rollback,
            boolean plain,
            Optional<Reason> reason,
            int line)
            implements Planned {
        public Try {
            body = List.copyOf(body);
            handlers = List.copyOf(handlers);
            orelse = List.copyOf(orelse);
            rollback = List.copyOf(rollback);
        }
    }

    record Handler(Optional<Expr> type, Optional<String> name, List<Planned> body, int line) {
        public Handler {
            body = List.copyOf(body);
        }
    }

    record Finally(
            List<Planned> body,
            List<Planned> finalbody,
            List<String> rollback,
            boolean plain,
            Optional<Reason> reason,
            int line)
            implements Planned {
        public Finally {
            body = List.copyOf(body);
            finalbody = List.copyOf(finalbody);
            rollback = List.copyOf(rollback);
        }
    }

    record With(Expr context, Optional<Expr> target, Needs needs, List<Planned> body, List<String> rollback, int line)
            implements Planned {
        public With {
            body = List.copyOf(body);
            rollback = List.copyOf(rollback);
        }
    }

    record Return(Optional<Expr> value, Needs needs, int line) implements Planned {}

    /// The pipeline may have to wait behind this place: time to see which calls come next.
    ///
    /// @param position number of the same place in the {@link Ahead} of the template
    /// @param ins variables that following it from here may read, all with a value or a marker
    /// @param reads it only has to wait if one of these is pending; none if it waits for everything earlier
    record Look(int position, List<String> ins, List<Read> reads, int line) implements Planned {
        public Look {
            ins = List.copyOf(ins);
            reads = List.copyOf(reads);
        }
    }

    record Break(int line) implements Planned {}

    record Continue(int line) implements Planned {}
}
