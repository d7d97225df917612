package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.config.DdlPolicy;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** DDL by which a table comes to a replication that did not carry it, or changes under it. */
class ShiftingScopeDdlTest {

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
    void aTableThatIsRenamedIntoAReplicationIsCopied_R17() {
        try (DdlStand stand = orders().only("a", "public.orders").start("a")) {
            stand.onSource(
                    "CREATE TABLE fresh (id int, tenant_id text, w int, PRIMARY KEY (tenant_id, id))",
                    "INSERT INTO fresh VALUES (1, 'a', 1), (2, 'a', 2), (3, 'b', 3)");
            stand.inOneTransaction(
                    "INSERT INTO fresh VALUES (4, 'a', 4)",
                    "ALTER TABLE orders RENAME TO former",
                    "ALTER TABLE fresh RENAME TO orders",
                    "INSERT INTO orders VALUES (5, 'a', 5)");
            stand.onSource("UPDATE orders SET w = w + 10 WHERE id <> 2");

            stand.assertSame("SELECT * FROM orders WHERE tenant_id = 'a' ORDER BY id");
            assertThat(stand.onTargetRows("SELECT id FROM former")).isEqualTo(List.of("1"));
        }
    }

    @Test
    void aTableThatGetsTheTenantColumnIsCopied_R17() {
        try (DdlStand stand =
                orders(
                                "CREATE TABLE notes (id int PRIMARY KEY, v text)",
                                "ALTER TABLE notes REPLICA IDENTITY FULL",
                                "INSERT INTO notes VALUES (1, 'one'), (2, 'two')")
                        .start("a", "b")) {
            stand.onSource("INSERT INTO notes VALUES (3, 'three')");
            stand.onSource(
                    "ALTER TABLE notes ADD COLUMN tenant_id text NOT NULL DEFAULT 'a'",
                    "UPDATE notes SET tenant_id = 'b' WHERE id = 2",
                    "INSERT INTO notes VALUES (4, 'four', 'b')");

            stand.assertSame("SELECT * FROM notes ORDER BY id").assertSameTable("notes");
        }
    }

    @Test
    void aTableThatMovesToTheSchemaOfATenantIsCopied_R17() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE SCHEMA tenant_a",
                                "CREATE TABLE tenant_a.t (id int PRIMARY KEY)",
                                "CREATE TABLE made (id int PRIMARY KEY, v text)",
                                "INSERT INTO made VALUES (1, 'one'), (2, 'two')")
                        .tenancy(new TenancyConfig(null, Map.of(), "tenant_(.+)", Set.of()))
                        .start("a")) {
            stand.onSource(
                    "ALTER TABLE made SET SCHEMA tenant_a",
                    "INSERT INTO tenant_a.made VALUES (3, 'three')",
                    "DELETE FROM tenant_a.made WHERE id = 1");

            stand.assertSame("SELECT * FROM tenant_a.made ORDER BY id");
        }
    }

    @Test
    void whoIsBehindATableThatWasMadeAgainKeepsNoRowsOfTheFormerOne_R15() {
        try (DdlStand stand = orders().start("a").pause("a")) {
            stand.onSource(
                    "INSERT INTO orders VALUES (3, 'a', 'old')",
                    "DROP TABLE orders",
                    "CREATE TABLE orders (id int, tenant_id text, v text, n int DEFAULT 1,"
                            + " PRIMARY KEY (tenant_id, id))",
                    "INSERT INTO orders VALUES (10, 'a', 'new', 5), (20, 'b', 'new', 6)");
            stand.add("b")
                    .await(
                            "b",
                            () ->
                                    stand.onTargetRows("SELECT n FROM orders WHERE id = 20")
                                            .equals(List.of("6")));
            stand.onSource("INSERT INTO orders VALUES (11, 'a', 'newer', 7)");

            stand.resume("a").assertSame(ALL).assertSameTable("orders");
        }
    }

    /** What is carried is the root: the names of its partitions do not matter. */
    @Test
    void partitionsOfATableThatIsCarriedAreToo_R14() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE parts (id int, tenant_id text, day int,"
                                        + " PRIMARY KEY (tenant_id, id, day)) PARTITION BY RANGE (day)",
                                "CREATE TABLE p_0 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
                                "INSERT INTO parts VALUES (1, 'a', 1), (2, 'b', 2)")
                        .only("a", "public.parts")
                        .capture()) {
            stand.onSource(
                    "CREATE PUBLICATION helios FOR ALL TABLES WITH (publish_via_partition_root = true)");
            stand.startWithout("a");
            stand.onSource(
                    "CREATE TABLE p_1 PARTITION OF parts FOR VALUES FROM (10) TO (20)"
                            + " PARTITION BY RANGE (id)",
                    "CREATE TABLE p_1_low PARTITION OF p_1 FOR VALUES FROM (0) TO (100)",
                    "INSERT INTO parts VALUES (3, 'a', 11), (4, 'b', 12)",
                    "CREATE TABLE p_1_high (id int NOT NULL, tenant_id text NOT NULL, day int NOT NULL)",
                    "INSERT INTO p_1_high VALUES (101, 'a', 13), (102, 'b', 14)",
                    "ALTER TABLE p_1 ATTACH PARTITION p_1_high FOR VALUES FROM (100) TO (200)",
                    "INSERT INTO parts VALUES (103, 'a', 15)",
                    "DROP TABLE p_0");
            stand.assertSame("SELECT * FROM parts WHERE tenant_id = 'a' ORDER BY id");
        }
    }

    @Test
    void whoIgnoresDdlCopiesWhatOthersHaveRewritten_R15() {
        try (DdlStand stand = orders().start("a", "b").policy("b", DdlPolicy.IGNORE).pause("b")) {
            stand.onSource(
                    "INSERT INTO orders VALUES (3, 'b', 'old')",
                    "ALTER TABLE orders ALTER COLUMN v TYPE int USING length(v)",
                    "INSERT INTO orders VALUES (4, 'b', 4), (5, 'a', 5)");
            stand.settle();

            stand.resume("b").assertSame(ALL).assertSameTable("orders");
        }
    }
}
