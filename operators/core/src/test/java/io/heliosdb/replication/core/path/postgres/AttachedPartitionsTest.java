package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tables that become partitions while somebody who shares the target is behind: his rows may be
 * where the partition must not have them.
 */
class AttachedPartitionsTest {

    private static DdlStand stand() {
        return tables().viaRoot().startWithout("a", "b");
    }

    private static DdlStand tables() {
        return new DdlStand(
                "CREATE TABLE p (id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))"
                        + " PARTITION BY RANGE (id)",
                "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                "CREATE TABLE p_2 PARTITION OF p DEFAULT",
                "CREATE TABLE x (id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))",
                "INSERT INTO p VALUES (1, 'a', 1), (2, 'b', 2), (401, 'a', 3), (402, 'b', 4)",
                "INSERT INTO x VALUES (1, 'a', 1), (2, 'b', 2), (201, 'a', 3), (202, 'b', 4)");
    }

    private static void assertSame(DdlStand stand) {
        stand.assertSame("SELECT tableoid::regclass, * FROM p ORDER BY id, tenant_id")
                .assertSame("SELECT * FROM x ORDER BY id, tenant_id");
        // It would be copied again, and holds up what is pending.
        stand.await(
                "no table to be marked",
                () -> stand.onTargetRows("SELECT * FROM heliosdb.copy_mark").isEmpty());
    }

    @Test
    void rowsThatWereDeletedInTheSameTransaction_R14_R15() {
        try (DdlStand stand = stand()) {
            stand.onSource(
                    "DELETE FROM x WHERE id NOT BETWEEN 200 AND 299;"
                            + " ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (200) TO (300)",
                    "INSERT INTO p VALUES (211, 'a', 5), (212, 'b', 6)");
            stand.settle();

            assertSame(stand);
        }
    }

    @Test
    void rowsOfWhoIsBehind_R14_R15() {
        try (DdlStand stand = stand().pause("b")) {
            stand.onSource(
                    "INSERT INTO x VALUES (3, 'b', 7), (203, 'b', 8)",
                    "DELETE FROM x WHERE id NOT BETWEEN 200 AND 299",
                    "ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (200) TO (300)",
                    "INSERT INTO p VALUES (211, 'a', 5), (212, 'b', 6)");
            stand.settle().resume("b");

            assertSame(stand);
        }
    }

    /** Who is behind would not find them any more. */
    @Test
    void rowsThatWereMovedIntoItsBounds_R14_R15() {
        try (DdlStand stand = stand().pause("b")) {
            stand.onSource(
                    "UPDATE x SET id = id + 250 WHERE id < 100",
                    "ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (200) TO (300)",
                    "UPDATE p SET v = v + 1");
            stand.settle().resume("b");

            assertSame(stand);
        }
    }

    @Test
    void rowsOfTheDefaultPartition_R14_R15() {
        try (DdlStand stand = stand().pause("b")) {
            stand.onSource(
                    "WITH moved AS (DELETE FROM p_2 RETURNING id - 150, tenant_id, v)"
                            + " INSERT INTO x SELECT * FROM moved",
                    "CREATE TABLE p_3 PARTITION OF p FOR VALUES FROM (400) TO (500)",
                    "DELETE FROM x WHERE id < 200",
                    "ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (200) TO (300)",
                    "INSERT INTO p VALUES (411, 'a', 5), (412, 'b', 6)");
            stand.settle().resume("b");

            assertSame(stand);
        }
    }

    /** Each partition is published by itself. */
    @Test
    void rowsOfLeavesThatArePublished_R14_R15() {
        try (DdlStand stand = tables().start("a", "b").pause("b")) {
            stand.onSource(
                    "INSERT INTO p VALUES (250, 'b', 7), (251, 'a', 8)",
                    "UPDATE p SET id = id + 200 WHERE id IN (250, 251)",
                    "UPDATE x SET id = id + 250 WHERE id < 100",
                    "ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (200) TO (300)",
                    "UPDATE p SET v = v + 1");
            stand.settle().resume("b");

            assertSame(stand);
        }
    }

    @Test
    void aBranch_R14_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE p (id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))"
                                        + " PARTITION BY RANGE (id)",
                                "CREATE TABLE p_2 PARTITION OF p DEFAULT PARTITION BY LIST (tenant_id)",
                                "CREATE TABLE p_2_a PARTITION OF p_2 FOR VALUES IN ('a')",
                                "CREATE TABLE p_2_b PARTITION OF p_2 FOR VALUES IN ('b')",
                                "CREATE TABLE x (v int, tenant_id text, id int, PRIMARY KEY (tenant_id, id))"
                                        + " PARTITION BY HASH (id)",
                                "CREATE TABLE x_0 PARTITION OF x FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                                "CREATE TABLE x_1 PARTITION OF x FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                                "INSERT INTO p SELECT g, t, g FROM generate_series(195, 205) g, unnest('{a,b}'::text[]) t",
                                "INSERT INTO x SELECT g, t, g FROM generate_series(295, 305) g, unnest('{a,b}'::text[]) t")
                        .viaRoot()
                        .startWithout("a", "b")
                        .pause("b")) {
            stand.onSource(
                    "UPDATE x SET id = id - 50 WHERE id >= 300",
                    "DELETE FROM p WHERE id BETWEEN 200 AND 202",
                    "UPDATE p SET id = id + 500 WHERE id BETWEEN 200 AND 299",
                    "ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (200) TO (300)",
                    "UPDATE p SET v = v + 2");
            stand.settle().resume("b");

            assertSame(stand);
        }
    }

    /** Those of a tenant whose copy has seen the partition, or that is the target's own. */
    @Test
    void rowsThatBelongInItStay_R14_R15() {
        try (DdlStand stand = tables().start("a", "b").pause("b")) {
            stand.onTarget("INSERT INTO p VALUES (260, 'local', 9)");
            stand.onSource(
                    "DELETE FROM x WHERE id NOT BETWEEN 200 AND 299",
                    "ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (200) TO (300)");
            stand.settle().resume("b");

            stand.assertSame("SELECT * FROM p WHERE tenant_id <> 'local' ORDER BY id");
            assertThat(stand.onTargetRows("SELECT tableoid::regclass, id FROM p WHERE id = 260"))
                    .isEqualTo(List.of("x|260"));
        }
    }

    /** Nobody copies for what others have lost. */
    @Test
    void onlyWhoHasLostRowsCopies_R14_R15() {
        try (DdlStand stand =
                tables().viaRoot().startWithout("a", "b", "c").pause("b").pause("c")) {
            stand.onSource(
                    "INSERT INTO p VALUES (403, 'c', 1)",
                    "DELETE FROM x WHERE id NOT BETWEEN 200 AND 299",
                    "ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (200) TO (300)");
            stand.settle().resume("b").resume("c");

            assertSame(stand);
            assertThat(
                            stand.onTargetRows(
                                    "SELECT DISTINCT replication_id FROM heliosdb.table_sync"
                                            + " WHERE table_name = 'p' AND upper_lsn > (SELECT max(commit_lsn)"
                                            + " FROM heliosdb.ddl_misplaced)"))
                    .isEqualTo(List.of("r_b"));
        }
    }

    /** The deletion was left out, as the table is copied again. */
    @Test
    void rowsOfWhoCopiesTheTableAnyway_R14_R15() {
        try (DdlStand stand = stand()) {
            stand.onSource(
                    "ALTER TABLE p ALTER v TYPE text; ALTER TABLE x ALTER v TYPE text;"
                            + " DELETE FROM x WHERE id < 200;"
                            + " ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (200) TO (300)",
                    "INSERT INTO p VALUES (211, 'a', 5), (212, 'b', 6)");
            stand.settle();

            assertSame(stand);
        }
    }

    /** The partition must not come over rows that nobody brings again. */
    @Test
    void rowsThatAreTheTargetsOwnAreLeftAlone_R14_R15() {
        try (DdlStand stand = stand().pause("b")) {
            stand.onTarget("INSERT INTO x VALUES (9, 'local', 9)");
            stand.onSource(
                    "DELETE FROM x WHERE id NOT BETWEEN 200 AND 299",
                    "ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (200) TO (300)");

            assertThat(stand.awaitError("a")).contains("is violated by some row");
            assertThat(stand.onTargetRows("SELECT id, tenant_id FROM x WHERE id < 200 ORDER BY id"))
                    .isEqualTo(List.of("2|b", "9|local"));
            stand.onTarget("DELETE FROM x WHERE tenant_id = 'local'");
            stand.retry("a");
            stand.settle().resume("b");
            assertSame(stand);
        }
    }
}
