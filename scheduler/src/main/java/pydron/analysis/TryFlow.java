package pydron.analysis;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import pydron.analysis.Catalogue.Need;
import pydron.analysis.ast.Expr;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Rule;

/// Plans what catches exceptions, or runs code when it is left: `try` and `with`.
final class TryFlow {
    private final Flow flow;

    TryFlow(Flow flow) {
        this.flow = flow;
    }

    /// Variables of this function whose values before an exception matter after it.
    private Set<String> visibleAt(Op op) {
        return locals(flow.liveness.atHandlers(op));
    }

    private Set<String> locals(Set<String> live) {
        var found = new LinkedHashSet<>(live);
        found.removeIf(name -> !flow.names.isLocal(name) || flow.names.isShared(name));
        return found;
    }

    /// Variables that something in the body may have changed, as far as somebody sees them afterwards.
    private List<String> rollback(Attempt attempt, Effects body) {
        var rollback = new ArrayList<>(attempt.visible);
        rollback.removeIf(name -> !body.assigned.contains(name)
                && flow.touched(body.mutated, body.looked).stream()
                        .noneMatch(attempt.left.reach(attempt.left.variable(name))::contains));
        for (String name : rollback) {
            if (attempt.left.variable(name).unbound()) {
                flow.unboundAtEdges.add(name);
            }
        }
        return rollback;
    }

    /// The body of a `try`, planned.
    ///
    /// @param attempt the states it may be left in
    /// @param effects what it does
    /// @param plain whether nothing in it can suspend the generator or check a type
    private record Body(Attempt attempt, Effects effects, List<Planned> ops, boolean plain) {}

    private Body body(List<Op> ops, Set<String> visible) {
        var attempt = new Attempt(visible);
        attempt.join(flow.state);
        flow.attempts.push(attempt);
        flow.effects.push(new Effects());
        var planned = flow.block(ops);
        Effects inner = flow.effects.pop();
        flow.attempts.pop();
        flow.effects.peek().add(inner);
        boolean plain = !inner.issues && !inner.waits && Shape.waiting(planned).isEmpty();
        flow.effects.peek().waits |= !plain;
        return new Body(attempt, inner, planned, plain);
    }

    Planned attempt(Op.Try op) {
        Body body = body(op.body(), visibleAt(op));
        List<Planned> orelse = flow.dead ? List.of() : flow.block(op.orelse());
        State joined = flow.dead ? null : flow.state;
        var handlers = new ArrayList<Planned.Handler>();
        for (Op.Handler handler : op.handlers()) {
            flow.state = body.attempt().left.copy();
            flow.dead = false;
            handler.type().ifPresent(type -> {
                var facts = flow.begin();
                flow.evaluator.eval(type, Need.DEEP);
                flow.note(facts);
                if (facts.blocks().isPresent()) {
                    flow.effects.peek().waits = true;
                }
            });
            handler.name().ifPresent(name -> {
                flow.effects.peek().assigned.add(name);
                flow.effects.peek().renewed.add(name);
                flow.effects.peek().inPlaceOnly |= flow.names.isShared(name);
                flow.state.assign(name, Val.EXTERNAL);
            });
            var planned = flow.block(handler.body());
            handler.name().ifPresent(flow.state::unbind);
            handlers.add(new Planned.Handler(handler.type(), handler.name(), planned, handler.line()));
            if (!flow.dead) {
                joined = LoopFlow.join(joined, flow.state);
            }
        }
        flow.dead = joined == null;
        if (joined != null) {
            flow.state = joined;
        }
        return new Planned.Try(
                body.ops(),
                handlers,
                orelse,
                rollback(body.attempt(), body.effects()),
                body.plain(),
                Optional.empty(),
                op.line());
    }

    Planned attempt(Op.Finally op) {
        Body body = body(op.body(), visibleAt(op));
        boolean bodyDead = flow.dead;
        State afterBody = flow.state;
        flow.state = body.attempt().left.join(flow.state);
        flow.dead = false;
        var finalbody = flow.block(op.finalbody());
        flow.dead |= bodyDead;
        if (!flow.dead) {
            // What the finally block learnt holds on both ways; pending variables of the body stay pending.
            flow.state = flow.state.join(afterBody);
        }
        return new Planned.Finally(
                body.ops(),
                finalbody,
                rollback(body.attempt(), body.effects()),
                body.plain(),
                Optional.empty(),
                op.line());
    }

    Planned with(Op.With op) {
        var facts = flow.begin();
        Val context = flow.evaluator.eval(op.context(), Need.DEEP);
        boolean entersItself = op.context() instanceof Expr.Call call
                && flow.names
                        .entry(call.callee())
                        .filter(Catalogue.Entry::enters)
                        .isPresent();
        if (!entersItself) {
            flow.state.escape(context);
        }
        Val entered = entersItself ? context.withPending(false) : Val.EXTERNAL;
        op.target().ifPresent(target -> flow.steps.target(target, entered, flow.state, facts));
        facts.block(Rule.CONTEXT, flow.evaluator.source(op.context()));
        var needs = flow.inPlace(facts);
        flow.effects.peek().waits = true;
        var attempt = new Attempt(locals(flow.liveness.after(op)));
        attempt.join(flow.state);
        flow.attempts.push(attempt);
        flow.effects.push(new Effects());
        var body = flow.block(op.body());
        Effects inner = flow.effects.pop();
        flow.attempts.pop();
        flow.effects.peek().add(inner);
        if (!flow.dead) {
            flow.state = flow.state.join(attempt.left);
        } else {
            // The context may swallow an exception, and then what follows runs.
            flow.dead = false;
            flow.state = attempt.left;
        }
        return new Planned.With(op.context(), op.target(), needs, body, rollback(attempt, inner), op.line());
    }
}
