package pydron.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// Packages are the architecture: who may know whom.
class ArchitectureTest {
    private final JavaClasses cli = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("pydron.cli");

    @Test
    void picturesKnowNothingOfPydron() {
        classes()
                .that()
                .resideInAPackage("pydron.cli.graph")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "pydron.cli.graph", "java..", "javax.imageio..", "org.eclipse.elk..", "org.eclipse.emf..")
                .check(cli);
    }

    @Test
    void onlyCommandsKnowPicocli() {
        noClasses()
                .that()
                .resideOutsideOfPackage("pydron.cli")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("picocli..")
                .check(cli);
    }

    @Test
    void onlyServicesKnowSchedulerAndWorker() {
        noClasses()
                .that()
                .resideOutsideOfPackages("pydron.cli.local", "pydron.cli.elastic")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("pydron.core..", "pydron.service..", "pydron.worker..", "io.grpc..")
                .check(cli);
    }

    @Test
    void onlyTheElasticServiceKnowsClouds() {
        noClasses()
                .that()
                .resideOutsideOfPackage("pydron.cli.elastic")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("pydron.provision..")
                .because("the jars of clouds are not on the class path of other commands")
                .check(cli);
    }

    /// They are part of every `pydron run --on`, which has no jars of clouds.
    @Test
    void whatFindsTheServiceKnowsNoClouds() {
        noClasses()
                .that()
                .haveSimpleNameStartingWith("Running")
                .or()
                .haveSimpleNameStartingWith("RunOn")
                .or()
                .haveSimpleNameStartingWith("Control")
                .or()
                .haveSimpleNameStartingWith("Status$")
                .or()
                .haveSimpleName("Status")
                .or()
                .haveSimpleName("Places")
                .or()
                .haveSimpleName("Own")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("pydron.provision..")
                .check(cli);
    }

    @Test
    void onlyGraphsKnowTheAnalysis() {
        noClasses()
                .that()
                .resideInAnyPackage("pydron.cli.session", "pydron.cli.python", "pydron.cli.graph", "pydron.cli.doctor")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("pydron.analysis..")
                .check(cli);
    }

    @Test
    void foundationsDoNotKnowWhatIsBuiltOnThem() {
        noClasses()
                .that()
                .resideInAnyPackage("pydron.cli.session", "pydron.cli.python")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("pydron.cli.local", "pydron.cli.pipeline", "pydron.cli.doctor", "pydron.cli.graph")
                .check(cli);
    }
}
