package pydron.analysis;

import java.util.List;
import java.util.Optional;
import pydron.analysis.Catalogue.Need;
import pydron.analysis.ir.Guard;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;

/// Plans loops: repeats the body until nothing new is learnt of it.
final class LoopFlow {
    private static final int ROUNDS = 12;

    private final Flow flow;

    LoopFlow(Flow flow) {
        this.flow = flow;
    }

    Planned loop(Op.For op) {
        var facts = flow.begin();
        Val iterable = flow.evaluator.iterable(op.iterable(), op.target());
        flow.blocking(facts);
        Planned.Check check = check(iterable);
        boolean shared = Targets.names(op.target(), flow::reads).stream().anyMatch(flow.names::isShared);
        if (shared) {
            facts.block(Rule.SHARED_VARIABLE, flow.evaluator.source(op.target()));
        }
        var needs = flow.inPlace(facts);
        Planned.Order order = facts.blocks().isPresent() ? Planned.Order.ALWAYS : Planned.Order.FREE;
        Optional<Reason> seen = seen(op, iterable);
        if (seen.isPresent()) {
            order = Planned.Order.ALWAYS;
            needs = needs.or(seen.get());
            flow.effects.peek().waits = true;
        }
        State entry = flow.state.copy();
        List<Planned> body = List.of();
        State exit = null;
        for (int round = 0; ; round++) {
            State head = entry.copy();
            var exits = new Flow.LoopExits();
            flow.loops.push(exits);
            flow.effects.push(new Effects());
            flow.state = entry.copy();
            var targetFacts = flow.begin();
            flow.steps.target(op.target(), flow.state.element(iterable), flow.state, targetFacts);
            flow.note(targetFacts);
            body = flow.block(op.body());
            Effects inner = flow.effects.pop();
            flow.loops.pop();
            State end = flow.dead ? null : flow.state;
            flow.dead = false;
            end = join(end, exits.onContinue);
            State next = join(head, end);
            exit = join(next, exits.onBreak);
            if (next.equals(entry) || round == ROUNDS) {
                inner.leaves = leavesLoop(body);
                flow.effects.peek().add(inner);
                if (flow.state.sources(iterable).stream().anyMatch(inner.mutated::contains)) {
                    // The next item is not known before the body has changed what it comes from.
                    boolean itself = iterable.sites().containsAll(flow.state.sources(iterable));
                    order = inner.mutatesElsewhere || !itself
                            ? Planned.Order.ALWAYS
                            : max(order, Planned.Order.IF_CHANGED);
                    needs = needs.or(new Reason(Rule.LOOP_SOURCE, flow.evaluator.source(op.iterable())));
                    flow.effects.peek().waits = true;
                    flow.effects.peek().blocks |= order == Planned.Order.ALWAYS;
                }
                if (flow.state.reach(flow.state.element(iterable)).stream().anyMatch(inner.later::contains)) {
                    // Two items may be the same object, or hold it, and code that waits has yet to change it.
                    order = Planned.Order.ALWAYS;
                    needs = needs.or(new Reason(Rule.LOOP_SOURCE, flow.evaluator.source(op.iterable())));
                    flow.effects.peek().waits = true;
                    flow.effects.peek().blocks = true;
                }
                flow.state = next;
                break;
            }
            entry = next;
        }
        var orelse = flow.block(op.orelse());
        if (flow.dead) {
            flow.dead = exit == null;
        }
        flow.state = exit == null ? flow.state : flow.state.join(exit);
        return new Planned.For(
                op.target(), op.iterable(), needs, check, body, orelse, order, Planned.For.NOT_FOLLOWED, op.line());
    }

    /// Why a turn must not begin before everything earlier is known to have gone well: a handler could see what the
    /// loop assigns.
    private Optional<Reason> seen(Op.For op, Val iterable) {
        State before = flow.state;
        flow.state = before.copy();
        var facts = flow.begin();
        flow.steps.target(op.target(), flow.state.element(iterable), flow.state, facts);
        flow.state = before;
        return Attempt.see(flow.attempts, facts)
                ? Optional.of(flow.reasons.seen(facts, flow.attempts))
                : Optional.empty();
    }

    private Planned.Check check(Val iterable) {
        return switch (iterable.kind()) {
            case ATOM, LIST, DICT, DEFAULTDICT, SET, TUPLE -> Planned.Check.NONE;
            case ITERATOR -> Planned.Check.HARMLESS;
            case ANY, OBJECT -> flow.iteratesOutside ? Planned.Check.REPEATABLE : Planned.Check.HARMLESS;
        };
    }

    private static Planned.Order max(Planned.Order a, Planned.Order b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    static State join(State a, State b) {
        return a == null ? b : b == null ? a : a.join(b);
    }

    Planned loop(Op.While op) {
        State entry = flow.state.copy();
        List<Planned> prepare = List.of();
        List<Planned> body = List.of();
        Planned.Needs needs = null;
        State exit = null;
        for (int round = 0; ; round++) {
            var exits = new Flow.LoopExits();
            flow.loops.push(exits);
            flow.effects.push(new Effects());
            flow.state = entry.copy();
            prepare = flow.block(op.prepare());
            var facts = flow.begin();
            Val value = flow.evaluator.eval(op.test(), Need.SHALLOW);
            flow.evaluator.guard(op.test(), value, Guard.Kind.SHALLOW);
            flow.blocking(facts);
            needs = flow.inPlace(facts);
            State tested = flow.state.copy();
            body = flow.block(op.body());
            Effects inner = flow.effects.pop();
            flow.loops.pop();
            State end = join(flow.dead ? null : flow.state, exits.onContinue);
            flow.dead = false;
            State next = join(entry.copy(), end);
            exit = join(tested, exits.onBreak);
            if (next.equals(entry) || round == ROUNDS) {
                inner.leaves = leavesLoop(body);
                flow.effects.peek().add(inner);
                flow.state = tested;
                break;
            }
            entry = next;
        }
        var orelse = flow.block(op.orelse());
        flow.dead = false;
        flow.state = flow.state.join(exit);
        return new Planned.While(prepare, op.test(), needs, body, orelse, op.line());
    }

    /// Whether something in a loop's body leaves more than the loop: `break` and `continue` of the loop itself do not.
    private static boolean leavesLoop(List<Planned> body) {
        return body.stream().anyMatch(planned -> switch (planned) {
            case Planned.Return _ -> true;
            case Planned.If p -> leavesLoop(p.body()) || leavesLoop(p.orelse());
            case Planned.For p -> leavesLoop(p.body()) || leavesLoop(p.orelse());
            case Planned.While p -> leavesLoop(p.body()) || leavesLoop(p.orelse());
            case Planned.Try p ->
                leavesLoop(p.body())
                        || leavesLoop(p.orelse())
                        || p.handlers().stream().anyMatch(handler -> leavesLoop(handler.body()));
            case Planned.Finally p -> leavesLoop(p.body()) || leavesLoop(p.finalbody());
            case Planned.With p -> leavesLoop(p.body());
            case Planned.Local _,
                    Planned.Call _,
                    Planned.Region _,
                    Planned.Break _,
                    Planned.Continue _,
                    Planned.Look _ -> false;
        });
    }
}
