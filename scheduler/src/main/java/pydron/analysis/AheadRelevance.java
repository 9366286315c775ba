package pydron.analysis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import pydron.analysis.ast.Expr;
import pydron.analysis.ir.Ahead;
import pydron.analysis.ir.Op;

/// Which calls there is hope to foresee, and which variables that takes.
final class AheadRelevance {
    private final Reads reads;
    private final AheadOps evaluation;
    /// Variable to what each of its definitions reads; nothing for one that cannot be known.
    private final Map<String, List<Optional<Set<String>>>> definitions = new LinkedHashMap<>();

    /// By their sites.
    private final Map<Integer, Op.Call> hopeful = new LinkedHashMap<>();
    /// Variables that may hold the result of a call.
    private final Set<String> results = new LinkedHashSet<>();

    private final Set<String> relevant = new LinkedHashSet<>();

    AheadRelevance(Reads reads, Names names) {
        this.reads = reads;
        this.evaluation = new AheadOps(reads, names);
    }

    boolean isHopeless() {
        return hopeful.isEmpty();
    }

    Set<String> names() {
        return relevant;
    }

    boolean isHopeful(Ahead.Call call) {
        return hopeful.containsKey(call.call().site());
    }

    List<String> of(List<String> names) {
        return names.stream().filter(relevant::contains).toList();
    }

    /// Finds both out.
    void analyse(List<Ahead> ops) {
        define(ops);
        hope(ops, new LinkedHashSet<>(definitions.keySet()));
        hopeful.values().forEach(call -> relevant.addAll(reads(call)));
        tests(ops);
        for (int before = -1; before < relevant.size(); ) {
            before = relevant.size();
            for (String name : List.copyOf(relevant)) {
                definitions.getOrDefault(name, List.of()).forEach(definition -> definition.ifPresent(relevant::addAll));
            }
        }
    }

    /// Follows the ops as the driver would, to see which calls it may come to with arguments that it knows. Where it
    /// looks ahead, it knows all variables but those that hold results of calls.
    ///
    /// @param unknown variables that are not known before; afterwards, those that are not known then
    private void hope(List<Ahead> ops, Set<String> unknown) {
        for (Ahead op : ops) {
            switch (op) {
                case Ahead.Code p -> {
                    boolean known = reads.of(p.step()).read().stream().noneMatch(unknown::contains);
                    p.names().forEach(known ? unknown::remove : unknown::add);
                }
                case Ahead.Forget p -> unknown.addAll(p.names());
                case Ahead.Call p -> {
                    if (evaluation.isEvaluable(p.call())
                            && reads(p.call()).stream().noneMatch(unknown::contains)) {
                        hopeful.put(p.call().site(), p.call());
                    }
                    unknown.add(p.call().target());
                }
                case Ahead.Look _ -> unknown.retainAll(results);
                case Ahead.For p -> {
                    // The items of a second turn may be known where the first comes too early.
                    for (int turn = 0; turn < 2; turn++) {
                        unknown.removeAll(reads.bound(p.target()));
                        hope(p.body(), unknown);
                    }
                    hope(p.orelse(), unknown);
                }
                case Ahead.While p -> {
                    for (int turn = 0; turn < 2; turn++) {
                        hope(p.prepare(), unknown);
                        hope(p.body(), unknown);
                    }
                    hope(p.orelse(), unknown);
                }
                case Ahead.If p -> {
                    var other = new LinkedHashSet<>(unknown);
                    hope(p.body(), unknown);
                    hope(p.orelse(), other);
                    unknown.retainAll(other);
                }
                case Ahead.Blocks p -> {
                    for (List<Ahead> aside : p.aside()) {
                        hope(aside, new LinkedHashSet<>(unknown));
                    }
                    p.inOrder().forEach(block -> hope(block, unknown));
                }
                case Ahead.Leave _ -> {}
            }
        }
    }

    private Set<String> reads(Op.Call call) {
        return reads.of(call, true).read();
    }

    private Set<String> reads(Expr expr) {
        return reads.strictly(expr).read();
    }

    private void define(String name, Optional<Set<String>> from) {
        definitions.computeIfAbsent(name, _ -> new ArrayList<>()).add(from);
    }

    private void define(List<Ahead> ops) {
        for (Ahead op : ops) {
            switch (op) {
                case Ahead.Code p -> {
                    var from = Optional.of(reads.of(p.step()).read());
                    p.names().forEach(name -> define(name, from));
                }
                case Ahead.Forget p -> p.names().forEach(name -> define(name, Optional.empty()));
                case Ahead.Call p -> {
                    define(p.call().target(), Optional.empty());
                    results.add(p.call().target());
                }
                case Ahead.For p -> reads.bound(p.target()).forEach(name -> define(name, Optional.of(Set.of())));
                case Ahead.If _, Ahead.While _, Ahead.Blocks _, Ahead.Leave _, Ahead.Look _ -> {}
            }
            blocksOf(op).forEach(this::define);
        }
    }

    private static Stream<List<Ahead>> blocksOf(Ahead op) {
        return switch (op) {
            case Ahead.Code _, Ahead.Forget _, Ahead.Call _, Ahead.Leave _, Ahead.Look _ -> Stream.of();
            case Ahead.If p -> Stream.of(p.body(), p.orelse());
            case Ahead.For p -> Stream.of(p.body(), p.orelse());
            case Ahead.While p -> Stream.of(p.prepare(), p.body(), p.orelse());
            case Ahead.Blocks p -> Stream.concat(p.inOrder().stream(), p.aside().stream());
        };
    }

    private static Stream<Op.Call> calls(List<Ahead> ops) {
        return ops.stream()
                .flatMap(op -> op instanceof Ahead.Call call
                        ? Stream.of(call.call())
                        : blocksOf(op).flatMap(AheadRelevance::calls));
    }

    /// Whether there is a call inside that may be foreseen.
    boolean foresees(List<Ahead> ops) {
        return calls(ops).anyMatch(call -> hopeful.containsKey(call.site()));
    }

    private static boolean leaves(List<Ahead> ops) {
        return ops.stream()
                .anyMatch(op -> op instanceof Ahead.Leave || blocksOf(op).anyMatch(AheadRelevance::leaves));
    }

    /// What decides which way is gone.
    private void tests(List<Ahead> ops) {
        for (Ahead op : ops) {
            boolean matters = blocksOf(op).anyMatch(block -> foresees(block) || leaves(block));
            if (matters) {
                switch (op) {
                    case Ahead.If p -> test(p.test());
                    case Ahead.For p -> test(p.iterable());
                    case Ahead.While p -> test(p.test());
                    case Ahead.Code _, Ahead.Forget _, Ahead.Call _, Ahead.Blocks _, Ahead.Leave _, Ahead.Look _ -> {}
                }
            }
            blocksOf(op).forEach(this::tests);
        }
    }

    private void test(Expr expr) {
        if (evaluation.isEvaluable(expr)) {
            relevant.addAll(reads(expr));
        }
    }
}
