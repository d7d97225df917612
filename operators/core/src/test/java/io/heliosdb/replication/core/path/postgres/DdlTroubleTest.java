package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** DDL beside what else may happen: crashes, large transactions, copies that begin meanwhile. */
class DdlTroubleTest {

    private static final String ORDERS =
            "CREATE TABLE orders (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))";
    private static final String ALL = "SELECT * FROM orders ORDER BY tenant_id, id";

    private static DdlStand orders() {
        return new DdlStand(ORDERS)
                .onSource("INSERT INTO orders VALUES (1, 'a', 'x'), (2, 'b', 'y')");
    }

    @Test
    void nothingIsDoneTwiceOrForgottenAfterACrash_R15() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.onSource(
                    "ALTER TABLE orders ADD COLUMN n int DEFAULT 3",
                    "INSERT INTO orders SELECT i, 'a', repeat('v', i % 50) FROM generate_series(10, 5000) i",
                    "ALTER TABLE orders ALTER COLUMN v TYPE int USING length(v)",
                    "INSERT INTO orders VALUES (5, 'a', 5, 5)");
            stand.await(
                    "the DDL",
                    () -> stand.onTargetRows("SELECT 1 FROM heliosdb.ddl WHERE anew").size() == 1);
            stand.restart();

            stand.assertSame(ALL).assertSameTable("orders");
            assertThat(stand.onTargetRows("SELECT count(*) FROM heliosdb.ddl"))
                    .isEqualTo(List.of("2"));
        }
    }

    @Test
    void inALargeTransaction_R7_R15() {
        try (DdlStand stand = orders().partBytes(4000).start("a", "b")) {
            stand.inOneTransaction(
                    "INSERT INTO orders SELECT i, 'a', 'v' || i FROM generate_series(10, 3000) i",
                    "ALTER TABLE orders ADD COLUMN n int DEFAULT 3",
                    "INSERT INTO orders SELECT i, 'a', 'v' || i, i FROM generate_series(3001, 6000) i",
                    "CREATE TABLE filled AS SELECT * FROM orders",
                    "ALTER TABLE orders RENAME COLUMN v TO w",
                    "UPDATE orders SET w = w || '!' WHERE id % 7 = 0");

            stand.assertSame(ALL).assertSame("SELECT * FROM filled ORDER BY id");
        }
    }

    @Test
    void aTenantThatComesAmidDdlFindsTheRightShape_R15() {
        try (DdlStand stand = orders().start("a").pause("a")) {
            stand.onSource(
                    "INSERT INTO orders VALUES (3, 'a', 'old'), (4, 'b', 'old')",
                    "ALTER TABLE orders RENAME COLUMN v TO w",
                    "ALTER TABLE orders ADD COLUMN v int DEFAULT 4",
                    "INSERT INTO orders VALUES (5, 'a', 'new', 5), (6, 'b', 'new', 6)");
            stand.add("b");
            stand.onSource(
                    "ALTER TABLE orders ADD COLUMN later text DEFAULT 'l'",
                    "INSERT INTO orders VALUES (7, 'a', 'newer', 7, 'x'), (8, 'b', 'newer', 8, 'y')");
            String ofB = "SELECT id, w, v, later FROM orders WHERE tenant_id = 'b' ORDER BY id";
            stand.assertSame(ofB);

            stand.resume("a")
                    .assertSame("SELECT id, tenant_id, w, v, later FROM orders ORDER BY id");
            stand.assertSameTable("orders");
        }
    }

    @Test
    void withoutEventTriggersColumnsThatComeAndGoFollow_R15() {
        try (DdlStand stand = orders()) {
            stand.onSource("CREATE PUBLICATION helios FOR ALL TABLES").startWithout("a", "b");
            stand.onSource(
                    "INSERT INTO orders VALUES (3, 'a', 'x')",
                    "ALTER TABLE orders ADD COLUMN n int NOT NULL DEFAULT 5",
                    "INSERT INTO orders VALUES (4, 'a', 'x', 7), (5, 'b', 'y', 8)");
            stand.assertSame(ALL);
            stand.onSource(
                    "ALTER TABLE orders DROP COLUMN v", "INSERT INTO orders VALUES (6, 'b', 9)");
            stand.assertSame(ALL);

            stand.onSource(
                    "ALTER TABLE orders RENAME COLUMN n TO m",
                    "INSERT INTO orders VALUES (7, 'a', 10)");
            assertThat(stand.awaitError("a")).contains("may be a renaming").contains("[n]");
            stand.onTarget("ALTER TABLE orders RENAME COLUMN n TO m");
            stand.skipDdl("a");
            stand.awaitError("b");
            stand.skipDdl("b");
            stand.await(
                    "the renamed column",
                    () ->
                            stand.onTargetRows("SELECT m FROM orders WHERE id = 7")
                                    .equals(List.of("10")));
            stand.assertSame(ALL);
        }
    }

    @Test
    void manyTenantsComeToItTogether_R15() {
        String[] tenants = new String[12];
        for (int i = 0; i < tenants.length; i++) {
            tenants[i] = "t" + i;
        }
        try (DdlStand stand = orders().start(tenants)) {
            for (int round = 0; round < 5; round++) {
                stand.onSource(
                        "INSERT INTO orders (id, tenant_id) SELECT "
                                + round
                                + ", 't' || i FROM generate_series(0, 11) i",
                        "ALTER TABLE orders ADD COLUMN c" + round + " int DEFAULT " + round,
                        "UPDATE orders SET c" + round + " = 9 WHERE id = " + round,
                        round == 3 ? "ALTER TABLE orders DROP COLUMN c1" : "SELECT 1");
            }
            stand.assertSame(
                    "SELECT id, tenant_id, c0, c2, c3, c4 FROM orders WHERE tenant_id LIKE 't%'"
                            + " ORDER BY id, tenant_id");
            assertThat(stand.onTargetRows("SELECT count(*) FROM heliosdb.ddl"))
                    .isEqualTo(List.of("6"));
        }
    }
}
