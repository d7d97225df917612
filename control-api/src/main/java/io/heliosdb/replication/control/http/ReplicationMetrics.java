package io.heliosdb.replication.control.http;

import static io.heliosdb.replication.control.http.ReplicationMetric.ACTIVE;
import static io.heliosdb.replication.control.http.ReplicationMetric.BACKLOG_AGE;
import static io.heliosdb.replication.control.http.ReplicationMetric.BACKLOG_BYTES;
import static io.heliosdb.replication.control.http.ReplicationMetric.BACKLOG_ROWS;
import static io.heliosdb.replication.control.http.ReplicationMetric.BACKLOG_STORED;
import static io.heliosdb.replication.control.http.ReplicationMetric.BACKLOG_TRANSACTIONS;
import static io.heliosdb.replication.control.http.ReplicationMetric.BYTES;
import static io.heliosdb.replication.control.http.ReplicationMetric.COMPLIANCE;
import static io.heliosdb.replication.control.http.ReplicationMetric.COMPRESSION;
import static io.heliosdb.replication.control.http.ReplicationMetric.CONFLICTS;
import static io.heliosdb.replication.control.http.ReplicationMetric.DEGRADED;
import static io.heliosdb.replication.control.http.ReplicationMetric.ERRORS;
import static io.heliosdb.replication.control.http.ReplicationMetric.LAG;
import static io.heliosdb.replication.control.http.ReplicationMetric.LAG_BYTES;
import static io.heliosdb.replication.control.http.ReplicationMetric.LATE;
import static io.heliosdb.replication.control.http.ReplicationMetric.RESOLVED;
import static io.heliosdb.replication.control.http.ReplicationMetric.ROWS;
import static io.heliosdb.replication.control.http.ReplicationMetric.TABLE_COMPRESSION;
import static io.heliosdb.replication.control.http.ReplicationMetric.TENANTS;
import static io.heliosdb.replication.control.http.ReplicationMetric.TRANSACTIONS;
import static io.heliosdb.replication.control.http.ReplicationMetric.VIOLATIONS;

import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.replication.Replication;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import io.prometheus.client.Collector;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How replications are, as their jobs reported last; read from the store at each scrape, so every
 * instance tells the same. What is not known is absent; so are lag, lateness and what waits of one
 * whose job has been silent for a minute, for they would be told better than they are.
 */
final class ReplicationMetrics extends Collector {

    private static final List<String> LABELS = List.of("replication_id", "tenant_id", "qos_tier");

    private final Supplier<List<Replication>> replications;
    private final InstantSource clock;

    ReplicationMetrics(Supplier<List<Replication>> replications, InstantSource clock) {
        this.replications = replications;
        this.clock = clock;
    }

    /** Registration does not ask the store. */
    private static final class Samples {

        private final Map<ReplicationMetric, List<MetricFamilySamples.Sample>> samples =
                new EnumMap<>(ReplicationMetric.class);

        void add(
                ReplicationMetric metric,
                List<String> names,
                List<String> values,
                @Nullable Number value) {
            if (value != null) {
                samples.computeIfAbsent(metric, it -> new ArrayList<>())
                        .add(
                                new MetricFamilySamples.Sample(
                                        metric.text(), names, values, value.doubleValue()));
            }
        }

        List<MetricFamilySamples> families() {
            List<MetricFamilySamples> families = new ArrayList<>();
            for (ReplicationMetric metric : ReplicationMetric.values()) {
                families.add(
                        new MetricFamilySamples(
                                metric.text(),
                                metric.type(),
                                metric.help(),
                                samples.getOrDefault(metric, List.of())));
            }
            return families;
        }
    }

    /** Of one tier: how many, and of those that owe something how many are not late. */
    private static final class OfTier {
        long all;
        long owing;
        long timely;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        Instant now = clock.instant();
        Samples samples = new Samples();
        Map<Tier, OfTier> tiers = new EnumMap<>(Tier.class);
        for (Tier tier : Tier.values()) {
            tiers.put(tier, new OfTier());
        }
        long active = 0;
        for (Replication it : replications.get()) {
            OfTier tier = tiers.computeIfAbsent(it.config().qosTier(), key -> new OfTier());
            tier.all++;
            active += isActive(it) ? 1 : 0;
            Replication.Report report = it.report();
            if (report != null) {
                tell(it, report, it.isSilent(now), tier, samples);
            }
        }
        samples.add(ACTIVE, List.of(), List.of(), active);
        tiers.forEach(
                (tier, of) -> {
                    List<String> names = List.of("qos_tier");
                    List<String> values = List.of(EnumNames.of(tier));
                    samples.add(TENANTS, names, values, of.all);
                    samples.add(
                            COMPLIANCE,
                            names,
                            values,
                            of.owing == 0 ? null : of.timely / (double) of.owing);
                });
        return samples.families();
    }

    private static boolean isActive(Replication it) {
        return it.status() == ReplicationState.STREAMING || it.status() == ReplicationState.SYNCING;
    }

    private static void tell(
            Replication it,
            Replication.Report report,
            boolean silent,
            OfTier tier,
            Samples samples) {
        List<String> labels =
                List.of(it.id().toString(), it.tenantId(), EnumNames.of(it.config().qosTier()));
        samples.add(ROWS, LABELS, labels, report.totalRows());
        samples.add(BYTES, LABELS, labels, report.totalBytes());
        samples.add(TRANSACTIONS, LABELS, labels, report.totalTransactions());
        samples.add(ERRORS, LABELS, labels, report.errors());
        samples.add(CONFLICTS, LABELS, labels, report.conflictsDetected());
        samples.add(RESOLVED, LABELS, labels, report.conflictsResolved());
        samples.add(VIOLATIONS, LABELS, labels, report.slaViolations());
        samples.add(COMPRESSION, LABELS, labels, report.compressionRatio());
        compression(report, labels, samples);
        if (silent) {
            return;
        }
        for (Replication.Reason reason : it.reasons()) {
            samples.add(DEGRADED, with("code"), and(labels, reason.code()), 1);
        }
        samples.add(LAG, LABELS, labels, report.lagSeconds());
        samples.add(LAG_BYTES, LABELS, labels, report.lagBytes());
        Replication.Waiting backlog = report.backlog();
        samples.add(BACKLOG_TRANSACTIONS, LABELS, labels, backlog.transactions());
        samples.add(BACKLOG_ROWS, LABELS, labels, backlog.rows());
        samples.add(BACKLOG_BYTES, LABELS, labels, backlog.bytes());
        samples.add(BACKLOG_STORED, LABELS, labels, backlog.storedBytes());
        samples.add(BACKLOG_AGE, LABELS, labels, backlog.oldestAgeSeconds());
        Boolean late = report.late();
        boolean owes =
                it.status() == ReplicationState.STREAMING || it.status() == ReplicationState.ERROR;
        if (late != null && owes) {
            samples.add(LATE, LABELS, labels, late ? 1 : 0);
            tier.owing++;
            tier.timely += late ? 0 : 1;
        }
    }

    private static void compression(
            Replication.Report report, List<String> labels, Samples samples) {
        Replication.Compression compression = report.compression();
        if (compression == null) {
            return;
        }
        List<String> names = new ArrayList<>(with("table_name"));
        names.add("codec");
        for (Replication.TableCompression table : compression.tables()) {
            List<String> its = and(labels, table.tableName());
            samples.add(TABLE_COMPRESSION, names, and(its, "stored"), table.compressionRatio());
            samples.add(TABLE_COMPRESSION, names, and(its, "zstd"), table.zstdCompressionRatio());
        }
    }

    private static List<String> with(String label) {
        return and(LABELS, label);
    }

    private static List<String> and(List<String> labels, String one) {
        List<String> all = new ArrayList<>(labels);
        all.add(one);
        return all;
    }
}
