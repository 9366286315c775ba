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
import pydron.analysis.ast.Stmt;
import pydron.analysis.ir.Ahead;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Step;

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
        hope(ops, new Foresight(new LinkedHashSet<>(definitions.keySet()), new LinkedHashSet<>()));
        hopeful.values().forEach(call -> relevant.addAll(reads(call)));
        tests(ops);
        for (int before = -1; before < relevant.size(); ) {
            before = relevant.size();
            for (String name : List.copyOf(relevant)) {
                definitions.getOrDefault(name, List.of()).forEach(definition -> definition.ifPresent(relevant::addAll));
            }
        }
    }

    /// What the driver knows where it follows the pipeline.
    ///
    /// @param unknown variables of which it knows nothing
    /// @param expected variables that hold the result of a call that was made, or foreseen: an argument for another
    private record Foresight(Set<String> unknown, Set<String> expected) {
        Foresight copy() {
            return new Foresight(new LinkedHashSet<>(unknown), new LinkedHashSet<>(expected));
        }

        void known(String name) {
            unknown.remove(name);
            expected.remove(name);
        }

        void unknown(String name) {
            unknown.add(name);
            expected.remove(name);
        }

        void expect(String name) {
            unknown.remove(name);
            expected.add(name);
        }

        boolean knows(Set<String> names) {
            return names.stream().noneMatch(name -> unknown.contains(name) || expected.contains(name));
        }

        /// The best that is known after either of two ways.
        void either(Foresight other) {
            unknown.retainAll(other.unknown);
            expected.addAll(other.expected);
            expected.removeAll(unknown);
        }
    }

    /// Follows the ops as the driver would, to see which calls it may come to with arguments that it knows. Where it
    /// looks ahead, it knows all variables but those that hold results of calls.
    ///
    /// @param at what is known before; afterwards, what is known then
    private void hope(List<Ahead> ops, Foresight at) {
        for (Ahead op : ops) {
            switch (op) {
                case Ahead.Code p -> code(p, at);
                case Ahead.Forget p -> p.names().forEach(at::unknown);
                case Ahead.Settle p ->
                    p.names().stream().filter(at.expected()::contains).toList().forEach(at::unknown);
                case Ahead.Call p -> {
                    if (evaluation.isEvaluable(p.call()) && isForeseeable(p.call(), at)) {
                        hopeful.put(p.call().site(), p.call());
                        at.expect(p.call().target());
                    } else {
                        at.unknown(p.call().target());
                    }
                }
                case Ahead.Look _ -> {
                    at.unknown.stream().filter(results::contains).forEach(at.expected::add);
                    at.unknown.clear();
                }
                case Ahead.For p -> {
                    // The items of a second turn may be known where the first comes too early.
                    for (int turn = 0; turn < 2; turn++) {
                        reads.bound(p.target()).forEach(at::known);
                        hope(p.body(), at);
                    }
                    hope(p.orelse(), at);
                }
                case Ahead.While p -> {
                    for (int turn = 0; turn < 2; turn++) {
                        hope(p.prepare(), at);
                        hope(p.body(), at);
                    }
                    hope(p.orelse(), at);
                }
                case Ahead.If p -> {
                    var other = at.copy();
                    hope(p.body(), at);
                    hope(p.orelse(), other);
                    at.either(other);
                }
                case Ahead.Blocks p -> {
                    for (List<Ahead> aside : p.aside()) {
                        hope(aside, at.copy());
                    }
                    p.inOrder().forEach(block -> hope(block, at));
                }
                case Ahead.Leave _ -> {}
            }
        }
    }

    private void code(Ahead.Code code, Foresight at) {
        Set<String> read = reads.of(code.step()).read();
        if (at.knows(read)) {
            code.names().forEach(at::known);
        } else if (given(code.step()).filter(value -> isArgument(value, at)).isPresent()) {
            code.names().forEach(at::expect);
        } else {
            code.names().forEach(at::unknown);
        }
    }

    /// What the step gives to variables as a whole.
    private static Optional<Expr> given(Step step) {
        return switch (step) {
            case Step.Bind bind -> Optional.of(bind.value());
            case Step.Statement(Stmt.Assign s)
            when s.targets().stream().allMatch(Expr.Name.class::isInstance) -> Optional.of(s.value());
            default -> Optional.empty();
        };
    }

    private boolean isForeseeable(Op.Call call, Foresight at) {
        return at.knows(reads(call.callee()))
                && call.args().stream().allMatch(arg -> isArgument(arg, at))
                && call.keywords().stream().allMatch(keyword -> isArgument(keyword.value(), at));
    }

    /// Whether it is known, or holds expected results where they can travel.
    private boolean isArgument(Expr expr, Foresight at) {
        if (at.knows(reads(expr))) {
            return true;
        }
        if (expr instanceof Expr.Display display && display.kind().equals("List")) {
            return display.elements().stream().allMatch(each -> isArgument(each, at));
        }
        return reads.variable(expr).filter(at.expected::contains).isPresent();
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
                case Ahead.Settle _, Ahead.If _, Ahead.While _, Ahead.Blocks _, Ahead.Leave _, Ahead.Look _ -> {}
            }
            blocksOf(op).forEach(this::define);
        }
    }

    private static Stream<List<Ahead>> blocksOf(Ahead op) {
        return switch (op) {
            case Ahead.Code _, Ahead.Forget _, Ahead.Settle _, Ahead.Call _, Ahead.Leave _, Ahead.Look _ -> Stream.of();
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
                    case Ahead.Code _,
                            Ahead.Forget _,
                            Ahead.Settle _,
                            Ahead.Call _,
                            Ahead.Blocks _,
                            Ahead.Leave _,
                            Ahead.Look _ -> {}
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
