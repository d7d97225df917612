package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.applied;
import static io.heliosdb.replication.job.Stand.awaitState;
import static io.heliosdb.replication.job.Stand.state;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole job against real databases: what users are promised. */
class ReplicationJobITCase extends JobStand {

    private static final String ACCOUNTS =
            "SELECT tenant_id, id, balance, note FROM public.account WHERE tenant_id IN ('a', 'b')"
                    + " ORDER BY id";

    @BeforeEach
    void createAccounts() {
        stand.onSource(
                """
                CREATE TABLE account (
                    id int, tenant_id text, balance numeric(12,2), note text,
                    PRIMARY KEY (id, tenant_id))
                """,
                "CREATE PUBLICATION helios FOR ALL TABLES",
                """
                INSERT INTO account SELECT g, (array['a', 'b', 'c'])[g % 3 + 1], g, 'before'
                FROM generate_series(1, 3000) g
                """);
        stand.replicate("ra", "a", "main").replicate("rb", "b", "main").write();
    }

    @Test
    void copiesThenStreamsTheTenantsAskedForAndNoOthers() {
        stand.start();
        stand.awaitSame(targetServer, target, ACCOUNTS);
        awaitState(targetServer, target, "ra", "STREAMING");
        stand.onSource(
                "INSERT INTO account VALUES (10000, 'a', 1, E'tab\\there \\\\ \\n ü')",
                "UPDATE account SET balance = balance + 1 WHERE id % 7 = 0",
                "DELETE FROM account WHERE id % 11 = 0",
                "UPDATE account SET id = 20000 WHERE id = 4",
                "UPDATE account SET tenant_id = 'b' WHERE id = 10000");
        stand.awaitSame(targetServer, target, ACCOUNTS);
        assertThat(targetServer.rows(target, "SELECT DISTINCT tenant_id FROM public.account"))
                .containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void losesAndDoublesNothingThroughCrashesUnderLoad_R1() throws Exception {
        try (Load load = Load.start("transfers", this::transfer)) {
            Random random = new Random(7);
            stand.start();
            Await.until(
                    "the first copies to begin",
                    () -> state(targetServer, target, "ra"),
                    state -> !state.isEmpty());
            stand.crash();
            for (int i = 0; i < 3; i++) {
                stand.start();
                long enough = applied(targetServer, target) + random.nextInt(1000);
                Await.until(
                        "progress to " + enough,
                        () -> applied(targetServer, target),
                        applied -> applied > enough);
                stand.crash();
            }
            stand.start();
            load.stop();
        }
        stand.awaitSame(targetServer, target, ACCOUNTS);
    }

    /** Transactions of several rows, two tenants, interleaved long and short. */
    private void transfer(BooleanSupplier over) throws SQLException {
        Random random = new Random(3);
        try (Connection one = sourceServer.connect(stand.source);
                Connection two = sourceServer.connect(stand.source);
                Statement first = one.createStatement();
                Statement second = two.createStatement()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            for (int id = 100_000; !over.getAsBoolean(); id += 4) {
                first.execute("INSERT INTO account VALUES (" + id + ", 'a', 0, 'long')");
                for (int i = 1; i <= 3; i++) {
                    second.execute(
                            "INSERT INTO account VALUES (" + (id + i) + ", 'b', 0, 'short')");
                    second.execute(
                            "UPDATE account SET balance = balance + 1 WHERE id = "
                                    + (1 + random.nextInt(1000)));
                    two.commit();
                }
                first.execute(
                        "UPDATE account SET balance = balance - 1 WHERE id = "
                                + (1001 + random.nextInt(1000)));
                one.commit();
            }
        }
    }

    @Test
    void pausesResumesAndAddsReplicationsWhileItRuns() {
        stand.start();
        awaitState(targetServer, target, "ra", "STREAMING");
        stand.replicate("ra", "a", "main", "paused: true").replicate("rc", "c", "main").write();
        awaitState(targetServer, target, "ra", "PAUSED");
        awaitState(targetServer, target, "rc", "STREAMING");
        stand.onSource("UPDATE account SET note = 'while paused'");
        stand.awaitSame(
                targetServer,
                target,
                "SELECT id, note FROM public.account WHERE tenant_id = 'c' ORDER BY id");
        assertThat(
                        targetServer.rows(
                                target,
                                "SELECT DISTINCT note FROM public.account WHERE tenant_id = 'a'"))
                .containsExactly("before");
        stand.replicate("ra", "a", "main").write();
        stand.awaitSame(targetServer, target, ACCOUNTS);
        awaitState(targetServer, target, "ra", "STREAMING");
    }

    @Test
    void rescalesWithItsBacklog_R34() {
        stand.start();
        awaitState(targetServer, target, "ra", "STREAMING");
        awaitState(targetServer, target, "rb", "STREAMING");
        stand.replicate("ra", "a", "main", "paused: true").write();
        awaitState(targetServer, target, "ra", "PAUSED");
        stand.onSource("UPDATE account SET note = repeat('x', 1000)");
        stand.awaitSame(
                targetServer,
                target,
                "SELECT id, note FROM public.account WHERE tenant_id = 'b' ORDER BY id");
        stand.stopCleanly();
        stand.parallelism(2).replicate("ra", "a", "main").write().start();
        stand.awaitSame(targetServer, target, ACCOUNTS);
        stand.onSource("UPDATE account SET note = 'after'");
        stand.awaitSame(targetServer, target, ACCOUNTS);
    }
}
