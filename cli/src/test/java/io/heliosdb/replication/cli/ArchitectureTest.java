package io.heliosdb.replication.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;

/** The arrows between modules, and where the outside world may be named. */
@AnalyzeClasses(
        packages = "io.heliosdb.replication",
        importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "io.heliosdb.replication.";
    private static final String TESTKIT = ROOT + "testkit..";

    /** Else every rule below would hold for want of classes. */
    @ArchTest
    static void seesEveryModule(JavaClasses classes) {
        for (String module :
                List.of("model", "core", "control", "flink", "job", "cli", "testkit")) {
            assertThat(classes.that(resideInAPackage(ROOT + module + "..")))
                    .as(module)
                    .isNotEmpty();
        }
    }

    @ArchTest
    static final ArchRule modelNeedsTheJdkOnly =
            classes()
                    .that()
                    .resideInAPackage(ROOT + "model..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(ROOT + "model..", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule coreKnowsNeitherFlinkNorWhatIsAbove =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + "core..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.flink..",
                            ROOT + "flink..",
                            ROOT + "job..",
                            ROOT + "control..",
                            ROOT + "cli..",
                            TESTKIT);

    @ArchTest
    static final ArchRule controlMeetsTheJobInTheStoreOnly =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + "control..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.flink..",
                            ROOT + "flink..",
                            ROOT + "job..",
                            ROOT + "cli..",
                            TESTKIT);

    @ArchTest
    static final ArchRule flinkKnowsNotWhatIsAbove =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + "flink..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            ROOT + "job..", ROOT + "control..", ROOT + "cli..", TESTKIT);

    @ArchTest
    static final ArchRule jobKnowsNotTheCommandLine =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + "job..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(ROOT + "control..", ROOT + "cli..", TESTKIT);

    @ArchTest
    static final ArchRule testkitKnowsNotWhatItTests =
            noClasses()
                    .that()
                    .resideInAPackage(TESTKIT)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            ROOT + "core..",
                            ROOT + "control..",
                            ROOT + "flink..",
                            ROOT + "job..",
                            ROOT + "cli..");

    @ArchTest
    static final ArchRule onlyTheDemoAndTheEmbeddedStoreUseTheTestkit =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + "cli..")
                    .and()
                    .resideOutsideOfPackages(ROOT + "cli.demo..", ROOT + "cli.serve..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(TESTKIT);

    @ArchTest
    static final ArchRule databasesAreNamedInPostgresPackagesOnly =
            noClasses()
                    .that(not(resideInAPackage("..postgres..")).and(not(resideInAPackage(TESTKIT))))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "java.sql..",
                            "javax.sql..",
                            "org.postgresql..",
                            "org.jdbi..",
                            "org.flywaydb..",
                            "com.zaxxer..");

    @ArchTest
    static final ArchRule javalinIsNamedInHttpPackagesOnly =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("..http..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.javalin..", "org.eclipse.jetty..");

    @ArchTest
    static final ArchRule namesSayWhatAClassDoes =
            noClasses()
                    .should()
                    .haveNameMatching(".*\\.\\w*(Utils?|Helper|Manager|Impl)(\\$.*)?")
                    .orShould()
                    .resideInAnyPackage(
                            "..utils..",
                            "..util..",
                            "..common..",
                            "..impl..",
                            "..helper..",
                            "..manager..");

    @ArchTest
    static void topLevelClassesAreFinalOrMeantToBeExtended(JavaClasses classes) {
        assertThat(classes)
                .filteredOn(JavaClass::isTopLevelClass)
                .filteredOn(type -> !type.isInterface() && !type.isEnum())
                .filteredOn(type -> !type.getModifiers().contains(JavaModifier.FINAL))
                .filteredOn(type -> !type.getModifiers().contains(JavaModifier.ABSTRACT))
                .filteredOn(type -> type.getSubclasses().isEmpty())
                .isEmpty();
    }
}
