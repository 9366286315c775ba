package pydron.analysis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import pydron.analysis.ir.Planned;

/// Plants one fault at a time into a template, wherever it fits.
final class Mutants {
    private final Function<Planned, Optional<List<Planned>>> fault;
    private final int place;
    private int count;
    private boolean planted;

    private Mutants(Function<Planned, Optional<List<Planned>>> fault, int place) {
        this.fault = fault;
        this.place = place;
    }

    /// @param fault the ops that take the place of an op, or nothing where the fault does not fit
    static List<Template.Parallel> of(Template.Parallel template, Function<Planned, Optional<List<Planned>>> fault) {
        var found = new ArrayList<Template.Parallel>();
        for (int place = 0; ; place++) {
            var mutants = new Mutants(fault, place);
            var body = mutants.block(template.body());
            if (mutants.planted) {
                found.add(new Template.Parallel(
                        template.name(), template.blocks(), template.substitutions(), template.unbound(), body));
            } else if (mutants.count <= place) {
                return found;
            }
        }
    }

    private List<Planned> block(List<Planned> ops) {
        var all = new ArrayList<Planned>();
        ops.forEach(op -> all.addAll(op(op)));
        return all;
    }

    private List<Planned> op(Planned op) {
        if (count++ == place) {
            var faulty = fault.apply(op);
            planted = faulty.isPresent();
            return faulty.orElse(List.of(op));
        }
        return List.of(inside(op));
    }

    private Planned inside(Planned op) {
        return switch (op) {
            case Planned.Region p -> {
                var body = op(p.body());
                yield body.size() == 1 ? new Planned.Region(p.ins(), p.outs(), body.getFirst(), p.line()) : p;
            }
            case Planned.If p -> new Planned.If(p.test(), p.needs(), block(p.body()), block(p.orelse()), p.line());
            case Planned.For p ->
                new Planned.For(
                        p.target(),
                        p.iterable(),
                        p.needs(),
                        p.check(),
                        block(p.body()),
                        block(p.orelse()),
                        p.order(),
                        p.line());
            case Planned.While p ->
                new Planned.While(
                        block(p.prepare()), p.test(), p.needs(), block(p.body()), block(p.orelse()), p.line());
            case Planned.Try p ->
                new Planned.Try(
                        block(p.body()),
                        p.handlers().stream()
                                .map(h -> new Planned.Handler(h.type(), h.name(), block(h.body()), h.line()))
                                .toList(),
                        block(p.orelse()),
                        p.rollback(),
                        p.plain(),
                        p.reason(),
                        p.line());
            case Planned.Finally p ->
                new Planned.Finally(
                        block(p.body()), block(p.finalbody()), p.rollback(), p.plain(), p.reason(), p.line());
            case Planned.With p ->
                new Planned.With(p.context(), p.target(), p.needs(), block(p.body()), p.rollback(), p.line());
            case Planned.Local _, Planned.Call _, Planned.Return _, Planned.Break _, Planned.Continue _ -> op;
        };
    }
}
