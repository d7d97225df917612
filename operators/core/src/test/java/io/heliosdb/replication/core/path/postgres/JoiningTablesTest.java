package io.heliosdb.replication.core.path.postgres;

import org.junit.jupiter.api.Test;

/** What a table asks of its rows, it asks of tables that come to stand below it at once. */
class JoiningTablesTest {

    private static final String KEY = ", PRIMARY KEY (tenant_id, id))";

    private static final String COLUMNS = "id int, tenant_id text, v int, w text";

    /** Its words are not those of a constraint that is not handed down. */
    private static final String SMALL =
            "CONSTRAINT small CHECK (v < 1000 AND w IS DISTINCT FROM ' NO INHERIT')";

    private static DdlStand inheriting() {
        return new DdlStand(
                "CREATE TABLE base (" + COLUMNS + ", " + SMALL + KEY,
                "CREATE TABLE other (" + COLUMNS + KEY,
                "INSERT INTO base VALUES (1, 'a', 1), (2, 'b', 2)",
                "INSERT INTO other VALUES (3, 'a', 3000), (4, 'b', 4000)");
    }

    private static DdlStand partitioned() {
        return new DdlStand(
                "CREATE TABLE base (" + COLUMNS + ", " + SMALL + KEY + " PARTITION BY RANGE (id)",
                "CREATE TABLE first PARTITION OF base FOR VALUES FROM (0) TO (3)",
                "CREATE TABLE rest PARTITION OF base DEFAULT",
                "CREATE TABLE other (" + COLUMNS + KEY,
                "INSERT INTO base VALUES (1, 'a', 1), (2, 'b', 2), (7, 'a', 7), (8, 'b', 8)",
                "INSERT INTO other VALUES (3, 'a', 3000), (4, 'b', 4000)");
    }

    private static void assertSame(DdlStand stand) {
        stand.assertSame("SELECT tableoid::regclass, * FROM base ORDER BY id, tenant_id")
                .assertSame("SELECT * FROM other ORDER BY id, tenant_id")
                .assertSameTable("base")
                .assertSameTable("other");
        stand.await(
                "no table to be marked",
                () -> stand.onTargetRows("SELECT * FROM heliosdb.copy_mark").isEmpty());
    }

    private static final String CHECK = "ALTER TABLE other ADD " + SMALL;

    /** It cannot come later: nobody gets past the transaction without it. */
    @Test
    void checksOfTheSameTransaction_R15() {
        try (DdlStand stand = inheriting().start("a", "b")) {
            stand.inOneTransaction(
                    "UPDATE other SET v = id", CHECK, "ALTER TABLE other INHERIT base");
            stand.settle();

            assertSame(stand);
        }
    }

    /** As people do who do not want to stop writers for long. */
    @Test
    void checksThatWereValidatedInTheSameTransaction_R15() {
        try (DdlStand stand = inheriting().start("a", "b").pause("b")) {
            stand.onSource("UPDATE other SET v = id", CHECK + " NOT VALID").settle().resume("b");
            stand.settle();
            stand.inOneTransaction(
                    "ALTER TABLE other VALIDATE CONSTRAINT small",
                    "ALTER TABLE other INHERIT base");
            stand.settle();

            assertSame(stand);
        }
    }

    /** What stands below the table that joins may go on to be NULL. */
    @Test
    void notNullOfTheTableAlone_R15() {
        try (DdlStand stand =
                inheriting()
                        .onSource(
                                "CREATE TABLE leaf (x int" + KEY + " INHERITS (other)",
                                "INSERT INTO leaf VALUES (7, 'a', NULL), (8, 'b', NULL)",
                                "UPDATE ONLY other SET v = id",
                                "ALTER TABLE base ALTER COLUMN v SET NOT NULL")
                        .start("a", "b")) {
            stand.pause("b");
            stand.onSource(
                    "ALTER TABLE ONLY other ALTER COLUMN v SET NOT NULL",
                    "ALTER TABLE leaf ADD " + SMALL,
                    "ALTER TABLE other ADD " + SMALL,
                    "ALTER TABLE other INHERIT base",
                    "INSERT INTO leaf VALUES (9, 'a', NULL), (10, 'b', NULL)");
            stand.settle().resume("b");

            assertSame(stand);
            stand.assertSameTable("leaf");
        }
    }

    @Test
    void checksThatRowsOfBeforeDoNotMeet_R15() {
        try (DdlStand stand = inheriting().start("a", "b").pause("b")) {
            stand.onSource(
                    "UPDATE other SET w = 'x'",
                    "UPDATE other SET v = id",
                    CHECK,
                    "ALTER TABLE other INHERIT base",
                    "INSERT INTO other VALUES (5, 'a', 5), (6, 'b', 6)");
            stand.settle().resume("b");

            assertSame(stand);
        }
    }

    @Test
    void checksBeforeACopy_R15() {
        try (DdlStand stand = inheriting().start("a").pause("a")) {
            stand.onSource(
                    "DELETE FROM other",
                    CHECK,
                    "ALTER TABLE other INHERIT base",
                    "INSERT INTO other VALUES (5, 'a', 5), (6, 'b', 6)");
            stand.add("b").settle().resume("a");

            assertSame(stand);
        }
    }

    @Test
    void checksOfAPartitionBeyondItsBoundsToo_R14_R15() {
        try (DdlStand stand = partitioned().viaRoot().startWithout("a", "b").pause("b")) {
            stand.onSource(
                    "INSERT INTO other VALUES (55, 'b', 5), (56, 'a', 6)",
                    "DELETE FROM other WHERE id > 50",
                    "UPDATE other SET v = id",
                    "DELETE FROM base WHERE id IN (7, 8)",
                    CHECK,
                    "ALTER TABLE base ATTACH PARTITION other FOR VALUES FROM (3) TO (50)",
                    "INSERT INTO base VALUES (5, 'a', 5), (6, 'b', 6)");
            stand.settle().resume("b");

            assertSame(stand);
        }
    }

    /** Its rows would not come again. */
    @Test
    void rowsOfACopyThatHasSeenItStay_R15() throws Exception {
        try (DdlStand stand =
                inheriting()
                        .onSource(
                                "CREATE TABLE zlast (" + COLUMNS + KEY,
                                "INSERT INTO zlast VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)",
                                "INSERT INTO other VALUES (13, 'c', NULL)",
                                "UPDATE other SET v = NULL",
                                "ALTER TABLE base ALTER COLUMN v SET NOT NULL")
                        .start("a", "c")) {
            stand.pause("a").pause("c");
            stand.onSource(
                    "UPDATE other SET v = id",
                    "ALTER TABLE other ALTER COLUMN v SET NOT NULL",
                    CHECK,
                    "ALTER TABLE other INHERIT base",
                    "INSERT INTO other VALUES (5, 'a', 5), (6, 'b', 6)");
            HeldLock held =
                    new HeldLock(
                            stand.targetServer, stand.target, "LOCK TABLE zlast IN SHARE MODE");
            try {
                stand.add("b");
                stand.await(
                        "rows of b",
                        () ->
                                !stand.onTargetRows("SELECT 1 FROM other WHERE tenant_id = 'b'")
                                        .isEmpty());
                stand.resume("a");
                stand.await(
                        "a to come there",
                        () ->
                                !stand.onTargetRows(
                                                "SELECT 1 FROM pg_inherits"
                                                        + " WHERE inhrelid = 'other'::regclass")
                                        .isEmpty());
            } finally {
                held.close();
            }
            stand.settle().resume("c");

            assertSame(stand);
        }
    }

    /** Only the target is partitioned: what is altered there alters its partitions. */
    @Test
    void columnsOfATableThatIsPartitionedOnlyInTheTarget_R14_R15() {
        try (DdlStand stand = inheriting()) {
            stand.onTarget(
                    "CREATE TABLE other ("
                            + COLUMNS.replace("v int", "v int NOT NULL")
                            + KEY
                            + " PARTITION BY RANGE (id)",
                    "CREATE TABLE other_1 PARTITION OF other FOR VALUES FROM (0) TO (5)",
                    "CREATE TABLE other_2 PARTITION OF other DEFAULT");
            stand.onSource("ALTER TABLE other ALTER COLUMN v SET NOT NULL");
            stand.start("a", "b");
            stand.onSource(
                    "ALTER TABLE other ALTER COLUMN v DROP NOT NULL",
                    "ALTER TABLE other ALTER COLUMN v SET DEFAULT 9",
                    "ALTER TABLE other DROP COLUMN w",
                    "INSERT INTO other VALUES (5, 'a', NULL), (6, 'b', NULL)",
                    "INSERT INTO other (id, tenant_id) VALUES (7, 'a'), (8, 'b')");
            stand.settle();

            stand.assertSame("SELECT * FROM other ORDER BY id, tenant_id");
            stand.add("c").settle();
        }
    }
}
