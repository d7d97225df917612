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
        for (String module : List.of("model", "core", "flink", "job", "cli", "testkit")) {
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
                            ROOT + "cli..",
                            TESTKIT);

    @ArchTest
    static final ArchRule flinkKnowsNotWhatIsAbove =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + "flink..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(ROOT + "job..", ROOT + "cli..", TESTKIT);

    @ArchTest
    static final ArchRule jobKnowsNotTheCommandLine =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + "job..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(ROOT + "cli..", TESTKIT);

    @ArchTest
    static final ArchRule testkitKnowsNotWhatItTests =
            noClasses()
                    .that()
                    .resideInAPackage(TESTKIT)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            ROOT + "core..", ROOT + "flink..", ROOT + "job..", ROOT + "cli..");

    @ArchTest
    static final ArchRule onlyTheDemoUsesTheTestkit =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + "cli..")
                    .and()
                    .resideOutsideOfPackage(ROOT + "cli.demo..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(TESTKIT);

    @ArchTest
    static final ArchRule databasesAreNamedInPostgresPackagesOnly =
            noClasses()
                    .that(not(resideInAPackage("..postgres..")).and(not(resideInAPackage(TESTKIT))))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..");

    @ArchTest
    static final ArchRule javalinIsNamedInHttpPackagesOnly =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("..http..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.javalin..");

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
