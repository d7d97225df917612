package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.awaitState;
import static io.heliosdb.replication.job.Stand.state;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** The hand-over from the first copy to the stream: nothing is lost, nothing comes twice. */
class HandOverITCase extends JobStand {

    private static final int UNSEEN = 1_000_000;

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

    /**
     * Two commits wait for a standby: they are in the WAL, and nobody sees them yet. The stream has
     * dropped the first before the replication began, so the copy waits for it. The second comes
     * while it waits: the copy does not see it, though its LSN is before the copy's.
     */
    @Test
    void appliesACommitThatTheFirstCopyDidNotSee_R3() throws Exception {
        stand.onSource(
                "CREATE TABLE doc (id int, tenant_id int NOT NULL, v int, PRIMARY KEY (tenant_id,"
                        + " id))",
                "CREATE PUBLICATION helios FOR ALL TABLES");
        stand.write();
        stand.start();
        Await.until("the stream to open", this::slotIsRead);
        AtomicBoolean hangs = new AtomicBoolean();
        ExecutorService commits = Executors.newCachedThreadPool();
        try {
            standby("SET synchronous_standby_names = 'nobody'");
            // The setting takes effect some time after the reload: commits until one has to wait.
            Future<?> dropped = commits.submit(() -> insert(1000, hangs::get));
            String pid = Await.until("a commit to wait", this::waiting, w -> w.size() == 1).get(0);
            hangs.set(true);
            stand.replicate("r0", "0", "main").write();
            Await.until("the copy to wait", this::reason, reason -> reason.contains("waits for"));
            Future<?> unseen = commits.submit(() -> insert(UNSEEN, () -> true));
            Await.until("another commit to wait", this::waiting, w -> w.size() == 2);

            sourceServer.execute("postgres", "SELECT pg_cancel_backend(" + pid + ")");
            awaitState(targetServer, target, "r0", "STREAMING");
            String row = "SELECT id FROM public.doc WHERE id = " + UNSEEN;
            Await.until("the row", () -> targetServer.rows(target, row), r -> r.size() == 1);
            assertThat(sourceServer.rows(stand.source, row)).as("seen at the source").isEmpty();

            standby("RESET synchronous_standby_names");
            dropped.get();
            unseen.get();
        } finally {
            standby("RESET synchronous_standby_names");
            commits.shutdown();
        }
        stand.awaitSame(
                targetServer, target, "SELECT tenant_id, id, v FROM public.doc ORDER BY 1, 2");
    }

    private boolean slotIsRead() {
        return sourceServer
                .rows(
                        "postgres",
                        "SELECT active FROM pg_replication_slots WHERE slot_name = 'slot_"
                                + stand.source
                                + "'")
                .equals(List.of("t"));
    }

    private void standby(String setting) {
        sourceServer.execute("postgres", "ALTER SYSTEM " + setting, "SELECT pg_reload_conf()");
    }

    /** Rows of tenant 0, a transaction each, until it is enough; at least one. */
    private Void insert(int firstId, BooleanSupplier enough) throws SQLException {
        try (Connection connection = sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            int id = firstId;
            do {
                statement.execute("INSERT INTO doc VALUES (" + id++ + ", 0, 1)");
            } while (!enough.getAsBoolean());
            return null;
        }
    }

    /** The backends whose commit waits for a standby. */
    private List<String> waiting() {
        return sourceServer.rows(
                stand.source,
                "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
                        + " AND datname = current_database()");
    }

    private String reason() {
        return targetServer
                .rows(target, "SELECT coalesce(reason, '') FROM heliosdb.replication_progress")
                .get(0);
    }
}
