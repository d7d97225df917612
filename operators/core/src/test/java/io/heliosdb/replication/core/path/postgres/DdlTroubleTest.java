package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

    /** Rows of the second must not be taken for rows of the first. */
    @Test
    void aTableOfTheSameNameHasColumnsOfItsOwn_R15() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.onSource(
                    "CREATE TABLE t (id int PRIMARY KEY, tenant_id text, v text)",
                    "ALTER TABLE t RENAME COLUMN v TO w",
                    "DROP TABLE t",
                    "CREATE TABLE t (tenant_id text, w text, x text, id int PRIMARY KEY)");
            stand.settle().pause("b");
            stand.onSource(
                    "INSERT INTO t VALUES ('b', 'w', 'x', 1)",
                    "ALTER TABLE t RENAME COLUMN x TO y",
                    "INSERT INTO t VALUES ('a', 'w', 'y', 2)");
            stand.settle();

            stand.resume("b").assertSame("SELECT * FROM t ORDER BY id");
        }
    }

    /** CREATE INDEX does not exclude itself. */
    @Test
    void indexesOfATableAreMadeByTwoAtATime_R15() throws Exception {
        try (DdlStand stand = orders().start("a", "b");
                Connection first = stand.sourceServer.connect(stand.source);
                Connection second = stand.sourceServer.connect(stand.source);
                Statement ofFirst = first.createStatement();
                Statement ofSecond = second.createStatement()) {
            first.setAutoCommit(false);
            ofFirst.execute("CREATE INDEX one ON orders (v)");
            CompletableFuture<Void> other =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    ofSecond.execute("CREATE INDEX two ON orders (v DESC)");
                                } catch (SQLException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            stand.await(
                    "the second to be there",
                    () ->
                            other.isDone()
                                    || stand.onSourceRows(
                                                    "SELECT 1 FROM pg_stat_activity WHERE"
                                                            + " wait_event_type = 'Lock' AND query"
                                                            + " LIKE 'CREATE INDEX two%'")
                                            .equals(List.of("1")));
            first.commit();
            other.get(1, TimeUnit.MINUTES);

            stand.assertSameTable("orders");
        }
    }

    /** The copy has brought the partitions further too: they must not be altered again. */
    @Test
    void partitionsStandWhereACopyHasBroughtThem_R14_R15() {
        try (DdlStand stand =
                new DdlStand(
                        "CREATE TABLE p (id int, tenant_id text, PRIMARY KEY (tenant_id, id))"
                                + " PARTITION BY RANGE (id)",
                        "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100)")) {
            stand.viaRoot().startWithout("a").pause("a");
            stand.onSource(
                    "INSERT INTO p VALUES (1, 'a'), (2, 'b')",
                    "ALTER TABLE p ADD COLUMN x int DEFAULT 1",
                    "ALTER TABLE p DROP COLUMN x",
                    "ALTER TABLE p ADD COLUMN x text DEFAULT 'x'",
                    "INSERT INTO p VALUES (3, 'a', 'y'), (4, 'b', 'z')");
            stand.add("b").assertSame("SELECT * FROM p WHERE tenant_id = 'b' ORDER BY id");

            stand.resume("a").assertSame("SELECT * FROM p ORDER BY id").assertSameTable("p_1");
        }
    }

    /** Nobody at the target has needed them before. */
    @Test
    void typesAndSequencesOfBeforeComeWithTheColumnThatNeedsThem_R15() {
        try (DdlStand stand =
                orders().onSource(
                                "CREATE TYPE mood AS ENUM ('low', 'high')",
                                "CREATE DOMAIN moods AS mood[]",
                                "CREATE SEQUENCE numbers")
                        .start("a", "b")) {
            stand.onSource(
                    "ALTER TABLE orders ADD COLUMN m moods DEFAULT '{low}'",
                    "ALTER TABLE orders ADD COLUMN s serial",
                    "ALTER TABLE orders ALTER COLUMN v SET DEFAULT nextval('numbers')",
                    "INSERT INTO orders (id, tenant_id) VALUES (3, 'a'), (4, 'b')");
            stand.assertSame(ALL).assertSameTable("orders");
        }
    }

    @Test
    void constraintsGoWithTheirColumns_R15() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.onSource("ALTER TABLE orders ADD CONSTRAINT once UNIQUE (tenant_id, id, v)")
                    .assertSameTable("orders");
            stand.onSource(
                    "ALTER TABLE orders DROP COLUMN v", "INSERT INTO orders VALUES (3, 'a')");

            stand.assertSame(ALL).assertSameTable("orders");
        }
    }

    private static DdlStand partitioned() {
        return new DdlStand(
                        "CREATE TABLE p (id int, tenant_id text, PRIMARY KEY (tenant_id, id))"
                                + " PARTITION BY RANGE (id)",
                        "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100)")
                .viaRoot()
                .startWithout("a", "b");
    }

    @Test
    void whatPartitionsHaveOfTheirParentGoesWithIt_R14_R15() {
        try (DdlStand stand = partitioned()) {
            stand.onSource(
                    "ALTER TABLE p ADD COLUMN twice int GENERATED ALWAYS AS (id * 2) STORED",
                    "INSERT INTO p VALUES (1, 'a'), (2, 'b')",
                    "ALTER TABLE p ALTER COLUMN twice DROP EXPRESSION",
                    "INSERT INTO p VALUES (3, 'a', 7)",
                    "ALTER TABLE p DROP COLUMN twice",
                    "INSERT INTO p VALUES (4, 'b')");
            stand.assertSame("SELECT * FROM p ORDER BY id").assertSameTable("p_1");
        }
    }

    @Test
    void aForeignKeyOfAPartitionIsPartOfItsParents_R14_R15() {
        try (DdlStand stand = partitioned()) {
            String key = " ADD CONSTRAINT to_a FOREIGN KEY (tenant_id, ref) REFERENCES orders";
            stand.onSource(
                    ORDERS,
                    "ALTER TABLE p ADD COLUMN ref int," + key,
                    "CREATE TABLE p_2 (id int NOT NULL, tenant_id text NOT NULL, ref int)",
                    "ALTER TABLE p_2" + key);
            stand.assertSameTable("p").assertSameTable("p_2");
            stand.onSource(
                    "ALTER TABLE p ATTACH PARTITION p_2 FOR VALUES FROM (100) TO (200)",
                    "INSERT INTO p VALUES (1, 'a'), (101, 'b')");
            stand.assertSame("SELECT * FROM p ORDER BY id").assertSameTable("p_2");
        }
    }

    /** The source does not describe a root anew that it knows by its partitions. */
    @Test
    void aRootIsRenamedWhileItsPartitionsAreWritten_R14_R15() {
        try (DdlStand stand = partitioned()) {
            stand.onSource(
                    "INSERT INTO p VALUES (1, 'a'), (2, 'b')",
                    "ALTER TABLE p RENAME TO q",
                    "INSERT INTO q VALUES (3, 'a'), (4, 'b')",
                    "CREATE SCHEMA aside",
                    "ALTER TABLE q SET SCHEMA aside",
                    "INSERT INTO aside.q VALUES (5, 'a'), (6, 'b')",
                    "UPDATE aside.q SET id = 7 WHERE id = 1");
            stand.assertSame("SELECT * FROM aside.q ORDER BY id");
        }
    }

    /** Whoever looked at the tables is always too late: that is no fault of the rows. */
    @Test
    void tablesThatAreAlteredAgainAndAgainStopNobody_R16() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        try (DdlStand stand = orders().start("a", "b");
                Connection altering = stand.targetServer.connect(stand.target);
                Statement statement = altering.createStatement()) {
            CompletableFuture<Long> others =
                    CompletableFuture.supplyAsync(
                            () -> {
                                long times = 0;
                                try {
                                    for (; !over.get() || times < 5_000; times++) {
                                        statement.execute(
                                                "UPDATE heliosdb.ddl_version SET version = version + 1");
                                    }
                                } catch (SQLException e) {
                                    throw new IllegalStateException(e);
                                }
                                return times;
                            });
            for (int i = 0; i < 50; i++) {
                stand.onSource("INSERT INTO orders VALUES (" + (100 + i) + ", 'a', 'x')");
            }
            over.set(true);
            assertThat(others.get(1, TimeUnit.MINUTES)).isPositive();

            stand.assertSame(ALL);
        }
    }

    /** What a part of it had done of DDL is undone with the part, and what was known of shapes. */
    @Test
    void aPartOfALargeTransactionIsWrittenAgain_R7_R11_R15() {
        try (DdlStand stand =
                orders().onSource(
                                "ALTER TABLE orders ADD COLUMN u int",
                                "CREATE UNIQUE INDEX ON orders (u) WHERE u > 0")
                        .partBytes(64 << 10)
                        .start("a", "b")) {
            stand.inOneTransaction(
                    "INSERT INTO orders SELECT i, 'a', repeat('v', i % 50), i"
                            + " FROM generate_series(10, 5000) i",
                    "ALTER TABLE orders RENAME COLUMN v TO w",
                    "UPDATE orders SET w = 'y' WHERE id < 100",
                    // Sets of rows do not exchange values, one after the other they do.
                    "UPDATE orders SET u = 0 WHERE id IN (4998, 4999)",
                    "UPDATE orders SET u = 4999 WHERE id = 4998",
                    "UPDATE orders SET u = 4998 WHERE id = 4999");
            stand.settle();

            stand.assertSame("SELECT * FROM orders ORDER BY id").assertSameTable("orders");
        }
    }
}
