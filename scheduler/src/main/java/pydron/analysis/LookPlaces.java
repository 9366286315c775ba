package pydron.analysis;

import java.util.ArrayList;
import java.util.List;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Read;

/// Puts a {@link Planned.Look} before everything that the pipeline itself may have to wait for, and numbers the loops
/// around them. Regions are left out: what is set aside holds nobody up.
final class LookPlaces {
    private int positions;
    private int loops;

    List<Planned> block(List<Planned> ops) {
        var all = new ArrayList<Planned>();
        for (Planned op : ops) {
            if (waits(op)) {
                all.add(look(reads(op), op.line()));
            }
            all.add(inside(op));
        }
        return all;
    }

    private Planned.Look look(List<Read> reads, int line) {
        return new Planned.Look(positions++, List.of(), reads, line);
    }

    /// What the op waits for, if it is no more than some values.
    private static List<Read> reads(Planned op) {
        return switch (op) {
            case Planned.Local p -> p.mode() == Planned.Mode.INLINE ? reads(p.needs()) : List.of();
            case Planned.If p -> reads(p.needs());
            case Planned.For p -> p.order() == Planned.Order.ALWAYS ? List.of() : reads(p.needs());
            case Planned.Call _,
                    Planned.Region _,
                    Planned.While _,
                    Planned.Try _,
                    Planned.Finally _,
                    Planned.With _,
                    Planned.Return _,
                    Planned.Break _,
                    Planned.Continue _,
                    Planned.Look _ -> List.of();
        };
    }

    private static List<Read> reads(Planned.Needs needs) {
        return needs.ordered() ? List.of() : needs.reads();
    }

    private static boolean waits(Planned.Needs needs) {
        return needs.ordered() || !needs.reads().isEmpty();
    }

    private static boolean waits(Planned op) {
        return switch (op) {
            case Planned.Local p ->
                switch (p.mode()) {
                    case BLOCK -> true;
                    case INLINE -> waits(p.needs());
                    case PARK, ORDERED -> false;
                };
            case Planned.Call p -> p.blocks();
            case Planned.If p -> waits(p.needs());
            case Planned.For p -> waits(p.needs()) || p.order() == Planned.Order.ALWAYS;
            case Planned.With _ -> true;
            // Nothing comes after it.
            case Planned.Return _, Planned.Break _, Planned.Continue _ -> false;
            case Planned.Region _, Planned.While _, Planned.Try _, Planned.Finally _, Planned.Look _ -> false;
        };
    }

    private Planned inside(Planned op) {
        int before = positions;
        return switch (blocks(op)) {
            case Planned.For p -> p.followed(positions > before ? loops++ : Planned.For.NOT_FOLLOWED);
            case Planned.While p
            when waits(p.needs()) -> {
                var prepare = new ArrayList<>(p.prepare());
                prepare.add(look(reads(p.needs()), p.line()));
                yield new Planned.While(prepare, p.test(), p.needs(), p.body(), p.orelse(), p.line());
            }
            case Planned other -> other;
        };
    }

    private Planned blocks(Planned op) {
        return op instanceof Planned.For p && p.order() == Planned.Order.ALWAYS
                ? p.with(body(p.body(), p.line()), block(p.orelse()))
                : Rebuild.blocks(op, this::block, body -> body(body, op.line()));
    }

    /// The end of such a body waits for all of it.
    private List<Planned> body(List<Planned> ops, int line) {
        var all = block(ops);
        if (!ops.isEmpty() && isLeftAtItsEnd(ops.getLast())) {
            all.add(look(List.of(), line));
        }
        return all;
    }

    private static boolean isLeftAtItsEnd(Planned last) {
        return switch (last) {
            case Planned.Local _, Planned.Call _, Planned.Region _ -> true;
            case Planned.If _,
                    Planned.For _,
                    Planned.While _,
                    Planned.Try _,
                    Planned.Finally _,
                    Planned.With _,
                    Planned.Return _,
                    Planned.Break _,
                    Planned.Continue _,
                    Planned.Look _ -> false;
        };
    }
}
