package pydron.analysis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pydron.analysis.ast.Unit;
import pydron.analysis.ir.Planned;

/// Adds to a template what the driver needs to foresee functional calls while the pipeline itself waits: places where
/// it
/// looks ahead, and the slice of the pipeline that it follows from there ({@link pydron.analysis.ir.Ahead}).
///
/// Nothing depends on it being right: a call that was foreseen is used only if the very same call is made.
final class Lookahead {
    private Lookahead() {}

    static Template.Parallel added(Template.Parallel template, Unit.Function function, Names names, int pipelines) {
        var marked = template.with(new LookPlaces().block(template.body()), List.of());
        var reads = new Reads(template.substitutions(), names);
        var slice = AheadSlice.of(marked.body(), reads, names);
        if (slice.looks().isEmpty()) {
            return template;
        }
        Map<Integer, Set<String>> bound = new LinkedHashMap<>();
        new TemplateVerifier(
                        marked,
                        function,
                        names,
                        pipelines,
                        (look, state) -> bound.merge(look.position(), new LinkedHashSet<>(usable(state)), (a, b) -> {
                            a.retainAll(b);
                            return a;
                        }))
                .verify();
        var body = new Placed(slice, bound).block(marked.body());
        return template.with(body, slice.ops());
    }

    private static Set<String> usable(VerifierState state) {
        var usable = new LinkedHashSet<>(state.bound);
        usable.removeAll(state.stale);
        return usable;
    }

    /// Leaves out the looks that are of no use, and tells the others what to take along.
    private record Placed(AheadSlice slice, Map<Integer, Set<String>> bound) {
        List<Planned> block(List<Planned> ops) {
            var all = new ArrayList<Planned>();
            for (Planned op : ops) {
                if (!(op instanceof Planned.Look look)) {
                    all.add(inside(op));
                } else if (slice.looks().contains(look.position())) {
                    var ins = new ArrayList<>(slice.variables());
                    ins.retainAll(bound.getOrDefault(look.position(), Set.of()));
                    all.add(new Planned.Look(look.position(), ins, look.reads(), look.line()));
                }
            }
            return all;
        }

        private Planned inside(Planned op) {
            return switch (Rebuild.blocks(op, this::block)) {
                case Planned.For p when !slice.loops().contains(p.loop()) -> p.followed(Planned.For.NOT_FOLLOWED);
                case Planned other -> other;
            };
        }
    }
}
