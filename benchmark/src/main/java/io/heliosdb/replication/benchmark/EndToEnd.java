package io.heliosdb.replication.benchmark;

import io.heliosdb.replication.benchmark.JobUnderTest.Usage;
import io.heliosdb.replication.job.local.TemporaryDirectory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The benchmark from end to end: two PostgreSQL servers, the job in a JVM of its own, PostgreSQL's
 * own logical replication beside it, on the same work in alternating rounds. The first round warms
 * up and is not counted. Fails if either contender does not hold exactly what was written.
 */
public final class EndToEnd {

    private final BenchmarkOptions options;
    private final PrintStream out;
    private final Results results = new Results();
    private final Work work;

    private EndToEnd(BenchmarkOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
        this.work = new Work(options);
    }

    public static void main(String[] arguments) throws Exception {
        BenchmarkOptions options;
        try {
            options = BenchmarkOptions.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        new EndToEnd(options, System.out).run();
        System.exit(0);
    }

    private void run() throws SQLException, IOException {
        Map<String, String> facts;
        try (TemporaryDirectory directory = TemporaryDirectory.create("heliosdb-benchmark-");
                Databases databases = Databases.start()) {
            facts = facts(databases);
            facts.forEach((name, value) -> out.println(name + ": " + value));
            try {
                streams(databases, directory.path());
                copies(databases, directory.path());
            } catch (SQLException | RuntimeException e) {
                keepLogs(directory.path());
                throw e;
            }
        }
        Report report = new Report(facts, results);
        report.write(options.output());
        out.println();
        out.print(report.markdown());
        out.println("written to " + options.output());
    }

    private void streams(Databases databases, Path directory) throws SQLException {
        if (options.measurements().stream().allMatch(each -> each == Measurement.COPY)) {
            return;
        }
        try (Streams streams = Streams.start(databases, options, directory)) {
            Drain drain = new Drain(databases, work);
            Meter meter = new Meter(databases);
            Latency latency = new Latency(databases);
            for (int round = 0; round <= options.rounds(); round++) {
                for (Measurement measurement : options.measurements()) {
                    for (Contender contender : Contender.values()) {
                        if (measurement == Measurement.LATENCY) {
                            latency(latency, contender, round);
                        } else if (measurement != Measurement.COPY) {
                            drain(drain, meter, streams.job(), measurement, contender, round);
                        }
                    }
                }
            }
            streams.check(drain);
            out.println("checked: both targets hold exactly what the sources hold");
        }
    }

    private void drain(
            Drain drain,
            Meter meter,
            JobUnderTest job,
            Measurement measurement,
            Contender contender,
            int round)
            throws SQLException {
        Usage[] before = new Usage[1];
        Meter.Cost[] counters = new Meter.Cost[1];
        double seconds =
                drain.seconds(
                        contender,
                        measurement,
                        round,
                        () -> {
                            before[0] = job.reset();
                            counters[0] = meter.read();
                        });
        Meter.Cost cost = meter.read().since(counters[0]);
        add(measurement, contender, round, work.units(measurement) / seconds, seconds);
        int rows = work.rows(measurement);
        out.printf(
                Locale.ROOT,
                "        per row: source server %.2f µs, target server %.2f µs; %,d target transactions%n",
                cost.sourceMicros() / rows,
                cost.targetMicros() / rows,
                cost.targetTransactions());
        if (round > 0) {
            results.add(measurement, contender, cost, rows);
        }
        if (contender == Contender.OURS && round > 0) {
            addUse(measurement, before[0], job.usage(), work.rows(measurement));
        }
    }

    private void latency(Latency latency, Contender contender, int round) throws SQLException {
        double[] samples = latency.milliseconds(contender, options.latencySeconds());
        double median = Latency.percentile(samples, 0.5);
        double tail = Latency.percentile(samples, 0.99);
        if (round > 0) {
            results.add(Measurement.LATENCY, contender, median);
            results.addTail(Measurement.LATENCY, contender, tail);
        }
        out.printf(
                Locale.ROOT,
                "%s %-8s %-7s p50 %.2f ms, p99 %.2f ms, worst %.2f ms%n",
                round == 0 ? "warm-up" : "round " + round,
                name(Measurement.LATENCY),
                name(contender),
                median,
                tail,
                samples[samples.length - 1]);
    }

    private void copies(Databases databases, Path directory) {
        if (!options.measurements().contains(Measurement.COPY)) {
            return;
        }
        try (FirstCopy copy = FirstCopy.start(databases, options, directory)) {
            for (int round = 0; round <= options.rounds(); round++) {
                for (Contender contender : Contender.values()) {
                    Usage[] before = new Usage[1];
                    double seconds =
                            copy.seconds(contender, round, () -> before[0] = copy.job().reset());
                    add(
                            Measurement.COPY,
                            contender,
                            round,
                            options.copiedRows() / seconds,
                            seconds);
                    if (contender == Contender.OURS && round > 0) {
                        addUse(
                                Measurement.COPY,
                                before[0],
                                copy.job().usage(),
                                options.copiedRows());
                    }
                }
            }
        }
    }

    private void add(
            Measurement measurement, Contender contender, int round, double rate, double seconds) {
        if (round > 0) {
            results.add(measurement, contender, rate);
        }
        out.printf(
                Locale.ROOT,
                "%s %-8s %-7s %,.0f %s (%.2f s)%n",
                round == 0 ? "warm-up" : "round " + round,
                name(measurement),
                name(contender),
                rate,
                measurement.unit(),
                seconds);
    }

    private void addUse(Measurement measurement, Usage before, Usage after, int rows) {
        results.add(
                measurement,
                new Results.JvmUse(
                        (after.cpuNanos() - before.cpuNanos()) / 1000.0 / rows,
                        after.heapPeakBytes(),
                        after.collectorMillis() - before.collectorMillis()));
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private Map<String, String> facts(Databases databases) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("processor", processor());
        facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put(
                "java", System.getProperty("java.vm.version") + ", job with -Xmx" + options.heap());
        facts.put(
                "postgresql",
                Databases.value(databases.source(), "postgres", "SHOW server_version")
                        + ", fsync off, autovacuum off; synchronous_commit on, of its subscription "
                        + (options.nativeSynchronous() ? "on" : "off (its default)"));
        facts.put(
                "work",
                "%,d rows, %,d small transactions, %,d copied rows; %d rounds after one warm-up"
                        .formatted(
                                options.rows(),
                                options.transactions(),
                                options.copiedRows(),
                                options.rounds()));
        return facts;
    }

    private static String processor() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(info)) {
            return System.getProperty("os.arch");
        }
        try (var lines = Files.lines(info)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        }
    }

    private void keepLogs(Path directory) throws IOException {
        Files.createDirectories(options.output());
        for (String name : new String[] {"stream.log", "copy.log", "job.err"}) {
            Path log = directory.resolve(name);
            if (Files.exists(log)) {
                Files.copy(
                        log,
                        options.output().resolve(name),
                        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        }
        out.println("the job's logs are in " + options.output());
    }
}
