package pydron.cli.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import pydron.analysis.CodePrinter;
import pydron.analysis.Template;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Unit;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Read;

/// Goes through pipelines as the driver would, without executing anything: which calls there would be, and which would
/// have to wait for which. Loops are gone through as often as is known, or assumed.
public final class Rehearsal {
    private static final int DEEPEST = 40;

    /// What cannot be known from the source.
    ///
    /// @param seconds that a call of a function takes, by its name without dots
    /// @param otherSeconds what those take that are not in it
    /// @param rounds of loops by line, where the user has said so
    /// @param otherRounds those of a loop about which nothing is known
    public record Given(Map<String, Double> seconds, double otherSeconds, Map<Integer, Long> rounds, long otherRounds) {
        public Given {
            seconds = Map.copyOf(seconds);
            rounds = Map.copyOf(rounds);
        }
    }

    /// @param known numbers and lengths, by the name of the pipeline and of the variable
    public record Sizes(Map<String, Map<String, Long>> numbers, Map<String, Map<String, Long>> lengths) {}

    /// How often a function is called, and how long each call is taken to be.
    public record Called(int calls, double seconds, boolean measured) {}

    /// @param pipelines that the program begins with
    /// @param assumed sentences
    public record Result(
            List<String> pipelines, Timeline timeline, Map<String, Called> functions, List<String> assumed) {}

    private final Unit unit;
    private final List<Template> templates;
    private final Sizes sizes;
    private final Given given;
    private final CodePrinter source = new CodePrinter(Map.of());
    private final Timeline timeline = new Timeline();
    private final Map<String, Called> functions = new TreeMap<>();
    private final Set<String> assumed = new LinkedHashSet<>();
    private int all = Timeline.BEGIN;
    private int depth;

    /// The length of what the last pipeline returned.
    private OptionalLong returned = OptionalLong.empty();

    private Rehearsal(Unit unit, List<Template> templates, Sizes sizes, Given given) {
        this.unit = unit;
        this.templates = templates;
        this.sizes = sizes;
        this.given = given;
    }

    /// The pipelines that no other one calls, one after the other.
    public static Result of(Unit unit, List<Template> templates, Sizes sizes, Given given) {
        Rehearsal made = new Rehearsal(unit, templates, sizes, given);
        Set<Integer> called = new LinkedHashSet<>();
        for (int i = 0; i < templates.size(); i++) {
            int caller = i;
            unit.functions().get(i).bindings().values().forEach(it -> {
                if (it instanceof Unit.Binding.Pipeline(int index) && index != caller) {
                    called.add(index);
                }
            });
        }
        List<String> begun = new ArrayList<>();
        int strand = Timeline.BEGIN;
        for (int i = 0; i < templates.size(); i++) {
            if (!called.contains(i) || called.size() == templates.size()) {
                begun.add(templates.get(i).name());
                made.pipeline(i, strand, Map.of(), new Quantities());
                strand = made.all; // its caller waits for the result
            }
        }
        if (made.timeline.full()) {
            made.assumed.add("there are more than " + Timeline.MOST_CALLS + " calls; only so many were looked at");
        }
        return new Result(begun, made.timeline, made.functions, List.copyOf(made.assumed));
    }

    /// A call of a pipeline, when the program has come as far as `strand`.
    ///
    /// @param arguments when each is there
    /// @param passed what is known of them
    /// @return when its result is there
    private int pipeline(int index, int strand, Map<String, Integer> arguments, Quantities passed) {
        returned = OptionalLong.empty();
        if (depth >= DEEPEST || timeline.full()) {
            return strand;
        }
        Unit.Function function = unit.functions().get(index);
        return switch (templates.get(index)) {
            case Template.Plain plain -> {
                assumed.add("'" + plain.name() + "' runs as it is, so its calls are not counted: "
                        + plain.reason().sentence());
                yield strand;
            }
            case Template.Parallel parallel -> {
                depth++;
                Quantities quantities = passed;
                sizes.numbers().getOrDefault(function.name(), Map.of()).forEach((name, value) -> {
                    if (!arguments.containsKey(name)) {
                        quantities.number(name, value);
                    }
                });
                sizes.lengths().getOrDefault(function.name(), Map.of()).forEach((name, value) -> {
                    if (!arguments.containsKey(name)) {
                        quantities.length(name, value);
                    }
                });
                quantities.within(parallel.substitutions());
                Frame frame = new Frame(parallel, quantities, strand);
                frame.there.putAll(arguments);
                frame.block(parallel.body());
                depth--;
                yield timeline.both(frame.result, frame.strand);
            }
        };
    }

    /// One call of a pipeline.
    private final class Frame {
        private final Map<Integer, String> substitutions;
        private final Quantities quantities;
        /// When the value of a variable is there.
        private final Map<String, Integer> there = new HashMap<>();
        /// How far the program has come.
        private int strand;
        private int result = Timeline.BEGIN;

        Frame(Template.Parallel template, Quantities quantities, int strand) {
            this.substitutions = template.substitutions();
            this.quantities = quantities;
            this.strand = strand;
        }

        private void block(List<Planned> ops) {
            for (Planned op : ops) {
                if (timeline.full()) {
                    return;
                }
                op(op);
            }
        }

        private int when(Iterable<String> names) {
            int time = Timeline.BEGIN;
            for (String name : names) {
                time = timeline.both(there.getOrDefault(name, Timeline.BEGIN), time);
            }
            return time;
        }

        private void await(Planned.Needs needs) {
            if (needs.ordered()) {
                strand = timeline.both(all, strand);
            }
            strand = timeline.both(when(needs.reads().stream().map(Read::name).toList()), strand);
        }

        private void define(Iterable<String> names, int time) {
            all = timeline.both(time, all);
            names.forEach(name -> there.put(name, time));
        }

        private Uses reading(Expr... exprs) {
            return Uses.reading(List.of(exprs), substitutions);
        }

        private void op(Planned planned) {
            switch (planned) {
                case Planned.Local p -> local(p);
                case Planned.Call p -> call(p);
                case Planned.Region p -> {
                    int before = strand;
                    op(p.body());
                    define(p.outs(), timeline.both(strand, when(p.outs())));
                    strand = before;
                }
                case Planned.If p -> {
                    await(p.needs());
                    block(side(p));
                }
                case Planned.For p -> loop(p);
                case Planned.While p -> {
                    for (long i = 0; goesRound(p, i) && !timeline.full(); i++) {
                        block(p.prepare());
                        await(p.needs());
                        block(p.body());
                    }
                    block(p.orelse());
                }
                case Planned.Try p -> {
                    block(p.body());
                    if (p.reason().isPresent()) {
                        strand = timeline.both(all, strand);
                    }
                    block(p.orelse());
                }
                case Planned.Finally p -> {
                    block(p.body());
                    if (p.reason().isPresent()) {
                        strand = timeline.both(all, strand);
                    }
                    block(p.finalbody());
                }
                case Planned.With p -> {
                    await(p.needs());
                    block(p.body());
                    await(p.needs());
                }
                case Planned.Return p -> {
                    await(p.needs());
                    returned = p.value().map(quantities::length).orElse(OptionalLong.empty());
                    result = timeline.both(
                            p.value().map(it -> when(reading(it).reads())).orElse(Timeline.BEGIN), result);
                }
                case Planned.Break p -> assumed.add("the loop around line " + p.line() + " is not left early");
                case Planned.Continue _, Planned.Look _ -> {}
            }
        }

        /// A loop that makes no calls is not gone round for ever.
        private boolean goesRound(Planned.While loop, long before) {
            var holds = given.rounds().containsKey(loop.line())
                    ? java.util.Optional.<Boolean>empty()
                    : quantities.holds(loop.test());
            return holds.isPresent() && before < Timeline.MOST_CALLS
                    ? holds.get()
                    : before < rounds(OptionalLong.empty(), loop.line(), "while " + source.expr(loop.test()));
        }

        private List<Planned> side(Planned.If p) {
            var holds = quantities.holds(p.test());
            if (holds.isPresent()) {
                return holds.get() ? p.body() : p.orelse();
            }
            if (!p.orelse().isEmpty() || hasCalls(p.body())) {
                assumed.add("'if " + source.expr(p.test()) + "' in line " + p.line() + " is true");
            }
            return p.body();
        }

        private void local(Planned.Local local) {
            Uses uses = Uses.of(local.step(), substitutions);
            int time = timeline.both(when(uses.reads()), strand);
            switch (local.mode()) {
                case INLINE -> {
                    await(local.needs());
                    time = timeline.both(time, strand);
                }
                case PARK -> {}
                case ORDERED -> time = timeline.both(all, time);
                case BLOCK -> {
                    strand = timeline.both(all, strand);
                    time = timeline.both(time, strand);
                }
            }
            Set<String> defined = new LinkedHashSet<>(uses.defines());
            defined.addAll(local.outs());
            define(defined, time);
            quantities.step(local.step(), uses.defines());
        }

        private void call(Planned.Call planned) {
            await(planned.needs());
            Op.Call call = planned.call();
            List<Expr> args = new ArrayList<>(call.args());
            call.keywords().forEach(keyword -> args.add(keyword.value()));
            int inputs = timeline.both(when(Uses.reading(args, substitutions).reads()), strand);
            int time = switch (call.kind()) {
                case FUNCTIONAL -> task(source.expr(call.callee()), inputs);
                case PIPELINE -> called(call);
            };
            quantities.forget(call.target());
            if (call.kind() == Op.Call.Kind.PIPELINE) {
                returned.ifPresent(it -> quantities.length(call.target(), it));
            }
            define(Set.of(call.target()), time);
        }

        private int task(String callee, int inputs) {
            String name = callee.substring(callee.lastIndexOf('.') + 1);
            Double measured = given.seconds().get(name);
            double seconds = measured == null ? given.otherSeconds() : measured;
            functions.merge(
                    name,
                    new Called(1, seconds, measured != null),
                    (a, b) -> new Called(a.calls() + 1, seconds, a.measured()));
            return timeline.call(seconds, inputs);
        }

        private int called(Op.Call call) {
            if (call.pipeline() < 0) {
                return strand;
            }
            List<String> names = unit.functions()
                    .get(call.pipeline())
                    .definition()
                    .parameters()
                    .names();
            Map<String, Integer> arguments = new LinkedHashMap<>();
            Quantities passed = new Quantities();
            for (int i = 0; i < call.args().size() && i < names.size(); i++) {
                arguments.put(names.get(i), when(reading(call.args().get(i)).reads()));
                quantities.pass(call.args().get(i), names.get(i), passed);
            }
            for (Expr.Keyword keyword : call.keywords()) {
                if (keyword.name().isPresent()) {
                    arguments.put(
                            keyword.name().get(), when(reading(keyword.value()).reads()));
                    quantities.pass(keyword.value(), keyword.name().get(), passed);
                }
            }
            return pipeline(call.pipeline(), strand, arguments, passed);
        }

        private void loop(Planned.For p) {
            await(p.needs());
            int items = timeline.both(when(reading(p.iterable()).reads()), strand);
            long rounds = rounds(quantities.length(p.iterable()), p.line(), "for … in " + source.expr(p.iterable()));
            Set<String> targets =
                    Uses.none().assigning(p.target(), substitutions).defines();
            for (long i = 0; i < rounds && !timeline.full(); i++) {
                if (p.order() == Planned.Order.ALWAYS) {
                    strand = timeline.both(all, strand);
                }
                define(targets, timeline.both(items, strand));
                targets.forEach(quantities::forget);
                String counter = counter(p.target());
                quantities.item(p.iterable(), i).ifPresent(it -> quantities.number(counter, it));
                block(p.body());
            }
            block(p.orelse());
        }

        /// The variable that a loop over `range`, or one with `enumerate`, counts with; empty where there is none.
        private static String counter(Expr target) {
            return switch (target) {
                case Expr.Name name -> name.name();
                case Expr.Display display
                when !display.elements().isEmpty() && display.elements().getFirst() instanceof Expr.Name name ->
                    name.name();
                default -> "";
            };
        }

        private long rounds(OptionalLong known, int line, String what) {
            Long said = given.rounds().get(line);
            if (said != null) {
                return said;
            }
            if (known.isPresent()) {
                return known.getAsLong();
            }
            assumed.add("'" + what + "' in line " + line + " goes round " + given.otherRounds() + " times (--rounds "
                    + line + "=N says how often)");
            return given.otherRounds();
        }
    }

    private static boolean hasCalls(List<Planned> ops) {
        return ops.stream().anyMatch(op -> switch (op) {
            case Planned.Call _ -> true;
            case Planned.Region p -> hasCalls(List.of(p.body()));
            case Planned.If p -> hasCalls(p.body()) || hasCalls(p.orelse());
            case Planned.For p -> hasCalls(p.body()) || hasCalls(p.orelse());
            case Planned.While p -> hasCalls(p.prepare()) || hasCalls(p.body()) || hasCalls(p.orelse());
            case Planned.Try p -> hasCalls(p.body()) || hasCalls(p.orelse());
            case Planned.Finally p -> hasCalls(p.body()) || hasCalls(p.finalbody());
            case Planned.With p -> hasCalls(p.body());
            case Planned.Local _, Planned.Return _, Planned.Break _, Planned.Continue _, Planned.Look _ -> false;
        });
    }
}
