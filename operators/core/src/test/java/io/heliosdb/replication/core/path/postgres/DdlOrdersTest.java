package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.config.DdlPolicy;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.DdlTag;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * DDL that stops a replication, and how people bring it on: by kinds that are allowed, by orders.
 */
class DdlOrdersTest {

    private static final String ORDERS =
            "CREATE TABLE orders (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))";
    private static final String ALL = "SELECT id, tenant_id, v FROM orders ORDER BY tenant_id, id";

    private static DdlStand orders(String... more) {
        DdlStand stand = new DdlStand(ORDERS);
        stand.onSource(more);
        stand.onSource("INSERT INTO orders VALUES (1, 'a', 'x'), (2, 'b', 'y')");
        return stand;
    }

    private static void awaitStreaming(DdlStand stand) {
        stand.awaitAll(lane -> lane.state() == ReplicationState.STREAMING);
    }

    @Test
    void skipLeavesOutTheDdlForTheTargetAndAppliesTheRows_R15() {
        try (DdlStand stand = orders("ALTER TABLE orders ADD COLUMN n int").start("a", "b")) {
            stand.onTarget("CREATE VIEW needs AS SELECT n FROM orders");
            stand.inOneTransaction(
                    "INSERT INTO orders VALUES (3, 'a', 'before')",
                    "ALTER TABLE orders DROP COLUMN n",
                    "INSERT INTO orders VALUES (4, 'a', 'after'), (5, 'b', 'after')");
            stand.awaitError("a");
            stand.awaitError("b");
            stand.skipDdl("a");
            stand.skipDdl("b");
            awaitStreaming(stand);

            stand.assertSame(ALL);
            assertThat(
                            stand.onTargetRows(
                                    "SELECT state, split_part(reason, '.', 1) FROM heliosdb.ddl"))
                    .isEqualTo(List.of("SKIPPED|me: because"));
            assertThat(stand.onTargetRows("SELECT count(*) FROM heliosdb.skipped"))
                    .isEqualTo(List.of("0"));

            stand.restart();
            stand.onSource("INSERT INTO orders VALUES (6, 'a', 'again')");
            stand.assertSame(ALL);
            assertThat(stand.onTargetRows("SELECT count(*) FROM heliosdb.skipped"))
                    .as("the order comes again after a crash")
                    .isEqualTo(List.of("0"));
        }
    }

    @Test
    void skipLeavesOutTheDdlOfALargeTransaction_R7_R15() {
        try (DdlStand stand =
                orders("ALTER TABLE orders ADD COLUMN n int").partBytes(4000).start("a")) {
            stand.onTarget("CREATE VIEW needs AS SELECT n FROM orders");
            stand.inOneTransaction(
                    "INSERT INTO orders SELECT i, 'a', 'v' || i FROM generate_series(10, 3000) i",
                    "ALTER TABLE orders DROP COLUMN n",
                    "INSERT INTO orders SELECT i, 'a', 'v' || i FROM generate_series(3001, 6000) i");
            stand.awaitError("a");
            stand.skipDdl("a");
            awaitStreaming(stand);

            stand.assertSame("SELECT id, v FROM orders WHERE tenant_id = 'a' ORDER BY id");
        }
    }

    @Test
    void retryTriesAgainWhatWasMended_R15() {
        try (DdlStand stand = orders("ALTER TABLE orders ADD COLUMN n int").start("a", "b")) {
            stand.onTarget("CREATE VIEW needs AS SELECT n FROM orders");
            stand.onSource(
                    "ALTER TABLE orders DROP COLUMN n", "INSERT INTO orders VALUES (3, 'a', 'x')");
            stand.awaitError("a");
            stand.awaitError("b");
            stand.onTarget("DROP VIEW needs");
            stand.order(ControlCommand.Verb.RETRY, "a", 0);
            stand.order(ControlCommand.Verb.RETRY, "b", 0);
            awaitStreaming(stand);

            stand.assertSame("SELECT * FROM orders ORDER BY id").assertSameTable("orders");
        }
    }

    @Test
    void ddlOfAnotherVersionStopsAllUntilPeopleHaveSeenToIt_R15() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.onSource(
                    "SELECT heliosdb.emit('heliosdb.ddl', '{\"version\": 99}')",
                    "INSERT INTO orders VALUES (3, 'a', 'x')");
            assertThat(stand.awaitError("a")).contains("cannot be read").contains("version 99");
            stand.awaitError("b");
            stand.skipDdl("a");
            stand.skipDdl("b");
            awaitStreaming(stand);

            stand.assertSame(ALL);
        }
    }

    @Test
    void onlyWhatIsAllowedIsCarriedOut_R15() {
        try (DdlStand stand = orders().start("a")) {
            stand.ddl(
                            "a",
                            new DdlRules(
                                    DdlPolicy.APPLY,
                                    Set.of(DdlTag.ADD_COLUMN, DdlTag.CREATE_TABLE)))
                    .settle();
            stand.onSource(
                    "ALTER TABLE orders ADD COLUMN n int",
                    "CREATE TABLE made (id int PRIMARY KEY, tenant_id text)",
                    "INSERT INTO made VALUES (1, 'a')",
                    "INSERT INTO orders VALUES (3, 'a', 'x', 3)");
            stand.assertSame("SELECT id, v, n FROM orders WHERE tenant_id = 'a' ORDER BY id")
                    .assertSame("SELECT * FROM made");

            for (String[] refused :
                    new String[][] {
                        {"index", "CREATE INDEX by_v ON orders (v)"},
                        {"not-null", "ALTER TABLE orders ALTER COLUMN v SET NOT NULL"},
                        {"constraint", "ALTER TABLE orders ADD CONSTRAINT c CHECK (id < 100)"},
                        {"rename", "ALTER TABLE orders RENAME COLUMN v TO w"},
                        {"enum", "CREATE TYPE mood AS ENUM ('sad', 'ok')"},
                        {"drop-table", "DROP TABLE made"}
                    }) {
                stand.onSource(refused[1]);
                assertThat(stand.awaitError("a")).contains("ddl-allow lacks " + refused[0]);
                assertThat(stand.onTargetRows("SELECT 1 FROM heliosdb.ddl_pending")).isEmpty();
                stand.onTarget(refused[1]);
                stand.order(ControlCommand.Verb.RETRY, "a", 0);
                awaitStreaming(stand);
            }
            stand.assertSameTable("orders");
        }
    }
}
