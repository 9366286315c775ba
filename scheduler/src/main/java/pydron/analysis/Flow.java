package pydron.analysis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import pydron.analysis.Catalogue.Need;
import pydron.analysis.ast.Expr;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Read;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;
import pydron.analysis.ir.Step;

/// Takes the decisions: follows the lowered ops forward, with what is known of every variable and object, and says of
/// each
/// op whether it runs in place, may be parked, or must wait for everything.
///
/// Forward abstract interpretation over structured code; loops are repeated until nothing new is learnt.
final class Flow {
    final Names names;
    final Evaluator evaluator;
    final Liveness liveness;
    final Steps steps;
    final Reasons reasons;
    /// Whether a pipeline of the unit may do anything.
    private final List<Boolean> opaquePipelines;
    /// Objects that some op changes, wherever that is.
    private final Set<Integer> everMutated;
    /// Whether something that is set aside may use up an iterator that came from outside.
    final boolean iteratesOutside;

    private boolean iteratesOutsideNow;
    private final Purity purity = new Purity();

    private final Set<Integer> mutatedNow = new TreeSet<>();
    final Set<String> unboundAtEdges = new LinkedHashSet<>();
    final Deque<Effects> effects = new ArrayDeque<>();
    final Deque<Attempt> attempts = new ArrayDeque<>();
    final Deque<LoopExits> loops = new ArrayDeque<>();
    State state = new State();
    boolean dead;

    private final LoopFlow loopFlow = new LoopFlow(this);
    private final TryFlow tryFlow = new TryFlow(this);

    Flow(
            Names names,
            Map<Integer, String> substitutions,
            Liveness liveness,
            List<Boolean> opaquePipelines,
            List<Helper> helpers,
            Set<Integer> everMutated,
            boolean iteratesOutside) {
        this.names = names;
        this.evaluator = new Evaluator(names, substitutions, helpers, everMutated);
        this.liveness = liveness;
        this.steps = new Steps(names, evaluator);
        this.reasons = new Reasons(evaluator);
        this.opaquePipelines = opaquePipelines;
        this.everMutated = everMutated;
        this.iteratesOutside = iteratesOutside;
    }

    static final class LoopExits {
        State onBreak;
        State onContinue;

        void breakAt(State state) {
            onBreak = onBreak == null ? state.copy() : onBreak.join(state);
        }

        void continueAt(State state) {
            onContinue = onContinue == null ? state.copy() : onContinue.join(state);
        }
    }

    /// @param blocks whether the pipeline may do anything
    record Result(
            List<Planned> body, boolean blocks, Set<String> unbound, Set<Integer> mutated, boolean iteratesOutside) {}

    Result plan(List<Op> body) {
        effects.push(new Effects());
        for (String name : names.parameters()) {
            state.assign(name, Val.EXTERNAL.withPending(!names.isShared(name)).withHolds(true));
        }
        List<Planned> planned = block(body);
        return new Result(planned, effects.pop().blocks, unboundAtEdges, mutatedNow, iteratesOutsideNow);
    }

    /// What calling the function does, if it is called as it is.
    Helper summary(List<Op> body) {
        effects.push(new Effects());
        evaluator.unchecked = true;
        state = purity.begin(names);
        block(body);
        return purity.result(effects.pop().blocks);
    }

    List<Planned> block(List<Op> ops) {
        var planned = new ArrayList<Planned>();
        for (Op op : ops) {
            if (dead) {
                break;
            }
            planned.addAll(op(op));
            for (Attempt attempt : attempts) {
                attempt.join(state);
            }
        }
        return planned;
    }

    private List<Planned> op(Op op) {
        return switch (op) {
            case Op.Local local when isNeedless(local.step()) -> List.of();
            case Op.Local local -> List.of(local(local, liveness.before(local), liveness.after(local)));
            case Op.Call call -> call(call);
            case Op.If test -> List.of(compound(op, () -> test(test)));
            case Op.For loop -> List.of(compound(op, () -> loopFlow.loop(loop)));
            case Op.While loop -> List.of(compound(op, () -> loopFlow.loop(loop)));
            case Op.Try attempt -> List.of(compound(op, () -> tryFlow.attempt(attempt)));
            case Op.Finally attempt -> List.of(compound(op, () -> tryFlow.attempt(attempt)));
            case Op.With with -> List.of(compound(op, () -> tryFlow.with(with)));
            case Op.Return result -> {
                var facts = begin();
                Optional<Val> value = result.value().map(expr -> evaluator.eval(expr, Need.CARRY));
                value.ifPresent(v -> {
                    purity.returns(v, state);
                    if (v.kind() == Val.Kind.TUPLE || result.value().get() instanceof Expr.Display) {
                        facts.looked.addAll(v.sites());
                    }
                });
                var needs = inPlace(facts);
                effects.peek().leaves = true;
                dead = true;
                yield List.of(reasons.inPlace(new Planned.Return(result.value(), needs, op.line())));
            }
            case Op.Break _ -> {
                loops.peek().breakAt(state);
                effects.peek().leaves = true;
                dead = true;
                yield List.of(new Planned.Break(op.line()));
            }
            case Op.Continue _ -> {
                loops.peek().continueAt(state);
                effects.peek().leaves = true;
                dead = true;
                yield List.of(new Planned.Continue(op.line()));
            }
        };
    }

    /// Whether it checks that a variable has a value that certainly has one.
    private boolean isNeedless(Step step) {
        return step instanceof Step.Check check
                && !state.variable(check.name().name()).unbound();
    }

    Facts begin() {
        var facts = new Facts();
        evaluator.begin(state, facts);
        return facts;
    }

    /// The variables among an op's needs that may be pending, or hold something pending.
    private List<Read> pendingReads(Facts facts, State before) {
        var reads = new ArrayList<Read>();
        facts.needs.forEach((name, need) -> {
            Val value = facts.overwritten.getOrDefault(name, before.variable(name));
            if (names.isShared(name)) {
                return;
            }
            if (value.unbound()) {
                facts.unbound.add(name);
                unboundAtEdges.add(name);
            }
            if (need == Need.DEEP && (value.pending() || before.mayHold(value))) {
                reads.add(new Read(name, true));
            } else if ((need == Need.SHALLOW || value.unbound()) && value.pending()) {
                reads.add(new Read(name, false));
            }
        });
        return reads;
    }

    void note(Facts facts) {
        Effects now = effects.peek();
        now.used.addAll(facts.needs.keySet());
        now.assigned.addAll(facts.assigned);
        now.augmented.addAll(facts.atoms);
        facts.assigned.stream().filter(name -> !facts.atoms.contains(name)).forEach(now.renewed::add);
        now.mutated.addAll(facts.mutated);
        now.looked.addAll(facts.looked);
        now.mutatesElsewhere |= facts.mutatesElsewhere;
        now.iteratesOutside |= facts.iteratesOutside;
        mutatedNow.addAll(facts.mutated);
        purity.note(facts, state);
        now.blocks |= facts.blocks().isPresent();
        now.inPlaceOnly |= facts.inPlaceOnly;
    }

    /// What was waited for has its value afterwards.
    private void settle(List<Read> reads) {
        for (Read read : reads) {
            Val value = state.variable(read.name());
            state.set(read.name(), value.withPending(false));
        }
    }

    Planned.Needs inPlace(Facts facts) {
        var reads = pendingReads(facts, state);
        note(facts);
        if (!reads.isEmpty()) {
            effects.peek().waits = true;
        }
        settle(reads);
        return facts.needs(reads);
    }

    // ---- ordinary code

    private Planned local(Op.Local op, Set<String> liveBefore, Set<String> liveAfter) {
        State before = state.copy();
        var facts = begin();
        steps.run(op.step(), state, facts);
        var reads = pendingReads(facts, before);
        note(facts);
        Effects now = effects.peek();
        Leaving.of(op.step()).ifPresent(leaving -> leave(leaving, before));
        if (facts.blocks().isPresent()) {
            now.waits = true;
            settleAssigned(reads, facts);
            return here(op, Planned.Mode.BLOCK, facts.needs(reads));
        }
        boolean visible = Attempt.see(attempts, facts);
        if (facts.inPlaceOnly || !facts.atoms.isEmpty() || Shape.isRaise(op.step())) {
            if (visible) {
                now.waits = true;
                settleAssigned(reads, facts);
                return here(op, Planned.Mode.BLOCK, facts.needs(reads).or(reasons.seen(facts, attempts)));
            }
            now.waits |= !reads.isEmpty();
            settleAssigned(reads, facts);
            var needs = facts.needs(reads);
            return here(
                    op,
                    Planned.Mode.INLINE,
                    reads.isEmpty() ? needs : needs.or(reasons.needs(needs, Code.of(op.step()), Reasons.IN_ITS_PLACE)));
        }
        if (!facts.output && !visible && reads.isEmpty()) {
            return here(op, Planned.Mode.INLINE, facts.needs(reads));
        }
        now.issues = true;
        now.later.addAll(touched(facts.mutated, facts.looked));
        iteratesOutsideNow |= facts.iteratesOutside;
        var outs = outs(facts.assigned, facts.mutated, facts.looked, liveAfter, before);
        var ins = ins(facts.needs.keySet(), outs, union(liveBefore, facts.needs.keySet()), before);
        for (String out : outs) {
            Val value = state.variable(out);
            state.set(out, value.withPending(true));
        }
        return new Planned.Local(
                op.step(),
                facts.output || visible ? Planned.Mode.ORDERED : Planned.Mode.PARK,
                facts.needs(reads),
                ins,
                outs,
                op.line());
    }

    /// What it has done when it is left is done in part.
    private void leave(Leaving leaving, State before) {
        effects.peek().leaves = true;
        State then = before.copy().join(state);
        if (leaving.breaks()) {
            loops.peek().breakAt(then);
        }
        if (leaving.continues()) {
            loops.peek().continueAt(then);
        }
    }

    private static Planned.Local here(Op.Local op, Planned.Mode mode, Planned.Needs needs) {
        return new Planned.Local(op.step(), mode, needs, List.of(), List.of(), op.line());
    }

    private void settleAssigned(List<Read> reads, Facts facts) {
        for (Read read : reads) {
            if (!facts.assigned.contains(read.name())) {
                state.set(read.name(), state.variable(read.name()).withPending(false));
            }
        }
    }

    /// Variables that are pending until a parked op is through: those it assigns, and all through which an object can
    /// be
    /// reached that it changes, or that it looks at and somebody changes.
    private List<String> outs(
            Set<String> assigned, Set<Integer> mutated, Set<Integer> looked, Set<String> live, State before) {
        var touched = touched(mutated, looked);
        var outs = new ArrayList<String>();
        var matter = new TreeSet<>(live);
        attempts.forEach(attempt -> matter.addAll(attempt.visible));
        for (String name : matter) {
            if (names.isShared(name) || !state.knows(name)) {
                continue;
            }
            boolean reaches = !touched.isEmpty()
                    && state.reach(state.variable(name)).stream().anyMatch(touched::contains);
            if (assigned.contains(name) || reaches) {
                outs.add(name);
                if (before.variable(name).unbound() || state.variable(name).unbound()) {
                    unboundAtEdges.add(name);
                }
            }
        }
        return outs;
    }

    Set<Integer> touched(Set<Integer> mutated, Set<Integer> looked) {
        var touched = new TreeSet<>(looked);
        touched.retainAll(everMutated);
        touched.addAll(mutated);
        return touched;
    }

    /// Variables a parked op takes: what it reads, and the earlier values of what it defines where they still matter.
    private List<String> ins(Set<String> used, List<String> outs, Set<String> live, State before) {
        var all = new LinkedHashSet<>(used);
        all.addAll(outs);
        var ins = new ArrayList<String>();
        for (String name : all) {
            if (!names.isLocal(name) || !live.contains(name)) {
                continue;
            }
            if (before.variable(name).unbound()) {
                unboundAtEdges.add(name);
            }
            ins.add(name);
        }
        return ins;
    }

    // ---- calls

    private List<Planned> call(Op.Call op) {
        purity.call(op, evaluator);
        boolean pipeline = op.kind() == Op.Call.Kind.PIPELINE;
        boolean blocks = pipeline && (op.pipeline() < 0 || opaquePipelines.get(op.pipeline()));
        boolean hidden = !names.isShared(op.target())
                && attempts.stream().anyMatch(attempt -> attempt.visible.contains(op.target()));
        if (hidden) {
            String temporary = "$c" + op.site();
            var inner = new Op.Call(
                    temporary, op.kind(), op.pipeline(), op.callee(), op.args(), op.keywords(), op.site(), op.line());
            var bind = new Op.Local(new Step.Bind(op.target(), new Expr.Name(-1, op.line(), temporary)), op.line());
            var planned = new ArrayList<Planned>(call(inner));
            planned.add(local(bind, liveness.before(op), union(liveness.after(op), Set.of(op.target()))));
            return planned;
        }
        State before = state.copy();
        var facts = begin();
        if (op.callee() instanceof Expr.Attribute attribute
                        && names.binding(attribute).isEmpty()
                || names.binding(op.callee()).isEmpty()) {
            evaluator.eval(op.callee(), Need.SHALLOW);
        } else {
            for (String name : reads(op.callee())) {
                if (names.isLocal(name)) {
                    facts.need(name, Need.SHALLOW);
                }
            }
        }
        var given = new ArrayList<Val>();
        op.args().forEach(arg -> given.add(evaluator.eval(arg, blocks ? Need.DEEP : Need.CARRY)));
        op.keywords().forEach(keyword -> {
            boolean unpacked = keyword.name().isEmpty();
            Val value = evaluator.eval(keyword.value(), blocks ? Need.DEEP : unpacked ? Need.SHALLOW : Need.CARRY);
            if (unpacked) {
                evaluator.guard(keyword.value(), value, pydron.analysis.ir.Guard.Kind.SHALLOW);
            }
            given.add(value);
        });
        if (pipeline) {
            given.forEach(state::escape);
        }
        if (blocks) {
            facts.block(Rule.PIPELINE, evaluator.source(op.callee()));
        }
        facts.assigned.add(op.target());
        var reads = pendingReads(facts, before);
        note(facts);
        Effects now = effects.peek();
        now.issues = true;
        now.waits |= !reads.isEmpty() || blocks;
        if (blocks) {
            settleAssigned(reads, facts);
        }
        if (pipeline) {
            state.assign(op.target(), Val.EXTERNAL.withPending(!blocks).withHolds(true));
        } else {
            state.make(op.site(), Val.ATOM);
            state.assign(op.target(), Val.made(op.site(), Val.Kind.ANY).withPending(true));
        }
        if (names.isShared(op.target())) {
            throw new IllegalStateException("call into the shared variable " + op.target());
        }
        Planned call = new Planned.Call(op, facts.needs(reads), blocks, op.line());
        if (reads.isEmpty() || blocks) {
            return List.of(call);
        }
        // Arguments to unpack are pending: the call as a whole is parked.
        var outs = List.of(op.target());
        return List.of(new Planned.Region(
                ins(facts.needs.keySet(), List.of(), facts.needs.keySet(), before), outs, List.of(), call, op.line()));
    }

    private static Set<String> union(Set<String> a, Set<String> b) {
        var all = new LinkedHashSet<>(a);
        all.addAll(b);
        return all;
    }

    Set<String> reads(Expr expr) {
        return steps.reads(expr);
    }

    // ---- compound ops

    /// Plans a compound op; if it may have to wait and can be set aside, it becomes a region.
    private Planned compound(Op op, Supplier<Planned> plan) {
        State before = state.copy();
        effects.push(new Effects());
        Planned planned = plan.get();
        Effects inner = effects.pop();
        boolean changesVisible =
                attempts.stream().anyMatch(attempt -> inner.assigned.stream().anyMatch(attempt.visible::contains));
        // The driver looks ahead only where the pipeline itself waits: better that than going on behind such a loop.
        boolean leftEarly = loops.isEmpty() && Shape.isLeftEarly(planned);
        boolean parks = inner.waits
                && !inner.blocks
                && !inner.leaves
                && !inner.inPlaceOnly
                && !inner.changesUnknown()
                && !changesVisible
                && !leftEarly
                && !dead;
        Effects outer = effects.peek();
        if (!parks) {
            outer.add(inner);
            return inner.waits ? reasons.inPlace(planned, inner, changesVisible) : planned;
        }
        inner.waits = false;
        inner.issues = true;
        inner.later.addAll(touched(inner.mutated, inner.looked));
        iteratesOutsideNow |= inner.iteratesOutside;
        outer.add(inner);
        Set<String> live = liveness.after(op);
        var outs = outs(inner.assigned, inner.mutated, inner.looked, live, before);
        var ins = ins(union(inner.used, inner.assigned), outs, liveness.before(op), before);
        for (String name : before.names()) {
            // What the region waits for is not there yet where it is parked.
            if (before.variable(name).pending()) {
                state.set(name, state.variable(name).withPending(true));
            }
        }
        for (String out : outs) {
            state.set(out, state.variable(out).withPending(true));
        }
        return new Planned.Region(ins, outs, List.copyOf(inner.augmented), planned, op.line());
    }

    private Planned test(Op.If op) {
        var facts = begin();
        Val value = evaluator.eval(op.test(), Need.SHALLOW);
        evaluator.guard(op.test(), value, pydron.analysis.ir.Guard.Kind.SHALLOW);
        blocking(facts);
        var needs = inPlace(facts);
        State start = state.copy();
        var body = block(op.body());
        State afterBody = dead ? null : state;
        dead = false;
        state = start;
        var orelse = block(op.orelse());
        State afterElse = dead ? null : state;
        dead = afterBody == null && afterElse == null;
        state = afterBody == null ? state : afterElse == null ? afterBody : afterBody.join(afterElse);
        return new Planned.If(op.test(), needs, body, orelse, op.line());
    }

    void blocking(Facts facts) {
        if (facts.output) {
            facts.block(Rule.OUTPUT, "inside a condition");
        }
        if (Attempt.seeChange(attempts, state, facts)) {
            Reason seen = reasons.seen(facts, attempts);
            facts.block(seen.rule(), seen.subject());
        }
        if (facts.blocks().isPresent()) {
            effects.peek().waits = true;
        }
    }
}
