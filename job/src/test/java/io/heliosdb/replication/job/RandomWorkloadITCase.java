package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.applied;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.ddl.postgres.DdlCapture;
import io.heliosdb.replication.core.verify.Outcome;
import io.heliosdb.replication.core.verify.VerifyListener;
import io.heliosdb.replication.core.verify.VerifyOptions;
import io.heliosdb.replication.core.verify.VerifyReport;
import io.heliosdb.replication.core.verify.VerifyText;
import io.heliosdb.replication.core.verify.postgres.Verifier;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.random.RandomDdl;
import io.heliosdb.replication.testkit.random.RandomStatements;
import io.heliosdb.replication.testkit.random.RandomTables;
import io.heliosdb.replication.testkit.random.RandomWorkload;
import io.heliosdb.replication.testkit.random.RowComparison;
import io.heliosdb.replication.testkit.random.ShapeComparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/**
 * Whatever happens to tables of every shape, with first copies amid it and the job killed again and
 * again, both sides end the same, also while the tables are altered meanwhile. With {@code
 * -Dheliosdb.seed} it tries what it tried before; {@code -Dheliosdb.ddl=true}, or {@code false},
 * leaves out the other form.
 */
class RandomWorkloadITCase extends JobStand {

    private static final List<String> TENANTS = List.of("t1", "t2", "t3", "t4", "t5");
    private static final List<String> OF_MAIN = List.of("t1", "t2", "t3");
    private static final List<String> OF_SECOND = List.of("t4", "_reference");

    private static final Duration LONG = Duration.ofMinutes(Soak.times(4, 30));

    /** For whoever wants to know how it came to an error. */
    private static final String LAST_DDL =
            """
            SELECT commit_lsn, ordinal, item, state, replication_id, command, statements,
                   before_columns, after_columns, anew
            FROM heliosdb.ddl ORDER BY recorded_at DESC LIMIT 40
            """;

    private static final List<String> REMEMBERED =
            List.of(
                    "ddl",
                    "ddl_shape",
                    "ddl_pending",
                    "copy_mark",
                    "table_sync",
                    "replication_progress");

    /** Keeps, for whoever looks for a difference, what the source says it has done. */
    private static final boolean HISTORY = Boolean.getBoolean("heliosdb.history");

    private String second;

    /** Whether tables are altered. */
    private boolean withDdl;

    @AfterEach
    void keepWhatTells() throws IOException, SQLException {
        if (!withDdl) {
            return;
        }
        Path kept = Files.createDirectories(Path.of("target", "random-workload"));
        Files.copy(
                directory.resolve("job.log"),
                kept.resolve("job.log"),
                StandardCopyOption.REPLACE_EXISTING);
        for (String database : List.of(target, second)) {
            for (String table : REMEMBERED) {
                Files.write(
                        kept.resolve((database.equals(target) ? "main." : "second.") + table),
                        targetServer.rows(
                                database,
                                "SELECT t FROM heliosdb." + table + " t ORDER BY t::text"));
            }
        }
        if (HISTORY) {
            History.keep(kept, sourceServer, stand.source, targetServer, List.of(target, second));
        }
    }

    private void createTables() throws SQLException {
        if (HISTORY) {
            History.begin(sourceServer, stand.source);
        }
        second = stand.target("second", targetServer);
        stand.onSource(RandomTables.ddl(TENANTS).toArray(String[]::new));
        if (withDdl) {
            stand.onSource(RandomDdl.ddl().toArray(String[]::new));
            stand.onSource(DdlCapture.install(PostgresServer.USER).toArray(String[]::new));
        }
        stand.onSource(
                "CREATE PUBLICATION helios FOR ALL TABLES WITH (publish_via_partition_root = true)");
        List<String> tables = new ArrayList<>();
        RandomTables.COLUMN_BY_TABLE.forEach((table, key) -> tables.add(table + ": " + key));
        stand.tenantColumn(
                "tenant_id",
                "tables: {" + String.join(", ", tables) + "}",
                "schema-pattern: '" + RandomTables.SCHEMA_PATTERN + "'",
                "reference-tables: " + RandomTables.REFERENCE_TABLES);
        OF_MAIN.forEach(tenant -> stand.replicate("r-" + tenant, tenant, "main"));
        OF_SECOND.forEach(tenant -> stand.replicate("r-" + tenant, tenant, "second"));
        stand.write();
    }

    @Test
    @DisabledIfSystemProperty(named = "heliosdb.ddl", matches = "true")
    void endsTheSameWhateverHappens_R1_R11_R12_R13_R14() throws Exception {
        run(3, 15);
    }

    @Test
    @DisabledIfSystemProperty(named = "heliosdb.ddl", matches = "false")
    void endsTheSameAlthoughTablesAreAltered_R1_R15_R16_R17() throws Exception {
        withDdl = true;
        run(12, 15);
    }

    private void run(long shortSeed, int shortSeconds) throws Exception {
        createTables();
        boolean isShort = Soak.times(1, 0) == 1;
        long seed = Long.getLong("heliosdb.seed", isShort ? shortSeed : System.nanoTime());
        System.out.println("random workload: seed " + seed);
        int seconds = Integer.getInteger("heliosdb.seconds", Soak.times(shortSeconds, 3600));
        Random random = new Random(seed);
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        int kills = 0;
        String done;
        try (RandomWorkload workload =
                RandomWorkload.start(
                        sourceServer,
                        stand.source,
                        TENANTS,
                        RandomTables.statements(),
                        2,
                        40,
                        seed)) {
            Await.until("some rows of before", () -> workload.transactions() > 100);
            stand.startProcess();
            if (withDdl) {
                alter(workload);
            }
            while (System.nanoTime() < end) {
                long enough =
                        applied(targetServer, target) + 100 + random.nextInt(Soak.times(400, 4000));
                Await.until(
                        () -> "progress to " + enough + stand.failure(),
                        LONG,
                        () -> {
                            requireNoError();
                            return applied(targetServer, target);
                        },
                        applied -> applied > enough || System.nanoTime() > end);
                stand.killProcess();
                stand.startProcess();
                kills++;
            }
            workload.stop();
            done = workload.report();
            assertThat(workload.refusedPercent()).as("a statement is never right").isLessThan(10);
        }
        awaitAllApplied();
        String difference = compare(target, OF_MAIN) + compare(second, OF_SECOND);
        assertThat(difference).as("seed " + seed).isEmpty();
        if (withDdl) {
            awaitSameShapes(target, RandomTables.REFERENCE_TABLES);
            awaitSameShapes(second, List.of());
        }
        VerifyReport report =
                new Verifier(stand.config(), VerifyOptions.DEFAULT.withTimeout(LONG))
                        .run(Optional.empty(), VerifyListener.SILENT);
        System.out.println(
                "random workload: seed %d, %s, %d kills; %s"
                        .formatted(seed, done, kills, VerifyText.verdict(report)));
        assertThat(report.verdict()).as(VerifyText.render(report)).isEqualTo(Outcome.EQUAL);
    }

    /**
     * From where the slot stands. PostgreSQL may not decode a transaction that alters tables and
     * has begun before its slot was complete: "could not map filenumber".
     */
    private void alter(RandomWorkload workload) {
        Await.until(
                "the slot",
                () ->
                        sourceServer
                                .rows(
                                        stand.source,
                                        "SELECT 1 FROM pg_replication_slots"
                                                + " WHERE confirmed_flush_lsn IS NOT NULL")
                                .equals(List.of("1")));
        List<RandomStatements> all = new ArrayList<>(RandomTables.statements());
        all.addAll(RandomDdl.statements());
        workload.choose(all, Integer.getInteger("heliosdb.ddl.rarity", Soak.times(2, 4)));
    }

    private String compare(String database, List<String> tenants) throws SQLException {
        return new RowComparison(sourceServer, stand.source, targetServer, database)
                .difference(tenants);
    }

    /** Constraints and indexes come behind the rows. */
    private void awaitSameShapes(String database, List<String> absent) {
        Await.until(
                () -> "the same shapes, " + pending(database),
                LONG,
                () ->
                        ShapeComparison.difference(
                                sourceServer, stand.source, targetServer, database, absent),
                String::isEmpty);
    }

    private String pending(String database) {
        return targetServer
                .rows(database, "SELECT table_name, object, reason FROM heliosdb.ddl_pending")
                .toString();
    }

    private void requireNoError() {
        for (String database : List.of(target, second)) {
            if (!targetServer
                    .rows(
                            database,
                            "SELECT to_regclass('heliosdb.replication_progress') IS NOT NULL")
                    .equals(List.of("f"))) {
                assertThat(
                                targetServer.rows(
                                        database,
                                        "SELECT replication_id, reason FROM heliosdb.replication_progress"
                                                + " WHERE state = 'ERROR'"))
                        .as(() -> String.join("\n", targetServer.rows(database, LAST_DDL)))
                        .isEmpty();
            }
        }
    }

    private void awaitAllApplied() {
        String now = sourceServer.rows(stand.source, "SELECT pg_current_wal_insert_lsn()").get(0);
        Await.until(
                () -> "everything to be applied" + stand.failure(),
                LONG,
                () -> {
                    requireNoError();
                    return standsAt(target, now) && standsAt(second, now);
                },
                applied -> applied);
    }

    private boolean standsAt(String database, String lsn) {
        return targetServer
                .rows(
                        database,
                        "SELECT bool_and(state = 'STREAMING' AND commit_lsn >= '"
                                + lsn
                                + "') FROM heliosdb.replication_progress WHERE state <> 'STOPPED'")
                .equals(List.of("t"));
    }
}
