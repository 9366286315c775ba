package pydron.analysis;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import pydron.analysis.ir.Ahead;

/// Writes what the driver follows ahead (docs/template.md) as nested lists.
final class AheadWriter {
    private AheadWriter() {}

    static List<Object> block(List<Ahead> ops) {
        var all = new ArrayList<Object>();
        ops.forEach(op -> all.add(form(op)));
        return all;
    }

    private static List<Object> blocks(List<List<Ahead>> blocks) {
        var all = new ArrayList<Object>();
        blocks.forEach(block -> all.add(block(block)));
        return all;
    }

    private static List<Object> names(List<String> names) {
        return new ArrayList<>(names);
    }

    private static Object form(Ahead op) {
        return switch (op) {
            case Ahead.Code p -> TemplateWriter.list("code", TemplateWriter.step(p.step()), names(p.names()));
            case Ahead.Forget p -> TemplateWriter.list("forget", names(p.names()));
            case Ahead.Settle p -> TemplateWriter.list("settle", names(p.names()));
            case Ahead.Call p -> {
                var keywords = new ArrayList<Object>();
                p.call()
                        .keywords()
                        .forEach(k -> keywords.add(
                                TemplateWriter.list(k.name().orElse(null), TemplateWriter.code(k.value()))));
                yield TemplateWriter.list(
                        "call",
                        p.call().target(),
                        TemplateWriter.code(p.call().callee()),
                        TemplateWriter.codes(p.call().args()),
                        keywords,
                        p.call().site());
            }
            case Ahead.If p ->
                TemplateWriter.list(
                        "if", TemplateWriter.code(p.test()), block(p.body()), block(p.orelse()), names(p.assigned()));
            case Ahead.For p ->
                TemplateWriter.list(
                        "for",
                        p.loop(),
                        TemplateWriter.code(p.target()),
                        TemplateWriter.code(p.iterable()),
                        block(p.body()),
                        block(p.orelse()),
                        names(p.assigned()),
                        p.idle() ? 1 : 0);
            case Ahead.While p ->
                TemplateWriter.list(
                        "while",
                        block(p.prepare()),
                        TemplateWriter.code(p.test()),
                        block(p.body()),
                        block(p.orelse()),
                        names(p.assigned()),
                        p.idle() ? 1 : 0);
            case Ahead.Blocks p -> TemplateWriter.list("blocks", blocks(p.inOrder()), blocks(p.aside()));
            case Ahead.Leave p -> TemplateWriter.list("leave", p.exit().name().toLowerCase(Locale.ROOT));
            case Ahead.Look p -> TemplateWriter.list("look", p.position());
        };
    }
}
