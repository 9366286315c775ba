package pydron.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ast.Unit;
import pydron.analysis.ast.Unit.Binding;
import pydron.analysis.ir.Planned;

/// A bug in the analysis costs parallelism, not the program.
class InternalErrorTest {
    private static Unit.Function function(String name, Map<String, Binding> bindings, Stmt... body) {
        var parameters = new Expr.Parameters(List.of(), 0, List.of(), false);
        return new Unit.Function(
                name,
                "script.py",
                List.of(),
                bindings,
                new Stmt.FunctionDef(0, 1, name, false, List.of(), parameters, List.of(body)));
    }

    /// Python itself would not compile it, so nothing in the analysis expects a `break` outside of loops.
    private static final Unit.Function BROKEN = function("broken", Map.of(), new Stmt.Break(1, 2));

    @Test
    void aPipelineThatCannotBeAnalysedRunsAsItIs() {
        var template = assertInstanceOf(
                Template.Plain.class,
                PipelineAnalysis.analyse(new Unit(List.of(BROKEN), List.of())).getFirst());
        assertEquals("broken", template.name());
        assertTrue(
                template.reason().sentence().startsWith("of an internal error of the analysis"),
                template.reason().toString());
    }

    @Test
    void callsOfItBlock() {
        var call = new Expr.Call(2, 2, new Expr.Name(3, 2, "broken"), List.of(), List.of());
        var caller =
                function("caller", Map.of("broken", new Binding.Pipeline(1)), new Stmt.Return(1, 2, Optional.of(call)));
        var templates = PipelineAnalysis.analyse(new Unit(List.of(caller, BROKEN), List.of()));
        var parallel = assertInstanceOf(Template.Parallel.class, templates.getFirst());
        assertTrue(parallel.blocks());
        assertTrue(
                assertInstanceOf(Planned.Call.class, parallel.body().getFirst()).blocks());
    }

    /// Expressions may be nested deeper than the stack reaches.
    @Test
    void whatIsNestedTooDeeplyRunsAsItIs() {
        Expr deep = new Expr.Name(2, 2, "x");
        for (int i = 3; i < 200_000; i++) {
            deep = new Expr.Unary(i, 2, "USub", deep);
        }
        var template = PipelineAnalysis.analyse(
                        new Unit(List.of(function("deep", Map.of(), new Stmt.ExprStmt(1, 2, deep))), List.of()))
                .getFirst();
        assertEquals(
                "it is nested too deeply",
                assertInstanceOf(Template.Plain.class, template).reason().sentence());
    }

    @Test
    void manyStatementsAndFewInManyLoopsRunAsTheyAre() {
        assertInstanceOf(Template.Parallel.class, planned(passes(2000)));
        assertEquals(
                "it is too large to be analysed (4001 statements)",
                assertInstanceOf(Template.Plain.class, planned(passes(4001)))
                        .reason()
                        .sentence());
        List<Stmt> body = passes(1000);
        for (int depth = 0; depth < 5; depth++) {
            body = List.of(
                    new Stmt.While(9000 + 2 * depth, 2, new Expr.Name(9001 + 2 * depth, 2, "x"), body, List.of()));
        }
        assertInstanceOf(Template.Plain.class, planned(body));
    }

    private static Template planned(List<Stmt> body) {
        return PipelineAnalysis.analyse(
                        new Unit(List.of(function("large", Map.of(), body.toArray(Stmt[]::new))), List.of()))
                .getFirst();
    }

    private static List<Stmt> passes(int n) {
        var body = new ArrayList<Stmt>();
        for (int i = 1; i <= n; i++) {
            body.add(new Stmt.Pass(i, 2));
        }
        return body;
    }

    @Test
    void whatIsNoUnitRunsAsItIs() {
        byte[] answer = PipelineAnalysis.analyse(new byte[] {7, 0, 0, 0});
        assertTrue(new String(answer, StandardCharsets.UTF_8).contains("plain"));
        assertTrue(new String(answer, StandardCharsets.UTF_8).contains("not a unit"));
    }
}
