package pydron.analysis;

import java.util.ArrayList;
import java.util.List;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Step;

/// Lowers `a = …`, `a = b[i] = …` and `a += …`.
final class Assignments {
    private final Lower lower;
    private final Calls calls;
    private final Names names;
    private final Rebound rebound;

    Assignments(Lower lower, Calls calls, Names names, Rebound rebound) {
        this.lower = lower;
        this.calls = calls;
        this.names = names;
        this.rebound = rebound;
    }

    void assign(Stmt.Assign s, List<Op> out) {
        Expr first = s.targets().get(0);
        boolean one = s.targets().size() == 1;
        if (one && first instanceof Expr.Name name && !names.isShared(name.name())) {
            if (calls.hoistable(s.value()) && s.value() instanceof Expr.Call call) {
                lower.call(call, name.name(), out);
                return;
            }
        }
        if (s.targets().stream().noneMatch(lower::contains)) {
            lower.hoist(s.value(), out);
            lower.plain(s, out);
        } else if (one) {
            rebound.inOrder(List.of(s.value(), first), part -> {
                if (part == first) {
                    target(first, out);
                } else {
                    lower.simple(part, out);
                }
            });
            lower.plain(s, out);
        } else {
            // Each target is evaluated when those before it have got the value.
            lower.hoist(s.value(), out);
            String value = lower.temporary();
            out.add(new Op.Local(new Step.Bind(value, s.value()), s.line()));
            for (Expr each : s.targets()) {
                target(each, out);
                out.add(new Op.Local(new Step.Store(each, value), s.line()));
            }
        }
    }

    private void target(Expr target, List<Op> out) {
        switch (target) {
            case Expr.Subscript subscript -> lower.inOrder(List.of(subscript.value(), subscript.index()), out);
            case Expr.Attribute attribute -> lower.hoist(attribute.value(), out);
            default -> {}
        }
    }

    /// `d[k] += v` and `o.a += v` are a load, an update of the loaded object and a store, so that a pending element
    /// holds up nothing else. The same is `a += v` where `v` may give `a` another value.
    void augmented(Stmt.AugAssign s, List<Op> out) {
        boolean inParts = switch (s.target()) {
            case Expr.Name name ->
                lower.contains(s.value()) && (names.isShared(name.name()) || rebound.isIn(s.value(), name.name()));
            default -> true;
        };
        if (!inParts) {
            if (s.target() instanceof Expr.Name name && lower.contains(s.value())) {
                lower.check(name, out);
            }
            lower.hoist(s.value(), out);
            lower.plain(s, out);
            return;
        }
        // What is read first, and may be changed by the rest.
        var parts = new ArrayList<>(Walk.childrenOf(s.target()));
        parts.add(s.value());
        rebound.inOrder(parts, part -> {
            if (part != s.value()) {
                lower.simple(part, out);
            }
        });
        String element = lower.temporary();
        Expr read = s.target() instanceof Expr.Name name ? new Expr.Name(-1, s.line(), name.name()) : s.target();
        out.add(new Op.Local(new Step.Bind(element, read), s.line()));
        lower.hoist(s.value(), out);
        out.add(new Op.Local(new Step.Update(element, s.operator(), s.value()), s.line()));
        out.add(new Op.Local(new Step.Store(s.target(), element), s.line()));
    }
}
