package pydron.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ast.Unit;
import pydron.analysis.ir.Guard;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Planned.Mode;
import pydron.analysis.ir.Read;
import pydron.analysis.ir.Step;

/// A checker counts only if a planted fault makes it fail: faults are planted into the templates of the golden
/// programs, one at
/// a time and at every place where they fit.
class TemplateVerifierTest {
    private record Case(String name, Template.Parallel template, Unit.Function function, int pipelines) {
        List<String> problems(Template.Parallel changed) {
            return TemplateVerifier.problems(changed, function, PipelineAnalysis.names(function), pipelines);
        }
    }

    private static final List<Case> CASES = new ArrayList<>();

    @TempDir
    static Path units;

    @BeforeAll
    static void analyse() throws IOException, InterruptedException {
        Path golden = Path.of("src/test/resources/pydron/analysis/golden");
        Units.make(golden, units);
        for (String program : GoldenTest.programs()) {
            Optional<Unit> unit = Units.read(units.resolve(program));
            if (unit.isEmpty()) {
                continue;
            }
            var templates = PipelineAnalysis.analyse(unit.get());
            for (int i = 0; i < templates.size(); i++) {
                if (templates.get(i) instanceof Template.Parallel parallel) {
                    CASES.add(new Case(program, parallel, unit.get().functions().get(i), templates.size()));
                }
            }
        }
    }

    @Test
    void plansAreAccepted() {
        for (Case each : CASES) {
            assertEquals(List.of(), each.problems(each.template()), each.name());
        }
        assertTrue(CASES.size() >= 60);
    }

    private static final int NOWHERE = 1_000_000;

    private static Optional<List<Planned>> instead(Planned op) {
        return Optional.of(List.of(op));
    }

    private static <T> List<T> without(List<T> list, int index) {
        var rest = new ArrayList<>(list);
        rest.remove(index);
        return rest;
    }

    private static Planned.Needs withReads(Planned.Needs needs, List<Read> reads) {
        return new Planned.Needs(
                reads, needs.guards(), needs.nested(), needs.atoms(), needs.unbound(), needs.ordered(), needs.reason());
    }

    private static Planned.Needs withGuard(Planned.Needs needs, Guard guard) {
        var guards = new ArrayList<>(needs.guards());
        guards.add(guard);
        return new Planned.Needs(
                needs.reads(), guards, needs.nested(), needs.atoms(), needs.unbound(), needs.ordered(), needs.reason());
    }

    private static Planned.Local local(
            Planned.Local p, Mode mode, Planned.Needs needs, List<String> ins, List<String> outs) {
        return new Planned.Local(p.step(), mode, needs, ins, outs, p.line());
    }

    private static boolean isDefinition(Planned op) {
        return op instanceof Planned.Local local
                && local.step() instanceof Step.Bind bind
                && bind.name().startsWith("$");
    }

    /// Faults of which every single one is noticed.
    private static Map<String, Function<Planned, Optional<List<Planned>>>> faults() {
        var faults = new LinkedHashMap<String, Function<Planned, Optional<List<Planned>>>>();
        faults.put(
                "a look ahead takes what is not there",
                op -> op instanceof Planned.Look p
                        ? instead(new Planned.Look(p.position(), plus(p.ins(), "$" + NOWHERE), p.reads(), p.line()))
                        : Optional.empty());
        faults.put(
                "a look ahead in a region",
                op -> op instanceof Planned.Region p && p.body() instanceof Planned.If test
                        ? instead(new Planned.Region(
                                p.ins(),
                                p.outs(),
                                p.atoms(),
                                Rebuild.blocks(
                                        test,
                                        block -> plus(block, new Planned.Look(0, List.of(), List.of(), p.line()))),
                                p.line()))
                        : Optional.empty());
        faults.put(
                "a region does not check what it changes",
                op -> op instanceof Planned.Region p && !p.atoms().isEmpty()
                        ? instead(new Planned.Region(p.ins(), p.outs(), List.of(), p.body(), p.line()))
                        : Optional.empty());
        faults.put(
                "a region takes what is not there",
                op -> op instanceof Planned.Region p
                        ? instead(new Planned.Region(
                                plus(p.ins(), "$" + NOWHERE), p.outs(), p.atoms(), p.body(), p.line()))
                        : Optional.empty());
        faults.put(
                "a region gives back what it does not have",
                op -> op instanceof Planned.Region p
                        ? instead(new Planned.Region(
                                p.ins(), plus(p.outs(), "$" + NOWHERE), p.atoms(), p.body(), p.line()))
                        : Optional.empty());
        faults.put(
                "parked code gives back what it does not have",
                op -> op instanceof Planned.Local p && p.mode() == Mode.PARK
                        ? instead(local(p, p.mode(), p.needs(), p.ins(), plus(p.outs(), "$" + NOWHERE)))
                        : Optional.empty());
        faults.put(
                "parked code does not take what it waits for",
                op -> op instanceof Planned.Local p && p.mode() == Mode.PARK
                        ? instead(local(p, p.mode(), p.needs(), List.of(), p.outs()))
                        : Optional.empty());
        faults.put(
                "code in place has outputs",
                op -> op instanceof Planned.Local p
                                && p.mode() == Mode.PARK
                                && !p.outs().isEmpty()
                        ? instead(local(p, Mode.INLINE, p.needs(), p.ins(), p.outs()))
                        : Optional.empty());
        faults.put(
                "code is parked for nothing",
                op -> op instanceof Planned.Local p && p.mode() == Mode.PARK
                        ? instead(local(p, p.mode(), withReads(p.needs(), List.of()), p.ins(), p.outs()))
                        : Optional.empty());
        faults.put(
                "a break without a loop",
                op -> op instanceof Planned.Region p
                        ? instead(
                                new Planned.Region(p.ins(), p.outs(), p.atoms(), new Planned.Break(p.line()), p.line()))
                        : Optional.empty());
        faults.put(
                "a region returns from the pipeline",
                op -> op instanceof Planned.Region p && p.body() instanceof Planned.If test
                        ? instead(new Planned.Region(p.ins(), p.outs(), p.atoms(), returning(test), p.line()))
                        : Optional.empty());
        faults.put(
                "a region of a single statement",
                op -> op instanceof Planned.Region p
                                && p.body() instanceof Planned.If test
                                && !test.body().isEmpty()
                        ? test.body().stream()
                                .filter(Planned.Local.class::isInstance)
                                .findFirst()
                                .map(inner ->
                                        List.of(new Planned.Region(p.ins(), p.outs(), p.atoms(), inner, p.line())))
                        : Optional.empty());
        faults.put(
                "code behind a return",
                op -> op instanceof Planned.Return p
                        ? Optional.of(List.of(p, new Planned.Return(Optional.empty(), p.needs(), p.line())))
                        : Optional.empty());
        faults.put(
                "a guard on code that is elsewhere",
                op -> op instanceof Planned.Local p
                        ? instead(local(
                                p,
                                p.mode(),
                                withGuard(p.needs(), new Guard(0, Guard.Kind.DEEP, "")),
                                p.ins(),
                                p.outs()))
                        : Optional.empty());
        faults.put(
                "a statement of another function",
                op -> op instanceof Planned.Local p
                        ? instead(new Planned.Local(
                                new Step.Statement(new Stmt.ExprStmt(
                                        NOWHERE, p.line(), new Expr.Constant(NOWHERE, p.line(), "int", "1"))),
                                p.mode(),
                                withReads(p.needs(), p.needs().reads()),
                                p.ins(),
                                p.outs(),
                                p.line()))
                        : Optional.empty());
        faults.put(
                "a pipeline that is not in the unit",
                op -> op instanceof Planned.Call p && p.call().kind() == Op.Call.Kind.PIPELINE
                        ? instead(new Planned.Call(inUnit(p.call(), NOWHERE), p.needs(), p.blocks(), p.line()))
                        : Optional.empty());
        faults.put(
                "a pipeline of which nothing is known does not block",
                op -> op instanceof Planned.Call p && p.call().kind() == Op.Call.Kind.PIPELINE && !p.blocks()
                        ? instead(new Planned.Call(inUnit(p.call(), -1), p.needs(), false, p.line()))
                        : Optional.empty());
        faults.put(
                "a task blocks",
                op -> op instanceof Planned.Call p && p.call().kind() == Op.Call.Kind.FUNCTIONAL
                        ? instead(new Planned.Call(p.call(), p.needs(), true, p.line()))
                        : Optional.empty());
        faults.put(
                "a plain try with a call in it",
                op -> op instanceof Planned.Try p && !p.plain()
                        ? instead(new Planned.Try(
                                p.body(), p.handlers(), p.orelse(), p.rollback(), true, p.reason(), p.line()))
                        : Optional.empty());
        faults.put(
                "a rollback of what is not there",
                op -> op instanceof Planned.Try p && !p.handlers().isEmpty()
                        ? instead(new Planned.Try(
                                p.body(),
                                p.handlers(),
                                p.orelse(),
                                plus(p.rollback(), "$" + NOWHERE),
                                p.plain(),
                                p.reason(),
                                p.line()))
                        : Optional.empty());
        faults.put(
                "parked code needs an immutable",
                op -> op instanceof Planned.Local p && p.mode() == Mode.PARK
                        ? instead(local(
                                p,
                                p.mode(),
                                new Planned.Needs(
                                        p.needs().reads(),
                                        p.needs().guards(),
                                        p.needs().nested(),
                                        List.of(p.needs().reads().getFirst().name()),
                                        p.needs().unbound(),
                                        p.needs().ordered(),
                                        p.needs().reason()),
                                p.ins(),
                                p.outs()))
                        : Optional.empty());
        faults.put("nobody says why it waits", op -> switch (op) {
            case Planned.Local p
            when p.needs().reason().isPresent() -> instead(local(p, p.mode(), silent(p.needs()), p.ins(), p.outs()));
            case Planned.Call p
            when p.needs().reason().isPresent() ->
                instead(new Planned.Call(p.call(), silent(p.needs()), p.blocks(), p.line()));
            case Planned.If p
            when p.needs().reason().isPresent() ->
                instead(new Planned.If(p.test(), silent(p.needs()), p.body(), p.orelse(), p.line()));
            case Planned.For p
            when p.needs().reason().isPresent() ->
                instead(new Planned.For(
                        p.target(),
                        p.iterable(),
                        silent(p.needs()),
                        p.check(),
                        p.body(),
                        p.orelse(),
                        p.order(),
                        p.loop(),
                        p.line()));
            case Planned.While p
            when p.needs().reason().isPresent() ->
                instead(new Planned.While(p.prepare(), p.test(), silent(p.needs()), p.body(), p.orelse(), p.line()));
            case Planned.Try p
            when p.reason().isPresent() ->
                instead(new Planned.Try(
                        p.body(), p.handlers(), p.orelse(), p.rollback(), p.plain(), Optional.empty(), p.line()));
            case Planned.With p ->
                instead(new Planned.With(p.context(), p.target(), silent(p.needs()), p.body(), p.rollback(), p.line()));
            default -> Optional.empty();
        });
        return faults;
    }

    private static Planned.Needs silent(Planned.Needs needs) {
        return new Planned.Needs(
                needs.reads(),
                needs.guards(),
                needs.nested(),
                needs.atoms(),
                needs.unbound(),
                needs.ordered(),
                Optional.empty());
    }

    private static Op.Call retargeted(Op.Call call, String target) {
        return new Op.Call(
                target,
                call.kind(),
                call.pipeline(),
                call.callee(),
                call.args(),
                call.keywords(),
                call.site(),
                call.line());
    }

    private static Op.Call inUnit(Op.Call call, int index) {
        return new Op.Call(
                call.target(),
                call.kind(),
                index,
                call.callee(),
                call.args(),
                call.keywords(),
                call.site(),
                call.line());
    }

    private static Planned.If returning(Planned.If test) {
        var body = new ArrayList<>(test.body());
        body.add(new Planned.Return(Optional.empty(), noNeeds(), test.line()));
        return new Planned.If(test.test(), test.needs(), body, test.orelse(), test.line());
    }

    private static Planned.Needs noNeeds() {
        return new Planned.Needs(List.of(), List.of(), List.of(), List.of(), List.of(), false, Optional.empty());
    }

    private static <T> List<T> plus(List<T> list, T more) {
        var all = new ArrayList<>(list);
        all.add(more);
        return all;
    }

    @TestFactory
    Stream<DynamicTest> everyPlantedFaultIsFound() {
        return faults().entrySet().stream()
                .map(fault -> DynamicTest.dynamicTest(fault.getKey(), () -> {
                    int planted = 0;
                    for (Case each : CASES) {
                        for (Template.Parallel mutant : Mutants.of(each.template(), fault.getValue())) {
                            planted++;
                            assertTrue(
                                    !each.problems(mutant).isEmpty(),
                                    () -> "not found in " + each.name() + ":\n" + TemplatePrinter.print(mutant));
                        }
                    }
                    assertTrue(planted > 0, "it fits nowhere");
                }));
    }

    /// Faults that are none at some places: a value that a region takes may be replaced there on every way. Most are
    /// found.
    private static Map<String, Function<Planned, Optional<List<Planned>>>> usualFaults() {
        var faults = new LinkedHashMap<String, Function<Planned, Optional<List<Planned>>>>();
        faults.put("a temporary is not defined", op -> isDefinition(op) ? Optional.of(List.of()) : Optional.empty());
        faults.put(
                "the result of a call goes nowhere",
                op -> op instanceof Planned.Call p && p.call().target().equals("$1")
                        ? instead(
                                new Planned.Call(retargeted(p.call(), "$" + NOWHERE), p.needs(), p.blocks(), p.line()))
                        : Optional.empty());
        for (int index = 0; index < 3; index++) {
            int i = index;
            faults.put(
                    "a region does not take input " + i,
                    op -> op instanceof Planned.Region p && p.ins().size() > i
                            ? instead(new Planned.Region(without(p.ins(), i), p.outs(), p.atoms(), p.body(), p.line()))
                            : Optional.empty());
        }
        faults.put(
                "a region does not give back what it defines",
                op -> op instanceof Planned.Region p
                                && !p.outs().isEmpty()
                                && p.outs().stream().noneMatch(p.ins()::contains)
                        ? instead(new Planned.Region(p.ins(), List.of(), p.atoms(), p.body(), p.line()))
                        : Optional.empty());
        faults.put(
                "parked code does not give back what it defines",
                op -> op instanceof Planned.Local p
                                && p.mode() == Mode.PARK
                                && p.outs().stream().noneMatch(p.ins()::contains)
                        ? instead(local(p, p.mode(), p.needs(), p.ins(), List.of()))
                        : Optional.empty());
        faults.put(
                "parked code does not wait for all it looks at",
                op -> op instanceof Planned.Local p
                                && p.mode() == Mode.PARK
                                && p.needs().reads().size() > 1
                        ? instead(local(
                                p,
                                p.mode(),
                                withReads(p.needs(), without(p.needs().reads(), 0)),
                                p.ins(),
                                p.outs()))
                        : Optional.empty());
        faults.put(
                "a condition is not waited for",
                op -> op instanceof Planned.If p && !p.needs().reads().isEmpty()
                        ? instead(new Planned.If(
                                p.test(), withReads(p.needs(), List.of()), p.body(), p.orelse(), p.line()))
                        : Optional.empty());
        return faults;
    }

    @TestFactory
    Stream<DynamicTest> mostOfTheseFaultsAreFound() {
        return usualFaults().entrySet().stream()
                .map(fault -> DynamicTest.dynamicTest(fault.getKey(), () -> {
                    int planted = 0;
                    Set<String> missed = new LinkedHashSet<>();
                    for (Case each : CASES) {
                        for (Template.Parallel mutant : Mutants.of(each.template(), fault.getValue())) {
                            planted++;
                            if (each.problems(mutant).isEmpty()) {
                                missed.add(each.name() + ": " + TemplatePrinter.print(mutant));
                            }
                        }
                    }
                    assertTrue(planted >= 3, "it fits nowhere");
                    assertTrue(missed.size() * 4 <= planted, missed.size() + " of " + planted + " missed: " + missed);
                }));
    }

    @Test
    void blockingInAPipelineThatDoesNotBlockIsFound() {
        int found = 0;
        for (Case each : CASES) {
            if (each.template().blocks()) {
                var t = each.template();
                var mutant =
                        new Template.Parallel(t.name(), false, t.substitutions(), t.unbound(), t.body(), t.ahead());
                found += each.problems(mutant).isEmpty() ? 0 : 1;
            }
        }
        assertTrue(found >= 5, "found " + found);
    }

    @Test
    void aMissingMarkerIsFound() {
        int found = 0;
        for (Case each : CASES) {
            var t = each.template();
            var mutant = new Template.Parallel(t.name(), t.blocks(), t.substitutions(), Set.of(), t.body(), t.ahead());
            found += each.problems(mutant).isEmpty() ? 0 : 1;
        }
        assertTrue(found >= 2, "found " + found);
    }

    @Test
    void aMarkerThatNobodyLooksForIsFound() {
        int planted = 0;
        int found = 0;
        for (Case each : CASES) {
            var mutants = Mutants.of(
                    each.template(),
                    op -> op instanceof Planned.Local p
                                    && p.needs().unbound().stream()
                                            .anyMatch(each.template().unbound()::contains)
                            ? instead(local(
                                    p,
                                    p.mode(),
                                    new Planned.Needs(
                                            p.needs().reads(),
                                            p.needs().guards(),
                                            p.needs().nested(),
                                            p.needs().atoms(),
                                            List.of(),
                                            p.needs().ordered(),
                                            p.needs().reason()),
                                    p.ins(),
                                    p.outs()))
                            : Optional.empty());
            for (Template.Parallel mutant : mutants) {
                planted++;
                found += each.problems(mutant).isEmpty() ? 0 : 1;
            }
        }
        assertTrue(found > 0 && found * 2 >= planted, found + " of " + planted);
    }

    @Test
    void substitutionsOfOtherFunctionsAreFound() {
        for (Case each : CASES) {
            var t = each.template();
            var mutant = new Template.Parallel(
                    t.name(), t.blocks(), Map.of(NOWHERE, "$0"), t.unbound(), List.of(), List.of());
            assertTrue(!each.problems(mutant).isEmpty(), each.name());
        }
    }
}
