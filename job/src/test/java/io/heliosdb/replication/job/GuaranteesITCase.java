package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.applied;
import static io.heliosdb.replication.job.Stand.awaitState;
import static io.heliosdb.replication.job.Stand.rows;
import static io.heliosdb.replication.job.Stand.state;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.Pace;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/**
 * Atomic, nothing lost, isolated: under kills, across the hand-over from the first copy, with
 * targets that fail.
 */
class GuaranteesITCase extends JobStand {

    @Test
    void neverShowsPartOfATransaction_alsoWhileTheJobIsKilledWithMinus9_R1() throws Exception {
        stand.tenantColumn("bid").replicate("all", "*", "main").write();
        AtomicLong looks = new AtomicLong();
        try (Bank bank = new Bank(sourceServer, stand.source, 5)) {
            stand.startProcess();
            Await.until("five branches to stream", this::streaming, count -> count == 5);
            bank.open(2);
            try (Load poller = Load.start("poller", over -> poll(over, looks))) {
                Random random = new Random(1);
                for (int i = 0; i < Soak.times(3, 10); i++) {
                    long enough = applied(targetServer, target) + 50 + random.nextInt(1000);
                    Await.until(
                            "progress to " + enough,
                            () -> applied(targetServer, target),
                            applied -> applied > enough);
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
                poller.stop();
            }
        }
        assertThat(looks.get()).as("times looked").isGreaterThan(100);
    }

    private int streaming() {
        return rows(
                        targetServer,
                        target,
                        "SELECT 1 FROM heliosdb.replication_progress WHERE state = 'STREAMING'")
                .size();
    }

    private void poll(BooleanSupplier over, AtomicLong looks) throws SQLException {
        try (Connection connection = targetServer.connect(target)) {
            while (!over.getAsBoolean()) {
                assertThat(Bank.disagreement(connection)).isNull();
                looks.incrementAndGet();
            }
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
        Await.until("the stream to open", this::slotIsRead);
        try (Load writer = Load.start("writer", this::interleave);
                Connection old = sourceServer.connect(stand.source);
                Statement statement = old.createStatement()) {
            old.setAutoCommit(false);
            statement.execute(
                    "INSERT INTO doc SELECT g, 0, 0 FROM generate_series(90001, 90100) g");
            for (int tenant = 0; tenant < 8; tenant++) {
                stand.replicate("r" + tenant, String.valueOf(tenant), "main").write();
                String replication = "r" + tenant;
                if (tenant < 7) {
                    Await.until(
                            replication + " to begin",
                            () -> state(targetServer, target, replication),
                            List.of("SYNCING", "STREAMING")::contains);
                }
            }
            awaitState(targetServer, target, "r7", "STREAMING");
            old.commit();
            writer.stop();
        }
        stand.awaitSame(
                targetServer, target, "SELECT tenant_id, id, v FROM public.doc ORDER BY 1, 2");
    }

    /** Long transactions that commit after shorter ones that began later, all over all tenants. */
    private void interleave(BooleanSupplier over) throws SQLException {
        Random random = new Random(5);
        try (Connection one = sourceServer.connect(stand.source);
                Connection two = sourceServer.connect(stand.source);
                Statement first = one.createStatement();
                Statement second = two.createStatement()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            for (int id = 100_000; !over.getAsBoolean(); id += 10) {
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
        Await.until("the slot to move on", this::confirmed, lsn -> !lsn.equals(slotBefore));
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
        try (Load trickle = Load.start("trickle", this::trickle)) {
            stand.onSource(
                    "INSERT INTO doc SELECT g, 'big', 'row number ' || g FROM generate_series(1, "
                            + rows
                            + ") g");
            Await.until(
                    () -> rows + " rows of one transaction",
                    Duration.ofMinutes(10),
                    () ->
                            rows(
                                    targetServer,
                                    target,
                                    "SELECT count(*) FROM public.doc WHERE tenant_id = 'big'"),
                    List.of(String.valueOf(rows))::equals);
            stand.onSource("UPDATE doc SET v = v || '!' WHERE tenant_id = 'big'");
            stand.onSource("DELETE FROM doc WHERE tenant_id = 'big' AND id % 2 = 0");
            trickle.stop();
        }
        stand.awaitSame(
                targetServer,
                target,
                "SELECT tenant_id, count(*), sum(hashtext(d::text)::bigint) FROM public.doc d GROUP"
                        + " BY 1 ORDER BY 1");
    }

    private void trickle(BooleanSupplier over) throws SQLException {
        try (Connection connection = sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            Pace pace = new Pace(Duration.ofMillis(5));
            for (int id = 0; !over.getAsBoolean(); id++) {
                statement.execute("INSERT INTO doc VALUES (" + id + ", 'small', 'x')");
                pace.beat();
            }
        }
    }
}
