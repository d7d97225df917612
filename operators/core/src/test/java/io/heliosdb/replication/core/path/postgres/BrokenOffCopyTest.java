package io.heliosdb.replication.core.path.postgres;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DDL between a first copy that was broken off and the next one. */
class BrokenOffCopyTest {

    private static final String COLUMNS = " (id int, tenant_id text, v int";
    private static final String KEY = ", PRIMARY KEY (tenant_id, id))";
    private static final String LAST = "CREATE TABLE zlast" + COLUMNS + KEY;

    private static final List<String> COPIED = List.of("t", "u", "p", "x");

    /** The rows that it has brought are its own, wherever they have gone since. */
    @Test
    void knowsItsRowsInTablesThatHaveBecomeOthers_R2_R15() throws Exception {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE SCHEMA aside",
                                "CREATE TABLE t" + COLUMNS + KEY,
                                "CREATE TABLE u" + COLUMNS + KEY,
                                "CREATE TABLE x" + COLUMNS + KEY,
                                "CREATE TABLE p" + COLUMNS + KEY + " PARTITION BY RANGE (id)",
                                "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                                "CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (100) TO (200)",
                                LAST,
                                "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2)",
                                "INSERT INTO u VALUES (3, 'a', 3), (4, 'b', 4)",
                                "INSERT INTO p VALUES (5, 'a', 1), (6, 'b', 2), (105, 'a', 3), (106, 'b', 4)",
                                "INSERT INTO x VALUES (205, 'a', 5), (206, 'b', 6)",
                                "INSERT INTO zlast VALUES (1, 'a', 1), (2, 'b', 2)")
                        .onTarget(LAST)
                        .viaRoot()) {
            stand.replicate("a");
            stand.replicate("b");
            HeldLock held =
                    new HeldLock(
                            stand.targetServer, stand.target, "LOCK TABLE zlast IN SHARE MODE");
            try {
                stand.restart();
                for (String table : COPIED) {
                    stand.await(
                            "rows of " + table,
                            () ->
                                    stand.onTargetRows(
                                                            "SELECT 1 WHERE to_regclass('"
                                                                    + table
                                                                    + "') IS NOT NULL")
                                                    .equals(List.of("1"))
                                            && !stand.onTargetRows("SELECT 1 FROM " + table)
                                                    .isEmpty());
                }
                stand.stop();
            } finally {
                held.close();
            }
            stand.onSource(
                    "ALTER TABLE t RENAME TO between",
                    "ALTER TABLE u RENAME TO t",
                    "ALTER TABLE between SET SCHEMA aside",
                    "ALTER TABLE p DETACH PARTITION p_2",
                    "ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (200) TO (300)",
                    "UPDATE t SET v = v + 1",
                    "DELETE FROM p WHERE id < 6",
                    "ALTER TABLE t ADD COLUMN w text DEFAULT 'w'");
            stand.restart();
            stand.settle();

            for (String table : List.of("aside.between", "t", "p", "p_2", "x", "zlast")) {
                stand.assertSame("SELECT * FROM " + table + " ORDER BY id").assertSameTable(table);
            }
            stand.await(
                    "no table to be marked",
                    () -> stand.onTargetRows("SELECT * FROM heliosdb.copy_mark").isEmpty());
        }
    }

    private static final List<String> HELD = IntStream.range(0, 9).mapToObj(i -> "z_" + i).toList();

    /**
     * A table that is copied already gets rows of another that is not: it is broken off before that
     * one, by the DDL that waits for it.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (9000) TO (9999)",
                "ALTER TABLE x RENAME TO between; ALTER TABLE t RENAME TO x;"
                        + " ALTER TABLE between RENAME TO t"
            })
    void copiesAgainWhatOthersHaveComeTo_R2_R14_R15(String ddl) throws Exception {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE p" + COLUMNS + KEY + " PARTITION BY RANGE (id)",
                                "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (9000)",
                                "CREATE TABLE t" + COLUMNS + KEY,
                                "CREATE TABLE x" + COLUMNS + KEY,
                                "INSERT INTO p SELECT g, 'a', g FROM generate_series(1, 8000) g",
                                "INSERT INTO t SELECT g, 'a', g FROM generate_series(1, 8000) g",
                                "INSERT INTO x VALUES (9005, 'a', 5), (9006, 'b', 6)")
                        .viaRoot()) {
            for (String held : HELD) {
                stand.onSource(
                        "CREATE TABLE " + held + COLUMNS + KEY,
                        "INSERT INTO " + held + " SELECT g, 'a', g FROM generate_series(1, 900) g");
                stand.onTarget("CREATE TABLE " + held + COLUMNS + KEY);
            }
            stand.replicate("a");
            stand.replicate("b");
            CompletableFuture<Void> altered;
            HeldLock lock =
                    new HeldLock(
                            stand.targetServer,
                            stand.target,
                            "LOCK TABLE " + String.join(", ", HELD) + " IN SHARE MODE");
            try {
                stand.restart();
                for (String table : List.of("p", "t")) {
                    stand.await(
                            table + " to be copied",
                            () -> copied(stand, table).equals(List.of("r_a", "r_b")));
                }
                altered = CompletableFuture.runAsync(() -> stand.inOneTransaction(ddl));
                stand.awaitWaiting(stand.sourceServer, stand.source, 1);
            } finally {
                lock.close();
            }
            altered.get(60, TimeUnit.SECONDS);
            stand.onSource("UPDATE t SET v = v + 1", "UPDATE p SET v = v + 1");
            stand.settle();

            for (String table : List.of("p", "t", "x")) {
                stand.assertSame("SELECT * FROM " + table + " ORDER BY id, tenant_id")
                        .assertSameTable(table);
            }
        }
    }

    private static List<String> copied(DdlStand stand, String table) {
        return stand.onTargetRows(
                "SELECT replication_id FROM heliosdb.table_sync WHERE table_name = '"
                        + table
                        + "' ORDER BY 1");
    }
}
