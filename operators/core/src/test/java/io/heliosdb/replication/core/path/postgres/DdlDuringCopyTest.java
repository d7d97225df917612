package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.ReplicationState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** DDL of the source while a copy runs: of its tables, and of others. */
class DdlDuringCopyTest {

    private static final String CARRIED = " WHERE tenant_id IN ('a', 'b') ORDER BY id";

    private static DdlStand stand() {
        return new DdlStand(
                "CREATE TABLE orders (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))",
                "CREATE TABLE other (id int PRIMARY KEY, tenant_id text)",
                "INSERT INTO orders SELECT i, (array['a', 'b', 'c'])[i % 3 + 1], 'v' || i"
                        + " FROM generate_series(1, 300) i");
    }

    @Test
    void ofATableThatIsCopiedWaitsAtTheSourceAndOfANewOneGoesOn_R15() throws Exception {
        try (DdlStand stand = stand().start("a")) {
            CompletableFuture<Void> altered;
            HeldLock held =
                    new HeldLock(
                            stand.targetServer,
                            stand.target,
                            "LOCK TABLE orders IN EXCLUSIVE MODE");
            try {
                stand.add("b");
                stand.awaitWaiting(stand.targetServer, stand.target, 1);
                altered =
                        CompletableFuture.runAsync(
                                () ->
                                        stand.onSource(
                                                "ALTER TABLE orders ALTER COLUMN v TYPE int USING length(v)",
                                                "INSERT INTO orders VALUES (1000, 'a', 1), (1001, 'b', 2)"));
                stand.awaitWaiting(stand.sourceServer, stand.source, 1);
                stand.onSource(
                        "CREATE TABLE made (id int, tenant_id text, PRIMARY KEY (tenant_id, id))",
                        "INSERT INTO made VALUES (1, 'a'), (2, 'b'), (3, 'c')",
                        "ALTER TABLE made ADD COLUMN n int DEFAULT 5",
                        "UPDATE made SET n = 6 WHERE id < 3");
                stand.await(
                        "a's rows",
                        () -> stand.onTargetRows("SELECT n FROM made").equals(List.of("6")));
                assertThat(altered).isNotDone();
                assertThat(stand.lane("b").state()).isEqualTo(ReplicationState.SYNCING);
            } finally {
                held.close();
            }
            altered.get(30, TimeUnit.SECONDS);

            stand.assertSame("SELECT * FROM orders" + CARRIED)
                    .assertSame("SELECT * FROM made" + CARRIED)
                    .assertSameTable("orders")
                    .assertSameTable("made");
        }
    }

    @Test
    void ofAnotherTableWhileOneIsCopiedAnew_R15() throws Exception {
        try (DdlStand stand = stand().start("a", "b")) {
            stand.onTarget(
                    "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS"
                            + " 'BEGIN PERFORM pg_advisory_xact_lock_shared(42); RETURN NULL; END'",
                    "CREATE TRIGGER hold BEFORE INSERT ON orders EXECUTE FUNCTION hold()",
                    "ALTER TABLE orders ENABLE ALWAYS TRIGGER hold");
            CompletableFuture<Void> renamed;
            HeldLock held =
                    new HeldLock(
                            stand.targetServer, stand.target, "SELECT pg_advisory_xact_lock(42)");
            try {
                stand.onSource("ALTER TABLE orders ADD COLUMN u uuid DEFAULT gen_random_uuid()");
                stand.awaitWaiting(stand.targetServer, stand.target, 1);
                renamed =
                        CompletableFuture.runAsync(
                                () ->
                                        stand.onSource(
                                                "ALTER TABLE orders RENAME COLUMN v TO w",
                                                "UPDATE orders SET w = w || '!' WHERE id % 7 = 0"));
                stand.awaitWaiting(stand.sourceServer, stand.source, 1);
                stand.onSource(
                        "INSERT INTO other SELECT i, (array['a', 'b'])[i % 2 + 1]"
                                + " FROM generate_series(1, 100) i",
                        "ALTER TABLE other ADD COLUMN n int DEFAULT 3",
                        "INSERT INTO other VALUES (200, 'a', 4), (201, 'b', 5)");
                assertThat(renamed).isNotDone();
            } finally {
                held.close();
            }
            renamed.get(30, TimeUnit.SECONDS);

            stand.assertSame("SELECT * FROM orders" + CARRIED)
                    .assertSame("SELECT * FROM other" + CARRIED)
                    .assertSameTable("orders")
                    .assertSameTable("other");
        }
    }
}
