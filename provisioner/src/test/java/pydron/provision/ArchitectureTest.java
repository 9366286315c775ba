package pydron.provision;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The planner decides and does nothing, the applier does and decides nothing, clouds know neither.
class ArchitectureTest {
    private static final String[] PLAIN_JAVA = {
        "java.lang",
        "java.lang.runtime",
        "java.lang.invoke",
        "java.util",
        "java.util.function",
        "java.util.stream",
        "java.time",
        "java.math"
    };

    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("pydron.provision");

    private static String[] plainJavaAnd(String... more) {
        String[] result = new String[PLAIN_JAVA.length + more.length];
        System.arraycopy(PLAIN_JAVA, 0, result, 0, PLAIN_JAVA.length);
        System.arraycopy(more, 0, result, PLAIN_JAVA.length, more.length);
        return result;
    }

    @Test
    void theModelKnowsNothing() {
        classes()
                .that()
                .resideInAPackage("pydron.provision.model")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(plainJavaAnd("pydron.provision.model"))
                .check(CODE);
    }

    @Test
    void thePlannerIsPure() {
        classes()
                .that()
                .resideInAPackage("pydron.provision.plan")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(plainJavaAnd("pydron.provision.plan", "pydron.provision.model"))
                .because("a simulator must be able to run it: no I/O, no threads, no logging, no clock")
                .check(CODE);
    }

    @Test
    void onlyItsCallerKnowsTheTime() {
        noClasses()
                .that()
                .resideInAnyPackage("pydron.provision.model", "pydron.provision.plan", "pydron.provision.apply")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(CODE);
    }

    @Test
    void theCloudPortKnowsOnlyTheModel() {
        classes()
                .that()
                .resideInAPackage("pydron.provision.cloud")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(plainJavaAnd("pydron.provision.cloud", "pydron.provision.model"))
                .check(CODE);
    }

    @Test
    void onlyTheStoreKnowsSql() {
        noClasses()
                .that()
                .resideOutsideOfPackage("pydron.provision.claims")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql", "org.sqlite..")
                .check(CODE);
        noClasses()
                .that()
                .resideInAPackage("pydron.provision.claims")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("pydron.provision.plan", "pydron.provision.apply", "pydron.provision.cloud")
                .check(CODE);
    }

    @Test
    void theApplierKnowsNoParticularStoreOrPlanner() {
        noClasses()
                .that()
                .resideInAPackage("pydron.provision.apply")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("pydron.provision.claims.SqliteClaims")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("pydron.provision.plan.Planner")
                .check(CODE);
    }

    @Test
    void onlySettingsKnowToml() {
        noClasses()
                .that()
                .resideOutsideOfPackage("pydron.provision.settings")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.tomlj..")
                .check(CODE);
        noClasses()
                .that()
                .resideOutsideOfPackages("pydron.provision.settings", "pydron.provision.clouds")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("pydron.provision.settings")
                .because("adapters take plain values")
                .check(CODE);
    }

    @Test
    void onlyItsAdaptersKnowJclouds() {
        noClasses()
                .that()
                .resideOutsideOfPackage("pydron.provision.jclouds")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.jclouds..", "com.google.common..", "com.google.inject..", "jakarta..")
                .because("jclouds is retired: it must be possible to replace it in one package")
                .check(CODE);
    }

    @Test
    void onlyOpenStackKnowsYamlAndNoAdapter() {
        noClasses()
                .that()
                .resideOutsideOfPackage("pydron.provision.openstack")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.snakeyaml..")
                .check(CODE);
        noClasses()
                .that()
                .resideInAPackage("pydron.provision.openstack")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "pydron.provision.jclouds",
                        "pydron.provision.cloud",
                        "pydron.provision.plan",
                        "pydron.provision.apply")
                .check(CODE);
    }

    @Test
    void onlyOnePackageKnowsTheSdkOfAws() {
        noClasses()
                .that()
                .resideOutsideOfPackage("pydron.provision.aws")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("software.amazon..")
                .check(CODE);
        noClasses()
                .that()
                .resideInAPackage("pydron.provision.aws")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("pydron.provision.jclouds", "pydron.provision.plan", "pydron.provision.apply")
                .check(CODE);
    }

    @Test
    void onlyJoiningKnowsCertificatesAndKeys() {
        noClasses()
                .that()
                .resideOutsideOfPackage("pydron.provision.join")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bouncycastle..")
                .check(CODE);
        noClasses()
                .that()
                .resideInAnyPackage("pydron.provision.join", "pydron.provision.ssh")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("pydron.provision.plan", "pydron.provision.claims", "pydron.provision.settings")
                .check(CODE);
    }

    @Test
    void tasksAndTheRestOfPydronAreUnknown() {
        noClasses()
                .that()
                .resideInAPackage("pydron.provision..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "pydron.analysis..", "pydron.core..", "pydron.service..", "pydron.worker..", "pydron.cli..")
                .check(CODE);
    }
}
