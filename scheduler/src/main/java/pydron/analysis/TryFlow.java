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

    Planned attempt(Op.Try op) {
        var visible = visibleAt(op);
        var attempt = new Attempt(visible);
        attempt.join(flow.state);
        flow.attempts.push(attempt);
        flow.effects.push(new Effects());
        var body = flow.block(op.body());
        Effects inner = flow.effects.pop();
        flow.attempts.pop();
        flow.effects.peek().add(inner);
        boolean plain = !inner.issues && !inner.waits && isPlain(body);
        flow.effects.peek().waits |= !plain;
        boolean bodyDead = flow.dead;
        flow.dead = false;
        State afterBody = flow.state;
        State joined = null;
        if (!bodyDead) {
            flow.block(List.of());
            var orelse = flow.block(op.orelse());
            joined = flow.dead ? null : flow.state;
            flow.dead = false;
            return attempt(op, attempt, inner, body, orelse, joined, plain);
        }
        flow.state = afterBody;
        return attempt(op, attempt, inner, body, List.of(), joined, plain);
    }

    private Planned attempt(
            Op.Try op,
            Attempt attempt,
            Effects inner,
            List<Planned> body,
            List<Planned> orelse,
            State afterElse,
            boolean plain) {
        State joined = afterElse;
        var handlers = new ArrayList<Planned.Handler>();
        for (Op.Handler handler : op.handlers()) {
            flow.state = attempt.left.copy();
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
        return new Planned.Try(body, handlers, orelse, rollback(attempt, inner), plain, Optional.empty(), op.line());
    }

    Planned attempt(Op.Finally op) {
        var visible = visibleAt(op);
        var attempt = new Attempt(visible);
        attempt.join(flow.state);
        flow.attempts.push(attempt);
        flow.effects.push(new Effects());
        var body = flow.block(op.body());
        Effects inner = flow.effects.pop();
        flow.attempts.pop();
        flow.effects.peek().add(inner);
        boolean plain = !inner.issues && !inner.waits && isPlain(body);
        flow.effects.peek().waits |= !plain;
        boolean bodyDead = flow.dead;
        State afterBody = flow.state;
        flow.state = attempt.left.join(flow.state);
        flow.dead = false;
        var finalbody = flow.block(op.finalbody());
        flow.dead |= bodyDead;
        if (!flow.dead) {
            // What the finally block learnt holds on both ways; pending variables of the body stay pending.
            flow.state = flow.state.join(afterBody);
        }
        return new Planned.Finally(body, finalbody, rollback(attempt, inner), plain, Optional.empty(), op.line());
    }

    /// Whether nothing in the body can suspend the generator or check a type.
    private static boolean isPlain(List<Planned> body) {
        return body.stream().allMatch(planned -> switch (planned) {
            case Planned.Local p ->
                p.mode() == Planned.Mode.INLINE
                        && p.needs().reads().isEmpty()
                        && p.needs().guards().isEmpty()
                        && p.needs().nested().isEmpty()
                        && p.needs().atoms().isEmpty();
            case Planned.Break _, Planned.Continue _, Planned.Look _ -> true;
            case Planned.Return p -> p.needs().reads().isEmpty();
            case Planned.Call _,
                    Planned.Region _,
                    Planned.If _,
                    Planned.For _,
                    Planned.While _,
                    Planned.Try _,
                    Planned.Finally _,
                    Planned.With _ -> false;
        });
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
