package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.ReplicationState;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rows that go from one tenant to another, and keys that change places. */
class MovingRowsTest {

    private static final String ITEMS =
            "SELECT * FROM item WHERE tenant_id IN ('a', 'b') ORDER BY id";

    /** Only a table whose rows are whole in the WAL tells the new tenant all of them. */
    @Test
    void aRowEntersWithTheLargeValuesThatDidNotChange_R9_R11() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (id int PRIMARY KEY, tenant_id text, n int, doc text, raw bytea)",
                        "ALTER TABLE item ALTER doc SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL",
                        "ALTER TABLE item REPLICA IDENTITY FULL",
                        "INSERT INTO item SELECT g, 'c', g, repeat('x', 9000), decode(repeat('ab', 9000), 'hex') FROM generate_series(1, 5) g")) {
            stand.start("a", "b");
            stand.onSource(
                            "UPDATE item SET tenant_id = 'a' WHERE id < 4",
                            "UPDATE item SET tenant_id = 'b', doc = 'small' WHERE id = 2",
                            "UPDATE item SET tenant_id = 'c' WHERE id = 3")
                    .assertSame(ITEMS);
            assertThat(stand.onTargetRows("SELECT id FROM item ORDER BY 1"))
                    .containsExactly("1", "2");
        }
    }

    /** The key lacks the tenant: the row may arrive before it has left. */
    @Test
    void aRowThatArrivesBeforeItHasLeftWaitsForItsPlace_R11() throws Exception {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (id int PRIMARY KEY, tenant_id text, v int)",
                        "ALTER TABLE item REPLICA IDENTITY FULL",
                        "CREATE TABLE other (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                        "INSERT INTO item SELECT g, 'a', g FROM generate_series(1, 3) g")) {
            stand.start("a", "b", "c");
            HeldRow held = new HeldRow(stand, "SELECT FROM item WHERE id = 3 FOR UPDATE");
            try {
                stand.onSource("DELETE FROM item WHERE id = 3");
                held.awaitWaiter();
                stand.onSource("UPDATE item SET tenant_id = 'b' WHERE id = 1");
                stand.awaitTarget(
                        "SELECT count(*) = 1 FROM heliosdb.replication_progress"
                                + " WHERE replication_id = 'r_b' AND reason LIKE 'retrying%place taken%'");
                // others go on
                stand.onSource("INSERT INTO other VALUES ('c', 1)");
                stand.awaitTarget("SELECT count(*) = 1 FROM other");
                assertThat(stand.lane("b").state()).isEqualTo(ReplicationState.STREAMING);
                assertThat(stand.onTargetRows("SELECT tenant_id FROM item WHERE id = 1"))
                        .containsExactly("a");
            } finally {
                held.close();
            }
            stand.assertSame(ITEMS);
            assertThat(stand.onTargetRows("SELECT * FROM heliosdb.quarantine")).isEmpty();
            assertThat(stand.onTargetRows("SELECT reason FROM heliosdb.replication_progress"))
                    .containsOnly("null");
        }
    }

    /** A first copy brings the row before the other lane has removed it. */
    @Test
    void aRowThatIsCopiedBeforeItHasLeftWaitsForItsPlace_R11() throws Exception {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (id int PRIMARY KEY, tenant_id text, v int)",
                        "ALTER TABLE item REPLICA IDENTITY FULL",
                        "INSERT INTO item SELECT g, 'a', g FROM generate_series(1, 3) g")) {
            stand.start("a");
            stand.onTarget(
                    "CREATE SEQUENCE tried",
                    "CREATE FUNCTION count_tries() RETURNS trigger LANGUAGE plpgsql AS"
                            + " 'BEGIN PERFORM nextval(''public.tried''); RETURN NULL; END'",
                    "CREATE TRIGGER tries BEFORE INSERT ON item EXECUTE FUNCTION count_tries()",
                    "ALTER TABLE item ENABLE ALWAYS TRIGGER tries");
            HeldRow held = new HeldRow(stand, "SELECT FROM item WHERE id = 1 FOR UPDATE");
            try {
                stand.onSource("UPDATE item SET tenant_id = 'b' WHERE id = 1");
                held.awaitWaiter();
                stand.add("b");
                // The second time after the place was found taken.
                stand.awaitTarget("SELECT last_value > 1 FROM tried");
                assertThat(stand.lane("b").state()).isEqualTo(ReplicationState.SYNCING);
            } finally {
                held.close();
            }
            stand.assertSame(ITEMS);
        }
    }

    /** Each waits for the other: neither can go first. */
    @Test
    void twoTenantsExchangeRows_R11() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (id int PRIMARY KEY, tenant_id text, v int)",
                        "ALTER TABLE item REPLICA IDENTITY FULL",
                        "INSERT INTO item SELECT g, CASE WHEN g % 2 = 0 THEN 'a' ELSE 'b' END, 0 FROM generate_series(1, 40) g")) {
            stand.start("a", "b");
            String exchange =
                    "UPDATE item SET v = v + 1, tenant_id = CASE tenant_id WHEN 'a' THEN 'b' ELSE 'a' END";
            for (int i = 0; i < 5; i++) {
                stand.onSource(exchange + " WHERE id < " + (i % 2 == 0 ? 5 : 50)).assertSame(ITEMS);
            }
            stand.onSource(exchange, exchange, exchange, exchange + " WHERE id < 3", exchange)
                    .assertSame(ITEMS);
        }
    }

    /** An old change of one tenant must not touch the row that is another's by now. */
    @Test
    void aRowThatCameBackIsNotTouchedByTheTenantThatHadItMeanwhile_R11() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (id int PRIMARY KEY, tenant_id text, v int)",
                        "ALTER TABLE item REPLICA IDENTITY FULL",
                        "INSERT INTO item SELECT g, 'a', g FROM generate_series(1, 20) g")) {
            stand.start("a", "b");
            Random random = new Random(11);
            for (int i = 0; i < 300; i++) {
                stand.onSource(
                        "UPDATE item SET v = v + 1, tenant_id = '%s' WHERE id = %d"
                                .formatted(
                                        random.nextBoolean() ? "a" : "b", 1 + random.nextInt(20)));
            }
            stand.assertSame(ITEMS);
        }
    }

    @Test
    void keysAndUniqueValuesChangePlaces_R11() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, code text, rank int, PRIMARY KEY (tenant_id, id),"
                                + " CONSTRAINT one_rank UNIQUE (tenant_id, rank) DEFERRABLE INITIALLY DEFERRED)",
                        "CREATE UNIQUE INDEX ON item (tenant_id, code) WHERE code <> 'none'",
                        "INSERT INTO item SELECT 'a', g, 'c' || g, g FROM generate_series(1, 50) g")) {
            stand.start("a");
            stand.inOneTransaction(
                    "UPDATE item SET id = -1 WHERE id = 1",
                    "UPDATE item SET id = 1 WHERE id = 2",
                    "UPDATE item SET id = 2 WHERE id = -1");
            stand.inOneTransaction(
                    "UPDATE item SET code = 'none' WHERE id IN (3, 4)",
                    "UPDATE item SET code = 'c4' WHERE id = 3",
                    "UPDATE item SET code = 'c3' WHERE id = 4");
            stand.inOneTransaction("UPDATE item SET rank = 51 - rank");
            stand.inOneTransaction("UPDATE item SET id = id + 100", "UPDATE item SET id = id - 99");
            stand.assertSame(ITEMS);
        }
    }

    /** The target has the deferrable key as well: for a while two rows have the same. */
    @Test
    void deferrablePrimaryKeysChangePlaces_R11_R12() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, v text, PRIMARY KEY (tenant_id, id) DEFERRABLE INITIALLY DEFERRED)",
                        "ALTER TABLE item REPLICA IDENTITY FULL",
                        "INSERT INTO item SELECT 'a', g, 'v' || g FROM generate_series(1, 30) g")) {
            stand.start("a");
            stand.inOneTransaction(
                            "UPDATE item SET id = 2 WHERE v = 'v1'",
                            "UPDATE item SET id = 1 WHERE v = 'v2'")
                    .assertSame(ITEMS);
            stand.inOneTransaction("UPDATE item SET id = 31 - id").assertSame(ITEMS);
        }
    }
}
