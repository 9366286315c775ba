package pydron.analysis.ir;

import java.util.Map;
import java.util.Optional;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;

/// One piece of ordinary code inside a {@link Op.Local}: the user's own statement, or a small synthetic one made of
/// the user's expressions. Inside expressions, nodes that were lowered stand for the temporary that holds their value.
public sealed interface Step {
    record Statement(Stmt stmt) implements Step {}

    /// `name = value`
    record Bind(String name, Expr value) implements Step {
        /// Whether this is where a lowered node gets its temporary: only here the node stands for itself.
        public boolean isDefinition(Map<Integer, String> substitutions) {
            return name.startsWith("$") && name.equals(substitutions.get(value.id()));
        }
    }

    /// `target = name`, for a target of the user's.
    record Store(Expr target, String name) implements Step {}

    /// `name = []`, `set()` or `{}`; kind "list", "set", "dict".
    record NewContainer(String name, String kind) implements Step {}

    /// Adds an element to a container made by {@link NewContainer}.
    record Collect(String name, String kind, Optional<Expr> key, Expr value) implements Step {}

    /// `name` becomes a function that answers with the elements of a list, one by one, whatever it is asked.
    record Replay(String name, String list) implements Step {}

    /// `name operator= value`
    record Update(String name, String operator, Expr value) implements Step {}

    /// Nothing, unless the variable has no value: then this is where that is an error.
    record Check(Expr.Name name) implements Step {}

    /// Shows how far a loop is: `name` is a progress bar that was put around what the loop iterates over.
    ///
    /// @param call at the beginning, the user's call that makes the bar; what it goes over is its first argument
    record Progress(String name, Moment moment, Optional<Expr.Call> call) implements Step {
        public enum Moment {
            /// Makes the bar, before the loop.
            BEGIN,
            /// The next item is taken.
            ADVANCE,
            /// There is no further item.
            END,
            /// The loop was left, by its end or before.
            CLOSE
        }
    }

    /// `name = True` or `False`
    record Flag(String name, boolean value) implements Step {}
}
