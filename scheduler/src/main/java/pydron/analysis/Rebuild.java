package pydron.analysis;

import java.util.List;
import java.util.function.UnaryOperator;
import pydron.analysis.ir.Planned;

/// Makes an op anew with other blocks inside. Regions are left as they are.
final class Rebuild {
    private Rebuild() {}

    static Planned blocks(Planned op, UnaryOperator<List<Planned>> change) {
        return blocks(op, change, change);
    }

    /// @param body what becomes of bodies at whose end everything inside is waited for, those of `try` and `with`
    static Planned blocks(Planned op, UnaryOperator<List<Planned>> change, UnaryOperator<List<Planned>> body) {
        return switch (op) {
            case Planned.If p ->
                new Planned.If(p.test(), p.needs(), change.apply(p.body()), change.apply(p.orelse()), p.line());
            case Planned.For p -> p.with(change.apply(p.body()), change.apply(p.orelse()));
            case Planned.While p ->
                new Planned.While(
                        change.apply(p.prepare()),
                        p.test(),
                        p.needs(),
                        change.apply(p.body()),
                        change.apply(p.orelse()),
                        p.line());
            case Planned.Try p ->
                new Planned.Try(
                        p.plain() ? p.body() : body.apply(p.body()),
                        p.handlers().stream()
                                .map(h -> new Planned.Handler(h.type(), h.name(), change.apply(h.body()), h.line()))
                                .toList(),
                        change.apply(p.orelse()),
                        p.rollback(),
                        p.plain(),
                        p.reason(),
                        p.line());
            case Planned.Finally p ->
                new Planned.Finally(
                        p.plain() ? p.body() : body.apply(p.body()),
                        change.apply(p.finalbody()),
                        p.rollback(),
                        p.plain(),
                        p.reason(),
                        p.line());
            case Planned.With p ->
                new Planned.With(p.context(), p.target(), p.needs(), body.apply(p.body()), p.rollback(), p.line());
            case Planned.Local _,
                    Planned.Call _,
                    Planned.Region _,
                    Planned.Return _,
                    Planned.Break _,
                    Planned.Continue _,
                    Planned.Look _ -> op;
        };
    }
}
