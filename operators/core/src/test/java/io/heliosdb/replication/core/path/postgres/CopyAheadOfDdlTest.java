package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.config.DdlPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A tenant that is copied brings the target's tables further than another has come, over more than
 * one DDL at once: names go from one thing to another meanwhile.
 */
class CopyAheadOfDdlTest {

    private static final String KEY = ", PRIMARY KEY (tenant_id, id))";

    /** While a is behind, this happens; then b is copied; then a comes after. */
    private static void comesAfter(
            DdlStand stand, String[] meanwhile, List<String> tables, List<String> gone) {
        stand.pause("a").onSource(meanwhile).settle();
        stand.add("b");
        for (String table : tables) {
            stand.assertSame(
                    "SELECT * FROM " + table + " WHERE tenant_id = 'b' ORDER BY tenant_id, id");
        }
        stand.resume("a");
        for (String table : tables) {
            stand.assertSame("SELECT * FROM " + table + " ORDER BY tenant_id, id")
                    .assertSameTable(table);
        }
        for (String table : gone) {
            assertThat(stand.onTargetRows("SELECT to_regclass('" + table + "')"))
                    .as(table)
                    .isEqualTo(List.of("null"));
        }
    }

    private static String[] sql(String... statements) {
        return statements;
    }

    @Test
    void aColumnTakesTheNameOfOneThatHasGone_R15() {
        try (DdlStand stand =
                new DdlStand("CREATE TABLE t (id int, tenant_id text, v int, w text" + KEY)
                        .start("a")) {
            comesAfter(
                    stand,
                    sql(
                            "INSERT INTO t VALUES (1, 'a', 1, 'x'), (2, 'b', 2, 'y')",
                            "ALTER TABLE t DROP COLUMN v",
                            "ALTER TABLE t RENAME COLUMN w TO v",
                            "INSERT INTO t VALUES (3, 'a', 'z'), (4, 'b', 'z')"),
                    List.of("t"),
                    List.of());
        }
    }

    @Test
    void aTypeBecomesAnotherByTwoSteps_R15() {
        try (DdlStand stand =
                new DdlStand("CREATE TABLE t (id int, tenant_id text, v int[], w int" + KEY)
                        .start("a")) {
            comesAfter(
                    stand,
                    sql(
                            "INSERT INTO t VALUES (1, 'a', '{1,2}', 5), (2, 'b', '{3}', 6)",
                            "ALTER TABLE t ALTER COLUMN w TYPE bigint",
                            "ALTER TABLE t ALTER COLUMN v TYPE text",
                            "ALTER TABLE t ALTER COLUMN v TYPE int USING length(v)",
                            "INSERT INTO t VALUES (3, 'a', 7, 7), (4, 'b', 8, 8)"),
                    List.of("t"),
                    List.of());
        }
    }

    @Test
    void aColumnOfPartitionsGoesAndComesAgain_R14_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE p (id int, tenant_id text, v int"
                                        + KEY
                                        + " PARTITION BY RANGE (id)",
                                "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100)")
                        .viaRoot()
                        .startWithout("a")) {
            comesAfter(
                    stand,
                    sql(
                            "INSERT INTO p VALUES (1, 'a', 1), (2, 'b', 2)",
                            "ALTER TABLE p DROP COLUMN v",
                            "ALTER TABLE p ADD COLUMN v text DEFAULT 'd'",
                            "INSERT INTO p VALUES (3, 'a', 'x'), (4, 'b', 'y')"),
                    List.of("p", "p_1"),
                    List.of());
        }
    }

    /** The parent is not copied by who copies what inherits from it. */
    @Test
    void aColumnThatIsInheritedGoes_R14_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE base (id int, tenant_id text, v int" + KEY,
                                "CREATE TABLE derived (PRIMARY KEY (tenant_id, id)) INHERITS (base)",
                                "INSERT INTO derived VALUES (1, 'a', 1), (2, 'b', 2)")
                        .start("a", "b")
                        .pause("a")
                        .pause("b")) {
            stand.onSource(
                            "ALTER TABLE derived ADD COLUMN u uuid DEFAULT gen_random_uuid()",
                            "ALTER TABLE base DROP COLUMN v",
                            "ALTER TABLE base ADD COLUMN v text DEFAULT 'd'",
                            "INSERT INTO derived VALUES (3, 'a', gen_random_uuid(), 'x')",
                            "INSERT INTO base VALUES (4, 'a', 'y'), (5, 'b', 'z')")
                    .settle();
            stand.resume("b").assertSame("SELECT * FROM derived WHERE tenant_id = 'b' ORDER BY id");
            stand.resume("a")
                    .assertSame("SELECT * FROM derived ORDER BY id")
                    .assertSame("SELECT * FROM ONLY base ORDER BY id")
                    .assertSameTable("derived")
                    .assertSameTable("base");
        }
    }

    @Test
    void tablesExchangeTheirNames_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE one (id int, tenant_id text, v int" + KEY,
                                "CREATE TABLE two (id int, tenant_id text, w text" + KEY)
                        .start("a")) {
            comesAfter(
                    stand,
                    sql(
                            "INSERT INTO one VALUES (1, 'a', 1), (2, 'b', 2)",
                            "INSERT INTO two VALUES (1, 'a', 'x'), (2, 'b', 'y')",
                            "ALTER TABLE one RENAME TO between",
                            "ALTER TABLE two RENAME TO one",
                            "ALTER TABLE between RENAME TO two",
                            "INSERT INTO one VALUES (3, 'a', 'z'), (4, 'b', 'z')",
                            "INSERT INTO two VALUES (3, 'a', 3), (4, 'b', 4)",
                            "UPDATE one SET w = w || '!'"),
                    List.of("one", "two"),
                    List.of("between"));
        }
    }

    /** Its first name is that of another table by then. */
    @Test
    void aTableIsMadeAndMovedTwice_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE SCHEMA aside",
                                "CREATE TABLE old (id int, tenant_id text, v int" + KEY)
                        .start("a")) {
            comesAfter(
                    stand,
                    sql(
                            "INSERT INTO old VALUES (1, 'a', 1), (2, 'b', 2)",
                            "CREATE TABLE made (id int, tenant_id text, w text" + KEY,
                            "INSERT INTO made VALUES (1, 'a', 'x'), (2, 'b', 'y')",
                            "ALTER TABLE made SET SCHEMA aside",
                            "ALTER TABLE old RENAME TO made",
                            "INSERT INTO aside.made VALUES (3, 'a', 'z'), (4, 'b', 'z')",
                            "INSERT INTO made VALUES (3, 'a', 3), (4, 'b', 4)"),
                    List.of("made", "aside.made"),
                    List.of("old"));
        }
    }

    /** Who copies does not carry it yet; its rows of before are not what it asks for now. */
    @Test
    void aTableIsMadeAndAsksMoreOfItsRowsLater_R15() {
        try (DdlStand stand =
                new DdlStand("CREATE TABLE t (id int, tenant_id text, v int" + KEY)
                        .start("a", "b")) {
            stand.pause("a").pause("b");
            stand.onSource(
                            "ALTER TABLE t ADD COLUMN u uuid DEFAULT gen_random_uuid()",
                            "CREATE TABLE made (id int, tenant_id text, v int" + KEY,
                            "INSERT INTO made VALUES (1, 'a', NULL), (2, 'b', NULL), (3, 'b', -1)",
                            "UPDATE made SET v = id",
                            "ALTER TABLE made ALTER COLUMN v SET NOT NULL",
                            "ALTER TABLE made ADD CHECK (v > 0), ADD UNIQUE (v)",
                            "CREATE UNIQUE INDEX once ON made (tenant_id, v)",
                            "INSERT INTO made VALUES (4, 'a', 4), (5, 'b', 5)")
                    .settle();
            stand.resume("b").settle().resume("a");
            stand.assertSame("SELECT * FROM made ORDER BY id").assertSameTable("made");
            assertThat(
                            stand.onTargetRows(
                                    "SELECT 1 FROM heliosdb.replication_progress WHERE resync_lsn"
                                            + " IS NOT NULL"))
                    .isEmpty();
        }
    }

    @Test
    void aTableIsDroppedAndMadeAnewOfAnotherShape_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE t (id int, tenant_id text, v int" + KEY,
                                "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2)")
                        .start("a")) {
            comesAfter(
                    stand,
                    sql(
                            "INSERT INTO t VALUES (3, 'a', 1), (4, 'b', 2)",
                            "DROP TABLE t",
                            "CREATE TABLE t (tenant_id text, w text, id int" + KEY,
                            "INSERT INTO t VALUES ('a', 'x', 5), ('b', 'y', 6)",
                            "ALTER TABLE t RENAME COLUMN w TO v",
                            "INSERT INTO t VALUES ('a', 'x', 7), ('b', 'y', 8)"),
                    List.of("t"),
                    List.of());
        }
    }

    @Test
    void aPartitionLeavesItsTreeAndBothChange_R14_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE p (id int, tenant_id text, v int"
                                        + KEY
                                        + " PARTITION BY RANGE (id)",
                                "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                                "CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (100) TO (200)",
                                "CREATE TABLE q (id int, tenant_id text, v text"
                                        + KEY
                                        + " PARTITION BY RANGE (id)")
                        .viaRoot()
                        .startWithout("a")) {
            comesAfter(
                    stand,
                    sql(
                            "INSERT INTO p VALUES (1, 'a', 1), (2, 'b', 2)",
                            "ALTER TABLE p DETACH PARTITION p_2",
                            "ALTER TABLE p DROP COLUMN v",
                            "ALTER TABLE p ADD COLUMN v text",
                            "ALTER TABLE p_2 ALTER COLUMN v TYPE text",
                            "INSERT INTO p_2 VALUES (101, 'a', 'x'), (102, 'b', 'y')",
                            "ALTER TABLE q ATTACH PARTITION p_2 FOR VALUES FROM (100) TO (300)",
                            "INSERT INTO q VALUES (103, 'a', 'x'), (204, 'b', 'y')",
                            "INSERT INTO p VALUES (3, 'a', 'x'), (4, 'b', 'y')"),
                    List.of("p", "q", "p_1", "p_2"),
                    List.of());
        }
    }

    /** Whoever streams has come to DDL that the snapshot of a copy does not see yet. */
    @Test
    void aTableThatStandsBeyondTheCopyStaysThere_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE t (id int, tenant_id text, v int" + KEY,
                                "CREATE TABLE u (id int, tenant_id text, v int" + KEY)
                        .start("a")) {
            stand.onTarget(
                    "ALTER TABLE t ADD COLUMN later int",
                    "ALTER TABLE t DROP COLUMN v",
                    "ALTER TABLE u RENAME TO w",
                    """
                    UPDATE heliosdb.ddl_shape SET commit_lsn = 'FF/0', definition = jsonb_set(
                        definition, '{columns}', (definition->'columns') - 2 || jsonb_set(
                            definition->'columns'->2, '{name}', '"later"'))
                    WHERE table_name = 't'
                    """,
                    """
                    UPDATE heliosdb.ddl_shape SET commit_lsn = 'FF/0', table_name = 'w',
                        definition = jsonb_set(definition, '{name}', '"w"')
                    WHERE table_name = 'u'
                    """);
            stand.onSource("CREATE TABLE x (id int, tenant_id text" + KEY).only("b", "public.x");
            stand.policy("b", DdlPolicy.APPLY).settle();
            stand.await("b", () -> stand.lane("b").state() == ReplicationState.STREAMING);

            assertThat(
                            stand.onTargetRows(
                                    "SELECT string_agg(attname, ' ' ORDER BY attname) FROM"
                                            + " pg_attribute WHERE attrelid = 't'::regclass AND"
                                            + " attnum > 0 AND NOT attisdropped"))
                    .isEqualTo(List.of("id later tenant_id"));
            assertThat(stand.onTargetRows("SELECT to_regclass('w')")).isEqualTo(List.of("w"));
        }
    }

    /** Dropped and made anew, or restored: its tables have other numbers. */
    @Test
    void aSourceThatIsAnotherDatabaseTakesNoTableAway_R15_R18() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE t (id int, tenant_id text, v int" + KEY,
                                "CREATE TABLE u (id int, tenant_id text, v int" + KEY)
                        .start("a")) {
            stand.onTarget(
                    "INSERT INTO t VALUES (1, 'own', 1)",
                    "UPDATE heliosdb.ddl_shape SET definition = jsonb_set(definition, '{oid}', to_jsonb(length(schema_name || table_name) + CASE table_name WHEN 't' THEN 1 ELSE 0 END))");
            stand.onSource("INSERT INTO t VALUES (1, 'b', 1)");
            stand.add("b").assertSame("SELECT * FROM t WHERE tenant_id = 'b'");

            assertThat(stand.onTargetRows("SELECT count(*) FROM t WHERE tenant_id = 'own'"))
                    .isEqualTo(List.of("1"));
        }
    }
}
