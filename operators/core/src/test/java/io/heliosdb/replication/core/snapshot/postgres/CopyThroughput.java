package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.snapshot.SyncRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Measures first copies beside PostgreSQL's own: 100 tenants in one table of 7 columns, schema
 * creation and primary key included on our side, an existing table with its key on the native one.
 * Runs with {@code -Dheliosdb.throughput=400000} (the number of rows) only.
 */
class CopyThroughput {

    private static final int ROUNDS = 5;
    private static final int TENANTS = 100;

    @Test
    void measure() throws Exception {
        int rows = Integer.getInteger("heliosdb.throughput", 0);
        Assumptions.assumeTrue(rows > 0);
        List<Double> ours = new ArrayList<>();
        List<Double> oursWithTable = new ArrayList<>();
        List<Double> natives = new ArrayList<>();
        CopyStand stand = new CopyStand();
        create(stand, rows);
        stand.workers = Integer.getInteger("heliosdb.workers", 2);
        measureServers(stand);
        for (int round = 0; round < ROUNDS; round++) {
            natives.add(rows / measureNative(stand));
            ours.add(rows / measureOurs(stand, true));
            oursWithTable.add(rows / measureOurs(stand, false));
        }
        System.out.printf(
                "rows %d, workers %d: ours %s (median %.0f rows/s), into an existing table %s"
                        + " (median %.0f), native %s (median %.0f)%n",
                rows,
                stand.workers,
                ours.stream().map(Double::intValue).toList(),
                median(ours),
                oursWithTable.stream().map(Double::intValue).toList(),
                median(oursWithTable),
                natives.stream().map(Double::intValue).toList(),
                median(natives));
        stand.close();
    }

    private static double measureOurs(CopyStand stand, boolean create) throws Exception {
        stand.onTarget("DROP TABLE IF EXISTS m", "DELETE FROM heliosdb.table_sync");
        if (!create) {
            stand.onTarget(TABLE);
        }
        stand.heard.forget();
        String[] tenants = new String[TENANTS];
        for (int i = 0; i < TENANTS; i++) {
            tenants[i] = "tenant-" + i;
        }
        List<SyncRequest> requests = new ArrayList<>();
        for (String tenant : tenants) {
            requests.add(stand.request(tenant));
        }
        long cpu = cpuNanos();
        long start = System.nanoTime();
        stand.start(requests.toArray(SyncRequest[]::new));
        stand.awaitEnd(tenants);
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("ours %.3f s, JVM CPU %.2f s%n", seconds, (cpuNanos() - cpu) / 1e9);
        stand.closeEngines();
        return seconds;
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean)
                        java.lang.management.ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /** What the servers alone need: out to nowhere, and in from a file. */
    private static void measureServers(CopyStand stand) throws Exception {
        String[] tenants = new String[TENANTS];
        for (int i = 0; i < TENANTS; i++) {
            tenants[i] = "tenant-" + i;
        }
        String select =
                "COPY (SELECT * FROM m WHERE tenant_id = ANY ('{"
                        + String.join(",", tenants)
                        + "}'"
                        + ")) TO ";
        String text = "/tmp/heliosdb-throughput.copy";
        String binary = "/tmp/heliosdb-throughput.bin";
        stand.onSource(select + "'" + text + "'", select + "'" + binary + "' (FORMAT binary)");
        Map<String, List<Double>> seconds = new TreeMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            timed(seconds, "out text", () -> stand.onSource(select + "'/dev/null'"));
            timed(
                    seconds,
                    "out binary",
                    () -> stand.onSource(select + "'/dev/null' (FORMAT binary)"));
            stand.onTarget("DROP TABLE IF EXISTS m", TABLE, "ALTER TABLE m DROP CONSTRAINT m_pkey");
            timed(seconds, "in text", () -> stand.onTarget("COPY m FROM '" + text + "'"));
            stand.onTarget("TRUNCATE m");
            timed(
                    seconds,
                    "in binary",
                    () -> stand.onTarget("COPY m FROM '" + binary + "' (FORMAT binary)"));
        }
        seconds.forEach(
                (what, all) ->
                        System.out.printf(
                                "native part %s: median %.3f s of %s%n", what, median(all), all));
        Files.deleteIfExists(Path.of(text));
        Files.deleteIfExists(Path.of(binary));
    }

    private static void timed(Map<String, List<Double>> seconds, String what, Runnable work) {
        long start = System.nanoTime();
        work.run();
        double took = Math.round((System.nanoTime() - start) / 1e6) / 1e3;
        seconds.computeIfAbsent(what, it -> new ArrayList<>()).add(took);
    }

    private static double measureNative(CopyStand stand) throws Exception {
        stand.onTarget("DROP TABLE IF EXISTS m", TABLE);
        long start = System.nanoTime();
        stand.onTarget(
                "CREATE SUBSCRIPTION s CONNECTION 'host=localhost port="
                        + stand.sourceServer.port()
                        + " dbname="
                        + stand.source
                        + " user=postgres' PUBLICATION pub");
        CopyStand.await(
                "the native copy",
                () ->
                        stand.targetRows(
                                        "SELECT 1 FROM pg_subscription_rel WHERE srsubstate <> 'r'")
                                .isEmpty());
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("native %.3f s%n", seconds);
        stand.onTarget("DROP SUBSCRIPTION s");
        return seconds;
    }

    private static final String TABLE =
            "CREATE TABLE m (tenant_id text NOT NULL, id bigint PRIMARY KEY, account_id bigint,"
                    + " amount numeric(12,2), status text, created_at timestamptz, note text)";

    private static void create(CopyStand stand, int rows) throws SQLException {
        try (Connection connection = stand.sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            statement.execute(TABLE);
            statement.execute(
                    "INSERT INTO m SELECT 'tenant-' || n % 100, n, n % 1000, n % 100000 / 100.0,"
                            + " 'open', now(), 'note of the row number ' || n"
                            + " FROM generate_series(1, "
                            + rows
                            + ") n");
            statement.execute("VACUUM ANALYZE m");
            try (ResultSet row = statement.executeQuery("SELECT pg_relation_size('m') / 8192")) {
                row.next();
                System.out.println("pages " + row.getLong(1));
            }
        }
        stand.publishAll();
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}
