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
        return new DdlStand(
                        "CREATE TABLE p (id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))"
                                + " PARTITION BY RANGE (id)",
                        "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                        "CREATE TABLE p_2 PARTITION OF p DEFAULT",
                        "CREATE TABLE x (id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))",
                        "INSERT INTO p VALUES (1, 'a', 1), (2, 'b', 2), (401, 'a', 3), (402, 'b', 4)",
                        "INSERT INTO x VALUES (1, 'a', 1), (2, 'b', 2), (201, 'a', 3), (202, 'b', 4)")
                .viaRoot()
                .startWithout("a", "b");
    }

    private static void assertSame(DdlStand stand) {
        stand.assertSame("SELECT tableoid::regclass, * FROM p ORDER BY id, tenant_id")
                .assertSame("SELECT * FROM x ORDER BY id, tenant_id");
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
