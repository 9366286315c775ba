package pydron.analysis;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import pydron.analysis.ast.Expr;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Read;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;

/// Says why {@link Flow} lets an op wait where it stands: what it waits for, and why it could not be set aside. What
/// may do anything has its reason from where that was found out ({@link Facts#block}).
final class Reasons {
    static final String IN_ITS_PLACE = "it has its place in the function itself";

    private final Evaluator evaluator;

    Reasons(Evaluator evaluator) {
        this.evaluator = evaluator;
    }

    /// An op that needs a value which may not be there yet.
    ///
    /// @param code what the op evaluates
    Reason needs(Planned.Needs needs, List<Expr> code, String because) {
        String first = needs.reads().stream().map(Read::name).findFirst().orElseThrow();
        return new Reason(Rule.NEEDS_RESULT, evaluator.source(first, code), because);
    }

    /// An op that changes what a handler around it could see.
    Reason seen(Facts facts, Collection<Attempt> attempts) {
        String changed = facts.assigned.stream()
                .filter(name -> attempts.stream().anyMatch(attempt -> attempt.visible.contains(name)))
                .findFirst()
                .orElse("an object");
        return new Reason(Rule.HANDLER, changed);
    }

    /// A compound op that waits and was not set aside.
    ///
    /// @param inner what happens in it
    /// @param changesVisible whether it changes what a handler around it could see
    Planned inPlace(Planned planned, Effects inner, boolean changesVisible) {
        String because = inner.blocks
                ? "something in it must happen in order"
                : inner.inPlaceOnly
                        ? "something in it has its place in the function itself"
                        : inner.changesUnknown()
                                ? "an object that others may see could be changed in it"
                                : changesVisible
                                        ? "code behind the 'try' around it could see what it changes"
                                        : "it may leave the loop or the function";
        return switch (planned) {
            case Planned.If p ->
                new Planned.If(p.test(), waiting(p, p.needs(), because), p.body(), p.orelse(), p.line());
            case Planned.For p ->
                new Planned.For(
                        p.target(),
                        p.iterable(),
                        waiting(p, p.needs(), because),
                        p.check(),
                        p.body(),
                        p.orelse(),
                        p.order(),
                        p.loop(),
                        p.line());
            case Planned.While p ->
                new Planned.While(
                        p.prepare(), p.test(), waiting(p, p.needs(), because), p.body(), p.orelse(), p.line());
            case Planned.Try p ->
                new Planned.Try(
                        p.body(), p.handlers(), p.orelse(), p.rollback(), p.plain(), end(p.plain(), because), p.line());
            case Planned.Finally p ->
                new Planned.Finally(
                        p.body(), p.finalbody(), p.rollback(), p.plain(), end(p.plain(), because), p.line());
            case Planned.With _,
                    Planned.Local _,
                    Planned.Call _,
                    Planned.Region _,
                    Planned.Return _,
                    Planned.Break _,
                    Planned.Continue _,
                    Planned.Look _ -> planned;
        };
    }

    /// The end of the pipeline.
    Planned.Return inPlace(Planned.Return p) {
        return new Planned.Return(p.value(), waiting(p, p.needs(), ""), p.line());
    }

    private Planned.Needs waiting(Planned op, Planned.Needs needs, String because) {
        return needs.reads().isEmpty() ? needs : needs.or(needs(needs, Code.of(op), because));
    }

    private static Optional<Reason> end(boolean plain, String because) {
        return plain ? Optional.empty() : Optional.of(new Reason(Rule.TRY_END, "", because));
    }
}
