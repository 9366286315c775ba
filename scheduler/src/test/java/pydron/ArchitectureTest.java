package pydron;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("pydron.core", "pydron.service", "pydron.wire");

    @Test
    void theCoreKnowsNothingButPlainJava() {
        classes()
                .that()
                .resideInAPackage("pydron.core")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "pydron.core",
                        "java.lang",
                        "java.lang.runtime",
                        "java.lang.invoke",
                        "java.util",
                        "java.util.function",
                        "java.util.stream",
                        "java.time",
                        "java.nio",
                        "java.nio.charset")
                .because("a simulator must be able to run it: no I/O, no threads, no logging, no clock")
                .check(CODE);
        noClasses()
                .that()
                .resideInAPackage("pydron.core")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .because("time arrives with the event")
                .check(CODE);
    }

    @Test
    void theWireKnowsNeitherTheCoreNorGrpc() {
        noClasses()
                .that()
                .resideInAPackage("pydron.wire")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("pydron.core", "pydron.service", "pydron.proto", "io.grpc..", "org.slf4j..")
                .check(CODE);
    }

    @Test
    void theServiceDoesNotKnowTheAnalysis() {
        noClasses()
                .that()
                .resideInAPackage("pydron.service")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("pydron.analysis..", "picocli..")
                .check(CODE);
    }
}
