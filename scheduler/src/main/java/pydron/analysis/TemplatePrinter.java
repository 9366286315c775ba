package pydron.analysis;

import java.util.List;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Read;

/// Writes a template as indented text: what the golden tests compare, and `pydron graph --format text` shows.
///
/// `task` is a call that becomes a task, `run` a call of a pipeline, `park` code that is set aside while something it looks
/// into (behind `?`) is pending, `order` the same in program order, `block` code that waits for everything earlier, `wait`
/// code that waits in place. What a region gives back is behind `->`.
public final class TemplatePrinter {
    private final StringBuilder out = new StringBuilder();
    private final CodePrinter code;

    private TemplatePrinter(CodePrinter code) {
        this.code = code;
    }

    public static String print(Template template) {
        return switch (template) {
            case Template.Plain plain -> plain.name() + " runs as it is: " + plain.reason() + "\n";
            case Template.Parallel parallel -> {
                var printer = new TemplatePrinter(new CodePrinter(parallel.substitutions()));
                printer.out.append(parallel.name()).append(parallel.blocks() ? " (blocks)" : "").append('\n');
                printer.block(parallel.body(), 1);
                yield printer.out.toString();
            }
        };
    }

    private void line(int depth, String text) {
        out.append("    ".repeat(depth)).append(text).append('\n');
    }

    private void block(List<Planned> ops, int depth) {
        ops.forEach(op -> op(op, depth));
    }

    private static String names(List<String> names) {
        return String.join(", ", names);
    }

    private static String reads(Planned.Needs needs) {
        if (needs.reads().isEmpty()) {
            return "";
        }
        var text = new StringBuilder(" ?");
        for (Read read : needs.reads()) {
            text.append(' ').append(read.name()).append(read.deep() ? "*" : "");
        }
        return text.toString();
    }

    private void op(Planned planned, int depth) {
        switch (planned) {
            case Planned.Local p -> {
                String how =
                        switch (p.mode()) {
                            case INLINE -> p.needs().reads().isEmpty() ? "" : "wait  ";
                            case PARK -> "park  ";
                            case ORDERED -> "order ";
                            case BLOCK -> "block ";
                        };
                String outs = p.outs().isEmpty() ? "" : " -> " + names(p.outs());
                line(depth, how + code.step(p.step()) + reads(p.needs()) + outs);
            }
            case Planned.Call p -> {
                String verb =
                        switch (p.call().kind()) {
                            case FUNCTIONAL -> "task  ";
                            case PIPELINE -> p.blocks() ? "block run " : "run   ";
                        };
                line(
                        depth,
                        verb + p.call().target() + " = " + code.expr(p.call().callee())
                                + code.arguments(p.call().args(), p.call().keywords()) + reads(p.needs()));
            }
            case Planned.Region p -> {
                line(depth, "region (" + names(p.ins()) + ") -> " + names(p.outs()));
                op(p.body(), depth + 1);
            }
            case Planned.If p -> {
                line(depth, "if " + code.expr(p.test()) + reads(p.needs()));
                block(p.body(), depth + 1);
                orelse(p.orelse(), depth);
            }
            case Planned.For p -> {
                line(
                        depth,
                        "for " + code.expr(p.target()) + " in " + code.expr(p.iterable()) + reads(p.needs())
                                + (p.blocks() ? " (blocks)" : ""));
                block(p.body(), depth + 1);
                orelse(p.orelse(), depth);
            }
            case Planned.While p -> {
                line(depth, "while " + code.expr(p.test()) + reads(p.needs()));
                if (!p.prepare().isEmpty()) {
                    line(depth + 1, "before each test");
                    block(p.prepare(), depth + 2);
                }
                block(p.body(), depth + 1);
                orelse(p.orelse(), depth);
            }
            case Planned.Try p -> {
                line(depth, p.plain() ? "try (plain)" : "try");
                block(p.body(), depth + 1);
                for (Planned.Handler handler : p.handlers()) {
                    line(
                            depth,
                            "except" + handler.type().map(t -> " " + code.expr(t)).orElse("")
                                    + handler.name().map(n -> " as " + n).orElse(""));
                    block(handler.body(), depth + 1);
                }
                orelse(p.orelse(), depth);
            }
            case Planned.Finally p -> {
                line(depth, p.plain() ? "try (plain)" : "try");
                block(p.body(), depth + 1);
                line(depth, "finally");
                block(p.finalbody(), depth + 1);
            }
            case Planned.With p -> {
                line(depth, "block with " + code.expr(p.context()) + reads(p.needs()));
                block(p.body(), depth + 1);
            }
            case Planned.Return p ->
                line(depth, "return" + p.value().map(v -> " " + code.expr(v)).orElse("") + reads(p.needs()));
            case Planned.Break _ -> line(depth, "break");
            case Planned.Continue _ -> line(depth, "continue");
        }
    }

    private void orelse(List<Planned> ops, int depth) {
        if (!ops.isEmpty()) {
            line(depth, "else");
            block(ops, depth + 1);
        }
    }
}
