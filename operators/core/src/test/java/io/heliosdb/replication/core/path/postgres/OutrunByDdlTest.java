package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Replications that are behind DDL which has taken away the place of what they still bring: they
 * are copied again, by themselves.
 */
class OutrunByDdlTest {

    private static final String RESYNCED =
            "SELECT replication_id FROM heliosdb.replication_progress WHERE resync_lsn IS NOT NULL"
                    + " ORDER BY 1";

    private static DdlStand partitioned() {
        return new DdlStand(
                        "CREATE TABLE p (id int, tenant_id text, PRIMARY KEY (tenant_id, id))"
                                + " PARTITION BY RANGE (id)",
                        "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                        "CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (100) TO (200)",
                        "INSERT INTO p VALUES (1, 'a'), (2, 'b'), (101, 'a'), (102, 'b')")
                .viaRoot()
                .startWithout("a", "b");
    }

    /** They went with it. */
    @Test
    void rowsOfAPartitionThatIsGone_R14_R15() {
        try (DdlStand stand = partitioned().pause("b")) {
            stand.onSource(
                    "INSERT INTO p VALUES (103, 'a'), (104, 'b')",
                    "DROP TABLE p_2",
                    "INSERT INTO p VALUES (5, 'a'), (6, 'b')");
            stand.settle().resume("b");

            stand.assertSame("SELECT * FROM p ORDER BY id");
            assertThat(stand.onTargetRows(RESYNCED)).isEmpty();
            assertThat(stand.onTargetRows("SELECT * FROM heliosdb.quarantine")).isEmpty();
        }
    }

    @Test
    void rowsOfAPartitionThatIsGoneInALargeTransaction_R7_R14_R15() {
        try (DdlStand stand = partitioned().partBytes(1024).pause("b")) {
            stand.restart();
            stand.onSource(
                    "INSERT INTO p SELECT g, 'b' FROM generate_series(103, 190) g",
                    "DROP TABLE p_2",
                    "INSERT INTO p VALUES (5, 'a'), (6, 'b')");
            stand.settle().resume("b");

            stand.assertSame("SELECT * FROM p ORDER BY id");
        }
    }

    @Test
    void aLabelThatHasAnotherNameNow_R10_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TYPE mood AS ENUM ('low', 'sad')",
                                "CREATE TABLE t (id int, tenant_id text, m mood, PRIMARY KEY"
                                        + " (tenant_id, id))")
                        .start("a", "b")
                        .pause("b")) {
            stand.onSource(
                    "INSERT INTO t VALUES (1, 'a', 'sad'), (2, 'b', 'sad')",
                    "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
                    "INSERT INTO t VALUES (3, 'a', 'blue'), (4, 'b', 'blue')");
            stand.settle().resume("b").assertSame("SELECT * FROM t ORDER BY id");
            assertThat(stand.onTargetRows(RESYNCED)).isEqualTo(List.of("r_b"));
            assertThat(stand.onTargetRows("SELECT * FROM heliosdb.quarantine")).isEmpty();
        }
    }

    @Test
    void aTypeThatHasBecomeNarrower_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE t (id int, tenant_id text, v varchar(20), PRIMARY KEY"
                                        + " (tenant_id, id))")
                        .start("a", "b")
                        .pause("b")) {
            stand.onSource(
                    "INSERT INTO t VALUES (1, 'a', 'short'), (2, 'b', 'much too long')",
                    "UPDATE t SET v = 'fits' WHERE id = 2",
                    "ALTER TABLE t ALTER COLUMN v TYPE varchar(5)",
                    "INSERT INTO t VALUES (3, 'a', 'a'), (4, 'b', 'b')");
            stand.settle().resume("b").assertSame("SELECT * FROM t ORDER BY id");
        }
    }

    /** What a target refuses for reasons of its own is an error as ever. */
    @Test
    void whatNoCopyCanMendStopsTheReplication_R15_R22() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE t (id int, tenant_id text, v int, PRIMARY KEY"
                                        + " (tenant_id, id))")
                        .start("a", "b")
                        .pause("b")) {
            stand.onTarget("ALTER TABLE t ADD CONSTRAINT own CHECK (v < 100)");
            stand.onSource(
                    "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 1000)",
                    "ALTER TABLE t ADD COLUMN w int",
                    "INSERT INTO t VALUES (3, 'a', 3, 3), (4, 'b', 4, 4)");
            stand.settle().resume("b");

            assertThat(stand.awaitError("b")).contains("own");
        }
    }
}
