package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.awaitState;
import static io.heliosdb.replication.job.Stand.awaitTrue;
import static io.heliosdb.replication.job.Stand.rows;
import static io.heliosdb.replication.job.Stand.state;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Atomic, nothing lost, isolated: under kills, across the hand-over from the first copy, with
 * targets that fail.
 */
class GuaranteesITCase {

    private static PostgresServer sourceServer;
    private static PostgresServer targetServer;

    @TempDir Path directory;

    private Stand stand;
    private String target;

    @BeforeAll
    static void startServers() {
        sourceServer = PostgresServer.start();
        targetServer = PostgresServer.start();
    }

    @AfterAll
    static void stopServers() {
        sourceServer.close();
        targetServer.close();
    }

    @BeforeEach
    void createDatabases() {
        stand = new Stand(sourceServer, directory);
        target = stand.target("main", targetServer);
    }

    @AfterEach
    void nothingIsLeftOpen() {
        stand.close();
    }

    @Test
    void neverShowsPartOfATransaction_alsoWhileTheJobIsKilledWithMinus9_R1() throws Exception {
        stand.tenantColumn("bid").replicate("all", "*", "main").write();
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<String> broken = new AtomicReference<>();
        AtomicLong looks = new AtomicLong();
        try (Bank bank = new Bank(sourceServer, stand.source, 5)) {
            stand.startProcess();
            awaitTrue(() -> streaming() == 5, () -> "five branches to stream");
            bank.open(2);
            Thread poller = new Thread(() -> poll(done, broken, looks));
            poller.start();
            Random random = new Random(1);
            for (int i = 0; i < Soak.times(3, 10); i++) {
                long applied = applied();
                awaitTrue(() -> applied() > applied + 50, () -> "progress after restart");
                Thread.sleep(random.nextInt(1500));
                stand.killProcess();
                stand.startProcess();
            }
            bank.stop();
            for (String table : List.of("branches", "tellers", "accounts", "history")) {
                stand.awaitSame(
                        targetServer,
                        target,
                        "SELECT count(*), sum(hashtext(t::text)::bigint) FROM public."
                                + table
                                + " t");
            }
            done.set(true);
            poller.join();
        }
        assertThat(broken.get()).isNull();
        assertThat(looks.get()).as("times looked").isGreaterThan(100);
    }

    private int streaming() {
        return rows(
                        targetServer,
                        target,
                        "SELECT 1 FROM heliosdb.replication_progress WHERE state = 'STREAMING'")
                .size();
    }

    private long applied() {
        return Long.parseLong(
                rows(
                                targetServer,
                                target,
                                "SELECT sum(transactions) FROM heliosdb.replication_progress")
                        .get(0));
    }

    private void poll(AtomicBoolean done, AtomicReference<String> broken, AtomicLong looks) {
        try (Connection connection = targetServer.connect(target)) {
            while (!done.get()) {
                String disagreement = Bank.disagreement(connection);
                if (disagreement != null) {
                    broken.compareAndSet(null, disagreement);
                }
                looks.incrementAndGet();
            }
        } catch (SQLException e) {
            broken.compareAndSet(null, e.toString());
        }
    }

    @Test
    void losesNothingAcrossTheHandOverFromTheFirstCopy_R2_R3_R4() throws Exception {
        stand.onSource(
                "CREATE TABLE doc (id int, tenant_id int NOT NULL, v int, PRIMARY KEY (tenant_id,"
                        + " id))",
                "CREATE PUBLICATION helios FOR ALL TABLES",
                "INSERT INTO doc SELECT g, g % 8, 0 FROM generate_series(1, 20000) g");
        stand.write();
        stand.start();
        // Making a slot waits for the transactions that run, so the long one comes after it.
        awaitTrue(() -> slotIsRead(), () -> "the stream to open");
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<Exception> failure = new AtomicReference<>();
        Thread writer = new Thread(() -> interleave(done, failure));
        writer.start();
        try (Connection old = sourceServer.connect(stand.source);
                Statement statement = old.createStatement()) {
            old.setAutoCommit(false);
            statement.execute(
                    "INSERT INTO doc SELECT g, 0, 0 FROM generate_series(90001, 90100) g");
            for (int tenant = 0; tenant < 8; tenant++) {
                stand.replicate("r" + tenant, String.valueOf(tenant), "main").write();
                String replication = "r" + tenant;
                if (tenant < 7) {
                    awaitTrue(
                            () ->
                                    List.of("SYNCING", "STREAMING")
                                            .contains(state(targetServer, target, replication)),
                            () -> replication + " to begin");
                }
            }
            awaitState(targetServer, target, "r7", "STREAMING");
            old.commit();
        }
        done.set(true);
        writer.join();
        assertThat(failure.get()).isNull();
        stand.awaitSame(
                targetServer, target, "SELECT tenant_id, id, v FROM public.doc ORDER BY 1, 2");
    }

    /** Long transactions that commit after shorter ones that began later, all over all tenants. */
    private void interleave(AtomicBoolean done, AtomicReference<Exception> failure) {
        Random random = new Random(5);
        try (Connection one = sourceServer.connect(stand.source);
                Connection two = sourceServer.connect(stand.source);
                Statement first = one.createStatement();
                Statement second = two.createStatement()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            for (int id = 100_000; !done.get(); id += 10) {
                first.execute("INSERT INTO doc VALUES (" + id + ", " + random.nextInt(8) + ", 1)");
                for (int i = 1; i < 5; i++) {
                    second.execute(
                            "INSERT INTO doc VALUES ("
                                    + (id + i)
                                    + ", "
                                    + random.nextInt(8)
                                    + ", 1)");
                    second.execute(
                            "UPDATE doc SET v = v + 1 WHERE id = " + (1 + random.nextInt(10_000)));
                    second.execute("DELETE FROM doc WHERE id = " + (10_001 + random.nextInt(5000)));
                    two.commit();
                }
                first.execute(
                        "UPDATE doc SET v = v + 1 WHERE id = " + (15_001 + random.nextInt(5000)));
                one.commit();
            }
        } catch (SQLException e) {
            failure.set(e);
        }
    }

    @Test
    void aTargetThatIsDownHurtsNobodyElseNorTheSlot_R21() throws Exception {
        String second = stand.target("second", targetServer);
        stand.onSource(
                "CREATE TABLE doc (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))",
                "CREATE PUBLICATION helios FOR ALL TABLES");
        stand.replicate("up", "up", "main").replicate("down", "down", "second").write();
        stand.backlogMemory("2MiB").write();
        stand.start();
        awaitState(targetServer, target, "up", "STREAMING");
        awaitState(targetServer, second, "down", "STREAMING");
        targetServer.execute(
                "postgres",
                "ALTER DATABASE " + second + " ALLOW_CONNECTIONS false",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                        + second
                        + "'");
        List<Long> latencies = new ArrayList<>();
        String slotBefore = confirmed();
        try (Connection writer = sourceServer.connect(stand.source);
                Statement write = writer.createStatement();
                Connection reader = targetServer.connect(target);
                Statement read = reader.createStatement()) {
            for (int i = 0; i < Soak.times(300, 20_000); i++) {
                write.execute("INSERT INTO doc VALUES (" + i + ", 'down', repeat('x', 20000))");
                write.execute("INSERT INTO doc VALUES (" + i + ", 'up', 'x')");
                long begin = System.nanoTime();
                String seen = "SELECT 1 FROM public.doc WHERE tenant_id = 'up' AND id = " + i;
                while (!read.executeQuery(seen).next()) {
                    assertThat(System.nanoTime() - begin).isLessThan(20_000_000_000L);
                }
                latencies.add(System.nanoTime() - begin);
            }
        }
        Collections.sort(latencies);
        assertThat(Duration.ofNanos(latencies.get(latencies.size() * 99 / 100)))
                .as("p99 of the others")
                .isLessThan(Duration.ofSeconds(2));
        awaitTrue(() -> !confirmed().equals(slotBefore), () -> "the slot to move on");
        targetServer.execute("postgres", "ALTER DATABASE " + second + " ALLOW_CONNECTIONS true");
        stand.awaitSame(
                targetServer,
                second,
                "SELECT id, md5(v) FROM public.doc WHERE tenant_id = 'down' ORDER BY id");
        awaitState(targetServer, second, "down", "STREAMING");
    }

    private boolean slotIsRead() {
        return rows(
                        sourceServer,
                        "postgres",
                        "SELECT active FROM pg_replication_slots WHERE slot_name = 'slot_"
                                + stand.source
                                + "'")
                .equals(List.of("t"));
    }

    private String confirmed() {
        return rows(
                        sourceServer,
                        "postgres",
                        "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name ="
                                + " 'slot_"
                                + stand.source
                                + "'")
                .get(0);
    }

    @Test
    void aRowThatTheTargetRefusesStopsItsReplicationOnly_R22() {
        stand.onSource(
                "CREATE TABLE doc (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))",
                "CREATE PUBLICATION helios FOR ALL TABLES");
        stand.replicate("good", "good", "main").replicate("bad", "bad", "main").write();
        stand.start();
        awaitState(targetServer, target, "good", "STREAMING");
        awaitState(targetServer, target, "bad", "STREAMING");
        targetServer.execute(
                target, "ALTER TABLE public.doc ADD CONSTRAINT short CHECK (length(v) < 5)");
        stand.onSource(
                "INSERT INTO doc VALUES (1, 'bad', 'ok'), (1, 'good', 'ok')",
                "INSERT INTO doc VALUES (2, 'bad', 'too long'), (2, 'good', 'ok')",
                "INSERT INTO doc VALUES (3, 'bad', 'ok'), (3, 'good', 'ok')");
        awaitState(targetServer, target, "bad", "ERROR");
        stand.awaitSame(
                targetServer,
                target,
                "SELECT id FROM public.doc WHERE tenant_id = 'good' ORDER BY 1");
        assertThat(rows(targetServer, target, "SELECT id FROM public.doc WHERE tenant_id = 'bad'"))
                .containsExactly("1");
        assertThat(
                        rows(
                                targetServer,
                                target,
                                "SELECT error_code, reason FROM heliosdb.replication_progress WHERE"
                                        + " replication_id = 'bad'"))
                .singleElement()
                .asString()
                .contains("ROW_REJECTED", "short", "public.doc");
        assertThat(
                        rows(
                                targetServer,
                                target,
                                "SELECT DISTINCT replication_id FROM heliosdb.quarantine"))
                .containsExactly("bad");

        targetServer.execute(target, "ALTER TABLE public.doc DROP CONSTRAINT short");
        stand.replicate("bad", "bad", "main", "priority: 60").write();
        stand.awaitSame(
                targetServer, target, "SELECT tenant_id, id, v FROM public.doc ORDER BY 1, 2");
        awaitState(targetServer, target, "bad", "STREAMING");
    }

    @Test
    void carriesALargeTransactionInBoundedMemoryWhileOthersKeepTheirLag_R7() throws Exception {
        int rows = Soak.times(300_000, 5_000_000);
        stand.onSource(
                "CREATE TABLE doc (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))",
                "CREATE PUBLICATION helios FOR ALL TABLES");
        stand.replicate("big", "big", "main")
                .replicate("small", "small", "main")
                .backlogMemory("16MiB")
                .write();
        stand.startProcess("-Xmx" + Soak.times(400, 1024) + "m");
        awaitState(targetServer, target, "big", "STREAMING");
        awaitState(targetServer, target, "small", "STREAMING");
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<Exception> failure = new AtomicReference<>();
        Thread trickle = new Thread(() -> trickle(done, failure));
        trickle.start();
        stand.onSource(
                "INSERT INTO doc SELECT g, 'big', 'row number ' || g FROM generate_series(1, "
                        + rows
                        + ") g");
        awaitTrue(
                Duration.ofMinutes(10),
                () ->
                        rows(
                                        targetServer,
                                        target,
                                        "SELECT count(*) FROM public.doc WHERE tenant_id = 'big'")
                                .equals(List.of(String.valueOf(rows))),
                () -> rows + " rows of one transaction");
        stand.onSource("UPDATE doc SET v = v || '!' WHERE tenant_id = 'big'");
        stand.onSource("DELETE FROM doc WHERE tenant_id = 'big' AND id % 2 = 0");
        done.set(true);
        trickle.join();
        assertThat(failure.get()).isNull();
        stand.awaitSame(
                targetServer,
                target,
                "SELECT tenant_id, count(*), sum(hashtext(d::text)::bigint) FROM public.doc d GROUP"
                        + " BY 1 ORDER BY 1");
    }

    private void trickle(AtomicBoolean done, AtomicReference<Exception> failure) {
        try (Connection connection = sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            for (int id = 0; !done.get(); id++) {
                statement.execute("INSERT INTO doc VALUES (" + id + ", 'small', 'x')");
                Thread.sleep(5);
            }
        } catch (SQLException | InterruptedException e) {
            failure.set(e);
        }
    }
}
