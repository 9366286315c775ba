package pydron.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import pydron.core.SimProgram.Fate;
import pydron.core.SimProgram.Op;

/// A driver that runs an invented program the way the real one would: strands that append to regions, values that are
/// only looked at when they have come, exceptions where the scheduler says they surface.
final class SimDriver {
    static final int FUNCTIONS = 3;

    /// A block being executed.
    private static final class Frame {
        final List<Op> ops;
        final SimProgram.Try guarded;
        final int marker;
        final List<Integer> defined = new ArrayList<>();
        final List<Strand> children = new ArrayList<>();
        int next;
        Op raising;

        Frame(List<Op> ops, SimProgram.Try guarded, int marker) {
            this.ops = ops;
            this.guarded = guarded;
            this.marker = marker;
        }
    }

    private final class Strand {
        final int region;
        final SimProgram.Fork fork;
        final Deque<Frame> frames = new ArrayDeque<>();
        final List<Integer> captured = new ArrayList<>();
        int awaitedToken = -1;
        boolean granted;
        boolean over;
        int brief = -1;

        Strand(int region, SimProgram.Fork fork) {
            this.region = region;
            this.fork = fork;
        }
    }

    final int job;
    private final SimProgram program;
    private final RandomGenerator random;
    private final Consumer<Event> send;
    private final Map<String, Long> fileSystem;
    private final Set<Integer> ranInDriver;

    final List<String> trace = new ArrayList<>();
    String end;
    boolean ended;

    private final List<Strand> strands = new ArrayList<>();
    private final SimVariables variables;
    private final SimForesight foresight;
    private final Map<Integer, Strand> tokens = new HashMap<>();
    private final Map<Integer, Effect.Rerun> reruns = new LinkedHashMap<>();
    private int nextPlace;
    private int nextToken;
    private int root;

    SimDriver(
            int job,
            SimProgram program,
            RandomGenerator random,
            Consumer<Event> send,
            Map<String, Long> fileSystem,
            Set<Integer> ranInDriver) {
        this.job = job;
        this.program = program;
        this.random = random;
        this.send = send;
        this.fileSystem = fileSystem;
        this.variables = new SimVariables(job, program, random, send, fileSystem);
        this.foresight = new SimForesight(program, variables, random, send);
        this.ranInDriver = ranInDriver;
    }

    void start() {
        send.accept(new Event.JobOpened(job, new Facts.Driver("3.11.2", "python", "/", List.of(), "main.py")));
        for (int f = 0; f < FUNCTIONS; f++) {
            Facts.Needs needs = f == 2 ? new Facts.Needs(2, 0, 0) : Facts.Needs.ONE_SLOT;
            send.accept(new Event.FunctionDefined(
                    job, f, new Facts.Function("f" + f, "main.py", f, needs, -1, 0, new byte[] {(byte) f})));
        }
        root = nextPlace++;
        send.accept(new Event.RunBegun(job, root));
        Strand main = new Strand(root, null);
        main.frames.push(new Frame(program.main, null, root));
        strands.add(main);
    }

    /// One step of one strand, or of a call that came back.
    void step() {
        for (Effect.Rerun rerun : List.copyOf(reruns.values())) {
            answer(rerun);
        }
        List<Strand> live = strands.stream().filter(s -> !s.over).toList();
        if (!live.isEmpty() && !ended) {
            if (random.nextInt(4) == 0) {
                Frame frame = live.get(random.nextInt(live.size())).frames.peek();
                foresight.lookAhead(frame.ops.subList(Math.min(frame.next, frame.ops.size()), frame.ops.size()), root);
            }
            step(live.get(random.nextInt(live.size())));
        }
    }

    private void step(Strand s) {
        if (s.awaitedToken >= 0 || s.brief >= 0) {
            return;
        }
        Frame frame = s.frames.peek();
        if (frame.raising instanceof SimProgram.Raise raise && s.granted) {
            // Everything before the raise has succeeded, so it is this exception that surfaces.
            s.granted = false;
            unwindTo(s, frame);
            caught(s, "code " + raise.code(), frame);
            return;
        }
        if (frame.next < frame.ops.size()) {
            perform(s, frame, frame.ops.get(frame.next));
        } else {
            leave(s, frame);
        }
    }

    private void perform(Strand s, Frame frame, Op op) {
        switch (op) {
            case SimProgram.Call c -> submit(s, frame);
            case SimProgram.Put p -> {
                variables.put(frame.defined, p);
                frame.next++;
            }
            case SimProgram.Fork f -> {
                fork(s, frame, f);
                frame.next++;
            }
            case SimProgram.ParkedPrint p -> {
                fork(s, frame, new SimProgram.Fork(-1, List.of(p), -1, false)).brief = p.variable();
                frame.next++;
            }
            case SimProgram.Try t -> {
                int marker = nextPlace++;
                send.accept(new Event.MarkerSet(job, s.region, marker));
                frame.next++;
                s.frames.push(new Frame(t.body(), t, marker));
            }
            case SimProgram.Need n -> {
                if (variables.value(n.variable()) != null) {
                    frame.next++;
                }
            }
            case SimProgram.Print p -> print(s, frame, p.variable());
            case SimProgram.Say y -> {
                if (s.granted) {
                    s.granted = false;
                    trace.add(y.text());
                    frame.next++;
                } else {
                    ask(s, token -> new Event.OrderAsked(job, s.region, token, false));
                }
            }
            case SimProgram.Raise r -> raise(s, frame, r);
        }
    }

    private void print(Strand s, Frame frame, int variable) {
        if (!s.granted) {
            ask(s, token -> new Event.OrderAsked(job, s.region, token, false));
            return;
        }
        Long value = variables.value(variable);
        if (value != null) {
            s.granted = false;
            trace.add(variable + "=" + value);
            frame.next++;
        }
    }

    private void raise(Strand s, Frame frame, SimProgram.Raise r) {
        if (frame.guarded != null) {
            frame.raising = r;
            ask(s, token -> new Event.FenceAsked(job, s.region, frame.marker, token));
            return;
        }
        Frame guarded =
                s.frames.stream().filter(f -> f.guarded != null).findFirst().orElse(null);
        if (guarded != null) {
            // Out of a handler, into the body that it is part of. What the handler parked comes before the raise.
            while (s.frames.peek() != guarded) {
                Frame inner = s.frames.pop();
                guarded.children.addAll(inner.children);
                variables.forget(inner.defined);
            }
            guarded.raising = r;
            ask(s, token -> new Event.FenceAsked(job, s.region, guarded.marker, token));
            return;
        }
        send.accept(new Event.RegionFailed(job, s.region));
        failures.put(s.region, "code " + r.code());
        if (s.fork != null) {
            send.accept(new Event.ValueNeverComes(job, variables.number(s.fork.out())));
            retire(s);
        } else {
            s.awaitedToken = Integer.MAX_VALUE; // Until RAISED.
        }
    }

    private final Map<Integer, String> failures = new HashMap<>();

    /// The end of a block.
    private void leave(Strand s, Frame frame) {
        boolean last = s.frames.size() == 1;
        if ((frame.guarded != null || last && s.fork == null) && !s.granted) {
            ask(s, token -> new Event.FenceAsked(job, s.region, frame.marker, token));
            return;
        }
        s.granted = false;
        if (last && s.fork == null) {
            finish("ok");
            return;
        }
        if (!last) {
            s.frames.pop();
            s.frames.peek().children.addAll(frame.children);
            variables.forget(frame.defined);
            return;
        }
        SimProgram.Fork f = s.fork;
        int out = variables.number(f.out());
        int result = variables.number(f.result());
        if (f.alias()) {
            send.accept(new Event.ValueAliased(job, out, result));
        } else {
            send.accept(new Event.InlinePut(job, out, new int[] {result}, SimVariables.pickle(f.out())));
        }
        variables.handOut(f.out(), f.result());
        send.accept(new Event.RegionClosed(job, s.region));
        retire(s);
    }

    private void retire(Strand s) {
        s.over = true;
        for (Frame f : s.frames) {
            variables.forget(f.defined);
        }
        variables.forget(s.captured);
    }

    private void submit(Strand s, Frame frame) {
        SimProgram.Call first = (SimProgram.Call) frame.ops.get(frame.next);
        if (variables.isForeseen(first.out())) {
            frame.next++;
            int number = variables.define(frame.defined, first.out());
            send.accept(new Event.TaskAdopted(job, s.region, number));
            return;
        }
        List<SimProgram.Call> calls = new ArrayList<>();
        int most = 1 + random.nextInt(4);
        while (calls.size() < most
                && frame.next < frame.ops.size()
                && frame.ops.get(frame.next) instanceof SimProgram.Call c
                && c.quiet() == first.quiet()
                && !variables.isForeseen(c.out())) {
            calls.add(c);
            frame.next++;
            variables.define(frame.defined, c.out());
        }
        int n = calls.size();
        int[] functions = new int[n];
        int[] counts = new int[n];
        byte[][] args = new byte[n][];
        List<Integer> deps = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            SimProgram.Call c = calls.get(i);
            functions[i] = c.out() % FUNCTIONS;
            counts[i] = c.deps().size();
            c.deps().forEach(d -> deps.add(variables.number(d)));
            args[i] = SimVariables.pickle(c.out());
        }
        send.accept(new Event.TasksSubmitted(
                job,
                s.region,
                variables.number(first.out()),
                first.quiet() ? Event.TasksSubmitted.Place.QUIET : Event.TasksSubmitted.Place.HERE,
                functions,
                counts,
                deps.stream().mapToInt(d -> d).toArray(),
                args));
    }

    private Strand fork(Strand s, Frame frame, SimProgram.Fork f) {
        int region = nextPlace++;
        send.accept(new Event.RegionForked(job, s.region, region));
        Strand child = new Strand(region, f);
        for (Frame outer : s.frames) {
            child.captured.addAll(outer.defined);
        }
        child.captured.addAll(s.captured);
        child.captured.forEach(variables::hold);
        if (f.out() >= 0) {
            variables.define(frame.defined, f.out());
        }
        child.frames.push(new Frame(f.body(), null, -1));
        frame.children.add(child);
        strands.add(child);
        return child;
    }

    private void ask(Strand s, java.util.function.IntFunction<Event> request) {
        int token = nextToken++;
        s.awaitedToken = token;
        tokens.put(token, s);
        send.accept(request.apply(token));
    }

    /// A call that cannot run elsewhere.
    private void answer(Effect.Rerun rerun) {
        SimProgram.Call c = (SimProgram.Call) program.maker(variables.of(rerun.task()));
        List<Long> inputs = new ArrayList<>();
        for (int dep : c.deps()) {
            inputs.add(variables.value(dep));
        }
        if (inputs.contains(null)) {
            return;
        }
        reruns.remove(rerun.task());
        if (!c.fate().succeeds()) {
            send.accept(new Event.TaskRaisedInDriver(job, rerun.task(), new byte[] {1}));
            return;
        }
        ranInDriver.add(rerun.task());
        long value = SimProgram.mix(c.out(), inputs);
        variables.known.put(c.out(), value);
        if (c.fate() == Fate.STAYS_IN_DRIVER) {
            send.accept(new Event.ValueKeptInDriver(job, rerun.task()));
        } else {
            send.accept(new Event.InlinePut(job, rerun.task(), new int[0], SimVariables.longPickle(value)));
        }
    }

    void receive(Effect.ToDriver effect) {
        switch (effect) {
            case Effect.SendValues e -> e.values().forEach(variables::arrived);
            case Effect.Release e -> {
                for (int token : e.tokens()) {
                    released(token);
                }
            }
            case Effect.RaiseTask e -> {
                if (e.record().length == 0) {
                    throw new AssertionError("task " + e.task() + " raised without a record");
                }
                raised(e.marker(), "task " + variables.of(e.task()));
            }
            case Effect.RaiseRegion e -> raised(e.marker(), failures.get(e.region()));
            case Effect.Rerun e -> {
                if (variables.isForeseen(variables.of(e.task()))) {
                    throw new AssertionError("task " + e.task() + " is not adopted, and was to run in the driver");
                }
                if (!ended) {
                    reruns.put(e.task(), e);
                }
            }
            case Effect.DropDriver e -> throw new AssertionError("dropped: " + e.reason());
            case Effect.ForwardOutput e -> {}
            case Effect.Notify e -> {}
            case Effect.ShowProgress e -> {}
        }
    }

    private void released(int token) {
        Strand s = tokens.remove(token);
        if (s == null || s.over || s.awaitedToken != token) {
            return;
        }
        s.awaitedToken = -1;
        s.granted = true;
        if (s.brief >= 0) {
            trace.add(s.brief + "=" + variables.known.get(s.brief));
            send.accept(new Event.RegionClosed(job, s.region));
            retire(s);
        }
    }

    private void raised(int marker, String what) {
        for (Strand s : strands) {
            for (Frame f : s.frames) {
                if (!s.over && f.marker == marker) {
                    if (marker == root) {
                        finish(what);
                    } else {
                        unwindTo(s, f);
                        send.accept(new Event.MarkerDropped(job, marker));
                        caught(s, what, f);
                    }
                    return;
                }
            }
        }
        send.accept(new Event.MarkerDropped(job, marker));
    }

    /// Leaves all blocks within a guarded one, and kills the strands that came out of it.
    private void unwindTo(Strand s, Frame guarded) {
        while (s.frames.peek() != guarded) {
            Frame inner = s.frames.pop();
            inner.children.forEach(this::kill);
            variables.forget(inner.defined);
        }
        s.awaitedToken = -1;
        s.granted = false;
    }

    private void caught(Strand s, String what, Frame guarded) {
        guarded.children.forEach(this::kill);
        s.frames.pop();
        variables.forget(guarded.defined);
        List<Op> handler = new ArrayList<>(guarded.guarded.handler());
        handler.addFirst(new SimProgram.Say("caught " + what));
        s.frames.push(new Frame(handler, null, -1));
    }

    private void kill(Strand s) {
        if (!s.over) {
            for (Frame f : s.frames) {
                f.children.forEach(this::kill);
            }
            if (s.fork.out() >= 0) {
                send.accept(new Event.ValueNeverComes(job, variables.number(s.fork.out())));
            }
            retire(s);
        } else {
            for (Frame f : s.frames) {
                f.children.forEach(this::kill);
            }
        }
    }

    private void finish(String how) {
        end = how;
        ended = true;
        reruns.clear();
        send.accept(new Event.RunEnded(job, root));
        for (Strand s : strands) {
            if (!s.over) {
                retire(s);
            }
        }
        variables.freeAll();
    }

    /// A brief strand asks as soon as it has what it will print.
    void prepareBriefs() {
        for (Strand s : List.copyOf(strands)) {
            if (s.brief >= 0
                    && !s.over
                    && !ended
                    && s.awaitedToken < 0
                    && !s.granted
                    && variables.value(s.brief) != null) {
                ask(s, token -> new Event.OrderAsked(job, s.region, token, true));
            }
        }
    }

    boolean idle() {
        return ended;
    }

    /// Where each strand is, for the story of a failure.
    String story() {
        StringBuilder out = new StringBuilder();
        for (Strand s : strands) {
            if (!s.over) {
                Frame f = s.frames.peek();
                out.append("strand of region ")
                        .append(s.region)
                        .append(" token ")
                        .append(s.awaitedToken)
                        .append(" at ")
                        .append(f.next < f.ops.size() ? f.ops.get(f.next) : "its end")
                        .append('\n');
            }
        }
        return out.append("reruns ")
                .append(reruns.keySet())
                .append(" values ")
                .append(variables.numbers())
                .toString();
    }
}
