package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.ReplicationState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables that get another name, or that of another table, while they are still to be copied. */
class RenamedTablesTest {

    private static final String ORDERS =
            "CREATE TABLE orders (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))";
    private static final String ALL = "SELECT * FROM orders ORDER BY tenant_id, id";

    /** As migrations rewrite a table. */
    private static final String[] SWAP = {
        "INSERT INTO orders VALUES (3, 'a', 'before'), (4, 'b', 'before')",
        "CREATE TABLE next AS SELECT id, tenant_id, length(v) AS v FROM orders",
        "INSERT INTO next VALUES (5, 'a', 5)",
        "DROP TABLE orders",
        "ALTER TABLE next RENAME TO orders",
        "ALTER TABLE orders ADD PRIMARY KEY (tenant_id, id)",
        "INSERT INTO orders VALUES (6, 'a', 6), (7, 'b', 7)",
        "UPDATE orders SET v = v + 1 WHERE id IN (1, 2, 6)"
    };

    private static DdlStand orders() {
        return new DdlStand(ORDERS)
                .onSource("INSERT INTO orders VALUES (1, 'a', 'x'), (2, 'b', 'y')");
    }

    @Test
    void aCopyTakesThePlaceOfItsOriginalInOneTransaction_R15() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.inOneTransaction(SWAP);

            stand.assertSame(ALL).assertSameTable("orders");
            assertThat(stand.onTargetRows("SELECT to_regclass('next')")).isEqualTo(List.of("null"));
        }
    }

    /** When they come to the copy, the source has come to the end. */
    @Test
    void aCopyTakesThePlaceOfItsOriginalStepByStep_R15() {
        try (DdlStand stand = orders().start("a", "b").pause("a").pause("b")) {
            stand.onSource(SWAP).settle();

            stand.resume("a").resume("b").assertSame(ALL).assertSameTable("orders");
            assertThat(stand.onTargetRows("SELECT * FROM heliosdb.copy_mark")).isEmpty();
        }
    }

    @Test
    void rowsThatAreRewrittenUnderAnotherNameAreCopiedAnew_R15() {
        try (DdlStand stand = orders().start("a", "b").pause("a").pause("b")) {
            stand.onSource(
                            "ALTER TABLE orders ADD COLUMN u uuid DEFAULT gen_random_uuid()",
                            "INSERT INTO orders VALUES (3, 'a', 'x')",
                            "ALTER TABLE orders RENAME TO purchases",
                            "INSERT INTO purchases VALUES (4, 'b', 'y')",
                            "ALTER TABLE purchases RENAME TO sales",
                            "UPDATE sales SET v = 'z' WHERE id < 3")
                    .settle();

            stand.resume("a")
                    .resume("b")
                    .assertSame("SELECT * FROM sales ORDER BY id")
                    .assertSameTable("sales");
        }
    }

    /** The rows of those who have not come to the renaming stay in the table. */
    @Test
    void aTenantThatComesAfterARenamingFindsTheTable_R15() {
        try (DdlStand stand = orders().start("a").pause("a")) {
            stand.onSource(
                    "INSERT INTO orders VALUES (3, 'a', 'old'), (4, 'b', 'old')",
                    "ALTER TABLE orders RENAME TO purchases",
                    "ALTER TABLE purchases RENAME COLUMN v TO w",
                    "INSERT INTO purchases VALUES (5, 'a', 'new'), (6, 'b', 'new')");
            stand.add("b");
            stand.assertSame("SELECT * FROM purchases WHERE tenant_id = 'b' ORDER BY id");

            stand.resume("a")
                    .assertSame("SELECT * FROM purchases ORDER BY id")
                    .assertSameTable("purchases");
            assertThat(stand.onTargetRows("SELECT to_regclass('orders')"))
                    .isEqualTo(List.of("null"));
        }
    }

    @Test
    void aTableThatGoesWhileACopyWaitsForItIsNotMissed_R15() throws SQLException {
        try (DdlStand stand = orders().onSource("CREATE TABLE other (id int, tenant_id text)");
                Connection connection = stand.sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            stand.start("a");
            connection.setAutoCommit(false);
            statement.execute("DROP TABLE other");
            stand.add("b");
            stand.await(
                    "the copy to wait",
                    () ->
                            !stand.onSourceRows("SELECT 1 FROM pg_locks WHERE NOT granted")
                                    .isEmpty());
            connection.commit();

            stand.await("b", () -> stand.lane("b").state() == ReplicationState.STREAMING);
            stand.onSource("INSERT INTO orders VALUES (3, 'b', 'x')").assertSame(ALL);
        }
    }

    /** The stream has rows of it under the name that it had when the tenant came. */
    @Test
    void aTableIsRenamedWhileItsFirstCopyWaits_R15() throws SQLException {
        try (DdlStand stand = orders().onSource("CREATE TABLE other (id int, tenant_id text)");
                Connection connection = stand.sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            stand.only("a", "public.other").start("a");
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO orders VALUES (3, 'b', 'x')");
            statement.execute("ALTER TABLE orders RENAME TO purchases");
            statement.execute("INSERT INTO purchases VALUES (4, 'b', 'y')");
            stand.add("b");
            stand.await(
                    "the copy to wait",
                    () ->
                            !stand.onSourceRows("SELECT 1 FROM pg_locks WHERE NOT granted")
                                    .isEmpty());
            connection.commit();

            stand.await("b", () -> stand.lane("b").state() == ReplicationState.STREAMING);
            stand.onSource("UPDATE purchases SET v = 'z' WHERE id > 2")
                    .assertSame("SELECT * FROM purchases WHERE tenant_id = 'b' ORDER BY id");
        }
    }

    /** The copy is ahead of those that are still to add it. */
    @Test
    void aCopyBringsTheLabelsAndTypesThatItsRowsNeed_R10_R15() {
        try (DdlStand stand =
                orders().onSource(
                                "CREATE TYPE mood AS ENUM ('low', 'high')",
                                "ALTER TABLE orders ADD COLUMN m mood DEFAULT 'low'")
                        .start("a", "b")
                        .pause("a")
                        .pause("b")) {
            stand.onSource(
                            "ALTER TABLE orders ALTER COLUMN v TYPE int USING length(v)",
                            "ALTER TYPE mood ADD VALUE 'mid' AFTER 'low'",
                            "CREATE TYPE kind AS ENUM ('x')",
                            "ALTER TABLE orders ADD COLUMN k kind DEFAULT 'x'",
                            "INSERT INTO orders VALUES (3, 'a', 3, 'mid'), (4, 'b', 4, 'mid')")
                    .settle();

            stand.resume("a").resume("b").assertSame(ALL).assertSameTable("orders");
        }
    }
}
