package pydron.analysis;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ir.Step;

/// Writes lowered code the way a reader of Python expects it, for pictures and tests. Not meant to be parsed again.
public final class CodePrinter {
    private static final Map<String, String> OPERATORS = Map.ofEntries(
            Map.entry("Add", "+"),
            Map.entry("Sub", "-"),
            Map.entry("Mult", "*"),
            Map.entry("Div", "/"),
            Map.entry("FloorDiv", "//"),
            Map.entry("Mod", "%"),
            Map.entry("Pow", "**"),
            Map.entry("MatMult", "@"),
            Map.entry("LShift", "<<"),
            Map.entry("RShift", ">>"),
            Map.entry("BitOr", "|"),
            Map.entry("BitXor", "^"),
            Map.entry("BitAnd", "&"),
            Map.entry("Lt", "<"),
            Map.entry("LtE", "<="),
            Map.entry("Gt", ">"),
            Map.entry("GtE", ">="),
            Map.entry("Eq", "=="),
            Map.entry("NotEq", "!="),
            Map.entry("Is", "is"),
            Map.entry("IsNot", "is not"),
            Map.entry("In", "in"),
            Map.entry("NotIn", "not in"),
            Map.entry("And", "and"),
            Map.entry("Or", "or"),
            Map.entry("Not", "not "),
            Map.entry("USub", "-"),
            Map.entry("UAdd", "+"),
            Map.entry("Invert", "~"));

    private final Map<Integer, String> substitutions;

    public CodePrinter(Map<Integer, String> substitutions) {
        this.substitutions = substitutions;
    }

    private static String operator(String name) {
        return OPERATORS.getOrDefault(name, name);
    }

    public String step(Step step) {
        return switch (step) {
            case Step.Statement(Stmt stmt) -> statement(stmt);
            case Step.Bind s ->
                s.name() + " = " + (s.isDefinition(substitutions) ? written(s.value()) : expr(s.value()));
            case Step.Store s -> expr(s.target()) + " = " + s.name();
            case Step.NewContainer s -> s.name() + " = " + s.kind() + "()";
            case Step.Collect s ->
                s.name() + s.key().map(key -> "[" + expr(key) + "] = ").orElse(" << ") + expr(s.value());
            case Step.Update s -> s.name() + " " + operator(s.operator()) + "= " + expr(s.value());
            case Step.Check s -> "check " + s.name().name();
            case Step.Replay s -> s.name() + " = next of " + s.list();
            case Step.Progress s ->
                s.call()
                        .map(call -> s.name() + " = bar " + expr(call))
                        .orElse(s.name() + " " + s.moment().name().toLowerCase(Locale.ROOT));
            case Step.Flag s -> s.name() + " = " + (s.value() ? "True" : "False");
        };
    }

    private String statement(Stmt stmt) {
        return switch (stmt) {
            case Stmt.Assign s ->
                s.targets().stream().map(this::expr).collect(Collectors.joining(" = ")) + " = " + expr(s.value());
            case Stmt.AugAssign s -> expr(s.target()) + " " + operator(s.operator()) + "= " + expr(s.value());
            case Stmt.AnnAssign s ->
                expr(s.target()) + s.value().map(v -> " = " + expr(v)).orElse("");
            case Stmt.ExprStmt s -> expr(s.value());
            case Stmt.Delete s -> "del " + exprs(s.targets());
            case Stmt.Raise s -> "raise" + s.exception().map(e -> " " + expr(e)).orElse("");
            case Stmt.Assert s -> "assert " + expr(s.test());
            case Stmt.FunctionDef s -> "def " + s.name() + "(…)";
            case Stmt.Other s -> s.type().toLowerCase(java.util.Locale.ROOT) + " …";
            case Stmt.Return _,
                    Stmt.If _,
                    Stmt.For _,
                    Stmt.While _,
                    Stmt.Try _,
                    Stmt.With _,
                    Stmt.Break _,
                    Stmt.Continue _,
                    Stmt.Pass _,
                    Stmt.Declare _ -> stmt.getClass().getSimpleName();
        };
    }

    private String exprs(List<Expr> exprs) {
        return exprs.stream().map(this::expr).collect(Collectors.joining(", "));
    }

    private String optional(Optional<Expr> expr) {
        return expr.map(this::expr).orElse("");
    }

    public String expr(Expr expr) {
        String name = substitutions.get(expr.id());
        return name != null ? name : written(expr);
    }

    private String written(Expr expr) {
        return switch (expr) {
            case Expr.Name e -> e.name();
            case Expr.Constant e -> e.type().equals("str") ? "'…'" : e.text().isEmpty() ? "…" : e.text();
            case Expr.Attribute e -> expr(e.value()) + "." + e.attr();
            case Expr.Subscript e -> expr(e.value()) + "[" + expr(e.index()) + "]";
            case Expr.Slice e ->
                optional(e.lower()) + ":" + optional(e.upper())
                        + e.step().map(step -> ":" + expr(step)).orElse("");
            case Expr.Call e -> expr(e.callee()) + arguments(e.args(), e.keywords());
            case Expr.Starred e -> "*" + expr(e.value());
            case Expr.Binary e -> expr(e.left()) + " " + operator(e.operator()) + " " + expr(e.right());
            case Expr.Unary e -> operator(e.operator()) + expr(e.operand());
            case Expr.Compare e -> {
                var text = new StringBuilder(expr(e.left()));
                for (int i = 0; i < e.comparators().size(); i++) {
                    text.append(' ').append(operator(e.operators().get(i))).append(' ');
                    text.append(expr(e.comparators().get(i)));
                }
                yield text.toString();
            }
            case Expr.Bool e ->
                e.values().stream().map(this::expr).collect(Collectors.joining(" " + operator(e.operator()) + " "));
            case Expr.Conditional e -> expr(e.then()) + " if " + expr(e.test()) + " else " + expr(e.otherwise());
            case Expr.Display e ->
                switch (e.kind()) {
                    case "List" -> "[" + exprs(e.elements()) + "]";
                    case "Set" -> "{" + exprs(e.elements()) + "}";
                    default -> "(" + exprs(e.elements()) + ")";
                };
            case Expr.Dict e ->
                e.entries().stream()
                        .map(entry -> optional(entry.key()) + ": " + expr(entry.value()))
                        .collect(Collectors.joining(", ", "{", "}"));
            case Expr.Comprehension e -> comprehension(e);
            case Expr.Lambda e -> {
                String parameters = String.join(", ", e.parameters().names());
                yield "lambda" + (parameters.isEmpty() ? "" : " " + parameters) + ": " + expr(e.body());
            }
            case Expr.Walrus e -> "(" + expr(e.target()) + " := " + expr(e.value()) + ")";
            case Expr.JoinedString e ->
                "f'" + e.parts().stream().map(this::part).collect(Collectors.joining()) + "'";
            case Expr.Formatted e -> "{" + expr(e.value()) + "}";
            case Expr.Other e -> e.type();
        };
    }

    /// Of a string only the variables are known.
    private String part(Expr part) {
        if (part instanceof Expr.Constant) {
            return "…";
        }
        return substitutions.containsKey(part.id()) ? "{" + expr(part) + "}" : expr(part);
    }

    private String comprehension(Expr.Comprehension e) {
        var text = new StringBuilder();
        e.key().ifPresent(key -> text.append(expr(key)).append(": "));
        text.append(expr(e.element()));
        for (Expr.Clause clause : e.clauses()) {
            text.append(" for ").append(expr(clause.target())).append(" in ").append(expr(clause.iterable()));
            clause.conditions().forEach(condition -> text.append(" if ").append(expr(condition)));
        }
        return switch (e.kind()) {
            case "ListComp" -> "[" + text + "]";
            case "GeneratorExp" -> "(" + text + ")";
            default -> "{" + text + "}";
        };
    }

    public String arguments(List<Expr> args, List<Expr.Keyword> keywords) {
        String all = exprs(args);
        String named = keywords.stream()
                .map(k -> k.name().map(n -> n + "=").orElse("**") + expr(k.value()))
                .collect(Collectors.joining(", "));
        return "(" + all + (all.isEmpty() || named.isEmpty() ? "" : ", ") + named + ")";
    }
}
