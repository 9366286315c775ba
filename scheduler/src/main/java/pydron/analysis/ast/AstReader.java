package pydron.analysis.ast;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import pydron.analysis.ast.Expr.Clause;
import pydron.analysis.ast.Expr.Entry;
import pydron.analysis.ast.Expr.Keyword;
import pydron.analysis.ast.Expr.Parameters;

/// Makes typed records of raw nodes. Never refuses: what it does not know becomes {@link Expr.Other} or {@link
/// Stmt.Other}.
public final class AstReader {
    private AstReader() {}

    public static Stmt.FunctionDef function(Raw raw) {
        return (Stmt.FunctionDef) stmt(raw);
    }

    static List<Stmt> stmts(List<Raw> raws) {
        var list = new ArrayList<Stmt>();
        raws.forEach(raw -> list.add(stmt(raw)));
        return list;
    }

    static List<Expr> exprs(List<Raw> raws) {
        var list = new ArrayList<Expr>();
        raws.forEach(raw -> list.add(expr(raw)));
        return list;
    }

    static Optional<Expr> optional(Raw raw, String field) {
        return raw.node(field).map(AstReader::expr);
    }

    static Stmt stmt(Raw raw) {
        int id = raw.id();
        int line = raw.line();
        return switch (raw.type()) {
            case "Assign" -> new Stmt.Assign(id, line, exprs(raw.nodes("targets")), expr(raw.need("value")));
            case "AugAssign" ->
                new Stmt.AugAssign(
                        id, line, expr(raw.need("target")), raw.need("op").type(), expr(raw.need("value")));
            case "AnnAssign" -> new Stmt.AnnAssign(id, line, expr(raw.need("target")), optional(raw, "value"));
            case "Expr" -> new Stmt.ExprStmt(id, line, expr(raw.need("value")));
            case "Return" -> new Stmt.Return(id, line, optional(raw, "value"));
            case "Delete" -> new Stmt.Delete(id, line, exprs(raw.nodes("targets")));
            case "If" ->
                new Stmt.If(id, line, expr(raw.need("test")), stmts(raw.nodes("body")), stmts(raw.nodes("orelse")));
            case "For" ->
                new Stmt.For(
                        id,
                        line,
                        expr(raw.need("target")),
                        expr(raw.need("iter")),
                        stmts(raw.nodes("body")),
                        stmts(raw.nodes("orelse")));
            case "While" ->
                new Stmt.While(id, line, expr(raw.need("test")), stmts(raw.nodes("body")), stmts(raw.nodes("orelse")));
            case "Try" ->
                new Stmt.Try(
                        id,
                        line,
                        stmts(raw.nodes("body")),
                        raw.nodes("handlers").stream().map(AstReader::handler).toList(),
                        stmts(raw.nodes("orelse")),
                        stmts(raw.nodes("finalbody")));
            case "With" ->
                new Stmt.With(
                        id,
                        line,
                        raw.nodes("items").stream()
                                .map(item ->
                                        new Stmt.Item(expr(item.need("context_expr")), optional(item, "optional_vars")))
                                .toList(),
                        stmts(raw.nodes("body")));
            case "Raise" -> new Stmt.Raise(id, line, optional(raw, "exc"), optional(raw, "cause"));
            case "Assert" -> new Stmt.Assert(id, line, expr(raw.need("test")), optional(raw, "msg"));
            case "Break" -> new Stmt.Break(id, line);
            case "Continue" -> new Stmt.Continue(id, line);
            case "Pass" -> new Stmt.Pass(id, line);
            case "Global" -> new Stmt.Declare(id, line, "global", raw.texts("names"));
            case "Nonlocal" -> new Stmt.Declare(id, line, "nonlocal", raw.texts("names"));
            case "FunctionDef", "AsyncFunctionDef" ->
                new Stmt.FunctionDef(
                        id,
                        line,
                        raw.text("name").orElseThrow(),
                        raw.type().equals("AsyncFunctionDef"),
                        exprs(raw.nodes("decorator_list")),
                        parameters(raw.need("args")),
                        stmts(raw.nodes("body")));
            default -> other(raw);
        };
    }

    private static Stmt.Handler handler(Raw raw) {
        return new Stmt.Handler(
                raw.id(), raw.line(), optional(raw, "type"), raw.text("name"), stmts(raw.nodes("body")));
    }

    private static Stmt other(Raw raw) {
        var binds = new ArrayList<String>();
        var expressions = new ArrayList<Expr>();
        var inner = new ArrayList<Stmt>();
        if (raw.type().equals("ClassDef")) {
            raw.text("name").ifPresent(binds::add);
        }
        scatter(raw, binds, expressions, inner);
        return new Stmt.Other(raw.id(), raw.line(), raw.type(), binds, expressions, inner);
    }

    private static void scatter(Raw raw, List<String> binds, List<Expr> expressions, List<Stmt> inner) {
        if (raw.type().equals("alias")) {
            String name = raw.text("asname").orElseGet(() -> raw.text("name").orElse("*"));
            int dot = name.indexOf('.');
            binds.add(dot < 0 ? name : name.substring(0, dot));
            return;
        }
        if (raw.type().startsWith("Match") || raw.type().equals("ExceptHandler")) {
            raw.text("name").ifPresent(binds::add);
            raw.text("rest").ifPresent(binds::add);
        }
        for (Object value : raw.fields().values()) {
            List<?> items = value instanceof List<?> list ? list : List.of(value);
            for (Object item : items) {
                if (!(item instanceof Raw child)) {
                    continue;
                }
                if (isStatement(child)) {
                    inner.add(stmt(child));
                } else if (isExpression(child)) {
                    expressions.add(expr(child));
                } else {
                    scatter(child, binds, expressions, inner);
                }
            }
        }
    }

    private static boolean isStatement(Raw raw) {
        return switch (raw.type()) {
            case "FunctionDef",
                    "AsyncFunctionDef",
                    "ClassDef",
                    "Return",
                    "Delete",
                    "Assign",
                    "AugAssign",
                    "AnnAssign",
                    "For",
                    "AsyncFor",
                    "While",
                    "If",
                    "With",
                    "AsyncWith",
                    "Match",
                    "Raise",
                    "Try",
                    "TryStar",
                    "Assert",
                    "Import",
                    "ImportFrom",
                    "Global",
                    "Nonlocal",
                    "Expr",
                    "Pass",
                    "Break",
                    "Continue",
                    "TypeAlias" -> true;
            default -> false;
        };
    }

    private static boolean isExpression(Raw raw) {
        return switch (raw.type()) {
            case "BoolOp",
                    "NamedExpr",
                    "BinOp",
                    "UnaryOp",
                    "Lambda",
                    "IfExp",
                    "Dict",
                    "Set",
                    "ListComp",
                    "SetComp",
                    "DictComp",
                    "GeneratorExp",
                    "Await",
                    "Yield",
                    "YieldFrom",
                    "Compare",
                    "Call",
                    "FormattedValue",
                    "JoinedStr",
                    "Constant",
                    "Attribute",
                    "Subscript",
                    "Starred",
                    "Name",
                    "List",
                    "Tuple",
                    "Slice" -> true;
            default -> false;
        };
    }

    static Expr expr(Raw raw) {
        int id = raw.id();
        int line = raw.line();
        return switch (raw.type()) {
            case "Name" -> new Expr.Name(id, line, raw.text("id").orElseThrow());
            case "Constant" ->
                new Expr.Constant(
                        id,
                        line,
                        raw.text("type").orElse("?"),
                        raw.text("value").orElse(""));
            case "Attribute" ->
                new Expr.Attribute(
                        id, line, expr(raw.need("value")), raw.text("attr").orElseThrow());
            case "Subscript" -> new Expr.Subscript(id, line, expr(raw.need("value")), expr(raw.need("slice")));
            case "Slice" ->
                new Expr.Slice(id, line, optional(raw, "lower"), optional(raw, "upper"), optional(raw, "step"));
            case "Call" -> new Expr.Call(id, line, expr(raw.need("func")), exprs(raw.nodes("args")), keywords(raw));
            case "Starred" -> new Expr.Starred(id, line, expr(raw.need("value")));
            case "BinOp" ->
                new Expr.Binary(id, line, expr(raw.need("left")), raw.need("op").type(), expr(raw.need("right")));
            case "UnaryOp" -> new Expr.Unary(id, line, raw.need("op").type(), expr(raw.need("operand")));
            case "Compare" ->
                new Expr.Compare(
                        id,
                        line,
                        expr(raw.need("left")),
                        raw.nodes("ops").stream().map(Raw::type).toList(),
                        exprs(raw.nodes("comparators")));
            case "BoolOp" -> new Expr.Bool(id, line, raw.need("op").type(), exprs(raw.nodes("values")));
            case "IfExp" ->
                new Expr.Conditional(
                        id, line, expr(raw.need("test")), expr(raw.need("body")), expr(raw.need("orelse")));
            case "List", "Tuple", "Set" -> new Expr.Display(id, line, raw.type(), exprs(raw.nodes("elts")));
            case "Dict" -> dict(raw);
            case "ListComp", "SetComp", "GeneratorExp" ->
                new Expr.Comprehension(id, line, raw.type(), Optional.empty(), expr(raw.need("elt")), clauses(raw));
            case "DictComp" ->
                new Expr.Comprehension(
                        id,
                        line,
                        raw.type(),
                        Optional.of(expr(raw.need("key"))),
                        expr(raw.need("value")),
                        clauses(raw));
            case "Lambda" -> new Expr.Lambda(id, line, parameters(raw.need("args")), expr(raw.need("body")));
            case "NamedExpr" -> new Expr.Walrus(id, line, expr(raw.need("target")), expr(raw.need("value")));
            case "JoinedStr" -> new Expr.JoinedString(id, line, exprs(raw.nodes("values")));
            case "FormattedValue" ->
                new Expr.Formatted(id, line, expr(raw.need("value")), optional(raw, "format_spec"));
            default -> {
                var children = new ArrayList<Expr>();
                scatter(raw, new ArrayList<>(), children, new ArrayList<>());
                yield new Expr.Other(id, line, raw.type(), children);
            }
        };
    }

    private static List<Keyword> keywords(Raw call) {
        return call.nodes("keywords").stream()
                .map(keyword -> new Keyword(keyword.text("arg"), expr(keyword.need("value"))))
                .toList();
    }

    private static Expr dict(Raw raw) {
        var keys = raw.optionals("keys");
        var values = raw.nodes("values");
        var entries = new ArrayList<Entry>();
        for (int i = 0; i < values.size(); i++) {
            entries.add(new Entry(keys.get(i).map(AstReader::expr), expr(values.get(i))));
        }
        return new Expr.Dict(raw.id(), raw.line(), entries);
    }

    private static List<Clause> clauses(Raw raw) {
        return raw.nodes("generators").stream()
                .map(clause -> new Clause(
                        expr(clause.need("target")),
                        expr(clause.need("iter")),
                        exprs(clause.nodes("ifs")),
                        clause.text("is_async").map("1"::equals).orElse(false)))
                .toList();
    }

    private static Parameters parameters(Raw arguments) {
        var names = new ArrayList<String>();
        for (String field : List.of("posonlyargs", "args")) {
            arguments.nodes(field).forEach(arg -> names.add(arg.text("arg").orElseThrow()));
        }
        int positional = names.size();
        arguments.node("vararg").ifPresent(arg -> names.add(arg.text("arg").orElseThrow()));
        arguments.nodes("kwonlyargs").forEach(arg -> names.add(arg.text("arg").orElseThrow()));
        arguments.node("kwarg").ifPresent(arg -> names.add(arg.text("arg").orElseThrow()));
        var defaults = new ArrayList<>(exprs(arguments.nodes("defaults")));
        defaults.addAll(exprs(arguments.nodes("kw_defaults")));
        boolean single = names.size() == 1
                && defaults.isEmpty()
                && arguments.node("vararg").isEmpty()
                && arguments.node("kwarg").isEmpty()
                && arguments.nodes("kwonlyargs").isEmpty();
        return new Parameters(names, positional, defaults, single);
    }
}
