package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** DDL of the source is carried out at the target, at its place between the rows, once. */
class DdlTest {

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
    void columnsChangeInTheMidstOfATransaction_R15() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.inOneTransaction(
                    "INSERT INTO orders VALUES (3, 'a', 'before')",
                    "ALTER TABLE orders ADD COLUMN n int NOT NULL DEFAULT 5",
                    "INSERT INTO orders VALUES (4, 'a', 'with n', 7)",
                    "UPDATE orders SET n = 8 WHERE id = 1",
                    "ALTER TABLE orders RENAME COLUMN v TO w",
                    "INSERT INTO orders (id, tenant_id, w) VALUES (5, 'b', 'renamed')",
                    "ALTER TABLE orders ADD COLUMN d date DEFAULT now()",
                    "ALTER TABLE orders DROP COLUMN n",
                    "DELETE FROM orders WHERE id = 3",
                    "ALTER TABLE orders ADD COLUMN n text",
                    "INSERT INTO orders (id, tenant_id, w, n) VALUES (6, 'a', 'new n', 'text')");

            stand.assertSame("SELECT id, tenant_id, w, d, n FROM orders ORDER BY id")
                    .assertSameTable("orders");
            assertThat(stand.onTargetRows("SELECT count(*) FROM heliosdb.ddl"))
                    .as("each once, though two tenants came to it")
                    .isEqualTo(List.of("5"));
        }
    }

    @Test
    void namesOfColumnsMayChangePlaces_R15() {
        try (DdlStand stand = orders("ALTER TABLE orders ADD COLUMN u text").start("a", "b")) {
            stand.inOneTransaction(
                    "ALTER TABLE orders RENAME COLUMN v TO tmp",
                    "ALTER TABLE orders RENAME COLUMN u TO v",
                    "ALTER TABLE orders RENAME COLUMN tmp TO u",
                    "INSERT INTO orders (id, tenant_id, u, v) VALUES (3, 'a', 'u', 'v')");

            stand.assertSame("SELECT id, tenant_id, u, v FROM orders ORDER BY id");
        }
    }

    @Test
    void defaultsNotNullAndConstraintsFollow_R15() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.onSource(
                    "ALTER TABLE orders ALTER COLUMN v SET DEFAULT 'none'",
                    "UPDATE orders SET v = 'z' WHERE v IS NULL",
                    "ALTER TABLE orders ALTER COLUMN v SET NOT NULL",
                    "ALTER TABLE orders ADD CONSTRAINT short CHECK (length(v) < 50)",
                    "CREATE INDEX by_v ON orders (v)",
                    "CREATE UNIQUE INDEX CONCURRENTLY by_v_id ON orders (v, id)");
            stand.assertSameTable("orders");

            stand.onSource(
                    "ALTER TABLE orders ALTER COLUMN v DROP NOT NULL",
                    "ALTER TABLE orders ALTER COLUMN v DROP DEFAULT",
                    "ALTER TABLE orders DROP CONSTRAINT short",
                    "DROP INDEX CONCURRENTLY by_v_id",
                    "DROP INDEX by_v",
                    "CREATE INDEX by_v ON orders (v DESC)");
            stand.assertSameTable("orders").assertSame(ALL);
        }
    }

    @Test
    void whatIsAskedOfRowsWaitsForThoseBehind_R15() {
        try (DdlStand stand = orders().start("a", "b").pause("b")) {
            stand.onSource(
                    "INSERT INTO orders VALUES (3, 'b', NULL)",
                    "UPDATE orders SET v = 'mended' WHERE v IS NULL",
                    "ALTER TABLE orders ALTER COLUMN v SET NOT NULL",
                    "INSERT INTO orders VALUES (4, 'a', 'after')");
            stand.settle();
            assertThat(stand.onTargetRows("SELECT object FROM heliosdb.ddl_pending")).hasSize(1);

            stand.resume("b").assertSame(ALL).assertSameTable("orders");
            assertThat(stand.onTargetRows("SELECT object FROM heliosdb.ddl_pending")).isEmpty();
        }
    }

    @Test
    void typesChange_R15() {
        try (DdlStand stand =
                orders("ALTER TABLE orders ADD COLUMN n int DEFAULT 7").start("a", "b")) {
            stand.onSource("ALTER TABLE orders ALTER COLUMN n TYPE bigint");
            stand.onSource("INSERT INTO orders VALUES (3, 'a', 'x', 5000000000)");
            stand.assertSame(ALL).assertSameTable("orders");
            assertThat(stand.onTargetRows("SELECT bool_or(anew) FROM heliosdb.ddl"))
                    .isEqualTo(List.of("f"));

            stand.onSource("ALTER TABLE orders ALTER COLUMN v TYPE int USING length(v)");
            stand.onSource("INSERT INTO orders VALUES (4, 'b', 44, 4)");
            stand.assertSame(ALL).assertSameTable("orders");
        }
    }

    @Test
    void rowsThatAreRewrittenAreCopiedAnew_R15() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.inOneTransaction(
                    "INSERT INTO orders VALUES (3, 'a', 'x')",
                    "ALTER TABLE orders ADD COLUMN u uuid NOT NULL DEFAULT gen_random_uuid()",
                    "INSERT INTO orders VALUES (4, 'b', 'y')");
            stand.onSource("INSERT INTO orders VALUES (5, 'a', 'later')");

            stand.assertSame(ALL).assertSameTable("orders");
        }
    }

    @Test
    void generatedAndIdentityColumns_R15() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.onSource(
                    "ALTER TABLE orders ADD COLUMN twice int GENERATED ALWAYS AS (id * 2) STORED",
                    "ALTER TABLE orders ADD COLUMN seq bigint GENERATED BY DEFAULT AS IDENTITY",
                    "INSERT INTO orders (id, tenant_id, v) VALUES (3, 'a', 'x')",
                    "ALTER TABLE orders ADD COLUMN plain int GENERATED ALWAYS AS (id + 1) STORED",
                    "ALTER TABLE orders ALTER COLUMN plain DROP EXPRESSION",
                    "ALTER TABLE orders ALTER COLUMN seq SET GENERATED ALWAYS",
                    "INSERT INTO orders (id, tenant_id, v, plain) VALUES (4, 'b', 'y', 9)");
            stand.assertSame("SELECT id, tenant_id, v, twice, seq, plain FROM orders ORDER BY id")
                    .assertSameTable("orders");
        }
    }

    @Test
    void tablesAreMadeFilledRenamedAndDropped_R15_R17() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.inOneTransaction(
                    "CREATE TABLE made (id serial PRIMARY KEY, tenant_id text, v numeric(8, 2))",
                    "INSERT INTO made (tenant_id, v) VALUES ('a', 1.5), ('b', 2.5), ('c', 3.5)",
                    "CREATE TABLE filled AS SELECT id, tenant_id, v FROM orders",
                    "INSERT INTO filled VALUES (9, 'a', 'later')");
            stand.onSource("SELECT id, tenant_id INTO selected FROM orders");
            stand.onSource("CREATE SCHEMA elsewhere", "ALTER TABLE made SET SCHEMA elsewhere");
            stand.onSource("ALTER TABLE elsewhere.made RENAME TO moved");
            stand.onSource("INSERT INTO elsewhere.moved (tenant_id, v) VALUES ('a', 4.5)");
            String carried = " WHERE tenant_id IN ('a', 'b') ORDER BY id";
            stand.assertSame("SELECT * FROM elsewhere.moved" + carried)
                    .assertSame("SELECT * FROM filled" + carried)
                    .assertSame("SELECT * FROM selected" + carried)
                    .assertSameTable("elsewhere.moved");

            stand.onSource("INSERT INTO filled VALUES (10, 'b', 'x')", "DROP TABLE filled");
            stand.onSource("DROP SCHEMA elsewhere CASCADE", "INSERT INTO orders VALUES (9, 'a')");
            stand.assertSame(ALL);
            assertThat(
                            stand.onTargetRows(
                                    "SELECT to_regclass('filled'), to_regclass('elsewhere.moved')"))
                    .isEqualTo(List.of("null|null"));
        }
    }

    @Test
    void whatFunctionsBlocksAndStringsOfStatementsDo_R15() throws SQLException {
        try (DdlStand stand = orders("CREATE SCHEMA s").start("a", "b");
                Connection connection = stand.sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            stand.onSource(
                    "CREATE FUNCTION alters() RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
                            + " ALTER TABLE orders ADD COLUMN f int DEFAULT 1;"
                            + " INSERT INTO orders VALUES (3, 'a', 'f', 2);"
                            + " ALTER TABLE orders ADD COLUMN g int; END $$",
                    "SELECT alters()",
                    "DO $$ BEGIN EXECUTE 'ALTER TABLE orders ALTER f TYPE text USING f || ''!'''; END $$");
            statement.execute(
                    "SET search_path = s, public; CREATE TABLE t (id int PRIMARY KEY, tenant_id text);"
                            + " INSERT INTO t VALUES (1, 'a'); ALTER TABLE t ADD COLUMN x int;"
                            + " INSERT INTO t VALUES (2, 'b', 2)");

            stand.assertSame(ALL).assertSame("SELECT * FROM s.t ORDER BY id");
        }
    }

    @Test
    void nothingIsLeftOfWhatFailedOrIsNobodysBusiness_R15() throws SQLException {
        try (DdlStand stand = orders().start("a", "b");
                Connection connection = stand.sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("ALTER TABLE orders ADD COLUMN never int");
            connection.rollback();
            statement.execute("SAVEPOINT s");
            statement.execute("ALTER TABLE orders DROP COLUMN v");
            statement.execute("ROLLBACK TO s");
            statement.execute("INSERT INTO orders VALUES (3, 'a', 'kept')");
            statement.execute("CREATE TEMP TABLE orders_temp (id int, tenant_id text)");
            statement.execute("ALTER TABLE orders_temp ADD COLUMN x int");
            statement.execute("CREATE VIEW seen AS SELECT 1 AS one");
            statement.execute("COMMENT ON TABLE orders IS 'words'");
            statement.execute("GRANT SELECT ON orders TO PUBLIC");
            statement.execute("CREATE UNLOGGED TABLE unlogged (id int, tenant_id text)");
            connection.commit();

            stand.assertSame(ALL);
            assertThat(stand.onTargetRows("SELECT item FROM heliosdb.ddl")).isEmpty();
        }
    }

    @Test
    void typesSequencesAndPartitions_R15() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.onSource("CREATE TYPE mood AS ENUM ('sad', 'ok')");
            stand.onSource("ALTER TABLE orders ADD COLUMN m mood DEFAULT 'ok'");
            stand.onSource("ALTER TYPE mood ADD VALUE 'happy' AFTER 'ok'");
            stand.onSource("INSERT INTO orders VALUES (3, 'a', 'x', 'happy')");
            stand.onSource("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'");
            stand.onSource("INSERT INTO orders VALUES (4, 'b', 'x', 'blue')");
            stand.onSource("CREATE SEQUENCE numbers INCREMENT 5");
            stand.onSource("CREATE DOMAIN code AS text CHECK (length(VALUE) < 9)");
            stand.onSource("ALTER TABLE orders ADD COLUMN c code DEFAULT nextval('numbers')::text");
            stand.assertSame(ALL);

            stand.onSource(
                    "CREATE TABLE parts (id int, tenant_id text, PRIMARY KEY (tenant_id, id))"
                            + " PARTITION BY RANGE (id)",
                    "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
                    "INSERT INTO parts VALUES (1, 'a'), (2, 'b')",
                    "CREATE TABLE parts_2 (id int NOT NULL, tenant_id text NOT NULL)",
                    "INSERT INTO parts_2 VALUES (11, 'a'), (12, 'b')",
                    "ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES FROM (10) TO (20)",
                    "ALTER TABLE parts ADD COLUMN x int DEFAULT 3",
                    "INSERT INTO parts VALUES (3, 'a', 4), (13, 'b', 5)",
                    "ALTER TABLE parts DETACH PARTITION parts_1",
                    "INSERT INTO parts_1 VALUES (4, 'a', 6)");
            stand.assertSame("SELECT * FROM parts ORDER BY id")
                    .assertSame("SELECT * FROM parts_1 ORDER BY id");
        }
    }
}
