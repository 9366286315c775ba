package pydron.core;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// A simulated driver's variables: which numbers they have on the wire, what is known of their values, and who can
/// still reach them.
final class SimVariables {
    private final int job;
    private final SimProgram program;
    private final RandomGenerator random;
    private final Consumer<Event> send;
    private final Map<String, Long> fileSystem;
    private final Map<Integer, Integer> numbers = new HashMap<>();
    private final Map<Integer, Integer> byNumber = new HashMap<>();
    private final Map<Integer, Integer> foreseen = new LinkedHashMap<>();
    private int next;

    /// Values that are here.
    final Map<Integer, Long> known = new HashMap<>();

    private final Set<Integer> put = new LinkedHashSet<>(); // forks whose value has been made
    private final Set<Integer> asked = new LinkedHashSet<>(); // numbers wanted
    private final Map<Integer, Integer> references = new LinkedHashMap<>();
    private final Map<Integer, Integer> handedOut = new HashMap<>();

    SimVariables(
            int job, SimProgram program, RandomGenerator random, Consumer<Event> send, Map<String, Long> fileSystem) {
        this.job = job;
        this.program = program;
        this.random = random;
        this.send = send;
        this.fileSystem = fileSystem;
    }

    int job() {
        return job;
    }

    int number(int variable) {
        return numbers.get(variable);
    }

    int of(int number) {
        return byNumber.get(number);
    }

    Map<Integer, Integer> numbers() {
        return numbers;
    }

    int define(List<Integer> scope, int variable) {
        int number = foreseen.containsKey(variable) ? foreseen.remove(variable) : next++;
        numbers.put(variable, number);
        byNumber.put(number, variable);
        scope.add(variable);
        hold(variable);
        return number;
    }

    /// Gives a number to the result of a call that is expected to be made.
    int foresee(int variable) {
        foreseen.put(variable, next);
        byNumber.put(next, variable);
        return next++;
    }

    boolean isForeseen(int variable) {
        return foreseen.containsKey(variable);
    }

    /// It is not expected any more.
    void drop(int variable) {
        send.accept(new Event.ValuesFreed(job, new int[] {foreseen.remove(variable)}));
    }

    java.util.List<Integer> foreseen() {
        return List.copyOf(foreseen.keySet());
    }

    void hold(int variable) {
        references.merge(variable, 1, Integer::sum);
    }

    void put(List<Integer> scope, SimProgram.Put p) {
        int number = define(scope, p.out());
        int[] deps = p.deps().stream().mapToInt(this::number).toArray();
        if (p.file()) {
            String path = "driver/" + job + "/" + number;
            fileSystem.put(path, (long) p.out());
            send.accept(new Event.FilePut(job, number, deps, path, 8));
        } else {
            send.accept(new Event.InlinePut(job, number, deps, pickle(p.out())));
        }
        // Its parts stay reachable through it.
        p.deps().forEach(this::hold);
    }

    /// A fork has made its value, which is reached through what it was made of.
    void handOut(int fork, int result) {
        put.add(fork);
        hold(result);
        handedOut.put(fork, result);
    }

    void freeAll() {
        int[] rest = numbers.values().stream().mapToInt(v -> v).sorted().toArray();
        send.accept(new Event.ValuesFreed(job, rest));
        foreseen().forEach(this::drop);
    }

    /// The value of a variable, or null after asking for what is missing of it.
    Long value(int variable) {
        Long v = known.get(variable);
        if (v != null) {
            return v;
        }
        v = switch (program.maker(variable)) {
            case SimProgram.Put p -> combined(p.out(), p.deps());
            case SimProgram.Fork f -> {
                if (!put.contains(f.out())) {
                    yield null;
                }
                if (f.alias() && random.nextBoolean() && program.maker(f.result()) instanceof SimProgram.Call) {
                    want(number(f.out()));
                    yield null;
                }
                yield f.alias() ? value(f.result()) : combined(f.out(), List.of(f.result()));
            }
            case SimProgram.Call c -> {
                want(number(variable));
                yield null;
            }
            case SimProgram.Try t -> throw new AssertionError();
            case SimProgram.Print p -> throw new AssertionError();
            case SimProgram.ParkedPrint p -> throw new AssertionError();
            case SimProgram.Need n -> throw new AssertionError();
            case SimProgram.Raise r -> throw new AssertionError();
            case SimProgram.Say y -> throw new AssertionError();
        };
        if (v != null) {
            known.put(variable, v);
        }
        return v;
    }

    private Long combined(int out, List<Integer> parts) {
        List<Long> values = new ArrayList<>();
        for (int part : parts) {
            values.add(value(part));
        }
        return values.contains(null) ? null : SimProgram.putValue(out, values);
    }

    private void want(int number) {
        if (asked.add(number)) {
            send.accept(new Event.ValuesWanted(job, new int[] {number}));
        }
    }

    void arrived(Effect.Delivery d) {
        int variable = of(d.value());
        switch (d.payload()) {
            case Effect.Payload.Pickle p ->
                known.put(variable, ByteBuffer.wrap(p.bytes()).getLong());
            case Effect.Payload.File f -> {
                Long content = fileSystem.get(f.path());
                if (content == null) {
                    // It went with its worker while this was on the way, or has rotted.
                    asked.remove(d.value());
                    send.accept(new Event.FileUnreadable(((long) job << 32) | d.value(), ""));
                } else {
                    known.put(variable, content);
                }
            }
            // A quiet task that depends on something that failed earlier, which is what will surface.
            case Effect.Payload.Failure f -> {}
        }
    }

    /// Variables go out of scope.
    void forget(List<Integer> gone) {
        List<Integer> free = new ArrayList<>();
        for (int variable : gone) {
            release(variable, free);
        }
        gone.clear();
        if (!free.isEmpty()) {
            send.accept(
                    new Event.ValuesFreed(job, free.stream().mapToInt(v -> v).toArray()));
        }
    }

    private void release(int variable, List<Integer> free) {
        if (references.merge(variable, -1, Integer::sum) > 0) {
            return;
        }
        free.add(number(variable));
        if (program.maker(variable) instanceof SimProgram.Put p) {
            p.deps().forEach(d -> release(d, free));
        }
        Integer inner = handedOut.remove(variable);
        if (inner != null) {
            release(inner, free);
        }
    }

    static byte[] pickle(int variable) {
        return longPickle(variable);
    }

    static byte[] longPickle(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }
}
