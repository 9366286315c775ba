package pydron.analysis;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import pydron.analysis.ir.Ahead;
import pydron.analysis.ir.Planned;

/// The slice of a pipeline that decides which functional calls are made with which arguments, as far as that can be
/// known before the calls behind it are through. What it has no use for is left out.
///
/// @param looks positions behind which there is a call to foresee
/// @param loops numbers of the loops whose items have to be known in advance
/// @param variables that it reads
record AheadSlice(List<Ahead> ops, Set<Integer> looks, Set<Integer> loops, List<String> variables) {
    static AheadSlice of(List<Planned> body, Reads reads, Names names) {
        var whole = new AheadOps(reads, names).block(body);
        var relevant = new AheadRelevance(reads, names);
        relevant.analyse(whole);
        if (relevant.isHopeless()) {
            return new AheadSlice(List.of(), Set.of(), Set.of(), List.of());
        }
        var pruner = new Pruner(relevant);
        pruner.live(whole, false);
        var ops = pruner.prune(whole);
        var variables = new ArrayList<String>();
        for (String name : relevant.names()) {
            if (names.isLocal(name) && !names.isShared(name)) {
                variables.add(name);
            }
        }
        return new AheadSlice(ops, pruner.looks, pruner.loops, variables);
    }

    private static final class Pruner {
        private final AheadRelevance relevant;
        final Set<Integer> looks = new LinkedHashSet<>();
        final Set<Integer> loops = new LinkedHashSet<>();

        Pruner(AheadRelevance relevant) {
            this.relevant = relevant;
        }

        /// Finds the looks behind which a call comes that can be foreseen; `after` says whether one comes after the
        /// block. The answer says the same of the place before it.
        boolean live(List<Ahead> ops, boolean after) {
            boolean now = after;
            for (Ahead op : ops.reversed()) {
                now = switch (op) {
                    case Ahead.Code _, Ahead.Forget _, Ahead.Settle _ -> now;
                    case Ahead.Call p -> now || relevant.isHopeful(p);
                    case Ahead.If p -> {
                        boolean body = live(p.body(), now);
                        boolean orelse = live(p.orelse(), now);
                        yield body || orelse;
                    }
                    case Ahead.For p -> {
                        boolean inside = relevant.foresees(p.body());
                        boolean rest = live(p.orelse(), now);
                        live(p.body(), inside || rest);
                        yield inside || rest;
                    }
                    case Ahead.While p -> {
                        boolean inside = relevant.foresees(p.body()) || relevant.foresees(p.prepare());
                        boolean rest = live(p.orelse(), now);
                        live(p.body(), inside || rest);
                        live(p.prepare(), inside || rest);
                        yield inside || rest;
                    }
                    case Ahead.Blocks p -> {
                        for (List<Ahead> aside : p.aside()) {
                            live(aside, now);
                        }
                        boolean before = now;
                        for (List<Ahead> block : p.inOrder().reversed()) {
                            before = live(block, before);
                        }
                        yield before;
                    }
                    case Ahead.Leave p ->
                        switch (p.exit()) {
                            case STOP -> false;
                            case BREAK, CONTINUE -> now;
                        };
                    case Ahead.Look p -> {
                        if (now) {
                            looks.add(p.position());
                        }
                        yield now;
                    }
                };
            }
            return now;
        }

        List<Ahead> prune(List<Ahead> ops) {
            var kept = new ArrayList<Ahead>();
            for (Ahead op : ops) {
                prune(op, kept);
            }
            return kept;
        }

        private void forget(List<String> names, List<Ahead> into) {
            var some = relevant.of(names);
            if (!some.isEmpty()) {
                into.add(new Ahead.Forget(some));
            }
        }

        private void prune(Ahead op, List<Ahead> into) {
            switch (op) {
                case Ahead.Code p -> {
                    if (!relevant.of(p.names()).isEmpty()) {
                        into.add(p);
                    }
                }
                case Ahead.Forget p -> forget(p.names(), into);
                case Ahead.Settle p -> {
                    var some = relevant.of(p.names());
                    if (!some.isEmpty()) {
                        into.add(new Ahead.Settle(some));
                    }
                }
                case Ahead.Call p -> {
                    if (relevant.isHopeful(p)) {
                        into.add(p);
                    } else {
                        forget(List.of(p.call().target()), into);
                    }
                }
                case Ahead.If p -> {
                    var body = prune(p.body());
                    var orelse = prune(p.orelse());
                    if (!body.isEmpty() || !orelse.isEmpty()) {
                        into.add(new Ahead.If(p.test(), body, orelse, relevant.of(p.assigned())));
                    }
                }
                case Ahead.For p -> {
                    boolean idle = !relevant.foresees(p.body());
                    if (idle && !looksIn(p.body())) {
                        forget(p.assigned(), into);
                        into.addAll(prune(p.orelse()));
                        return;
                    }
                    if (!idle) {
                        loops.add(p.loop());
                    }
                    into.add(new Ahead.For(
                            p.loop(),
                            p.target(),
                            p.iterable(),
                            prune(p.body()),
                            prune(p.orelse()),
                            relevant.of(p.assigned()),
                            idle));
                }
                case Ahead.While p -> {
                    boolean idle = !relevant.foresees(p.body()) && !relevant.foresees(p.prepare());
                    if (idle && !looksIn(p.body()) && !looksIn(p.prepare())) {
                        forget(p.assigned(), into);
                        into.addAll(prune(p.orelse()));
                        return;
                    }
                    into.add(new Ahead.While(
                            prune(p.prepare()),
                            p.test(),
                            prune(p.body()),
                            prune(p.orelse()),
                            relevant.of(p.assigned()),
                            idle));
                }
                case Ahead.Blocks p -> {
                    var inOrder = p.inOrder().stream().map(this::prune).toList();
                    var aside = p.aside().stream().map(this::prune).toList();
                    boolean empty = inOrder.stream().allMatch(List::isEmpty)
                            && aside.stream().allMatch(List::isEmpty);
                    if (!empty) {
                        into.add(new Ahead.Blocks(inOrder, aside));
                    }
                }
                case Ahead.Leave p -> into.add(p);
                case Ahead.Look p -> {
                    if (looks.contains(p.position())) {
                        into.add(p);
                    }
                }
            }
        }

        private boolean looksIn(List<Ahead> ops) {
            return ops.stream().anyMatch(op -> switch (op) {
                case Ahead.Code _, Ahead.Forget _, Ahead.Settle _, Ahead.Call _, Ahead.Leave _ -> false;
                case Ahead.If p -> looksIn(p.body()) || looksIn(p.orelse());
                case Ahead.For p -> looksIn(p.body()) || looksIn(p.orelse());
                case Ahead.While p -> looksIn(p.prepare()) || looksIn(p.body()) || looksIn(p.orelse());
                case Ahead.Blocks p ->
                    p.inOrder().stream().anyMatch(this::looksIn)
                            || p.aside().stream().anyMatch(this::looksIn);
                case Ahead.Look p -> looks.contains(p.position());
            });
        }
    }
}
