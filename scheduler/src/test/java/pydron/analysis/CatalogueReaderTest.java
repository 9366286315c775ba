package pydron.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import pydron.analysis.ast.Unit;

/// Catalogue files, ours and those of a project.
class CatalogueReaderTest {
    private static final Path MALFORMED = Path.of("src/test/resources/pydron/analysis/malformed.txt");

    private static Catalogue with(String text) {
        return Catalogue.with(List.of(new Unit.Extra("mine", text)));
    }

    @TestFactory
    Stream<DynamicTest> malformed() throws IOException {
        var tests = new ArrayList<DynamicTest>();
        var text = new StringBuilder();
        for (String line : Files.readAllLines(MALFORMED)) {
            if (line.startsWith("=> ")) {
                String wrong = text.toString();
                text.setLength(0);
                tests.add(DynamicTest.dynamicTest(line, () -> {
                    var found = assertThrows(CatalogueReader.Malformed.class, () -> with(wrong));
                    assertEquals("mine:" + line.substring(3), found.getMessage());
                }));
            } else if (!line.startsWith("#") && !line.isBlank()) {
                text.append(line).append('\n');
            }
        }
        assertTrue(tests.size() > 10);
        return tests.stream();
    }

    @Test
    void aProjectAddsToWhatIsKnown() {
        var catalogue = with("module mylib\npure fresh: f\ntype mylib.T\nmutates self: add\n");
        assertTrue(catalogue.callable("mylib.f").orElseThrow().isPure());
        assertTrue(catalogue.methods("add").containsKey("mylib.T"));
        assertTrue(catalogue.methods("add").containsKey("builtins.set"));
        assertFalse(Catalogue.STANDARD.methods("add").containsKey("mylib.T"));
    }

    @Test
    void aProjectHasTheLastWord() {
        var catalogue = with("module math\nopaque: sqrt\n");
        assertEquals(
                Catalogue.Effect.OPAQUE,
                catalogue.callable("math.sqrt").orElseThrow().effect());
    }

    @Test
    void aMethodCalledThroughItsClassChangesItsFirstArgument() {
        var entry = Catalogue.STANDARD.callable("builtins.list.append").orElseThrow();
        assertEquals(Catalogue.Effect.MUTATES, entry.effect());
        assertEquals(1, entry.changed());
    }

    @Test
    void theStandardCatalogueKnowsALot() {
        assertTrue(Catalogue.STANDARD.names().size() > 3000);
        assertEquals(Catalogue.STANDARD.names(), CatalogueReader.standard(true).names());
    }
}
