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
                found.add(template.with(body, template.ahead()));
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
                yield body.size() == 1
                        ? new Planned.Region(p.ins(), p.outs(), p.atoms(), body.getFirst(), p.line())
                        : p;
            }
            case Planned other -> Rebuild.blocks(other, this::block);
        };
    }
}
