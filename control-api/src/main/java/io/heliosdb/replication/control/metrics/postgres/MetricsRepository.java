package io.heliosdb.replication.control.metrics.postgres;

import io.heliosdb.replication.control.metrics.Series;
import io.heliosdb.replication.control.metrics.Series.Group;
import io.heliosdb.replication.control.metrics.Series.Grouping;
import io.heliosdb.replication.control.metrics.Series.Point;
import io.heliosdb.replication.control.metrics.Series.Resolution;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads time series. */
public final class MetricsRepository {

    /** Metric of the interface to column. */
    private static final Map<String, String> METRICS = metrics();

    private static final String HEALTHY =
            """
            COALESCE(s.state = 'Streaming' AND s.observed_version >= c.spec_version
                AND s.reported_at > now() - interval '1 minute'
                AND s.replication_lag_seconds IS NOT NULL AND s.error_code IS NULL
                AND s.conditions = '[]' AND NOT s.late, false)""";

    private final MetadataStore store;

    public MetricsRepository(MetadataStore store) {
        this.store = store;
    }

    private static Map<String, String> metrics() {
        Map<String, String> metrics = new LinkedHashMap<>();
        metrics.put("replication_lag_seconds", "replication_lag_seconds");
        metrics.put("replication_lag_bytes", "replication_lag_bytes");
        metrics.put("throughput_rows_per_second", "rows_per_second");
        metrics.put("throughput_bytes_per_second", "bytes_per_second");
        metrics.put("throughput_transactions_per_second", "transactions_per_second");
        metrics.put("compression_ratio", "compression_ratio");
        metrics.put("apply_latency_ms", "apply_latency_ms");
        return metrics;
    }

    /** Means per interval, from start (inclusive) to end (exclusive). */
    public Series series(UUID id, Instant start, Instant end, Resolution resolution) {
        StringBuilder means = new StringBuilder();
        METRICS.values()
                .forEach(
                        column ->
                                means.append(", avg(")
                                        .append(column)
                                        .append(") AS ")
                                        .append(column));
        String sql =
                "SELECT date_bin(CAST(:step AS interval), timestamp, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS bin"
                        + means
                        + """
                           FROM replication_metrics
                           WHERE replication_id = :id AND timestamp >= :start AND timestamp < :end
                           GROUP BY 1 ORDER BY 1
                          """;
        Map<String, List<Point>> series = new LinkedHashMap<>();
        METRICS.keySet().forEach(name -> series.put(name, new ArrayList<>()));
        store.with(
                handle ->
                        handle.createQuery(sql)
                                .bind("step", resolution.step().toSeconds() + " seconds")
                                .bind("id", id)
                                .bind("start", utc(start))
                                .bind("end", utc(end))
                                .map((row, context) -> add(row, series))
                                .list());
        return new Series(series);
    }

    private static boolean add(ResultSet row, Map<String, List<Point>> series) throws SQLException {
        Instant time = row.getTimestamp("bin").toInstant();
        for (Map.Entry<String, String> metric : METRICS.entrySet()) {
            double value = row.getDouble(metric.getValue());
            if (!row.wasNull()) {
                series.getOrDefault(metric.getKey(), new ArrayList<>()).add(new Point(time, value));
            }
        }
        return true;
    }

    /**
     * Groups of live replications with their lag over this time. A replication is healthy if it
     * streams, reported within the last minute, has nothing to complain of, and is not late as the
     * job counts it.
     *
     * @param tenant only this one's, or null for all
     */
    public List<Group> groups(
            Grouping grouping, Instant start, Instant end, @Nullable String tenant) {
        String key =
                switch (grouping) {
                    case TENANT_ID -> "c.tenant_id";
                    case QOS_TIER -> "c.qos_tier";
                    case REGION -> "COALESCE(t.region, 'unknown')";
                };
        String sql =
                "WITH live AS (SELECT c.id, "
                        + key
                        + " AS key, "
                        + HEALTHY
                        + """
                           AS healthy,
                                     s.backlog_transactions, s.backlog_rows, s.backlog_bytes,
                                     s.backlog_stored_bytes, s.backlog_oldest_seconds
                              FROM replication_configs c
                              JOIN connections t ON t.id = c.target_connection_id
                              LEFT JOIN replication_status s ON s.replication_id = c.id
                              WHERE c.deleted_at IS NULL AND (:tenant::text IS NULL OR c.tenant_id = :tenant)),
                          points AS (
                              SELECT key, avg(replication_lag_seconds) AS avg_lag,
                                     percentile_cont(0.99) WITHIN GROUP (ORDER BY replication_lag_seconds) AS p99_lag,
                                     percentile_cont(0.5) WITHIN GROUP (ORDER BY replication_lag_seconds) AS p50_lag,
                                     avg((NOT late)::int) AS compliance,
                                     avg(compression_ratio) AS avg_ratio
                              FROM live JOIN replication_metrics m ON m.replication_id = live.id
                              WHERE m.timestamp >= :start AND m.timestamp < :end
                              GROUP BY key),
                          events AS (
                              SELECT key, count(*) AS violations
                              FROM live JOIN replication_events e ON e.replication_id = live.id
                              WHERE e.event_type = 'SlaViolation'
                                AND e.created_at >= :start AND e.created_at < :end
                              GROUP BY key)
                          SELECT key, count(*) AS total, count(*) FILTER (WHERE healthy) AS healthy,
                                 avg_lag, p99_lag, avg_ratio, p50_lag, compliance,
                                 COALESCE(violations, 0) AS violations,
                                 COALESCE(sum(backlog_transactions), 0) AS backlog_transactions,
                                 COALESCE(sum(backlog_rows), 0) AS backlog_rows,
                                 COALESCE(max(backlog_oldest_seconds), 0) AS backlog_oldest_seconds,
                                 COALESCE(sum(backlog_bytes), 0) AS backlog_bytes,
                                 COALESCE(sum(backlog_stored_bytes), 0) AS backlog_stored_bytes
                          FROM live LEFT JOIN points USING (key) LEFT JOIN events USING (key)
                          GROUP BY key, avg_lag, p99_lag, avg_ratio, p50_lag, compliance, violations
                          ORDER BY key
                          """;
        String name = grouping.name().toLowerCase();
        return store.with(
                handle ->
                        handle.createQuery(sql)
                                .bind("start", utc(start))
                                .bind("end", utc(end))
                                .bind("tenant", tenant)
                                .map(
                                        (row, context) ->
                                                new Group(
                                                        Map.of(name, row.getString("key")),
                                                        decimal(row, "avg_lag"),
                                                        decimal(row, "p99_lag"),
                                                        row.getLong("total"),
                                                        row.getLong("healthy"),
                                                        decimal(row, "avg_ratio"),
                                                        decimal(row, "p50_lag"),
                                                        decimal(row, "compliance"),
                                                        row.getLong("violations"),
                                                        row.getLong("backlog_transactions"),
                                                        row.getLong("backlog_bytes"),
                                                        row.getLong("backlog_stored_bytes"),
                                                        row.getLong("backlog_rows"),
                                                        row.getDouble("backlog_oldest_seconds")))
                                .list());
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }

    private static @Nullable Double decimal(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }
}
