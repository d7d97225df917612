package io.heliosdb.replication.control.http;

import io.prometheus.client.Collector.Type;

/** What is told of replications; the README has the table. */
enum ReplicationMetric {
    TENANTS("tenants_by_qos_tier", Type.GAUGE, "Replications of the tier"),
    ACTIVE("active_replications", Type.GAUGE, "Replications that stream or are copied"),
    COMPLIANCE(
            "sla_compliance_ratio",
            Type.GAUGE,
            "Share of the tier's replications that are not late now, as their jobs count it"),
    VIOLATIONS(
            "sla_violations_total",
            Type.COUNTER,
            "Times a replication went beyond its limit since its job began"),
    LATE("sla_late", Type.GAUGE, "1: late, as the job counts it"),
    LAG("replication_lag_seconds", Type.GAUGE, "Behind the source, by its clock"),
    LAG_BYTES("replication_lag_bytes", Type.GAUGE, "Behind the source, of its WAL"),
    ROWS("rows_replicated_total", Type.COUNTER, "Rows copied and applied"),
    BYTES("bytes_replicated_total", Type.COUNTER, "Bytes copied and applied"),
    TRANSACTIONS("transactions_replicated_total", Type.COUNTER, "Transactions applied"),
    ERRORS("replication_errors_total", Type.COUNTER, "Times it stopped with an error"),
    CONFLICTS("conflicts_detected_total", Type.COUNTER, "Changes that found no row"),
    RESOLVED("conflicts_resolved_total", Type.COUNTER, "Of these, resolved"),
    DEGRADED("replication_degraded", Type.GAUGE, "1 for each reason why it is not healthy"),
    BACKLOG_TRANSACTIONS("backlog_transactions", Type.GAUGE, "Transactions that wait"),
    BACKLOG_ROWS("backlog_rows", Type.GAUGE, "Rows that wait"),
    BACKLOG_BYTES("backlog_raw_bytes", Type.GAUGE, "Bytes that wait, before compression"),
    BACKLOG_STORED("backlog_bytes", Type.GAUGE, "Bytes that wait, as they are stored"),
    BACKLOG_AGE("backlog_oldest_age_seconds", Type.GAUGE, "Age of the oldest that waits"),
    COMPRESSION(
            "compression_ratio", Type.GAUGE, "Raw over stored bytes of what went to state so far"),
    TABLE_COMPRESSION(
            "table_compression_ratio",
            Type.GAUGE,
            "The same by table, of samples; by codec: stored, or Zstd alone");

    private final String text;
    private final Type type;
    private final String help;

    ReplicationMetric(String text, Type type, String help) {
        this.text = "heliosdb_" + text;
        this.type = type;
        this.help = help;
    }

    /** As Prometheus shows it. */
    String text() {
        return text;
    }

    Type type() {
        return type;
    }

    String help() {
        return help;
    }
}
