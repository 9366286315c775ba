package pydron.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Golden pairs: `<construct>.py` beside `<construct>.graph`, the plan as `pydron graph --format text` shows it.
///
/// `-Dgolden.update=true` writes the plans instead of comparing them: read them before they are committed, they are
/// what says
/// that something is as parallel as it should be.
class GoldenTest {
    private static final Path GOLDEN = Path.of("src/test/resources/pydron/analysis/golden");
    private static final boolean UPDATE = Boolean.getBoolean("golden.update");

    @TempDir
    static Path units;

    /// One Python process for all of them: only Python can say what names are bound to.
    @BeforeAll
    static void makeUnits() throws IOException, InterruptedException {
        Units.make(GOLDEN, units);
    }

    @TestFactory
    Stream<DynamicTest> plans() {
        return programs().stream()
                .map(program -> DynamicTest.dynamicTest(program, () -> {
                    Path golden = GOLDEN.resolve(program + ".graph");
                    String actual = Units.read(units.resolve(program))
                            .map(unit -> PipelineAnalysis.analyse(unit).stream()
                                    .map(TemplatePrinter::print)
                                    .collect(Collectors.joining("\n")))
                            .orElse("nothing is analysed\n");
                    if (UPDATE) {
                        Files.writeString(golden, actual);
                        return;
                    }
                    assertTrue(Files.exists(golden), "run with -Dgolden.update=true, then read " + golden);
                    assertEquals(Files.readString(golden), actual, "run with -Dgolden.update=true, then read the diff");
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyPlanHasItsProgram() throws IOException {
        try (var files = Files.list(GOLDEN)) {
            return files
                    .map(Path::getFileName)
                    .map(Path::toString)
                    .filter(name -> name.endsWith(".graph"))
                    .toList()
                    .stream()
                    .map(name -> DynamicTest.dynamicTest(
                            name, () -> assertTrue(Files.exists(GOLDEN.resolve(name.replace(".graph", ".py"))))));
        }
    }

    static List<String> programs() {
        try (var files = Files.list(GOLDEN)) {
            return files.map(Path::getFileName)
                    .map(Path::toString)
                    .filter(name -> name.endsWith(".py"))
                    .map(name -> name.substring(0, name.length() - ".py".length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
