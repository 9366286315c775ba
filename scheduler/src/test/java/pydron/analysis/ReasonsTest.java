package pydron.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import pydron.analysis.ir.Rule;

/// Each rule by a small program: the line, the user's words, and what is held back.
class ReasonsTest {
    private static final String HEAD = """
            import pydron, decimal
            class Box: pass
            box, db, log, seen = Box(), Box(), Box(), []
            @pydron.functional
            def f(x): return x
            def save(x): seen.append(x)
            """;
    private static final int HEAD_LINES = 6;

    /// @param line of the place within the program, from 1
    /// @param subject what the rule applies to
    private record Example(int line, String subject, Place.Kind kind, String program) {}

    /// None where no plan has it: it comes from elsewhere, where it is tested.
    private static Optional<Example> example(Rule rule) {
        return switch (rule) {
            case UNKNOWN_CALL -> waits(5, "db.save", """
                    @pydron.schedule
                    def p(xs):
                        for x in xs:
                            y = f(x)
                            db.save(y)
                    """);
            case EFFECTS -> waits(5, "save", """
                    @pydron.schedule
                    def p(xs):
                        for x in xs:
                            y = f(x)
                            save(y)
                    """);
            case UNKNOWN_FUNCTION -> waits(5, "max", """
                    @pydron.schedule
                    def p(xs, key):
                        for x in xs:
                            y = f(x)
                            z = max([y, x], key=key)
                    """);
            case SHARED_OBJECT -> waits(5, "seen.append", """
                    @pydron.schedule
                    def p(xs):
                        for x in xs:
                            y = f(x)
                            seen.append(y)
                    """);
            case ATTRIBUTE -> waits(4, "box.last", """
                    @pydron.schedule
                    def p(xs):
                        for x in xs:
                            box.last = f(x)
                    """);
            case SHARED_VARIABLE -> waits(5, "last", """
                    @pydron.schedule
                    def p(xs):
                        global last
                        for x in xs:
                            last = f(x)
                    """);
            case CONTEXT -> waits(4, "db.lock", """
                    @pydron.schedule
                    def p(xs):
                        for x in xs:
                            with db.lock:
                                y = f(x)
                    """);
            case OUTPUT -> waits(5, "to a file of its own", """
                    @pydron.schedule
                    def p(xs):
                        for x in xs:
                            y = f(x)
                            print(y, file=log)
                    """);
            case STATEMENT -> waits(5, "'import' statements run as they are", """
                    @pydron.schedule
                    def p(xs):
                        for x in xs:
                            y = f(x)
                            import nothing
                    """);
            case PIPELINE -> waits(8, "inner", """
                    @pydron.schedule
                    def inner(x):
                        y = f(x)
                        save(y)
                    @pydron.schedule
                    def p(xs):
                        for x in xs:
                            inner(x)
                    """);
            case NEEDS_RESULT -> waits(5, "y", """
                    @pydron.schedule
                    def p(xs):
                        for x in range(9):
                            y = f(x)
                            if y:
                                break
                    """);
            case HANDLER -> waits(6, "done", """
                    @pydron.schedule
                    def p(xs, done):
                        for x in xs:
                            try:
                                y = f(x)
                                done += y
                            except ValueError:
                                print(done)
                    """);
            case TRY_END -> waits(4, "", """
                    @pydron.schedule
                    def p(xs):
                        for x in xs:
                            try:
                                y = f(x)
                            except ValueError:
                                break
                    """);
            case LOOP_SOURCE -> waits(4, "todo", """
                    @pydron.schedule
                    def p(x):
                        todo = [x]
                        for one in todo:
                            y = f(one)
                            if y > 3:
                                todo.append(y)
                    """);
            case TYPE -> Optional.of(new Example(3, "xs", Place.Kind.MAY_WAIT, """
                    @pydron.schedule
                    def p(xs):
                        for x in xs:
                            y = f(x)
                    """));
            case NOT_ANALYSABLE ->
                Optional.of(new Example(
                        2, "uses exec, which looks at the running function itself", Place.Kind.AS_IT_IS, """
                    @pydron.schedule
                    def p(xs):
                        for x in xs:
                            y = f(x)
                            exec("z = y")
                    """));
            // InternalErrorTest; the driver, which never asks for a plan of these; and what only a run can show.
            case INTERNAL_ERROR, GENERATOR, COROUTINE, CANNOT_PICKLE -> Optional.empty();
        };
    }

    private static Optional<Example> waits(int line, String subject, String program) {
        return Optional.of(new Example(line, subject, Place.Kind.WAITS, program));
    }

    @TempDir
    static Path programs;

    @TempDir
    static Path units;

    @BeforeAll
    static void makeUnits() throws IOException, InterruptedException {
        for (Rule rule : Rule.values()) {
            Optional<Example> example = example(rule);
            if (example.isPresent()) {
                Files.writeString(
                        programs.resolve(rule + ".py"), HEAD + example.get().program());
            }
        }
        Units.make(programs, units);
    }

    private static List<Place> places(Rule rule) throws IOException {
        var unit = Units.read(units.resolve(rule.name())).orElseThrow();
        return Places.of(unit, PipelineAnalysis.analyse(unit));
    }

    @TestFactory
    Stream<DynamicTest> rules() {
        return Stream.of(Rule.values())
                .filter(rule -> example(rule).isPresent())
                .map(rule -> DynamicTest.dynamicTest(rule.name(), () -> applies(rule)));
    }

    private static void applies(Rule rule) throws IOException {
        Example example = example(rule).orElseThrow();
        var found = new ArrayList<Place>();
        for (Place place : places(rule)) {
            if (place.reason().filter(reason -> reason.rule() == rule).isPresent()) {
                found.add(place);
            }
        }
        assertEquals(1, found.size(), () -> rule + " in " + found);
        Place place = found.getFirst();
        assertEquals(example.kind(), place.kind());
        assertEquals(HEAD_LINES + example.line(), place.line());
        var reason = place.reason().orElseThrow();
        assertEquals(example.subject(), reason.subject());
        assertFalse((reason.sentence() + reason.advice()).contains("%s"), "a place for words is left");
        // It names what it holds back: the call of f, or of the pipeline that calls it.
        assertFalse(place.held().isEmpty() && rule != Rule.TYPE, "nothing is held back");
        assertEquals(rule != Rule.TYPE, place.isSyncPointInLoop());
    }

    @Test
    void theDocumentationListsEveryRule() throws IOException {
        String text = Files.readString(Path.of("../docs/explain.md"));
        for (Rule rule : Rule.values()) {
            assertTrue(text.contains("\n| " + rule.title()) || text.contains(", " + rule.title() + " |"), rule.title());
        }
        assertTrue(text.contains("| generator, coroutine |"));
    }

    /// No reason where nothing waits: the plan of a plain parallel loop.
    @TestFactory
    Stream<DynamicTest> parallelLoopsHaveNoSyncPoint() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(programs, "parallel");
        Path out = Files.createTempDirectory(units, "parallel");
        Files.writeString(folder.resolve("loop.py"), HEAD + """
                @pydron.schedule
                def p(xs):
                    total = 0
                    out = []
                    for x in xs:
                        y = f(x)
                        out.append(y)
                        total += y
                        print(y)
                    return total, out
                """);
        Units.make(folder, out);
        var unit = Units.read(out.resolve("loop")).orElseThrow();
        var places = Places.of(unit, PipelineAnalysis.analyse(unit));
        return Stream.of(DynamicTest.dynamicTest(
                "loop", () -> assertTrue(places.stream().noneMatch(Place::isSyncPointInLoop), places.toString())));
    }
}
