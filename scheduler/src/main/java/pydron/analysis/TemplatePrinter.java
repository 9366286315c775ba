package pydron.analysis;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import pydron.analysis.ast.Expr;
import pydron.analysis.ir.Guard;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Read;
import pydron.analysis.ir.Reason;

/// Writes a template as indented text: what the golden tests compare, and `pydron graph --format text` shows.
///
/// Each line begins with the line of the program. Then `task` is a call that becomes a task, `run` a call of a
/// pipeline;
/// `park` is code that is set aside while something it needs is pending, `order` the same in program order, `block`
/// code
/// that waits for everything earlier, `wait` code that waits in place; the rest is ordinary code that runs at once.
/// `region` is compound code that is set aside as a whole, with the variables it takes and those it gives back. `ahead`
/// is where the driver looks which calls come next, before it may have to wait, from the variables named.
///
/// Behind the code: `in order` waits for everything earlier; `? a b*` needs `a`, and `b` with everything inside; `! e`
/// runs at once only if the type of `e` is
/// harmless (`e*`: and of everything inside, `e.x`: for this attribute), else in program order, and raises if a
/// variable
/// that must have a value has none; `-> c` is pending afterwards if the code was set aside; `# rule: why` says why
/// it waits where it stands. `$0`, `$1`, … are variables of ours.
public final class TemplatePrinter {
    private final StringBuilder out = new StringBuilder();
    private final CodePrinter code;
    private final Set<String> unbound;

    private TemplatePrinter(CodePrinter code, Set<String> unbound) {
        this.code = code;
        this.unbound = unbound;
    }

    public static String print(Template template) {
        return switch (template) {
            case Template.Plain plain ->
                plain.name() + " runs as it is: " + plain.reason().sentence() + "\n";
            case Template.Parallel parallel -> {
                var printer = new TemplatePrinter(new CodePrinter(parallel.substitutions()), parallel.unbound());
                printer.out
                        .append(parallel.name())
                        .append(parallel.blocks() ? " (blocks)" : "")
                        .append('\n');
                printer.block(parallel.body(), 1);
                yield printer.out.toString();
            }
        };
    }

    private void line(Planned op, int depth, String text) {
        line(op.line(), depth, text);
    }

    private void line(int line, int depth, String text) {
        out.append(String.format("%4d ", line))
                .append("    ".repeat(depth - 1))
                .append(text)
                .append('\n');
    }

    /// What belongs to no line of the program.
    private void word(int depth, String text) {
        out.append("     ").append("    ".repeat(depth - 1)).append(text).append('\n');
    }

    private void block(List<Planned> ops, int depth) {
        ops.forEach(op -> op(op, depth));
    }

    private static String names(List<String> names) {
        return String.join(", ", names);
    }

    private String needs(Planned op, Planned.Needs needs) {
        var checks = new ArrayList<String>();
        needs.guards().forEach(guard -> checks.add(guard(guard, Code.of(op))));
        needs.nested().forEach(name -> checks.add(name + "*"));
        needs.atoms().forEach(name -> checks.add(name + " is immutable"));
        needs.unbound().stream().filter(unbound::contains).forEach(name -> checks.add(name + " has a value"));
        boolean said = op instanceof Planned.Local
                || op instanceof Planned.Call
                || op instanceof Planned.With
                || op instanceof Planned.For;
        return (needs.ordered() && !said ? "  in order" : "")
                + waits(needs.reads())
                + (checks.isEmpty() ? "" : "  ! " + String.join(", ", checks))
                + needs.reason().map(TemplatePrinter::comment).orElse("");
    }

    private static String comment(Reason reason) {
        return "  # " + reason;
    }

    private static String waits(List<Read> reads) {
        var waits = new ArrayList<String>();
        reads.forEach(read -> waits.add(read.name() + (read.deep() ? "*" : "")));
        return waits.isEmpty() ? "" : "  ? " + String.join(" ", waits);
    }

    private String guard(Guard guard, List<Expr> among) {
        String text = Code.find(guard.node(), among).map(code::expr).orElse("node " + guard.node());
        return switch (guard.kind()) {
            case SHALLOW -> text;
            case DEEP -> text + "*";
            case ATTRIBUTE -> text + "." + guard.detail();
            case METHOD -> text + "." + guard.detail().split(" ")[1] + "()";
            case WITHIN -> text + " with " + guard.detail().split(" ")[1] + "()";
            case INSIDE -> "any " + guard.detail().split(" ")[1] + "() inside";
        };
    }

    private void op(Planned planned, int depth) {
        switch (planned) {
            case Planned.Local p -> {
                String how = switch (p.mode()) {
                    case INLINE -> p.needs().reads().isEmpty() ? "" : "wait  ";
                    case PARK -> "park  ";
                    case ORDERED -> "order ";
                    case BLOCK -> "block ";
                };
                String outs = p.outs().isEmpty() ? "" : "  -> " + names(p.outs());
                line(p, depth, how + code.step(p.step()) + needs(p, p.needs()) + outs);
            }
            case Planned.Call p -> {
                String verb = switch (p.call().kind()) {
                    case FUNCTIONAL -> "task  ";
                    case PIPELINE -> p.blocks() ? "block run " : "run   ";
                };
                line(
                        p,
                        depth,
                        verb + p.call().target() + " = " + code.expr(p.call().callee())
                                + code.arguments(p.call().args(), p.call().keywords()) + needs(p, p.needs()));
            }
            case Planned.Region p -> {
                line(
                        p,
                        depth,
                        "region (" + names(p.ins()) + ") -> " + names(p.outs())
                                + (p.atoms().isEmpty() ? "" : " [" + names(p.atoms()) + " immutable]"));
                op(p.body(), depth + 1);
            }
            case Planned.If p -> {
                line(p, depth, "if " + code.expr(p.test()) + needs(p, p.needs()));
                block(p.body(), depth + 1);
                orelse(p.orelse(), depth);
            }
            case Planned.For p -> {
                line(
                        p,
                        depth,
                        "for " + code.expr(p.target()) + " in " + code.expr(p.iterable()) + order(p.order())
                                + needs(p, p.needs()));
                block(p.body(), depth + 1);
                orelse(p.orelse(), depth);
            }
            case Planned.While p -> {
                line(p, depth, "while " + code.expr(p.test()) + needs(p, p.needs()));
                if (!p.prepare().isEmpty()) {
                    word(depth + 1, "before each test");
                    block(p.prepare(), depth + 2);
                }
                block(p.body(), depth + 1);
                orelse(p.orelse(), depth);
            }
            case Planned.Try p -> {
                line(
                        p,
                        depth,
                        attempt(p.plain(), p.rollback())
                                + p.reason().map(TemplatePrinter::comment).orElse(""));
                block(p.body(), depth + 1);
                for (Planned.Handler handler : p.handlers()) {
                    line(
                            handler.line(),
                            depth,
                            "except"
                                    + handler.type()
                                            .map(t -> " " + code.expr(t))
                                            .orElse("")
                                    + handler.name().map(n -> " as " + n).orElse(""));
                    block(handler.body(), depth + 1);
                }
                orelse(p.orelse(), depth);
            }
            case Planned.Finally p -> {
                line(
                        p,
                        depth,
                        attempt(p.plain(), p.rollback())
                                + p.reason().map(TemplatePrinter::comment).orElse(""));
                block(p.body(), depth + 1);
                word(depth, "finally");
                block(p.finalbody(), depth + 1);
            }
            case Planned.With p -> {
                line(p, depth, "block with " + code.expr(p.context()) + needs(p, p.needs()));
                block(p.body(), depth + 1);
            }
            case Planned.Return p ->
                line(p, depth, "return" + p.value().map(v -> " " + code.expr(v)).orElse("") + needs(p, p.needs()));
            case Planned.Break p -> line(p, depth, "break");
            case Planned.Continue p -> line(p, depth, "continue");
            case Planned.Look p -> line(p, depth, "ahead (" + names(p.ins()) + ")" + waits(p.reads()));
        }
    }

    /// A handler sees these variables as they were when the exception was raised.
    private static String attempt(boolean plain, List<String> rollback) {
        return plain ? "try (plain)" : rollback.isEmpty() ? "try" : "try (rolls back " + names(rollback) + ")";
    }

    private void orelse(List<Planned> ops, int depth) {
        if (!ops.isEmpty()) {
            word(depth, "else");
            block(ops, depth + 1);
        }
    }

    private static String order(Planned.Order order) {
        return switch (order) {
            case FREE -> "";
            case IF_CHANGED -> " (waits for changes)";
            case ALWAYS -> " (blocks)";
        };
    }
}
