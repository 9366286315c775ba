package pydron.analysis;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import pydron.analysis.ast.Expr;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Read;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Step;

/// Writes templates for the driver (docs/template.md): nested lists of strings and numbers.
final class TemplateWriter {
    private TemplateWriter() {}

    static Object form(Template template) {
        return switch (template) {
            case Template.Plain plain -> list("plain", plain.reason().sentence());
            case Template.Parallel parallel -> {
                var substitutions = new ArrayList<Object>();
                parallel.substitutions().forEach((id, name) -> substitutions.add(list(id, name)));
                yield list(
                        "parallel",
                        parallel.blocks() ? 1 : 0,
                        substitutions,
                        new ArrayList<Object>(parallel.unbound()),
                        block(parallel.body()),
                        AheadWriter.block(parallel.ahead()));
            }
        };
    }

    static List<Object> list(Object... items) {
        var all = new ArrayList<Object>();
        for (Object item : items) {
            all.add(item);
        }
        return all;
    }

    private static List<Object> block(List<Planned> ops) {
        var all = new ArrayList<Object>();
        ops.forEach(op -> all.add(op(op)));
        return all;
    }

    private static Object op(Planned planned) {
        return switch (planned) {
            case Planned.Local p ->
                list(
                        "local",
                        p.mode().name().toLowerCase(Locale.ROOT),
                        needs(p.needs()),
                        step(p.step()),
                        new ArrayList<Object>(p.ins()),
                        new ArrayList<Object>(p.outs()),
                        p.needs().reason().map(Reason::sentence).orElse(null),
                        p.line());
            case Planned.Call p -> {
                var keywords = new ArrayList<Object>();
                p.call().keywords().forEach(k -> keywords.add(list(k.name().orElse(null), code(k.value()))));
                yield list(
                        "call",
                        p.call().target(),
                        p.call().kind().name().toLowerCase(Locale.ROOT),
                        code(p.call().callee()),
                        codes(p.call().args()),
                        keywords,
                        p.call().site(),
                        needs(p.needs()),
                        p.blocks() ? 1 : 0,
                        p.line());
            }
            case Planned.Region p ->
                list(
                        "region",
                        new ArrayList<Object>(p.ins()),
                        new ArrayList<Object>(p.outs()),
                        new ArrayList<Object>(p.atoms()),
                        op(p.body()),
                        p.line());
            case Planned.If p ->
                list("if", code(p.test()), needs(p.needs()), block(p.body()), block(p.orelse()), p.line());
            case Planned.For p ->
                list(
                        "for",
                        code(p.target()),
                        code(p.iterable()),
                        needs(p.needs()),
                        p.check().ordinal(),
                        block(p.body()),
                        block(p.orelse()),
                        p.order().ordinal(),
                        p.loop(),
                        p.line());
            case Planned.While p ->
                list(
                        "while",
                        block(p.prepare()),
                        code(p.test()),
                        needs(p.needs()),
                        block(p.body()),
                        block(p.orelse()),
                        p.line());
            case Planned.Try p -> {
                var handlers = new ArrayList<Object>();
                p.handlers()
                        .forEach(h ->
                                handlers.add(list(code(h.type()), h.name().orElse(null), block(h.body()), h.line())));
                yield list(
                        "try",
                        block(p.body()),
                        handlers,
                        block(p.orelse()),
                        new ArrayList<Object>(p.rollback()),
                        p.plain() ? 1 : 0,
                        p.line());
            }
            case Planned.Finally p ->
                list(
                        "finally",
                        block(p.body()),
                        block(p.finalbody()),
                        new ArrayList<Object>(p.rollback()),
                        p.plain() ? 1 : 0,
                        p.line());
            case Planned.With p ->
                list(
                        "with",
                        code(p.context()),
                        code(p.target()),
                        needs(p.needs()),
                        block(p.body()),
                        new ArrayList<Object>(p.rollback()),
                        p.line());
            case Planned.Return p -> list("return", code(p.value()), needs(p.needs()), p.line());
            case Planned.Break p -> list("break", p.line());
            case Planned.Continue p -> list("continue", p.line());
            case Planned.Look p ->
                list("look", p.position(), new ArrayList<Object>(p.ins()), reads(p.reads()), p.line());
        };
    }

    private static List<Object> reads(List<Read> reads) {
        var all = new ArrayList<Object>();
        reads.forEach(read -> all.add(list(read.name(), read.deep() ? 1 : 0)));
        return all;
    }

    private static Object needs(Planned.Needs needs) {
        var guards = new ArrayList<Object>();
        needs.guards()
                .forEach(guard ->
                        guards.add(list(guard.node(), guard.kind().name().toLowerCase(Locale.ROOT), guard.detail())));
        return list(
                reads(needs.reads()),
                guards,
                new ArrayList<Object>(needs.nested()),
                new ArrayList<Object>(needs.atoms()),
                new ArrayList<Object>(needs.unbound()),
                needs.ordered() ? 1 : 0);
    }

    static Object step(Step step) {
        return switch (step) {
            case Step.Statement s -> list("stmt", s.stmt().id());
            case Step.Bind s -> list("bind", s.name(), code(s.value()));
            case Step.Store s -> list("store", code(s.target()), s.name());
            case Step.NewContainer s -> list("new", s.name(), s.kind());
            case Step.Collect s -> list("collect", s.name(), s.kind(), code(s.key()), code(s.value()));
            case Step.Update s -> list("update", s.name(), s.operator(), code(s.value()));
            case Step.Check s -> list("check", code(s.name()));
            case Step.Replay s -> list("replay", s.name(), s.list());
            case Step.Progress s ->
                list(
                        "progress",
                        s.name(),
                        s.moment().name().toLowerCase(Locale.ROOT),
                        s.call().map(call -> code(call)).orElse(null));
            case Step.Flag s -> list("flag", s.name(), s.value() ? 1 : 0);
        };
    }

    private static Object code(Optional<Expr> expr) {
        return expr.map(TemplateWriter::code).orElse(null);
    }

    /// A node of the user's by its number, or a variable of ours by its name.
    static Object code(Expr expr) {
        return expr instanceof Expr.Name name && name.id() < 0 ? name.name() : (Object) expr.id();
    }

    static List<Object> codes(List<Expr> exprs) {
        var all = new ArrayList<Object>();
        exprs.forEach(expr -> all.add(code(expr)));
        return all;
    }

    /// Bytes of a form: string table, then tagged values.
    static byte[] encode(Object form) {
        Map<String, Integer> strings = new LinkedHashMap<>();
        var body = new ByteArrayOutputStream();
        value(form, strings, body);
        var out = new ByteArrayOutputStream();
        number(strings.size(), out);
        for (String string : strings.keySet()) {
            byte[] data = string.getBytes(StandardCharsets.UTF_8);
            number(data.length, out);
            out.writeBytes(data);
        }
        out.writeBytes(body.toByteArray());
        return out.toByteArray();
    }

    private static void value(Object form, Map<String, Integer> strings, ByteArrayOutputStream out) {
        switch (form) {
            case null -> out.write(0);
            case Integer number -> {
                out.write(1);
                number(number, out);
            }
            case List<?> items -> {
                out.write(2);
                number(items.size(), out);
                items.forEach(item -> value(item, strings, out));
            }
            case String string -> {
                out.write(3);
                number(strings.computeIfAbsent(string, _ -> strings.size()), out);
            }
            default -> throw new IllegalStateException("cannot write " + form.getClass());
        }
    }

    private static void number(int number, ByteArrayOutputStream out) {
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .array());
    }
}
