package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.awaitState;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.ddl.postgres.DdlCapture;
import io.heliosdb.replication.core.verify.Outcome;
import io.heliosdb.replication.core.verify.VerifyListener;
import io.heliosdb.replication.core.verify.VerifyOptions;
import io.heliosdb.replication.core.verify.VerifyReport;
import io.heliosdb.replication.core.verify.VerifyText;
import io.heliosdb.replication.core.verify.postgres.Verifier;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.Pace;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A transaction that is too large for the memory: how it is carried, and continued. */
class LargeTransactionITCase extends JobStand {

    private static final Duration LONG = Duration.ofMinutes(10);

    private static final String SUMS =
            "SELECT tenant_id, count(*), sum(hashtext(d::text)::bigint) FROM public.doc d GROUP BY 1"
                    + " ORDER BY 1";

    @BeforeEach
    void createDocuments() {
        stand.onSource(
                "CREATE TABLE doc (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))",
                "CREATE PUBLICATION helios FOR ALL TABLES");
        stand.replicate("big", "big", "main")
                .replicate("small", "small", "main")
                .backlogMemory("16MiB")
                .write();
    }

    @Test
    void carriesALargeTransactionInBoundedMemoryWhileOthersKeepTheirLag_R7() throws Exception {
        int rows = Soak.times(200_000, 5_000_000);
        stand.startProcess("-Xmx" + Soak.times(400, 1024) + "m");
        awaitState(targetServer, target, "big", "STREAMING");
        awaitState(targetServer, target, "small", "STREAMING");
        try (Load trickle = Load.start("trickle", over -> trickle("doc", over))) {
            stand.onSource(
                    "INSERT INTO doc SELECT g, 'big', 'row number ' || g FROM generate_series(1, "
                            + rows
                            + ") g");
            Await.until(
                    () -> rows + " rows of one transaction",
                    LONG,
                    () ->
                            targetServer.rows(
                                    target,
                                    "SELECT count(*) FROM public.doc WHERE tenant_id = 'big'"),
                    List.of(String.valueOf(rows))::equals);
            stand.onSource("UPDATE doc SET v = v || '!' WHERE tenant_id = 'big'");
            stand.onSource("DELETE FROM doc WHERE tenant_id = 'big' AND id % 2 = 0");
            trickle.stop();
        }
        stand.awaitSame(targetServer, target, SUMS);
        System.out.println(
                rows + " rows in one transaction: lag of the other tenant " + lag("doc"));
    }

    /**
     * Rows before and after each statement, all of one transaction; half of a tenant is updated.
     */
    @Test
    void carriesALargeTransactionThatAltersTables_R7_R15() throws Exception {
        int rows = Soak.times(60_000, 5_000_000);
        stand.onSource(
                "CREATE TABLE beside (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))");
        stand.onSource(DdlCapture.install(PostgresServer.USER).toArray(String[]::new));
        stand.startProcess("-Xmx" + Soak.times(400, 1024) + "m");
        awaitState(targetServer, target, "big", "STREAMING");
        awaitState(targetServer, target, "small", "STREAMING");
        long begun;
        try (Load trickle = Load.start("trickle", over -> trickle("beside", over))) {
            inOneTransaction(
                    rows(1, rows / 5, "doc", "'row number ' || g"),
                    "ALTER TABLE doc ADD COLUMN n int DEFAULT 7",
                    rows(rows / 5 + 1, 2 * rows / 5, "doc", "'row number ' || g, g"),
                    "ALTER TABLE doc ALTER COLUMN n TYPE bigint",
                    rows(
                            2 * rows / 5 + 1,
                            3 * rows / 5,
                            "doc",
                            "'row number ' || g, g * 1000000000"),
                    "CREATE INDEX doc_n ON doc (tenant_id, n)",
                    "CREATE TABLE more (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))",
                    rows(1, rows / 5, "more", "'row number ' || g"),
                    "ALTER TABLE doc RENAME COLUMN v TO w",
                    "UPDATE doc SET w = w || '!' WHERE tenant_id = 'big' AND id > " + 2 * rows / 5);
            begun = System.nanoTime();
            Await.until(
                    () -> "a transaction with DDL amid " + rows + " rows" + stand.failure(),
                    LONG,
                    () -> targetServer.rows(target, "SELECT to_regclass('public.more')"),
                    List.of("more")::equals);
            trickle.stop();
        }
        long visible = (System.nanoTime() - begun) / 1_000_000;
        stand.awaitSame(LONG, targetServer, target, SUMS);
        stand.awaitSame(LONG, targetServer, target, SUMS.replace("doc", "more"));
        String index = "SELECT indexdef FROM pg_indexes WHERE tablename = 'doc' ORDER BY 1";
        stand.awaitSame(LONG, targetServer, target, index);
        VerifyReport report =
                new Verifier(stand.config(), VerifyOptions.DEFAULT.withTimeout(LONG))
                        .run(Optional.empty(), VerifyListener.SILENT);
        assertThat(report.verdict()).as(VerifyText.render(report)).isEqualTo(Outcome.EQUAL);
        System.out.println(
                "%d rows in one transaction with DDL: visible %d ms after its commit; lag of the other tenant %s; %s"
                        .formatted(rows, visible, lag("beside"), VerifyText.verdict(report)));
    }

    /** Further columns behind the id and the tenant. */
    private static String rows(int from, int to, String table, String values) {
        return "INSERT INTO %s SELECT g, 'big', %s FROM generate_series(%d::bigint, %d) g"
                .formatted(table, values, from, to);
    }

    private void inOneTransaction(String... statements) throws SQLException {
        try (Connection connection = sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
        }
    }

    /** Statement at the source to commit in the target, of all that trickled. */
    private String lag(String table) {
        return targetServer
                .rows(
                        target,
                        """
                        SELECT format('p50 %s ms, p99 %s ms, worst %s ms of %s',
                            round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)),
                            round(percentile_cont(0.99) WITHIN GROUP (ORDER BY ms)),
                            round(max(ms)), count(*))
                        FROM (SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)
                                  - v::timestamptz)::float8 * 1000 AS ms
                              FROM public.TRICKLED WHERE tenant_id = 'small') lags
                        """
                                .replace("TRICKLED", table))
                .get(0);
    }

    private void trickle(String table, BooleanSupplier over) throws SQLException {
        try (Connection connection = sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            Pace pace = new Pace(Duration.ofMillis(5));
            for (int id = 0; !over.getAsBoolean(); id++) {
                statement.execute(
                        "INSERT INTO "
                                + table
                                + " VALUES ("
                                + id
                                + ", 'small', clock_timestamp())");
                pace.beat();
            }
        }
    }

    /**
     * A checkpoint holds a part of the transaction: the source's position is in the midst of it,
     * the backlog has what came before. The job is killed before it has the rest.
     */
    @Test
    void continuesInTheMidstOfALargeTransactionAfterKills_R1_R7() throws Exception {
        stand.checkpointInterval("100ms").write().startProcess();
        awaitState(targetServer, target, "big", "STREAMING");
        stand.onSource(
                "INSERT INTO doc SELECT g, 'big', md5(g::text) FROM generate_series(1, "
                        + Soak.times(400_000, 5_000_000)
                        + ") g",
                "INSERT INTO doc VALUES (1, 'small', 'after it')");
        for (int i = 0; i < 2; i++) {
            long enough = checkpointedBytes() + (1 << 18);
            Await.until(
                    "checkpoints of " + enough + " bytes",
                    this::checkpointedBytes,
                    bytes -> bytes > enough);
            stand.killProcess();
            assertThat(targetServer.rows(target, "SELECT DISTINCT tenant_id FROM public.doc"))
                    .as("the kill came before the end of the transaction")
                    .isEmpty();
            stand.startProcess();
        }
        stand.awaitSame(LONG, targetServer, target, SUMS);
    }

    /** Grows with the backlog, for nothing can be applied before the transaction is whole. */
    private long checkpointedBytes() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(stand.config().job().checkpointDirectory()))) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
