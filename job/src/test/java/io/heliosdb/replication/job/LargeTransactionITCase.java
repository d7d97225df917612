package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.awaitState;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.Pace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
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
        int rows = Soak.times(300_000, 5_000_000);
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
        System.out.println(rows + " rows in one transaction: lag of the other tenant " + lag());
    }

    /** Statement at the source to commit in the target, of all that trickled. */
    private String lag() {
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
                              FROM public.doc WHERE tenant_id = 'small') lags
                        """)
                .get(0);
    }

    private void trickle(BooleanSupplier over) throws SQLException {
        try (Connection connection = sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            Pace pace = new Pace(Duration.ofMillis(5));
            for (int id = 0; !over.getAsBoolean(); id++) {
                statement.execute(
                        "INSERT INTO doc VALUES (" + id + ", 'small', clock_timestamp())");
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
