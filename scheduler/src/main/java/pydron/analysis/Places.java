package pydron.analysis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pydron.analysis.Place.Held;
import pydron.analysis.Place.Kind;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ast.Unit;
import pydron.analysis.ast.Unit.Binding;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Read;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;
import pydron.analysis.ir.Step;

/// Reads plans for people: which lines of the pipelines overlap, which wait, why, and what they hold back. It decides
/// nothing: reasons are those of the plan.
public final class Places {
    /// @param loops those around it, outermost first
    /// @param calls whether calls that could be tasks happen here
    private record Entry(
            int line, Kind kind, String code, Optional<Reason> reason, List<Integer> loops, boolean calls) {}

    private final Unit unit;
    private final Unit.Function function;
    private final CodePrinter source = new CodePrinter(Map.of());
    private final List<Entry> entries = new ArrayList<>();
    private final Deque<Integer> loops = new ArrayDeque<>();
    private final Set<String> assigned = new LinkedHashSet<>();
    private int loopCount;

    private Places(Unit unit, Unit.Function function) {
        this.unit = unit;
        this.function = function;
    }

    /// The places of all pipelines of a unit, in its order and that of their lines.
    public static List<Place> of(Unit unit, List<Template> templates) {
        var all = new ArrayList<Place>();
        for (int i = 0; i < templates.size(); i++) {
            all.addAll(new Places(unit, unit.functions().get(i)).places(templates.get(i)));
        }
        return all;
    }

    private List<Place> places(Template template) {
        switch (template) {
            case Template.Plain plain ->
                entries.add(new Entry(
                        function.definition().line(),
                        Kind.AS_IT_IS,
                        "def " + function.definition().name(),
                        Optional.of(plain.reason()),
                        List.of(),
                        false));
            case Template.Parallel parallel -> {
                assigns(parallel.body());
                block(parallel.body());
            }
        }
        var places = new ArrayList<Place>();
        for (int i = 0; i < entries.size(); i++) {
            places.add(place(entries.get(i), i));
        }
        return places;
    }

    private Place place(Entry entry, int index) {
        boolean inLoop = false;
        var held = new LinkedHashSet<Held>();
        switch (entry.kind) {
            case TASK -> inLoop = !entry.loops.isEmpty();
            case SET_ASIDE, IN_ORDER -> {}
            case AS_IT_IS -> held.addAll(callsOf(function));
            case MAY_WAIT, WAITS -> {
                for (int loop : entry.loops.reversed()) {
                    entries.stream()
                            .filter(each -> each.calls && each.loops.contains(loop))
                            .forEach(each -> held.add(new Held(each.code, each.line)));
                    if (!held.isEmpty()) {
                        inLoop = true;
                        break;
                    }
                }
                if (!inLoop) {
                    entries.stream()
                            .skip(index + 1L)
                            .filter(each -> each.calls)
                            .forEach(each -> held.add(new Held(each.code, each.line)));
                }
            }
        }
        return new Place(
                function.name(),
                function.file(),
                entry.line,
                entry.kind,
                entry.code,
                entry.reason,
                inLoop,
                new ArrayList<>(held));
    }

    /// Calls of functionals, and of pipelines, that a function which runs as it is makes itself.
    private List<Held> callsOf(Unit.Function of) {
        var names = PipelineAnalysis.names(of);
        var calls = new ArrayList<Held>();
        Walk.statements(of.definition().body(), _ -> {}, expr -> {
            if (expr instanceof Expr.Call call
                    && names.binding(call.callee())
                            .filter(b -> b instanceof Binding.Functional || b instanceof Binding.Pipeline)
                            .isPresent()) {
                calls.add(new Held(source.expr(call), call.line()));
            }
        });
        return calls;
    }

    private void add(int line, Kind kind, String code, Optional<Reason> reason, boolean calls) {
        String text = code.replaceAll("\\s+", " ").replaceAll("\\$\\d+", "…");
        entries.add(new Entry(line, kind, text, reason, new ArrayList<>(loops), calls));
    }

    // ---- variables that the pipeline gives values itself: others may only be pending where it is called

    private void assigns(List<Planned> ops) {
        ops.forEach(op -> {
            switch (op) {
                case Planned.Local p -> {
                    assigned.addAll(p.outs());
                    switch (p.step()) {
                        case Step.Bind s -> assigned.add(s.name());
                        case Step.Statement(Stmt.Assign s) -> s.targets().forEach(this::assigns);
                        case Step.Statement(Stmt.AugAssign s) -> assigns(s.target());
                        case Step.Statement _,
                                Step.Store _,
                                Step.NewContainer _,
                                Step.Collect _,
                                Step.Replay _,
                                Step.Update _,
                                Step.Check _,
                                Step.Progress _,
                                Step.Flag _ -> {}
                    }
                }
                case Planned.Call p -> assigned.add(p.call().target());
                case Planned.Region p -> {
                    assigned.addAll(p.outs());
                    assigns(List.of(p.body()));
                }
                case Planned.If p -> {
                    assigns(p.body());
                    assigns(p.orelse());
                }
                case Planned.For p -> {
                    assigns(p.target());
                    assigns(p.body());
                    assigns(p.orelse());
                }
                case Planned.While p -> {
                    assigns(p.prepare());
                    assigns(p.body());
                    assigns(p.orelse());
                }
                case Planned.Try p -> {
                    assigns(p.body());
                    p.handlers().forEach(handler -> assigns(handler.body()));
                    assigns(p.orelse());
                }
                case Planned.Finally p -> {
                    assigns(p.body());
                    assigns(p.finalbody());
                }
                case Planned.With p -> assigns(p.body());
                case Planned.Return _, Planned.Break _, Planned.Continue _, Planned.Look _ -> {}
            }
        });
    }

    private void assigns(Expr target) {
        Walk.names(target, assigned::add);
    }

    // ---- ops

    private void block(List<Planned> ops) {
        ops.forEach(this::op);
    }

    private void op(Planned planned) {
        switch (planned) {
            case Planned.Local p -> local(p);
            case Planned.Call p -> call(p);
            case Planned.Region p -> {
                add(p.line(), Kind.SET_ASIDE, head(p.body()), Optional.empty(), false);
                op(p.body());
            }
            case Planned.If p -> {
                waits(p, p.needs());
                block(p.body());
                block(p.orelse());
            }
            case Planned.For p -> {
                boolean each = p.order() != Planned.Order.FREE;
                if (!each) {
                    waits(p, p.needs());
                }
                loops.addLast(loopCount++);
                if (each) {
                    waits(p, p.needs());
                }
                block(p.body());
                loops.removeLast();
                block(p.orelse());
            }
            case Planned.While p -> {
                loops.addLast(loopCount++);
                block(p.prepare());
                waits(p, p.needs());
                block(p.body());
                loops.removeLast();
                block(p.orelse());
            }
            case Planned.Try p -> {
                block(p.body());
                p.reason().ifPresent(reason -> add(p.line(), Kind.WAITS, "try", Optional.of(reason), false));
                p.handlers().forEach(handler -> block(handler.body()));
                block(p.orelse());
            }
            case Planned.Finally p -> {
                block(p.body());
                p.reason().ifPresent(reason -> add(p.line(), Kind.WAITS, "try", Optional.of(reason), false));
                block(p.finalbody());
            }
            case Planned.With p -> {
                waits(p, p.needs());
                block(p.body());
            }
            // At the end of a pipeline its results are needed in any case.
            case Planned.Return _, Planned.Break _, Planned.Continue _, Planned.Look _ -> {}
        }
    }

    private String head(Planned op) {
        return switch (op) {
            case Planned.If p -> "if " + source.expr(p.test());
            case Planned.For p -> "for " + source.expr(p.target()) + " in " + source.expr(p.iterable());
            case Planned.While p -> "while " + source.expr(p.test());
            case Planned.With p -> "with " + source.expr(p.context());
            case Planned.Call p -> code(p.call());
            case Planned.Local p -> source.step(p.step());
            case Planned.Try _, Planned.Finally _ -> "try";
            case Planned.Region p -> head(p.body());
            case Planned.Return _ -> "return";
            case Planned.Break _ -> "break";
            case Planned.Continue _ -> "continue";
            case Planned.Look _ -> "";
        };
    }

    private String code(Op.Call call) {
        return source.expr(call.callee()) + source.arguments(call.args(), call.keywords());
    }

    private void local(Planned.Local p) {
        switch (p.mode()) {
            case BLOCK -> add(p.line(), Kind.WAITS, head(p), p.needs().reason(), false);
            case INLINE -> waits(p, p.needs());
            case PARK -> {
                if (!(p.step() instanceof Step.Bind bind) || !bind.name().startsWith("$")) {
                    add(p.line(), Kind.SET_ASIDE, head(p), Optional.empty(), false);
                }
            }
            case ORDERED -> add(p.line(), Kind.IN_ORDER, head(p), Optional.empty(), false);
        }
    }

    private void call(Planned.Call p) {
        Op.Call call = p.call();
        boolean calls = switch (call.kind()) {
            case FUNCTIONAL -> true;
            case PIPELINE ->
                call.pipeline() >= 0
                        && !callsOf(unit.functions().get(call.pipeline())).isEmpty();
        };
        Kind kind = p.blocks() ? Kind.WAITS : Kind.TASK;
        add(p.line(), kind, code(call), p.blocks() ? p.needs().reason() : Optional.empty(), calls);
    }

    /// An op that may wait where it stands.
    private void waits(Planned op, Planned.Needs needs) {
        if (needs.reason().isPresent()) {
            boolean given = needs.reason().get().rule() == Rule.NEEDS_RESULT
                    && needs.reads().stream().map(Read::name).noneMatch(assigned::contains);
            add(op.line(), given ? Kind.MAY_WAIT : Kind.WAITS, head(op), needs.reason(), false);
            return;
        }
        doubted(op, needs)
                .ifPresent(subject ->
                        add(op.line(), Kind.MAY_WAIT, head(op), Optional.of(new Reason(Rule.TYPE, subject)), false));
    }

    /// What is checked when the op runs.
    private Optional<String> doubted(Planned op, Planned.Needs needs) {
        if (!needs.guards().isEmpty()) {
            var guard = needs.guards().getFirst();
            return Code.find(guard.node(), Code.of(op)).map(source::expr);
        }
        return java.util.stream.Stream.concat(needs.atoms().stream(), needs.nested().stream())
                .filter(name -> !name.startsWith("$"))
                .findFirst();
    }
}
