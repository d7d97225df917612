package io.heliosdb.replication.core.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.apply.postgres.TypeTable.Kind;
import io.heliosdb.replication.core.verify.Outcome;
import io.heliosdb.replication.core.verify.VerifyReport;
import io.heliosdb.replication.core.verify.VerifyText;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What arrives is what was there, to the byte of its text form: every type of {@link TypeCases} in
 * every {@link TypeTable.Kind} of table, copied and streamed. One stand; each step changes all
 * tables and compares both sides.
 *
 * <p>Steps that change all tables in one transaction go through the streamed apply, the others
 * through the grouped one. Up to ten rows of a table are single statements there, from 150 on
 * inserts are COPY, between they are unnested arrays ({@link SetWriter}).
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TypeFidelityTest {

    private static TypeStand stand;

    @BeforeAll
    static void open() throws Exception {
        stand = new TypeStand();
        List<TypeCase> cases = new ArrayList<>(TypeCases.ALL);
        for (Map.Entry<String, TypeCase> optional : TypeCases.WHERE_INSTALLED.entrySet()) {
            if (stand.isInstalled(optional.getKey())) {
                cases.add(optional.getValue());
            }
        }
        stand.create(cases);
    }

    @AfterAll
    static void close() throws Exception {
        stand.close();
    }

    @Test
    @Order(1)
    void everyBuiltInTypeIsListed_R10() throws SQLException {
        List<String> unlisted =
                stand.atSource(
                        """
                        SELECT t.oid::regtype FROM pg_type t
                        WHERE t.oid < 16384 AND t.typtype IN ('b', 'd', 'e', 'r', 'm')
                          AND NOT EXISTS (SELECT FROM pg_type e
                                          WHERE e.typarray = t.oid AND e.typtype IN ('c', 'p'))
                          AND NOT EXISTS (SELECT FROM pg_attribute a
                                          JOIN pg_class c ON c.oid = a.attrelid
                                          JOIN pg_namespace n ON n.oid = c.relnamespace
                                          WHERE n.nspname = 'v' AND a.attname IN ('v', 'a')
                                            AND a.atttypid = t.oid)
                        """);
        TypeCases.UNREADABLE.forEach(type -> unlisted.removeAll(List.of(type, type + "[]")));
        assertThat(unlisted).isEmpty();
    }

    @Test
    @Order(2)
    void typesWithoutTextCannotBeGivenAValue_R10() throws SQLException {
        for (String type : TypeCases.UNREADABLE) {
            assertThatThrownBy(() -> stand.atSource("SELECT ''::" + type))
                    .as(type)
                    .hasFieldOrPropertyWithValue("SQLState", "0A000");
        }
    }

    @Test
    @Order(3)
    void firstCopy_R10() throws Exception {
        stand.together(List.of(table -> table.insert(1, 40), table -> table.insert(1, 2, "'x'")));
        stand.replicate();
        stand.assertSame();
    }

    @Test
    @Order(4)
    void insertsUpdatesAndDeletesOfSingleRows_R10() throws Exception {
        stand.together(List.of(table -> table.insert(101, 101)));
        stand.inGroups(List.of(table -> table.update(1, 1, 1), table -> table.touch(2, 2)));
        stand.inGroups(List.of(table -> table.delete(3, 3)));
        stand.assertSame();
    }

    @Test
    @Order(5)
    void updatesThatLeaveLargeValuesAlone_R9() throws Exception {
        stand.inGroups(List.of(table -> table.touch(7, 7)));
        stand.inGroups(List.of(table -> table.touch(5, 50), table -> table.update(20, 30, 2)));
        stand.together(List.of(table -> table.touch(5, 50)));
        stand.assertSame();
        assertThat(stand.neverLeftOut()).isEmpty();
    }

    @Test
    @Order(6)
    void updatesOfKeys_R10() throws Exception {
        stand.inGroups(List.of(table -> table.rekey(27, 27, 1)));
        stand.inGroups(List.of(table -> table.rekey(5, 40, 2)));
        stand.assertSame();
    }

    @Test
    @Order(7)
    void manyRows_R10() throws Exception {
        stand.inGroups(List.of(table -> table.insert(200, 239)));
        stand.inGroups(List.of(table -> table.update(200, 232, 1), table -> table.touch(225, 239)));
        stand.inGroups(List.of(table -> table.delete(203, 232)));
        stand.assertSame();
    }

    @Test
    @Order(8)
    void sizesOfCopy_R10() throws Exception {
        stand.tables.removeIf(table -> table.kind() == Kind.KI || table.kind() == Kind.KF);
        stand.inGroups(List.of(table -> table.insert(1000, 1179)));
        stand.inGroups(List.of(table -> table.update(1000, 1179, 3)));
        stand.inGroups(List.of(table -> table.delete(1001, 1179)));
        stand.assertSame();
    }

    @Test
    @Order(9)
    void severalChangesOfARowInOneTransaction_R9_R10() throws Exception {
        stand.together(
                List.of(
                        table -> table.insert(300, 330),
                        table -> table.touch(300, 330),
                        table -> table.update(301, 312, 1),
                        table -> table.touch(301, 312),
                        table -> table.delete(310, 311)));
        stand.assertSame();
    }

    /** No false alarm over any type, and none missed where {@code =} would see no difference. */
    @Test
    @Order(10)
    void verificationComparesEveryTypeByItsText_R29() throws Exception {
        VerifyReport same = stand.pipeline().verify();
        assertThat(same.verdict()).as(VerifyText.render(same)).isEqualTo(Outcome.EQUAL);

        for (String change :
                List.of(
                        "\"D ° numeric\" SET \"Välue\" = '1.000' WHERE \"Välue\" = 1",
                        "\"D ° t pair\" SET \"Välue\" = NULL WHERE \"Välue\"::text = '(,)'",
                        "\"F ° citext\" SET \"Välue\" = 'CASE' WHERE \"Välue\"::text = 'case'")) {
            stand.atTarget("UPDATE \"" + TypeTable.SCHEMA + "\"." + change);
        }
        List<String> different =
                stand.pipeline().verify().replications().stream()
                        .flatMap(replication -> replication.tables().stream())
                        .filter(table -> table.outcome() == Outcome.DIFFERENT)
                        .map(table -> table.table().name())
                        .distinct()
                        .toList();
        assertThat(different).containsExactlyInAnyOrder("D ° numeric", "D ° t pair", "F ° citext");
    }
}
