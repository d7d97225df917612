package io.heliosdb.replication.benchmark;

import io.heliosdb.replication.job.local.TemporaryDirectory;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The same work of a hundred tenants in a job with a hundred replications, and in one with many
 * thousands that have nothing to do.
 */
public final class ManyTenants {

    private static final Duration BOUND = Duration.ofMinutes(15);

    private static final String USAGE =
            """
            usage: benchmark/run.sh many [options]
              --tenants LIST     numbers of replications, at least 100 each (default 100,10000)
              --rounds N         measured rounds after one warm-up (default 3)
              --rows N           inserted per round (default 400000)
              --transactions N   small ones per round (default 60000)
              --latency-seconds N (default 8)
              --heap SIZE        -Xmx of the job's JVM (default 1g)
              --output DIR       for many.md (default benchmark/results)
            """;

    /** What a job with so many replications has shown. */
    private record Outcome(
            double startSeconds,
            Map<Measurement, List<Double>> rates,
            List<double[]> latencies,
            long heapPeakBytes,
            double idleCpuShare,
            String state) {}

    private final BenchmarkOptions options;
    private final List<Integer> tenants;

    private ManyTenants(BenchmarkOptions options, List<Integer> tenants) {
        this.options = options;
        this.tenants = tenants;
    }

    public static void main(String[] arguments) throws Exception {
        List<String> rest = new ArrayList<>(List.of(arguments));
        List<Integer> tenants = List.of(100, 10_000);
        int at = rest.indexOf("--tenants");
        BenchmarkOptions options;
        try {
            if (at >= 0) {
                tenants =
                        List.of(rest.get(at + 1).split(",")).stream()
                                .map(Integer::parseInt)
                                .toList();
                rest.subList(at, at + 2).clear();
            }
            if (!rest.contains("--transactions")) {
                rest.addAll(List.of("--transactions", "60000"));
            }
            if (!rest.contains("--latency-seconds")) {
                rest.addAll(List.of("--latency-seconds", "8"));
            }
            options = BenchmarkOptions.parse(rest.toArray(String[]::new));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            System.err.println(USAGE);
            System.exit(2);
            return;
        }
        new ManyTenants(options, tenants).run();
        System.exit(0);
    }

    private void run() throws IOException, SQLException {
        Map<Integer, Outcome> outcomes = new LinkedHashMap<>();
        for (int count : tenants) {
            try (TemporaryDirectory directory = TemporaryDirectory.create("heliosdb-many-");
                    Databases databases = Databases.start()) {
                try {
                    outcomes.put(count, measure(databases, directory.path(), count));
                } catch (SQLException | RuntimeException e) {
                    Files.createDirectories(options.output());
                    Files.copy(
                            directory.path().resolve("many.log"),
                            options.output().resolve("many.log"),
                            StandardCopyOption.REPLACE_EXISTING);
                    throw e;
                }
            }
        }
        Files.createDirectories(options.output());
        Files.writeString(options.output().resolve("many.md"), markdown(outcomes));
        System.out.println();
        System.out.print(markdown(outcomes));
        System.out.println("written to " + options.output());
    }

    private Outcome measure(Databases databases, Path directory, int count)
            throws IOException, SQLException {
        String database = Contender.OURS.database();
        String idle = "CREATE TABLE quiet (tenant_id text PRIMARY KEY)";
        databases.source().execute(database, idle);
        databases.target().execute(database, idle);
        databases
                .source()
                .execute(
                        database,
                        "INSERT INTO quiet SELECT 't' || i FROM generate_series("
                                + Databases.TENANTS
                                + ", "
                                + (count - 1)
                                + ") i");
        Path config = config(databases, directory, database);
        long begin = System.nanoTime();
        try (JobUnderTest job =
                JobUnderTest.start(config, options.heap(), directory.resolve("many.log"))) {
            databases.awaitStreaming(database, count, job, BOUND);
            double startSeconds = (System.nanoTime() - begin) / 1e9;
            System.out.printf(
                    Locale.ROOT, "%,d replications stream after %.1f s%n", count, startSeconds);
            double idleShare = idleCpu(job);
            Map<Measurement, List<Double>> rates = new LinkedHashMap<>();
            List<double[]> latencies = new ArrayList<>();
            Work work = new Work(options);
            Drain drain = Drain.alone(databases, work);
            Latency latency = new Latency(databases);
            job.reset();
            for (int round = 0; round <= options.rounds(); round++) {
                for (Measurement measurement : List.of(Measurement.INSERT, Measurement.OLTP)) {
                    double seconds = drain.seconds(Contender.OURS, measurement, round, () -> {});
                    double rate = work.units(measurement) / seconds;
                    System.out.printf(
                            Locale.ROOT,
                            "%,d replications, round %d, %s: %,.0f %s%n",
                            count,
                            round,
                            measurement.name().toLowerCase(Locale.ROOT),
                            rate,
                            measurement.unit());
                    if (round > 0) {
                        rates.computeIfAbsent(measurement, it -> new ArrayList<>()).add(rate);
                    }
                }
                double[] samples = latency.milliseconds(Contender.OURS, options.latencySeconds());
                if (round > 0) {
                    latencies.add(
                            new double[] {
                                Latency.percentile(samples, 0.5), Latency.percentile(samples, 0.99)
                            });
                }
            }
            return new Outcome(
                    startSeconds,
                    rates,
                    latencies,
                    job.usage().heapPeakBytes(),
                    idleShare,
                    late(databases, database));
        }
    }

    /** Processor time of the job while nothing happens, as a share of one core. */
    private static double idleCpu(JobUnderTest job) {
        long before = job.reset().cpuNanos();
        long begin = System.nanoTime();
        Databases.await(
                "ten seconds to pass",
                Duration.ofSeconds(30),
                () -> System.nanoTime() - begin > 10_000_000_000L);
        return (job.usage().cpuNanos() - before) / (double) (System.nanoTime() - begin);
    }

    private static String late(Databases databases, String database) {
        return Databases.value(
                databases.target(),
                database,
                "SELECT count(*) || ' replications, ' || count(*) FILTER (WHERE state = 'STREAMING')"
                        + " || ' streaming, ' || sum((service::json->>'violations')::int)"
                        + " || ' violations' FROM heliosdb.replication_progress");
    }

    private static Path config(Databases databases, Path directory, String database)
            throws IOException {
        Path file = directory.resolve("many.yaml");
        Files.writeString(
                file,
                """
                source: {url: '%s', user: %s, slot: %s, publication: %s}
                tenancy: {column: tenant_id}
                targets: [{name: target, url: '%s', user: %s}]
                replications: [{name: all, tenant: "*", target: target}]
                job: {name: benchmark, checkpoint-directory: many-state}
                """
                        .formatted(
                                databases.source().url(database),
                                PostgresServer.USER,
                                Contender.OURS.slot(),
                                Databases.PUBLICATION,
                                databases.target().url(database),
                                PostgresServer.USER));
        return file;
    }

    private String markdown(Map<Integer, Outcome> outcomes) {
        StringBuilder text =
                new StringBuilder(
                        "The work of 100 tenants, in jobs with so many replications; medians.\n\n"
                                + "| replications | all stream after | idle: share of a core |"
                                + " insert, rows/s | small transactions/s | commit to visible at"
                                + " 500/s, ms p50 / p99 | peak heap | |\n"
                                + "|---:|---:|---:|---:|---:|---:|---:|---|\n");
        outcomes.forEach(
                (count, outcome) ->
                        text.append(
                                String.format(
                                        Locale.ROOT,
                                        "| %,d | %.1f s | %.2f | %,.0f | %,.0f | %.2f / %.2f |"
                                                + " %d MiB | %s |%n",
                                        count,
                                        outcome.startSeconds(),
                                        outcome.idleCpuShare(),
                                        Results.median(outcome.rates().get(Measurement.INSERT)),
                                        Results.median(outcome.rates().get(Measurement.OLTP)),
                                        Results.median(
                                                outcome.latencies().stream()
                                                        .map(it -> it[0])
                                                        .toList()),
                                        Results.median(
                                                outcome.latencies().stream()
                                                        .map(it -> it[1])
                                                        .toList()),
                                        outcome.heapPeakBytes() >> 20,
                                        outcome.state())));
        return text.toString();
    }
}
