package io.heliosdb.replication.benchmark;

import io.heliosdb.replication.job.local.TemporaryDirectory;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One best-effort tenant loads millions of rows while premium tenants write all the time and
 * standard tenants now and then: with the scheduler, and first come, first served.
 */
public final class Limits {

    private static final int WARM_ROWS = 400_000;
    private static final Duration BOUND = Duration.ofMinutes(5);
    private static final String LOADER = "b0";

    private static final String[] TABLES = {
        "CREATE TABLE account (tenant_id text PRIMARY KEY, version bigint) WITH (fillfactor = 10)",
        """
        CREATE TABLE orders (id bigint, tenant_id text, note text, total numeric(12,2),
            PRIMARY KEY (tenant_id, id))
        """,
        """
        CREATE TABLE event (id bigint, tenant_id text, kind text, amount numeric(12,2), note text,
            at timestamptz, PRIMARY KEY (tenant_id, id))
        """
    };

    private static final List<String> INDEXES =
            List.of(
                    "CREATE INDEX ON event (note)",
                    "CREATE INDEX ON event (amount, kind)",
                    "CREATE INDEX ON event (kind, id)",
                    "CREATE INDEX ON event (at, note)");

    private final LimitsOptions options;
    private final Map<String, LimitsOutcome> outcomes = new LinkedHashMap<>();
    private final List<LimitsPlot.Panel> panels = new ArrayList<>();

    private Limits(LimitsOptions options) {
        this.options = options;
    }

    public static void main(String[] arguments) throws Exception {
        LimitsOptions options;
        try {
            options = LimitsOptions.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        new Limits(options).run();
        System.exit(0);
    }

    private void run() throws IOException {
        try (TemporaryDirectory directory = TemporaryDirectory.create("heliosdb-limits-");
                Databases databases = Databases.start()) {
            for (String schedule : options.schedules()) {
                try {
                    outcomes.put(schedule, measure(databases, directory.path(), schedule));
                } finally {
                    keep(directory.path().resolve(schedule + ".log"));
                }
            }
        }
        new LimitsReport(options, outcomes, panels).write();
    }

    /** The job's log; one that has ended at once has none. */
    private void keep(Path log) throws IOException {
        if (Files.exists(log)) {
            Files.createDirectories(options.output());
            Files.copy(
                    log,
                    options.output().resolve(log.getFileName()),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private LimitsOutcome measure(Databases databases, Path directory, String schedule)
            throws IOException {
        String database = "limits_" + schedule;
        databases.create(database);
        List<String> premium = tenants("p", options.premium());
        List<String> standard = tenants("s", options.standard());
        List<String> all =
                Stream.of(premium, standard, List.of(LOADER)).flatMap(List::stream).toList();
        databases.source().execute(database, TABLES);
        databases.target().execute(database, TABLES);
        databases
                .target()
                .execute(
                        database, INDEXES.stream().limit(options.indexes()).toArray(String[]::new));
        for (String tenant : all) {
            databases
                    .source()
                    .execute(database, "INSERT INTO account VALUES ('" + tenant + "', 0)");
        }
        databases.source().execute(database, "CREATE PUBLICATION " + database + " FOR ALL TABLES");
        Path config = config(databases, directory, database);
        try (JobUnderTest job =
                JobUnderTest.start(
                        config,
                        options.heap(),
                        directory.resolve(schedule + ".log"),
                        List.of("-Dheliosdb.schedule=" + schedule))) {
            databases.awaitStreaming(database, all.size(), job, BOUND);
            try (TierLags lags = new TierLags(databases, database, all);
                    TierWriters writers = new TierWriters(databases, database, lags)) {
                return measure(databases, database, schedule, job, lags, writers);
            }
        }
    }

    private static List<String> tenants(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(it -> prefix + it).toList();
    }

    private LimitsOutcome measure(
            Databases databases,
            String database,
            String schedule,
            JobUnderTest job,
            TierLags lags,
            TierWriters writers)
            throws IOException {
        List<String> premium = tenants("p", options.premium());
        List<String> standard = tenants("s", options.standard());
        writers.trickle(premium, options.premiumRate(), TierWriters.sessionsFor(premium.size()));
        writers.trickle(standard, 1, 1);
        // Compiled code is part of the service.
        writers.load(LOADER, WARM_ROWS, options.batch(), options.rate());
        lags.awaitVisible(List.of(LOADER));
        databases.settle(database);
        sleep(3);
        job.reset();
        double idleFrom = lags.nowSeconds();
        sleep(options.idleSeconds());
        double loadFrom = lags.nowSeconds();
        Map<String, Integer> before = violations(databases, database);
        SourceLag sourceLag = new SourceLag(databases, database);
        long rowsBefore = writers.rows();
        writers.load(LOADER, options.rows(), options.batch(), options.rate());
        double written = lags.nowSeconds();
        lags.awaitVisible(List.of(LOADER));
        long rows = writers.rows() - rowsBefore;
        double loadTo = lags.nowSeconds();
        sourceLag.close();
        writers.stop();
        lags.awaitVisible(
                Stream.of(premium, standard, List.of(LOADER)).flatMap(List::stream).toList());
        check(databases, database);
        panels.add(panel(schedule, lags, idleFrom, loadFrom, loadTo));
        List<TierLags.Sample> idlePremium = lags.samples('p', idleFrom, loadFrom);
        List<TierLags.Sample> loadedPremium = lags.samples('p', loadFrom, loadTo);
        List<TierLags.Sample> loadedStandard = lags.samples('s', loadFrom, loadTo);
        LimitsOutcome outcome =
                new LimitsOutcome(
                        TierLags.percentile(idlePremium, 0.5),
                        TierLags.percentile(idlePremium, 0.99),
                        TierLags.percentile(loadedPremium, 0.5),
                        TierLags.percentile(loadedPremium, 0.99),
                        TierLags.percentile(loadedPremium, 1),
                        TierLags.percentile(lags.samples('s', idleFrom, loadFrom), 0.99),
                        TierLags.percentile(loadedStandard, 0.99),
                        TierLags.percentile(loadedStandard, 1),
                        TierLags.percentile(lags.samples('b', loadFrom, loadTo + 1), 1),
                        written - loadFrom,
                        loadTo - loadFrom,
                        rows / (loadTo - loadFrom),
                        sourceLag.percentile(0.5),
                        sourceLag.percentile(1),
                        job.usage().heapPeakBytes(),
                        since(before, violations(databases, database)));
        System.out.println(schedule + ": " + outcome);
        return outcome;
    }

    /** By tier, since the job began. */
    private static Map<String, Integer> violations(Databases databases, String database) {
        Map<String, Integer> found = new TreeMap<>();
        for (String tier : List.of("premium", "standard", "best-effort")) {
            String count =
                    Databases.value(
                            databases.target(),
                            database,
                            "SELECT coalesce(sum((service::json->>'violations')::int), 0)"
                                    + " FROM heliosdb.replication_progress"
                                    + " WHERE service::json->>'tier' = '"
                                    + tier
                                    + "'");
            found.put(tier, Integer.parseInt(count));
        }
        return found;
    }

    private static Map<String, Integer> since(
            Map<String, Integer> before, Map<String, Integer> now) {
        Map<String, Integer> since = new TreeMap<>();
        now.forEach((tier, count) -> since.put(tier, count - before.getOrDefault(tier, 0)));
        return since;
    }

    private static LimitsPlot.Panel panel(
            String schedule, TierLags lags, double from, double loadFrom, double loadTo) {
        Map<String, List<LimitsPlot.Point>> lines = new LinkedHashMap<>();
        lines.put("best-effort", line(lags, 'b', from, loadTo + 3, 1));
        lines.put("standard", line(lags, 's', from, loadTo + 3, 1));
        lines.put("premium", line(lags, 'p', from, loadTo + 3, 0.99));
        String title =
                schedule.equals("fifo") ? "Lag, first come, first served" : "Lag, with tiers";
        return new LimitsPlot.Panel(title, loadFrom - from, loadTo - from, lines);
    }

    private static List<LimitsPlot.Point> line(
            TierLags lags, char tier, double from, double to, double share) {
        List<LimitsPlot.Point> points = new ArrayList<>();
        for (double second = from; second < to; second++) {
            List<TierLags.Sample> samples = lags.samples(tier, second, second + 1);
            if (!samples.isEmpty()) {
                points.add(
                        new LimitsPlot.Point(
                                second - from + 0.5, TierLags.percentile(samples, share)));
            }
        }
        return points;
    }

    private static void sleep(int seconds) {
        try {
            TimeUnit.SECONDS.sleep(seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private Path config(Databases databases, Path directory, String database) throws IOException {
        Path file = directory.resolve(database + ".yaml");
        Files.writeString(
                file,
                """
                source: {url: '%s', user: %s, slot: %s, publication: %s}
                tenancy: {column: tenant_id}
                targets: [{name: target, url: '%s', user: %s, max-bandwidth: %dB}]
                replications:
                  - {name: premium, tenant: "p*", target: target, tier: premium}
                  - {name: standard, tenant: "s*", target: target, tier: standard}
                  - {name: bulk, tenant: "b*", target: target, tier: best-effort}
                job: {name: %s, checkpoint-directory: %s-state}
                """
                        .formatted(
                                databases.source().url(database),
                                PostgresServer.USER,
                                database,
                                database,
                                databases.target().url(database),
                                PostgresServer.USER,
                                options.bandwidth(),
                                database,
                                database));
        return file;
    }

    private static void check(Databases databases, String database) {
        for (String table : List.of("account", "orders", "event")) {
            String id = table.equals("account") ? "version" : "id";
            String sql = "SELECT count(*) || ' rows, sum ' || sum(" + id + ") FROM " + table;
            String wanted = Databases.value(databases.source(), database, sql);
            String found = Databases.value(databases.target(), database, sql);
            if (!wanted.equals(found)) {
                throw new IllegalStateException(
                        table + " differs: source " + wanted + ", target " + found);
            }
        }
    }
}
