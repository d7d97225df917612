package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.config.DdlPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Rows of partitions that others have taken out of their tree, or brought into one, meanwhile.
 * Nothing refuses them: they would find a place where they do not belong, or nothing to change.
 */
class LeftPartitionsTest {

    private static final String RESYNCED =
            "SELECT replication_id FROM heliosdb.replication_progress WHERE resync_lsn IS NOT NULL"
                    + " ORDER BY 1";

    private static DdlStand withDefault() {
        return new DdlStand(
                        "CREATE TABLE p (id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))"
                                + " PARTITION BY RANGE (id)",
                        "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                        "CREATE TABLE p_2 PARTITION OF p DEFAULT",
                        "INSERT INTO p VALUES (1, 'a', 1), (2, 'b', 2), (3, 'b', 3), (101, 'b', 101)")
                .viaRoot()
                .startWithout("a", "b")
                .pause("b");
    }

    private static void assertSame(DdlStand stand, List<String> resynced) {
        stand.assertSame("SELECT * FROM p ORDER BY id").assertSame("SELECT * FROM p_1 ORDER BY id");
        assertThat(stand.onTargetRows(RESYNCED)).isEqualTo(resynced);
    }

    @Test
    void rowsThatWereInserted_R14_R15() {
        try (DdlStand stand = withDefault()) {
            stand.onSource(
                    "INSERT INTO p VALUES (11, 'a', 11), (12, 'b', 12), (112, 'b', 112)",
                    "ALTER TABLE p DETACH PARTITION p_1",
                    "INSERT INTO p_1 VALUES (13, 'a', 13), (14, 'b', 14)",
                    "UPDATE p_1 SET v = v + 1",
                    "INSERT INTO p VALUES (15, 'a', 15), (16, 'b', 16)");
            stand.settle().resume("b");

            assertSame(stand, List.of("r_b"));
        }
    }

    /** The parent's wait until b is past them, and by then it is no parent any more. */
    @Test
    void whatItHadFromItsParentItKeeps_R14_R15() {
        try (DdlStand stand = withDefault()) {
            stand.onSource(
                    "CREATE INDEX ON p USING hash (v)",
                    "ALTER TABLE p ADD UNIQUE (tenant_id, id, v)",
                    "ALTER TABLE p ADD CONSTRAINT k CHECK (v < 1000)",
                    "ALTER TABLE p DETACH PARTITION p_1");
            stand.settle().resume("b");

            stand.await(
                    "nothing to be pending",
                    () -> stand.onTargetRows("SELECT 1 FROM heliosdb.ddl_pending").isEmpty());
            stand.assertSame(
                            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
                                    + " WHERE conrelid = 'p_1'::regclass ORDER BY 1")
                    .assertSame(
                            "SELECT indexdef FROM pg_indexes WHERE tablename = 'p_1'"
                                    + " ORDER BY indexname");
        }
    }

    @Test
    void rowsThatWereUpdatedOrDeleted_R14_R15() {
        try (DdlStand stand = withDefault()) {
            stand.onSource(
                    "UPDATE p SET v = v + 1 WHERE id = 2",
                    "DELETE FROM p WHERE id = 3",
                    "ALTER TABLE p DETACH PARTITION p_1");
            stand.settle().resume("b");

            assertSame(stand, List.of("r_b"));
        }
    }

    @Test
    void rowsThatWereTruncated_R13_R14_R15() {
        try (DdlStand stand = withDefault()) {
            stand.onSource(
                    "TRUNCATE p",
                    "INSERT INTO p VALUES (2, 'b', 3)",
                    "ALTER TABLE p DETACH PARTITION p_1");
            stand.settle().resume("b");

            assertSame(stand, List.of("r_b"));
        }
    }

    @Test
    void nobodyIsCopiedForRowsOfOtherPartitions_R14_R15() {
        try (DdlStand stand = withDefault()) {
            stand.onSource(
                    "INSERT INTO p VALUES (111, 'a', 11), (112, 'b', 12)",
                    "UPDATE p SET v = v + 1 WHERE id > 100",
                    "ALTER TABLE p RENAME id TO number",
                    "ALTER TABLE p DETACH PARTITION p_1",
                    "ALTER TABLE p RENAME number TO id",
                    "ALTER TABLE p_1 RENAME number TO id",
                    "INSERT INTO p VALUES (15, 'a', 15), (16, 'b', 16)",
                    "DELETE FROM p WHERE id = 101");
            stand.settle().resume("b");

            assertSame(stand, List.of());
        }
    }

    @Test
    void keysThatWereRenamedMeanwhile_R14_R15() {
        try (DdlStand stand = withDefault()) {
            stand.onSource(
                    "DELETE FROM p WHERE id = 3",
                    "ALTER TABLE p RENAME id TO number",
                    "ALTER TABLE p DETACH PARTITION p_1",
                    "ALTER TABLE p RENAME number TO id",
                    "ALTER TABLE p_1 RENAME number TO id");
            stand.settle().resume("b");

            assertSame(stand, List.of("r_b"));
        }
    }

    @Test
    void rowsThatWereDroppedWithIt_R14_R15() {
        try (DdlStand stand = withDefault()) {
            stand.onSource(
                    "INSERT INTO p VALUES (11, 'a', 11), (12, 'b', 12), (112, 'b', 112)",
                    "UPDATE p SET v = v + 1",
                    "DROP TABLE p_1",
                    "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                    "INSERT INTO p VALUES (12, 'b', 1), (16, 'b', 16)");
            stand.settle().resume("b");

            assertSame(stand, List.of());
        }
    }

    @Test
    void aBranchAndHashes_R14_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE p (id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))"
                                        + " PARTITION BY HASH (id)",
                                "CREATE TABLE p_0 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 0)"
                                        + " PARTITION BY RANGE (id)",
                                "CREATE TABLE p_1 PARTITION OF p_0 FOR VALUES FROM (0) TO (50)",
                                "CREATE TABLE p_2 PARTITION OF p_0 DEFAULT",
                                "CREATE TABLE p_3 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                                "INSERT INTO p SELECT g, 'b', 0 FROM generate_series(1, 90) g")
                        .viaRoot()
                        .startWithout("a", "b")
                        .pause("b")) {
            stand.onSource(
                    "UPDATE p SET v = id WHERE id % 3 = 0",
                    "DELETE FROM p WHERE id % 7 = 0",
                    "ALTER TABLE p_0 DETACH PARTITION p_1",
                    "ALTER TABLE p DETACH PARTITION p_0");
            stand.settle().resume("b");

            assertSame(stand, List.of("r_b"));
            stand.assertSame("SELECT * FROM p_0 ORDER BY id");
        }
    }

    /** It is not the stream that has brought the others past it. */
    @Test
    void aCopyForOthersHasTakenItOut_R14_R15() {
        try (DdlStand stand = withDefault()) {
            stand.pause("a");
            stand.onSource(
                    "INSERT INTO p VALUES (12, 'b', 12)",
                    "DELETE FROM p WHERE id = 3",
                    "ALTER TABLE p DETACH PARTITION p_1",
                    "INSERT INTO p VALUES (16, 'c', 16)");
            stand.add("c").settle();
            stand.resume("b").resume("a");

            stand.assertSame("SELECT * FROM p ORDER BY id")
                    .assertSame("SELECT * FROM p_1 ORDER BY id");
            assertThat(stand.onTargetRows(RESYNCED)).contains("r_b");
        }
    }

    /** When it went is not known to who is behind: rows may be of what has come in its place. */
    @Test
    void aCopyForOthersHasDroppedIt_R14_R15() {
        try (DdlStand stand = withDefault()) {
            stand.pause("a");
            stand.onSource(
                    "INSERT INTO p VALUES (12, 'b', 12)",
                    "DROP TABLE p_1",
                    "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                    "INSERT INTO p VALUES (50, 'b', 50), (51, 'a', 51)",
                    "INSERT INTO p VALUES (16, 'c', 16)");
            stand.add("c").settle();
            stand.resume("b").resume("a");

            stand.assertSame("SELECT * FROM p ORDER BY id");
        }
    }

    @Test
    void itsTreeIsDroppedAndMadeAnew_R14_R15() {
        try (DdlStand stand = withDefault()) {
            stand.onSource(
                    "UPDATE p SET v = v + 1 WHERE id = 2",
                    "ALTER TABLE p DETACH PARTITION p_1",
                    "CREATE TABLE q (id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))"
                            + " PARTITION BY RANGE (id)",
                    "ALTER TABLE q ATTACH PARTITION p_1 FOR VALUES FROM (0) TO (100)",
                    "DROP TABLE p",
                    "ALTER TABLE q RENAME TO p",
                    "INSERT INTO p VALUES (15, 'a', 15), (16, 'b', 16)");
            stand.settle().resume("b");

            assertSame(stand, List.of("r_b"));
        }
    }

    @Test
    void itsTreeIsRewritten_R14_R15() {
        try (DdlStand stand = withDefault()) {
            stand.onSource(
                    "UPDATE p SET v = v + 1",
                    "ALTER TABLE p DETACH PARTITION p_1",
                    "ALTER TABLE p ADD COLUMN u uuid DEFAULT gen_random_uuid()");
            stand.settle().resume("b");

            assertSame(stand, List.of("r_b"));
        }
    }

    @Test
    void somebodyHasTakenItOutByHand_R14_R15() {
        try (DdlStand stand = withDefault()) {
            stand.policy("a", DdlPolicy.PAUSE);
            stand.onSource(
                    "UPDATE p SET v = v + 1",
                    "INSERT INTO p VALUES (12, 'b', 12)",
                    "ALTER TABLE p DETACH PARTITION p_1");
            stand.awaitError("a");
            stand.onTarget("ALTER TABLE p DETACH PARTITION p_1");
            stand.retry("a").settle().resume("b");

            assertSame(stand, List.of("r_b"));
        }
    }

    @Test
    void theOnlyPartition_R14_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE p (id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))"
                                        + " PARTITION BY RANGE (id)",
                                "CREATE TABLE p_1 PARTITION OF p DEFAULT",
                                "INSERT INTO p VALUES (1, 'a', 1), (2, 'b', 2), (3, 'b', 3)")
                        .viaRoot()
                        .startWithout("a", "b")
                        .pause("b")) {
            stand.onSource(
                    "UPDATE p SET v = v + 1",
                    "DELETE FROM p WHERE id = 3",
                    "ALTER TABLE p DETACH PARTITION p_1",
                    "CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                    "INSERT INTO p VALUES (2, 'b', 7)");
            stand.settle().resume("b");

            assertSame(stand, List.of("r_b"));
        }
    }

    @Test
    void boundsWithQuestionMarks_R14_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE p (id int, tenant_id text, \"k?\" text, PRIMARY KEY (tenant_id, id, \"k?\"))"
                                        + " PARTITION BY LIST (\"k?\")",
                                "CREATE TABLE p_1 PARTITION OF p FOR VALUES IN ('why?', 'o''?')",
                                "CREATE TABLE p_2 PARTITION OF p DEFAULT",
                                "INSERT INTO p VALUES (1, 'a', 'why?'), (2, 'b', 'o''?'), (3, 'b', 'what?')")
                        .viaRoot()
                        .startWithout("a", "b")
                        .pause("b")) {
            stand.onSource("DELETE FROM p WHERE id > 1", "ALTER TABLE p DETACH PARTITION p_1");
            stand.settle().resume("b");

            assertSame(stand, List.of("r_b"));
        }
    }

    /** It was there before the partition came. */
    @Test
    void aRowThatHasMovedBeforeItCame_R14_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE p (id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))"
                                        + " PARTITION BY RANGE (id)",
                                "CREATE TABLE p_1 PARTITION OF p DEFAULT")
                        .viaRoot()
                        .startWithout("a", "b")
                        .pause("b")) {
            stand.onSource(
                    "INSERT INTO p VALUES (50, 'b', 1)",
                    "UPDATE p SET id = 500",
                    "CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                    "INSERT INTO p VALUES (60, 'b', 1), (61, 'a', 1)",
                    "DROP TABLE p_2");
            stand.settle().resume("b");

            assertSame(stand, List.of("r_b"));
        }
    }

    @Test
    void rowsOfATableThatIsAPartitionNow_R14_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE p (id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))"
                                        + " PARTITION BY RANGE (id)",
                                "CREATE TABLE p_2 PARTITION OF p DEFAULT",
                                "CREATE TABLE q (id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))",
                                "INSERT INTO q VALUES (1, 'a', 1), (2, 'b', 2), (3, 'b', 3)",
                                "INSERT INTO p VALUES (101, 'b', 101)")
                        .viaRoot()
                        .startWithout("a", "b")
                        .pause("b")) {
            stand.onSource(
                    "INSERT INTO p VALUES (4, 'b', 4)",
                    "INSERT INTO q VALUES (11, 'a', 11), (12, 'b', 12)",
                    "UPDATE q SET v = v + 1",
                    "DELETE FROM q WHERE id = 3",
                    "UPDATE p SET v = v + 1",
                    "DELETE FROM p WHERE id = 4",
                    "INSERT INTO q VALUES (4, 'b', 5)",
                    "ALTER TABLE p ATTACH PARTITION q FOR VALUES FROM (0) TO (100)",
                    "INSERT INTO p VALUES (13, 'a', 13), (14, 'b', 14)",
                    "UPDATE p SET v = v + 1");
            stand.settle().resume("b");

            stand.assertSame("SELECT * FROM p ORDER BY id")
                    .assertSame("SELECT * FROM q ORDER BY id");
        }
    }
}
