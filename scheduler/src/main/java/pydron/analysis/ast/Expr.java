package pydron.analysis.ast;

import java.util.List;
import java.util.Optional;

/// A Python expression, as Python's own `ast` module sees it (Python 3.9 to 3.13).
///
/// Every node keeps the number the driver gave it: templates refer to code by that number, so that what runs is
/// made of the user's own nodes. Kinds of expression that the analysis has nothing to say about are {@link Other}.
public sealed interface Expr {
    int id();

    int line();

    record Name(int id, int line, String name) implements Expr {}

    record Constant(int id, int line, String type, String text) implements Expr {}

    record Attribute(int id, int line, Expr value, String attr) implements Expr {}

    record Subscript(int id, int line, Expr value, Expr index) implements Expr {}

    record Slice(int id, int line, Optional<Expr> lower, Optional<Expr> upper, Optional<Expr> step) implements Expr {}

    record Call(int id, int line, Expr callee, List<Expr> args, List<Keyword> keywords) implements Expr {
        public Call {
            args = List.copyOf(args);
            keywords = List.copyOf(keywords);
        }
    }

    /// An argument by keyword; without a name it is `**value`.
    record Keyword(Optional<String> name, Expr value) {}

    record Starred(int id, int line, Expr value) implements Expr {}

    record Binary(int id, int line, Expr left, String operator, Expr right) implements Expr {}

    record Unary(int id, int line, String operator, Expr operand) implements Expr {}

    record Compare(int id, int line, Expr left, List<String> operators, List<Expr> comparators) implements Expr {
        public Compare {
            operators = List.copyOf(operators);
            comparators = List.copyOf(comparators);
        }
    }

    record Bool(int id, int line, String operator, List<Expr> values) implements Expr {
        public Bool {
            values = List.copyOf(values);
        }
    }

    record Conditional(int id, int line, Expr test, Expr then, Expr otherwise) implements Expr {}

    /// `[…]`, `(…)` or `{…}` of elements; `kind` is "List", "Tuple" or "Set".
    record Display(int id, int line, String kind, List<Expr> elements) implements Expr {
        public Display {
            elements = List.copyOf(elements);
        }
    }

    /// A dict display; an entry without a key is `**value`.
    record Dict(int id, int line, List<Entry> entries) implements Expr {
        public Dict {
            entries = List.copyOf(entries);
        }
    }

    record Entry(Optional<Expr> key, Expr value) {}

    /// A list, set or dict comprehension or generator expression; `kind` is "ListComp", "SetComp", "DictComp",
    /// "GeneratorExp".
    record Comprehension(int id, int line, String kind, Optional<Expr> key, Expr element, List<Clause> clauses)
            implements Expr {
        public Comprehension {
            clauses = List.copyOf(clauses);
        }
    }

    record Clause(Expr target, Expr iterable, List<Expr> conditions, boolean isAsync) {
        public Clause {
            conditions = List.copyOf(conditions);
        }
    }

    record Lambda(int id, int line, Parameters parameters, Expr body) implements Expr {}

    record Walrus(int id, int line, Expr target, Expr value) implements Expr {}

    record JoinedString(int id, int line, List<Expr> parts) implements Expr {
        public JoinedString {
            parts = List.copyOf(parts);
        }
    }

    record Formatted(int id, int line, Expr value, Optional<Expr> format) implements Expr {}

    /// Anything else (`await`, `yield`, what later versions bring), with its sub-expressions.
    record Other(int id, int line, String type, List<Expr> children) implements Expr {
        public Other {
            children = List.copyOf(children);
        }
    }

    /// Parameters of a function or lambda: names in order, and the default expressions, which are evaluated outside.
    /// @param positional how many of them arguments can be given to by position
    /// @param single whether there is just one, and it is an ordinary one without a default
    record Parameters(List<String> names, int positional, List<Expr> defaults, boolean single) {
        public Parameters {
            names = List.copyOf(names);
            defaults = List.copyOf(defaults);
        }
    }
}
