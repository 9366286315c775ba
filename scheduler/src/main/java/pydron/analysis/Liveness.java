package pydron.analysis;

import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Step;

/// Which variables are still read after each op: classic backward liveness over structured code, in which an exception
/// may
/// leave the body of a `try` after any op.
final class Liveness {
    private final Function<Expr, Set<String>> reads;
    private final Function<Step.Bind, Set<String>> readsOfBinding;
    private final Map<Op, Set<String>> after = new IdentityHashMap<>();
    private final Map<Op, Set<String>> before = new IdentityHashMap<>();
    private final Map<Op, Set<String>> atHandlers = new IdentityHashMap<>();

    /// @param reads names an expression reads, with lowered nodes replaced
    /// @param readsOfBinding the same for the value of a binding
    Liveness(Function<Expr, Set<String>> reads, Function<Step.Bind, Set<String>> readsOfBinding) {
        this.reads = reads;
        this.readsOfBinding = readsOfBinding;
    }

    /// What the ways out of the current block lead to.
    private record Exits(Set<String> onBreak, Set<String> onContinue, Set<String> onRaise, Set<String> onReturn) {}

    void analyse(List<Op> body) {
        var nothing = Set.<String>of();
        block(body, nothing, new Exits(nothing, nothing, nothing, nothing));
    }

    Set<String> after(Op op) {
        return after.getOrDefault(op, Set.of());
    }

    Set<String> before(Op op) {
        return before.getOrDefault(op, Set.of());
    }

    /// Variables that the handlers of a `try` (or its `finally`, or what follows) may read after an exception.
    Set<String> atHandlers(Op op) {
        return atHandlers.getOrDefault(op, Set.of());
    }

    private Set<String> block(List<Op> ops, Set<String> out, Exits exits) {
        Set<String> live = out;
        for (int i = ops.size() - 1; i >= 0; i--) {
            live = op(ops.get(i), live, exits);
            before.merge(ops.get(i), live, Liveness::union);
        }
        return live;
    }

    private static Set<String> union(Set<String> a, Set<String> b) {
        var all = new LinkedHashSet<>(a);
        all.addAll(b);
        return all;
    }

    private static Set<String> minus(Set<String> a, Set<String> b) {
        var rest = new LinkedHashSet<>(a);
        rest.removeAll(b);
        return rest;
    }

    private Set<String> op(Op op, Set<String> out, Exits exits) {
        Set<String> live = union(out, exits.onRaise);
        after.merge(op, live, Liveness::union);
        return switch (op) {
            case Op.Local local -> union(union(minus(live, defines(local.step())), uses(local.step())), exits.onRaise);
            case Op.Call call -> {
                var in = new LinkedHashSet<>(minus(live, Set.of(call.target())));
                in.addAll(reads.apply(call.callee()));
                call.args().forEach(arg -> in.addAll(reads.apply(arg)));
                call.keywords().forEach(keyword -> in.addAll(reads.apply(keyword.value())));
                in.addAll(exits.onRaise);
                yield in;
            }
            case Op.If test ->
                union(
                        union(block(test.body(), live, exits), block(test.orelse(), live, exits)),
                        reads.apply(test.test()));
            case Op.For loop -> {
                Set<String> targets = Targets.names(loop.target(), reads);
                Set<String> end = block(loop.orelse(), live, exits);
                Set<String> head = end;
                for (int round = 0; round < 3; round++) {
                    var inner = new Exits(live, head, exits.onRaise, exits.onReturn);
                    Set<String> next = union(head, minus(block(loop.body(), head, inner), targets));
                    boolean settled = next.equals(head);
                    head = next;
                    if (settled) {
                        break;
                    }
                }
                yield union(union(head, reads.apply(loop.iterable())), Targets.reads(loop.target(), reads));
            }
            case Op.While loop -> {
                Set<String> end = block(loop.orelse(), live, exits);
                Set<String> head = union(end, reads.apply(loop.test()));
                for (int round = 0; round < 3; round++) {
                    var inner = new Exits(live, head, exits.onRaise, exits.onReturn);
                    Set<String> body = block(loop.body(), head, inner);
                    Set<String> next = union(
                            head, block(loop.prepare(), union(union(body, end), reads.apply(loop.test())), inner));
                    boolean settled = next.equals(head);
                    head = next;
                    if (settled) {
                        break;
                    }
                }
                yield head;
            }
            case Op.Try attempt -> {
                Set<String> handlers = new LinkedHashSet<>(exits.onRaise);
                for (Op.Handler handler : attempt.handlers()) {
                    Set<String> in = block(handler.body(), live, exits);
                    handler.name().ifPresent(in::remove);
                    handlers.addAll(in);
                    handler.type().ifPresent(type -> handlers.addAll(reads.apply(type)));
                }
                atHandlers.merge(op, handlers, Liveness::union);
                Set<String> orelse = block(attempt.orelse(), live, exits);
                yield block(
                        attempt.body(),
                        orelse,
                        new Exits(
                                union(exits.onBreak, handlers),
                                union(exits.onContinue, handlers),
                                handlers,
                                union(exits.onReturn, handlers)));
            }
            case Op.Finally attempt -> {
                Set<String> beyond = union(
                        union(live, exits.onReturn), union(exits.onBreak, union(exits.onContinue, exits.onRaise)));
                Set<String> finalbody = block(attempt.finalbody(), beyond, exits);
                atHandlers.merge(op, finalbody, Liveness::union);
                yield block(attempt.body(), finalbody, new Exits(finalbody, finalbody, finalbody, finalbody));
            }
            case Op.With with -> {
                // Leaving a context may swallow an exception.
                var inner = new Exits(exits.onBreak, exits.onContinue, union(exits.onRaise, live), exits.onReturn);
                Set<String> body = block(with.body(), live, inner);
                Set<String> targets = with.target()
                        .map(target -> Targets.names(target, reads))
                        .orElse(Set.of());
                yield union(
                        union(minus(body, targets), reads.apply(with.context())),
                        with.target()
                                .map(target -> Targets.reads(target, reads))
                                .orElse(Set.of()));
            }
            case Op.Return result ->
                union(exits.onReturn, result.value().map(reads).orElse(Set.of()));
            case Op.Break _ -> exits.onBreak;
            case Op.Continue _ -> exits.onContinue;
        };
    }

    private Set<String> defines(Step step) {
        return switch (step) {
            case Step.Bind bind -> Set.of(bind.name());
            case Step.NewContainer made -> Set.of(made.name());
            case Step.Replay replay -> Set.of(replay.name());
            case Step.Flag flag -> Set.of(flag.name());
            case Step.Statement(Stmt.Assign assign)
            when assign.targets().size() == 1 -> Targets.names(assign.targets().get(0), reads);
            case Step.Progress progress when progress.call().isPresent() -> Set.of(progress.name());
            case Step.Statement _, Step.Store _, Step.Collect _, Step.Update _, Step.Check _, Step.Progress _ ->
                Set.of();
        };
    }

    private Set<String> uses(Step step) {
        return switch (step) {
            case Step.Bind bind -> readsOfBinding.apply(bind);
            case Step.NewContainer _, Step.Flag _ -> Set.of();
            case Step.Replay replay -> Set.of(replay.list());
            case Step.Check check -> reads.apply(check.name());
            case Step.Progress progress ->
                progress.call().map(call -> reads.apply(call)).orElse(Set.of(progress.name()));
            case Step.Store store -> union(reads.apply(store.target()), Set.of(store.name()));
            case Step.Collect collect -> {
                var in = new LinkedHashSet<>(reads.apply(collect.value()));
                in.add(collect.name());
                collect.key().ifPresent(key -> in.addAll(reads.apply(key)));
                yield in;
            }
            case Step.Update update -> union(reads.apply(update.value()), Set.of(update.name()));
            case Step.Statement(Stmt.Assign assign) -> {
                var in = new LinkedHashSet<>(reads.apply(assign.value()));
                assign.targets().forEach(target -> in.addAll(Targets.reads(target, reads)));
                yield in;
            }
            case Step.Statement(Stmt stmt) -> {
                var in = new LinkedHashSet<String>();
                collect(List.of(stmt), in);
                yield in;
            }
        };
    }

    private void collect(List<Stmt> stmts, Set<String> into) {
        for (Stmt stmt : stmts) {
            Walk.expressionsOf(stmt).forEach(expr -> into.addAll(reads.apply(expr)));
            Walk.blocksOf(stmt).forEach(block -> collect(block, into));
        }
    }
}
