package pydron.analysis;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ast.Unit.Binding;
import pydron.analysis.ir.Ahead;
import pydron.analysis.ir.Ahead.Exit;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Read;
import pydron.analysis.ir.Step;

/// What of a plan can be followed ahead. Ordinary code is, where the driver may be able to evaluate it without an
/// effect: whether it really can, it finds out from the values.
final class AheadOps {
    private final Reads reads;
    private final Names names;
    /// What was set aside looks at the values of these: they come at the latest where everything earlier is waited for.
    private final Set<String> wanted = new LinkedHashSet<>();
    private int regions;

    AheadOps(Reads reads, Names names) {
        this.reads = reads;
        this.names = names;
    }

    List<Ahead> block(List<Planned> ops) {
        var all = new ArrayList<Ahead>();
        ops.forEach(op -> op(op, all));
        return all;
    }

    private void op(Planned planned, List<Ahead> into) {
        switch (planned) {
            case Planned.Local p -> {
                switch (p.mode()) {
                    case BLOCK -> barrier(p.needs(), into);
                    case INLINE -> settle(p.needs(), into);
                    case PARK, ORDERED -> want(p.needs());
                }
                step(p.step(), into);
            }
            case Planned.Call p -> {
                if (p.blocks()) {
                    barrier(p.needs(), into);
                } else {
                    settle(p.needs(), into);
                }
                into.add(
                        switch (p.call().kind()) {
                            case FUNCTIONAL -> new Ahead.Call(p.call());
                            case PIPELINE -> new Ahead.Forget(List.of(p.call().target()));
                        });
            }
            case Planned.Region p -> {
                regions++;
                op(p.body(), into);
                regions--;
            }
            case Planned.If p -> {
                settle(p.needs(), into);
                walruses(p.test(), into);
                var body = block(p.body());
                var orelse = block(p.orelse());
                into.add(new Ahead.If(p.test(), body, orelse, assigned(List.of(body, orelse), Set.of())));
            }
            case Planned.For p -> {
                settle(p.needs(), into);
                walruses(p.iterable(), into);
                var body = block(p.body());
                var orelse = block(p.orelse());
                var assigned = assigned(List.of(body), reads.bound(p.target()));
                into.add(new Ahead.For(p.loop(), p.target(), p.iterable(), body, orelse, assigned, false));
            }
            case Planned.While p -> {
                var prepare = block(p.prepare());
                settle(p.needs(), prepare);
                walruses(p.test(), prepare);
                var body = block(p.body());
                var orelse = block(p.orelse());
                var assigned = assigned(List.of(prepare, body), Set.of());
                into.add(new Ahead.While(prepare, p.test(), body, orelse, assigned, false));
            }
            case Planned.Try p -> {
                var aside = new ArrayList<List<Ahead>>();
                for (Planned.Handler handler : p.handlers()) {
                    var body = new ArrayList<Ahead>();
                    handler.name().ifPresent(name -> body.add(new Ahead.Forget(List.of(name))));
                    body.addAll(block(handler.body()));
                    aside.add(body);
                }
                into.add(new Ahead.Blocks(List.of(block(p.body()), block(p.orelse())), aside));
            }
            case Planned.Finally p ->
                into.add(new Ahead.Blocks(List.of(block(p.body()), block(p.finalbody())), List.of()));
            case Planned.With p -> {
                p.target().ifPresent(target -> forget(reads.bound(target), into));
                into.add(new Ahead.Blocks(List.of(block(p.body())), List.of()));
            }
            case Planned.Return _ -> into.add(new Ahead.Leave(Exit.STOP));
            case Planned.Break _ -> into.add(new Ahead.Leave(Exit.BREAK));
            case Planned.Continue _ -> into.add(new Ahead.Leave(Exit.CONTINUE));
            case Planned.Look p -> into.add(new Ahead.Look(p.position()));
        }
    }

    private void want(Planned.Needs needs) {
        needs.reads().forEach(read -> wanted.add(read.name()));
    }

    private void settle(Planned.Needs needs, List<Ahead> into) {
        if (regions > 0) {
            want(needs);
        } else if (needs.ordered()) {
            barrier(needs, into);
        } else if (!needs.reads().isEmpty()) {
            into.add(new Ahead.Settle(needs.reads().stream().map(Read::name).toList()));
        }
    }

    private void barrier(Planned.Needs needs, List<Ahead> into) {
        want(needs);
        if (!wanted.isEmpty()) {
            into.add(new Ahead.Settle(List.copyOf(wanted)));
            wanted.clear();
        }
    }

    private static void forget(Set<String> names, List<Ahead> into) {
        if (!names.isEmpty()) {
            into.add(new Ahead.Forget(List.copyOf(names)));
        }
    }

    private void walruses(Expr expr, List<Ahead> into) {
        var bound = new LinkedHashSet<String>();
        Walk.expressions(expr, each -> {
            if (each instanceof Expr.Walrus walrus) {
                bound.addAll(reads.bound(walrus.target()));
            }
        });
        forget(bound, into);
    }

    private void step(Step step, List<Ahead> into) {
        var bound = new LinkedHashSet<String>();
        reads.bindings(step, Set.of()).forEach(binding -> bound.add(binding.name()));
        switch (step) {
            case Step.Statement(Stmt.Raise _) -> into.add(new Ahead.Leave(Exit.STOP));
            case Step.Statement(Stmt.Delete s) -> s.targets().forEach(target -> forget(reads.bound(target), into));
            case Step.Statement(Stmt.Assign s) -> code(step, bound, isEvaluable(s.value()), into);
            case Step.Statement(Stmt.AnnAssign s) ->
                code(step, bound, s.value().filter(this::isEvaluable).isPresent(), into);
            case Step.Statement(Stmt.AugAssign s) -> code(step, bound, isEvaluable(s.value()), into);
            case Step.Statement _ -> forget(bound, into);
            case Step.Bind s -> code(step, bound, isDefinitionEvaluable(s), into);
            case Step.Store _, Step.Flag _ -> code(step, bound, true, into);
            case Step.Update s -> code(step, bound, isEvaluable(s.value()), into);
            case Step.NewContainer _, Step.Replay _, Step.Progress _ -> forget(bound, into);
            case Step.Collect s -> forget(Set.of(s.name()), into);
            case Step.Check _ -> {}
        }
    }

    private static void code(Step step, Set<String> bound, boolean evaluable, List<Ahead> into) {
        if (bound.isEmpty()) {
            return;
        }
        into.add(evaluable ? new Ahead.Code(step, List.copyOf(bound)) : new Ahead.Forget(List.copyOf(bound)));
    }

    private boolean isDefinitionEvaluable(Step.Bind bind) {
        return reads.isDefinition(bind) ? isOwnEvaluable(bind.value()) : isEvaluable(bind.value());
    }

    /// Whether the driver may be able to evaluate the expression without an effect.
    boolean isEvaluable(Expr expr) {
        return reads.variable(expr).isPresent() || isOwnEvaluable(expr);
    }

    private boolean isOwnEvaluable(Expr expr) {
        return switch (expr) {
            case Expr.Name _, Expr.Constant _ -> true;
            case Expr.Attribute _,
                    Expr.Subscript _,
                    Expr.Slice _,
                    Expr.Binary _,
                    Expr.Unary _,
                    Expr.Compare _,
                    Expr.Bool _,
                    Expr.Conditional _,
                    Expr.Display _,
                    Expr.Dict _,
                    Expr.Starred _,
                    Expr.JoinedString _,
                    Expr.Formatted _ -> Walk.childrenOf(expr).stream().allMatch(this::isEvaluable);
            case Expr.Call call -> isCallEvaluable(call);
            case Expr.Comprehension _, Expr.Lambda _, Expr.Walrus _, Expr.Other _ -> false;
        };
    }

    private boolean isCallEvaluable(Expr.Call call) {
        boolean known = names.binding(call.callee())
                .map(binding -> binding instanceof Binding.Library)
                .orElse(call.callee() instanceof Expr.Attribute);
        return known
                && (!(call.callee() instanceof Expr.Attribute method) || isEvaluable(method.value()))
                && call.args().stream().allMatch(this::isEvaluable)
                && call.keywords().stream().allMatch(keyword -> isEvaluable(keyword.value()));
    }

    boolean isEvaluable(Op.Call call) {
        return isEvaluable(call.callee())
                && call.args().stream().allMatch(this::isEvaluable)
                && call.keywords().stream().allMatch(keyword -> isEvaluable(keyword.value()));
    }

    private List<String> assigned(List<List<Ahead>> blocks, Set<String> also) {
        var all = new LinkedHashSet<>(also);
        blocks.forEach(block -> block.forEach(op -> all.addAll(assigned(op))));
        return List.copyOf(all);
    }

    private List<String> assigned(Ahead op) {
        return switch (op) {
            case Ahead.Code p -> p.names();
            case Ahead.Forget p -> p.names();
            case Ahead.Call p -> List.of(p.call().target());
            case Ahead.If p -> p.assigned();
            case Ahead.For p -> assigned(List.of(p.orelse()), Set.copyOf(p.assigned()));
            case Ahead.While p -> assigned(List.of(p.orelse()), Set.copyOf(p.assigned()));
            case Ahead.Blocks p -> {
                var all = new ArrayList<>(p.inOrder());
                all.addAll(p.aside());
                yield assigned(all, Set.of());
            }
            case Ahead.Settle _, Ahead.Leave _, Ahead.Look _ -> List.of();
        };
    }
}
