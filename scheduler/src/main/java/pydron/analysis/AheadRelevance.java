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
        Set<String> unknown = unknown();
        calls(ops).filter(call -> evaluation.isEvaluable(call)).forEach(call -> {
            if (reads(call).stream().noneMatch(unknown::contains)) {
                hopeful.put(call.site(), call);
            }
        });
        hopeful.values().forEach(call -> relevant.addAll(reads(call)));
        tests(ops);
        for (int before = -1; before < relevant.size(); ) {
            before = relevant.size();
            for (String name : List.copyOf(relevant)) {
                definitions.getOrDefault(name, List.of()).forEach(definition -> definition.ifPresent(relevant::addAll));
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
                case Ahead.Call p -> define(p.call().target(), Optional.empty());
                case Ahead.For p -> reads.bound(p.target()).forEach(name -> define(name, Optional.of(Set.of())));
                case Ahead.If _, Ahead.While _, Ahead.Blocks _, Ahead.Leave _, Ahead.Look _ -> {}
            }
            blocksOf(op).forEach(this::define);
        }
    }

    /// Variables none of whose definitions can be known.
    private Set<String> unknown() {
        var unknown = new LinkedHashSet<String>();
        for (int before = -1; before < unknown.size(); ) {
            before = unknown.size();
            definitions.forEach((name, all) -> {
                boolean none = all.stream()
                        .allMatch(definition -> definition.isEmpty()
                                || definition.get().stream()
                                        .anyMatch(read -> unknown.contains(read) && !read.equals(name)));
                if (none) {
                    unknown.add(name);
                }
            });
        }
        return unknown;
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
