package pydron.analysis;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Reason;

/// Checks that whatever waits where it stands says why: `pydron explain` tells the user nothing else.
final class ReasonVerifier {
    private final BiConsumer<Integer, String> problem;

    private ReasonVerifier(BiConsumer<Integer, String> problem) {
        this.problem = problem;
    }

    /// @param problem takes the line and the text of each problem
    static void check(List<Planned> body, BiConsumer<Integer, String> problem) {
        new ReasonVerifier(problem).block(body);
    }

    private void block(List<Planned> ops) {
        ops.forEach(op -> op(op, false));
    }

    /// @param setAside whether the op as a whole is set aside when it has to wait
    private void op(Planned planned, boolean setAside) {
        switch (planned) {
            case Planned.Local p -> {
                switch (p.mode()) {
                    case BLOCK -> explained(p, p.needs().reason());
                    case INLINE -> needs(p, p.needs(), false);
                    case PARK, ORDERED -> {}
                }
            }
            case Planned.Call p -> needs(p, p.needs(), setAside);
            case Planned.Region p -> op(p.body(), true);
            case Planned.If p -> {
                needs(p, p.needs(), setAside);
                block(p.body());
                block(p.orelse());
            }
            case Planned.For p -> {
                needs(p, p.needs(), setAside);
                if (p.order() != Planned.Order.FREE) {
                    explained(p, p.needs().reason());
                }
                block(p.body());
                block(p.orelse());
            }
            case Planned.While p -> {
                block(p.prepare());
                needs(p, p.needs(), setAside);
                block(p.body());
                block(p.orelse());
            }
            case Planned.Try p -> {
                end(p, p.plain() || setAside, p.reason());
                block(p.body());
                p.handlers().forEach(handler -> block(handler.body()));
                block(p.orelse());
            }
            case Planned.Finally p -> {
                end(p, p.plain() || setAside, p.reason());
                block(p.body());
                block(p.finalbody());
            }
            case Planned.With p -> {
                explained(p, p.needs().reason());
                block(p.body());
            }
            case Planned.Return p -> needs(p, p.needs(), false);
            case Planned.Break _, Planned.Continue _, Planned.Look _ -> {}
        }
    }

    private void needs(Planned op, Planned.Needs needs, boolean setAside) {
        if (needs.ordered() || !setAside && !needs.reads().isEmpty()) {
            explained(op, needs.reason());
        }
    }

    private void end(Planned attempt, boolean free, Optional<Reason> reason) {
        if (!free) {
            explained(attempt, reason);
        }
    }

    private void explained(Planned op, Optional<Reason> reason) {
        if (reason.isEmpty()) {
            problem.accept(op.line(), "it waits where it stands, and nobody says why");
        }
    }
}
