package io.heliosdb.replication.control.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.heliosdb.replication.control.access.AuditEvent;
import io.heliosdb.replication.control.journal.Journal;
import io.heliosdb.replication.control.metrics.Series;
import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.PreflightReport;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What replies have in common, and the small ones. */
final class CommonBodies {

    private CommonBodies() {}

    record Pagination(int page, int pageSize, long totalPages, long totalItems) {

        static Pagination of(Call.Paging paging, long total) {
            return new Pagination(
                    paging.page(),
                    paging.size(),
                    (total + paging.size() - 1) / paging.size(),
                    total);
        }
    }

    record ReplicationPage(List<ReplicationBodies.ReplicationItem> data, Pagination pagination) {}

    record EventPage(List<Journal.Event> data, Pagination pagination) {}

    record CheckpointPage(List<Journal.Checkpoint> data, Pagination pagination) {}

    record ConflictPage(List<Journal.Conflict> data, Pagination pagination) {}

    record QuarantinePage(List<Journal.Refused> data, Pagination pagination) {}

    record AuditPage(List<AuditEvent> data, Pagination pagination) {}

    /** Something that a check found, with the statements that mend it. */
    record FindingView(
            io.heliosdb.replication.core.preflight.Severity severity,
            String code,
            String subject,
            String message,
            List<String> fixSql) {

        static FindingView of(Finding finding) {
            return new FindingView(
                    finding.severity(),
                    finding.code().name(),
                    finding.subject(),
                    finding.message(),
                    finding.fixSql());
        }
    }

    record CheckView(String verdict, boolean ready, List<FindingView> findings) {

        static CheckView of(PreflightReport report) {
            return new CheckView(
                    report.verdict(),
                    !report.hasErrors() && !report.hasUnreachable(),
                    report.findings().stream().map(FindingView::of).toList());
        }
    }

    record TimeRange(Instant start, Instant end, @Nullable String resolution) {}

    record MetricsView(
            UUID replicationId, TimeRange timeRange, Map<String, List<Series.Point>> metrics) {}

    /** Over all replications of a group. */
    record GroupMetrics(
            @Nullable Double avgReplicationLagSeconds,
            @JsonProperty("p99_replication_lag_seconds") @Nullable Double p99ReplicationLagSeconds,
            long totalReplications,
            long healthyReplications,
            @Nullable Double avgCompressionRatio,
            @JsonProperty("p50_replication_lag_seconds") @Nullable Double p50ReplicationLagSeconds,
            @Nullable Double slaComplianceRatio,
            long slaViolationsTotal,
            long backlogTransactions,
            long backlogBytes,
            long backlogStoredBytes,
            long backlogRows,
            double backlogOldestAgeSeconds) {}

    record GroupView(Map<String, String> groupKey, GroupMetrics metrics) {}

    record AggregateView(TimeRange timeRange, List<GroupView> groups) {}

    /** How a part of the service is. */
    enum Status {
        HEALTHY,
        DEGRADED,
        UNHEALTHY,
        UNKNOWN
    }

    record HealthView(
            Status status, String version, long uptimeSeconds, Map<String, Status> checks) {}

    record ReadyView(boolean ready) {}

    record ErrorReply(ErrorBody error) {}

    record ErrorBody(
            String code,
            String message,
            @Nullable Map<String, Object> details,
            @Nullable Integer retryAfterSeconds,
            String requestId,
            Instant timestamp) {}
}
