package pydron.analysis;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

/// The analysis is a function from bytes to bytes: the same unit gives the same template, wherever and whenever it is
/// called.
class ArchitectureTest {
    private static final String[] PLAIN_JAVA = {
        "java.lang", "java.lang.runtime", "java.lang.invoke", "java.util", "java.util.function", "java.util.stream"
    };

    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("pydron.analysis");

    @Test
    void theAnalysisIsPure() {
        classes()
                .that()
                .resideInAPackage("pydron.analysis..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(PLAIN_JAVA)
                        .or(resideInAnyPackage("pydron.analysis..", "java.nio", "java.nio.charset", "org.slf4j"))
                        // The catalogue is a resource beside the classes, templates are written into memory.
                        .or(belongToAnyOf(
                                InputStream.class,
                                Reader.class,
                                InputStreamReader.class,
                                BufferedReader.class,
                                ByteArrayOutputStream.class,
                                IOException.class,
                                UncheckedIOException.class)))
                .because("it needs no files, network, threads or clock, and nothing else of Pydron")
                .check(CODE);
        noClasses()
                .that()
                .resideInAPackage("pydron.analysis..")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(CODE);
    }

    @Test
    void onlyItsEntranceLogs() {
        noClasses()
                .that()
                .resideInAPackage("pydron.analysis..")
                .and()
                .doNotHaveFullyQualifiedName(PipelineAnalysis.class.getName())
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.slf4j")
                .check(CODE);
    }

    @Test
    void onlyTheCatalogueReads() {
        noClasses()
                .that()
                .resideInAPackage("pydron.analysis..")
                .and()
                .doNotHaveFullyQualifiedName(CatalogueReader.class.getName())
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(InputStream.class, Reader.class)
                .check(CODE);
    }

    @Test
    void theAstKnowsNothingButItself() {
        classes()
                .that()
                .resideInAPackage("pydron.analysis.ast")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(PLAIN_JAVA)
                        .or(resideInAnyPackage("pydron.analysis.ast", "java.nio", "java.nio.charset")))
                .check(CODE);
    }

    @Test
    void theIntermediateFormKnowsNothingButTheAst() {
        classes()
                .that()
                .resideInAPackage("pydron.analysis.ir")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(PLAIN_JAVA)
                        .or(resideInAnyPackage("pydron.analysis.ir", "pydron.analysis.ast")))
                .check(CODE);
    }

    /// Lowering takes no decision about parallelism, and what checks the decisions must not have taken them.
    @Test
    void stepsOfTheAnalysisKeepApart() {
        noClasses()
                .that()
                .belongToAnyOf(Lower.class, Names.class, Calls.class, Walk.class)
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Flow.class, Evaluator.class, State.class)
                .check(CODE);
        noClasses()
                .that()
                .belongToAnyOf(
                        TemplateVerifier.class, VerifierFrame.class, VerifierState.class, Reads.class, Shape.class)
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Flow.class, Evaluator.class, State.class, Steps.class, Liveness.class, Lower.class)
                .check(CODE);
    }
}
