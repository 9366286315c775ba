package pydron.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// An invented sequential program, and what it does when it is run sequentially: the answer that every simulated
/// parallel run must give.
final class SimProgram {
    enum Fate {
        INLINE,
        FILE,
        RAISES,
        KILLS_ITS_PROCESS,
        TAKES_TOO_LONG,
        UNPICKLABLE,
        STAYS_IN_DRIVER,
        RAISES_IN_DRIVER;

        boolean succeeds() {
            return this == INLINE || this == FILE || this == UNPICKLABLE || this == STAYS_IN_DRIVER;
        }
    }

    sealed interface Op {}

    record Call(int out, Fate fate, List<Integer> deps, boolean quiet) implements Op {}

    record Put(int out, List<Integer> deps, boolean file) implements Op {}

    /// A parked region whose outcome is the variable `result` of its body.
    record Fork(int out, List<Op> body, int result, boolean alias) implements Op {}

    record Try(List<Op> body, List<Op> handler) implements Op {}

    record Print(int variable) implements Op {}

    /// A print in a region of its own that does nothing else.
    record ParkedPrint(int variable) implements Op {}

    record Need(int variable) implements Op {}

    record Raise(int code) implements Op {}

    /// What a handler says first: which exception it was given.
    record Say(String text) implements Op {}

    record Outcome(List<String> trace, String end) {}

    static final class Raised extends RuntimeException {
        private static final long serialVersionUID = 1;

        Raised(String what) {
            super(what, null, false, false);
        }
    }

    final List<Op> main;
    private final Map<Integer, Op> makers = new HashMap<>();
    private final RandomGenerator random;
    private final boolean trouble;
    private int variables;
    private int budget;

    /// Calls that the program never makes, and that a driver may wrongly foresee.
    final List<Call> phantoms = new ArrayList<>();

    SimProgram(RandomGenerator random, int size, boolean trouble) {
        this.random = random;
        this.budget = size;
        this.trouble = trouble;
        this.main = block(new ArrayList<>(), 0);
        for (int n = random.nextInt(6); n > 0; n--) {
            Call phantom = new Call(variables++, fate(), List.of(), false);
            makers.put(phantom.out, phantom);
            phantoms.add(phantom);
        }
    }

    Op maker(int variable) {
        return makers.get(variable);
    }

    private List<Op> block(List<Integer> visible, int depth) {
        List<Op> ops = new ArrayList<>();
        List<Integer> seen = new ArrayList<>(visible);
        int n = 1 + random.nextInt(depth == 0 ? 14 : 5);
        for (int i = 0; i < n && budget > 0; i++) {
            budget--;
            int dice = random.nextInt(100);
            if (dice < 50 || seen.isEmpty()) {
                ops.add(made(new Call(variables++, fate(), some(seen), false), seen));
            } else if (dice < 55) {
                // A quiet failure is nobody's exception, so in a program that has a right answer they succeed.
                ops.add(made(new Call(variables++, Fate.INLINE, some(seen), true), seen));
            } else if (dice < 62) {
                ops.add(made(new Put(variables++, some(seen), random.nextBoolean()), seen));
            } else if (dice < 74 && depth < 3) {
                int out = variables++;
                List<Integer> inner = new ArrayList<>(seen);
                List<Op> body = block(inner, depth + 1);
                List<Integer> candidates = new ArrayList<>(seen);
                for (Op op : body) {
                    definedBy(op, candidates);
                }
                int result = candidates.get(random.nextInt(candidates.size()));
                ops.add(made(new Fork(out, body, result, random.nextBoolean()), seen));
            } else if (dice < 82 && depth < 3) {
                ops.add(new Try(block(seen, depth + 1), block(seen, depth + 1)));
            } else if (dice < 87) {
                ops.add(new Print(one(seen)));
            } else if (dice < 93) {
                ops.add(new ParkedPrint(one(seen)));
            } else if (dice < 98 || !trouble) {
                ops.add(new Need(one(seen)));
            } else {
                ops.add(new Raise(variables++));
            }
        }
        return ops;
    }

    private static void definedBy(Op op, List<Integer> into) {
        switch (op) {
            case Call c -> into.add(c.out);
            case Put p -> into.add(p.out);
            case Fork f -> into.add(f.out);
            case Try t -> {}
            case Print p -> {}
            case ParkedPrint p -> {}
            case Need n -> {}
            case Raise r -> {}
            case Say s -> {}
        }
    }

    private Op made(Op op, List<Integer> seen) {
        definedBy(op, seen);
        makers.put(seen.getLast(), op);
        return op;
    }

    private Fate fate() {
        int dice = random.nextInt(100);
        if (dice < 60) {
            return Fate.INLINE;
        } else if (dice < 85) {
            return Fate.FILE;
        } else if (dice < 89) {
            return Fate.UNPICKLABLE;
        } else if (dice < 92) {
            return Fate.STAYS_IN_DRIVER;
        } else if (!trouble) {
            return Fate.INLINE;
        }
        return dice < 96
                ? Fate.RAISES
                : dice < 97 ? Fate.KILLS_ITS_PROCESS : dice < 98 ? Fate.TAKES_TOO_LONG : Fate.RAISES_IN_DRIVER;
    }

    private int one(List<Integer> seen) {
        return seen.get(random.nextInt(seen.size()));
    }

    private List<Integer> some(List<Integer> seen) {
        List<Integer> deps = new ArrayList<>();
        for (int n = random.nextInt(3); n > 0 && !seen.isEmpty(); n--) {
            deps.add(seen.get(Math.max(0, seen.size() - 1 - random.nextInt(5))));
        }
        return deps;
    }

    /// What a function returns, given its own identity and its inputs.
    static long mix(long salt, List<Long> inputs) {
        long x = salt * 0x9E3779B97F4A7C15L + 1;
        for (long in : inputs) {
            x = (x ^ in) * 0xBF58476D1CE4E5B9L;
            x ^= x >>> 29;
        }
        return x;
    }

    Outcome sequentially() {
        List<String> trace = new ArrayList<>();
        String end = "ok";
        try {
            run(main, new HashMap<>(), trace);
        } catch (Raised e) {
            end = e.getMessage();
        }
        return new Outcome(trace, end);
    }

    private void run(List<Op> ops, Map<Integer, Long> values, List<String> trace) {
        for (Op op : ops) {
            switch (op) {
                case Call c -> {
                    if (!c.fate.succeeds()) {
                        throw new Raised("task " + c.out);
                    }
                    values.put(c.out, mix(c.out, inputs(c.deps, values)));
                }
                case Put p -> values.put(p.out, putValue(p.out, inputs(p.deps, values)));
                case Fork f -> {
                    run(f.body, values, trace);
                    values.put(f.out, f.alias ? values.get(f.result) : putValue(f.out, List.of(values.get(f.result))));
                }
                case Try t -> {
                    try {
                        run(t.body, values, trace);
                    } catch (Raised e) {
                        trace.add("caught " + e.getMessage());
                        run(t.handler, values, trace);
                    }
                }
                case Print p -> trace.add(p.variable + "=" + values.get(p.variable));
                case ParkedPrint p -> trace.add(p.variable + "=" + values.get(p.variable));
                case Need n -> {}
                case Raise r -> throw new Raised("code " + r.code);
                case Say s -> trace.add(s.text);
            }
        }
    }

    /// A value made by the driver of nothing else is its salt, so that a pickle says what it is.
    static long putValue(int out, List<Long> inputs) {
        return inputs.isEmpty() ? out : mix(out, inputs);
    }

    private static List<Long> inputs(List<Integer> deps, Map<Integer, Long> values) {
        return deps.stream().map(values::get).toList();
    }
}
