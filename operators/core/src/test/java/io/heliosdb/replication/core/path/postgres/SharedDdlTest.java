package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.config.DdlPolicy;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * DDL where a target is shared, locked, unwilling, or told not to; tables and schemas that come.
 */
class SharedDdlTest {

    private static final String ORDERS =
            "CREATE TABLE orders (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))";
    private static final String ALL = "SELECT * FROM orders ORDER BY tenant_id, id";

    private static DdlStand orders(String... more) {
        DdlStand stand = new DdlStand(ORDERS);
        stand.onSource(more);
        stand.onSource("INSERT INTO orders VALUES (1, 'a', 'x'), (2, 'b', 'y')");
        return stand;
    }

    @Test
    void aReplicationThatIsBehindFitsIn_R15() {
        try (DdlStand stand =
                orders("ALTER TABLE orders ADD COLUMN gone int, ADD COLUMN u text")
                        .start("a", "b")
                        .pause("b")) {
            stand.onSource(
                    "INSERT INTO orders VALUES (3, 'b', 'old', 3, 'u'), (4, 'b', 'old', 4, 'u')",
                    "UPDATE orders SET v = 'changed' WHERE id = 2",
                    "ALTER TABLE orders DROP COLUMN gone",
                    "ALTER TABLE orders ADD COLUMN n int DEFAULT 5",
                    "INSERT INTO orders (id, tenant_id, v, n) VALUES (5, 'b', 'mid', 6)",
                    "UPDATE orders SET n = 9 WHERE id = 3",
                    "ALTER TABLE orders RENAME COLUMN v TO tmp",
                    "ALTER TABLE orders RENAME COLUMN u TO v",
                    "ALTER TABLE orders RENAME COLUMN tmp TO u",
                    "DELETE FROM orders WHERE id = 4",
                    "ALTER TABLE orders ALTER COLUMN n SET DEFAULT 99",
                    "ALTER TABLE orders RENAME TO purchases",
                    "INSERT INTO purchases (id, tenant_id, u) VALUES (6, 'a', 'a'), (7, 'b', 'b')");
            stand.settle();

            stand.resume("b")
                    .assertSame("SELECT id, tenant_id, u, v, n FROM purchases ORDER BY id")
                    .assertSameTable("purchases");
        }
    }

    @Test
    void aReplicationBehindARewriteOrADropFitsIn_R15() {
        try (DdlStand stand =
                orders("CREATE TABLE dropped (id int PRIMARY KEY, tenant_id text)")
                        .start("a", "b")
                        .pause("b")) {
            stand.onSource(
                    "INSERT INTO orders VALUES (3, 'b', 'old')",
                    "INSERT INTO dropped VALUES (1, 'b')",
                    "ALTER TABLE orders ALTER COLUMN v TYPE int USING length(v)",
                    "DROP TABLE dropped",
                    "INSERT INTO orders VALUES (4, 'b', 4), (5, 'a', 5)");
            stand.settle();

            stand.resume("b").assertSame(ALL).assertSameTable("orders");
        }
    }

    @Test
    void aLockAtTheTargetIsWaitedForAndOthersMove_R16() throws SQLException {
        try (DdlStand stand =
                        orders("CREATE TABLE others (id int PRIMARY KEY, tenant_id text)")
                                .start("a", "b");
                Connection reader = stand.targetServer.connect(stand.target);
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("SELECT count(*) FROM orders");
            stand.onSource("INSERT INTO orders VALUES (3, 'a', 'x')");
            stand.inOneTransaction(
                    "SELECT 1",
                    "ALTER TABLE orders ADD COLUMN n int DEFAULT 1",
                    "INSERT INTO orders VALUES (4, 'a', 'x', 2)");
            stand.pause("b");
            stand.onSource("INSERT INTO orders VALUES (5, 'c', 'x', 2)");
            stand.await(
                    "a to say what it waits for",
                    () -> String.valueOf(stand.lane("a").reason()).contains("lock timeout"));
            assertThat(stand.onTargetRows("SELECT count(*) FROM heliosdb.ddl"))
                    .isEqualTo(List.of("0"));
            reader.commit();

            stand.resume("b").assertSame("SELECT * FROM orders WHERE tenant_id <> 'c' ORDER BY id");
            assertThat(stand.onTargetRows("SELECT count(*) FROM heliosdb.ddl"))
                    .isEqualTo(List.of("1"));
        }
    }

    @Test
    void whatTheTargetRefusesStopsThoseConcernedUntilItIsMended_R15() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.onTarget("CREATE VIEW needs AS SELECT v FROM orders");
            stand.inOneTransaction(
                    "INSERT INTO orders VALUES (3, 'a', 'x')", "ALTER TABLE orders DROP COLUMN v");

            assertThat(stand.awaitError("a"))
                    .contains("ALTER TABLE ONLY \"public\".\"orders\" DROP COLUMN \"v\"")
                    .contains("2BP01");
            assertThat(stand.onTargetRows("SELECT DISTINCT state FROM heliosdb.ddl"))
                    .isEqualTo(List.of("FAILED"));
            stand.awaitError("b");
            stand.onTarget("DROP VIEW needs");
            stand.retry("a").retry("b");
            stand.await(
                    "a to go on",
                    () ->
                            stand.onTargetRows("SELECT 1 FROM heliosdb.ddl WHERE state = 'APPLIED'")
                                            .size()
                                    == 1);
            stand.await(
                    "both to go on",
                    () ->
                            stand.lanes().stream()
                                    .allMatch(
                                            it ->
                                                    it.state()
                                                            == io.heliosdb.replication.model
                                                                    .ReplicationState.STREAMING));
            stand.assertSame(ALL).assertSameTable("orders");
        }
    }

    @Test
    void policies_R15() {
        try (DdlStand stand = orders()) {
            stand.start("a", "b").policy("a", DdlPolicy.PAUSE).pause("b").settle();
            stand.onSource("ALTER TABLE orders ADD COLUMN n int");
            stand.onSource("INSERT INTO orders VALUES (3, 'a', 'x', 3)");
            assertThat(stand.awaitError("a"))
                    .contains("ALTER TABLE \"public\".\"orders\" ADD COLUMN \"n\" integer");
            stand.onTarget("ALTER TABLE orders ADD COLUMN n int");
            stand.retry("a");
            stand.await(
                    "a to go on",
                    () ->
                            stand.lane("a").state()
                                    == io.heliosdb.replication.model.ReplicationState.STREAMING);
            stand.resume("b").assertSame(ALL);

            stand.policy("a", DdlPolicy.IGNORE).policy("b", DdlPolicy.IGNORE).settle();
            stand.onSource(
                    "CREATE INDEX ignored ON orders (n)",
                    "INSERT INTO orders VALUES (4, 'b', 'x', 4)");
            stand.assertSame(ALL);
            assertThat(stand.onTargetRows("SELECT to_regclass('ignored')"))
                    .isEqualTo(List.of("null"));
        }
    }

    @Test
    void whatIsNotSignedIsNotCarriedOut() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.onSource(
                    "SELECT pg_logical_emit_message(true, 'heliosdb.ddl', '{\"version\": 1, \"tag\":"
                            + " \"DROP INDEX\", \"others\": [{\"kind\": \"drop index\", \"schema\":"
                            + " \"public\", \"name\": \"orders_pkey\"}]}')",
                    "INSERT INTO orders VALUES (3, 'a', 'x')");
            stand.assertSame(ALL);
            assertThat(stand.onTargetRows("SELECT count(*) FROM heliosdb.ddl"))
                    .isEqualTo(List.of("0"));
        }
    }

    @Test
    void aTableThatIsPublishedLaterIsCopied_R17() {
        try (DdlStand stand = orders("CREATE TABLE late (id int PRIMARY KEY, tenant_id text)")) {
            stand.capture()
                    .onSource("CREATE PUBLICATION helios FOR TABLE orders")
                    .startWithout("a", "b");
            stand.onSource("INSERT INTO late VALUES (1, 'a'), (2, 'b'), (3, 'c')");
            stand.onSource("ALTER PUBLICATION helios ADD TABLE late");
            stand.onSource("INSERT INTO late VALUES (4, 'a')");
            String late = "SELECT * FROM late WHERE tenant_id IN ('a', 'b') ORDER BY id";
            stand.assertSame(late);

            stand.onSource("ALTER PUBLICATION helios DROP TABLE late");
            stand.onSource("UPDATE late SET id = 10 WHERE id = 1", "DELETE FROM late WHERE id = 2");
            stand.onSource("ALTER PUBLICATION helios ADD TABLE late");
            stand.onSource("INSERT INTO late VALUES (5, 'a')");
            stand.assertSame(late);
        }
    }

    @Test
    void theSchemaOfANewTenantIsCarried_R17() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE SCHEMA tenant_a",
                                "CREATE TABLE tenant_a.t (id int PRIMARY KEY)")
                        .tenancy(new TenancyConfig(null, Map.of(), "tenant_(.+)", Set.of()))
                        .start("*")) {
            stand.onSource(
                    "CREATE SCHEMA tenant_b",
                    "CREATE TABLE tenant_b.t (id int PRIMARY KEY)",
                    "INSERT INTO tenant_b.t VALUES (1)",
                    "ALTER TABLE tenant_b.t ADD COLUMN x int",
                    "INSERT INTO tenant_b.t VALUES (2, 2)",
                    "CREATE TABLE tenant_b.empty (id int PRIMARY KEY)");
            stand.await("b", () -> stand.lanes().size() == 2);
            stand.await(
                    "b's table",
                    () ->
                            stand.onTargetRows("SELECT to_regclass('tenant_b.empty')")
                                    .equals(List.of("tenant_b.empty")));
            stand.assertSame("SELECT * FROM tenant_b.t ORDER BY id");
        }
    }
}
