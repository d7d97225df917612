package io.heliosdb.replication.control.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.control.journal.Journal.TableSync;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.control.replication.NewReplication;
import io.heliosdb.replication.control.replication.Replication;
import io.heliosdb.replication.control.replication.ReplicationConfig;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.WhenFull;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What requests and replies about replications look like. Absent in a reply: unknown. */
final class ReplicationBodies {

    private ReplicationBodies() {}

    // ---- requests

    record EndpointRequest(UUID connectionId, @Nullable String database, @Nullable String schema) {}

    record TransformRequest(String type, @Nullable JsonNode config) {}

    record CompressionRequest(
            boolean enabled, ReplicationConfig.Compression.@Nullable Level level) {}

    record EncryptionRequest(boolean enabled, @Nullable String algorithm) {}

    record RowFilterRequest(boolean enabled, @Nullable String predicate) {}

    record BacklogRequest(
            @Nullable Long memoryBytes,
            @Nullable Long maxBytes,
            @Nullable Long maxAgeSeconds,
            @Nullable WhenFull whenFull) {

        /** What is not given stays as it was. */
        ReplicationConfig.Backlog over(ReplicationConfig.Backlog before) {
            return new ReplicationConfig.Backlog(
                    memoryBytes == null ? before.memoryBytes() : memoryBytes,
                    maxBytes == null ? before.maxBytes() : maxBytes,
                    maxAgeSeconds == null ? before.maxAgeSeconds() : maxAgeSeconds,
                    whenFull == null ? before.whenFull() : whenFull);
        }
    }

    record ConfigRequest(
            @Nullable Tier qosTier,
            @Nullable Integer maxLagSeconds,
            @Nullable Integer priority,
            @Nullable List<String> tableFilter,
            @Nullable RowFilterRequest rowFilter,
            @Nullable List<TransformRequest> transforms,
            @Nullable CompressionRequest compression,
            @Nullable EncryptionRequest encryption,
            @Nullable ExistingRows existingRows,
            @Nullable Boolean dedicatedBandwidth,
            @Nullable Long maxBytesPerSecond,
            @Nullable BacklogRequest backlog) {

        static final ConfigRequest EMPTY =
                new ConfigRequest(
                        null, null, null, null, null, null, null, null, null, null, null, null);

        /** The configuration of a new replication: what is not given has the tier's defaults. */
        ReplicationConfig create() {
            Tier tier = qosTier == null ? Tier.STANDARD : qosTier;
            return over(
                    new ReplicationConfig(
                            tier,
                            ReplicationConfig.defaultLag(tier),
                            ReplicationConfig.DEFAULT_PRIORITY,
                            List.of(),
                            ReplicationConfig.RowFilter.OFF,
                            List.of(),
                            ReplicationConfig.defaultCompression(tier),
                            ReplicationConfig.Encryption.OFF,
                            ExistingRows.FAIL,
                            false,
                            0,
                            ReplicationConfig.Backlog.DEFAULT));
        }

        /** A configuration with what is given in place of what was. */
        ReplicationConfig over(ReplicationConfig old) {
            ReplicationConfig before = qosTier == null ? old : old.inTier(qosTier);
            return new ReplicationConfig(
                    before.qosTier(),
                    maxLagSeconds == null ? before.maxLagSeconds() : maxLagSeconds,
                    priority == null ? before.priority() : priority,
                    tableFilter == null ? before.tableFilter() : tableFilter,
                    rowFilter == null
                            ? before.rowFilter()
                            : new ReplicationConfig.RowFilter(
                                    rowFilter.enabled(), rowFilter.predicate()),
                    transforms == null
                            ? before.transforms()
                            : transforms.stream()
                                    .map(
                                            it ->
                                                    new ReplicationConfig.Transform(
                                                            it.type(), it.config()))
                                    .toList(),
                    compression == null
                            ? before.compression()
                            : new ReplicationConfig.Compression(
                                    compression.enabled(),
                                    compression.level() == null
                                            ? before.compression().level()
                                            : compression.level()),
                    encryption == null ? before.encryption() : encryption(encryption),
                    existingRows == null ? before.existingRows() : existingRows,
                    dedicatedBandwidth == null ? before.dedicatedBandwidth() : dedicatedBandwidth,
                    maxBytesPerSecond == null ? before.maxBytesPerSecond() : maxBytesPerSecond,
                    backlog == null ? before.backlog() : backlog.over(before.backlog()));
        }

        private static ReplicationConfig.Encryption encryption(EncryptionRequest request) {
            String algorithm = request.algorithm();
            if (algorithm != null && !algorithm.equals(ReplicationConfig.Encryption.AES_256_GCM)) {
                throw ControlException.invalid("config.encryption.algorithm", "must be AES256GCM");
            }
            return new ReplicationConfig.Encryption(
                    request.enabled(), ReplicationConfig.Encryption.AES_256_GCM);
        }
    }

    record CreateReplication(
            String tenantId,
            EndpointRequest source,
            EndpointRequest target,
            @Nullable ConfigRequest config) {

        NewReplication toDomain() {
            return new NewReplication(
                    tenantId,
                    source.connectionId(),
                    source.database(),
                    source.schema(),
                    target.connectionId(),
                    target.database(),
                    target.schema(),
                    (config == null ? ConfigRequest.EMPTY : config).create());
        }
    }

    record UpdateReplication(ConfigRequest config, @Nullable String reason) {}

    record StartReplication(
            @Nullable String fromCheckpoint,
            @Nullable Integer initialSyncParallelism,
            @Nullable String reason) {}

    record CommandReason(@Nullable String reason) {}

    record SkipChange(@Nullable String position, @Nullable String reason) {}

    // ---- replies

    record EndpointView(
            UUID connectionId, String database, @Nullable String schema, @Nullable String region) {

        static EndpointView of(Replication.Endpoint endpoint) {
            return new EndpointView(
                    endpoint.connectionId(),
                    endpoint.database(),
                    endpoint.schema(),
                    endpoint.region());
        }
    }

    /** Of a new one, also with the estimates. */
    record CreatedReplication(
            UUID id,
            String tenantId,
            ReplicationState status,
            Instant createdAt,
            EndpointView source,
            EndpointView target,
            ReplicationConfig config,
            @Nullable Double estimatedInitialSyncDurationHours,
            @Nullable Double estimatedDataSizeGb,
            @Nullable Long estimatedRows,
            List<String> warnings) {}

    record CheckpointView(long lsn, Instant timestamp) {

        static @Nullable CheckpointView of(Replication.@Nullable LastCheckpoint checkpoint) {
            return checkpoint == null
                    ? null
                    : new CheckpointView(checkpoint.lsn(), checkpoint.timestamp());
        }
    }

    record Throughput(@Nullable Double rowsPerSecond, @Nullable Long bytesPerSecond) {}

    record CurrentState(
            @Nullable Double replicationLagSeconds,
            @Nullable Long replicationLagBytes,
            @Nullable CheckpointView lastCheckpoint,
            Throughput throughput,
            Replication.Waiting backlog,
            Replication.@Nullable Service service,
            @Nullable Instant reportedAt) {}

    record Statistics(
            @Nullable Long totalRowsReplicated,
            @Nullable Long totalBytesReplicated,
            @Nullable Long uptimeSeconds,
            @Nullable Double avgCompressionRatio,
            @Nullable Long conflictsDetected,
            @Nullable Long conflictsResolved,
            @Nullable Long slaViolations,
            @Nullable Long totalTransactionsReplicated,
            @Nullable Long errors,
            Replication.@Nullable Compression compression) {}

    record ErrorView(@Nullable String code, @Nullable String reason, @Nullable String position) {}

    record ReplicationView(
            UUID id,
            String tenantId,
            ReplicationState status,
            boolean settled,
            Replication.Health health,
            List<Replication.Reason> healthReasons,
            Instant createdAt,
            Instant updatedAt,
            EndpointView source,
            EndpointView target,
            ReplicationConfig config,
            CurrentState currentState,
            Statistics statistics,
            @Nullable ErrorView error,
            List<TableSync> initialSync) {

        static ReplicationView of(Replication it, List<TableSync> sync, Instant now) {
            Replication.Report report = it.report();
            return new ReplicationView(
                    it.id(),
                    it.tenantId(),
                    it.status(),
                    it.settled(),
                    it.health(now),
                    it.reasons(),
                    it.createdAt(),
                    it.updatedAt(),
                    EndpointView.of(it.source()),
                    EndpointView.of(it.target()),
                    it.config(),
                    state(it, report),
                    ReplicationBodies.statistics(report, now),
                    report == null || it.status() != ReplicationState.ERROR
                            ? null
                            : new ErrorView(report.errorCode(), report.reason(), report.position()),
                    sync);
        }

        private static CurrentState state(Replication it, Replication.@Nullable Report report) {
            CheckpointView checkpoint = CheckpointView.of(it.lastCheckpoint());
            return report == null
                    ? new CurrentState(
                            null,
                            null,
                            checkpoint,
                            new Throughput(null, null),
                            Replication.Waiting.UNKNOWN,
                            null,
                            null)
                    : new CurrentState(
                            report.lagSeconds(),
                            report.lagBytes(),
                            checkpoint,
                            new Throughput(report.rowsPerSecond(), report.bytesPerSecond()),
                            report.backlog(),
                            report.service(),
                            report.reportedAt());
        }
    }

    static Statistics statistics(Replication.@Nullable Report report, Instant now) {
        if (report == null) {
            return new Statistics(null, null, null, null, null, null, null, null, null, null);
        }
        Instant since = report.runningSince();
        return new Statistics(
                report.totalRows(),
                report.totalBytes(),
                since == null ? null : Math.max(0, now.getEpochSecond() - since.getEpochSecond()),
                report.compressionRatio(),
                report.conflictsDetected(),
                report.conflictsResolved(),
                report.slaViolations(),
                report.totalTransactions(),
                report.errors(),
                report.compression());
    }

    record ReplicationItem(
            UUID id,
            String tenantId,
            ReplicationState status,
            Replication.Health health,
            List<Replication.Reason> healthReasons,
            Tier qosTier,
            @Nullable Double replicationLagSeconds,
            Instant createdAt) {

        static ReplicationItem of(Replication it, Instant now) {
            Replication.Report report = it.report();
            return new ReplicationItem(
                    it.id(),
                    it.tenantId(),
                    it.status(),
                    it.health(now),
                    it.reasons(),
                    it.config().qosTier(),
                    report == null ? null : report.lagSeconds(),
                    it.createdAt());
        }
    }

    record UpdatedReplication(
            UUID id,
            String tenantId,
            ReplicationState status,
            ReplicationConfig config,
            Instant updatedAt,
            List<String> warnings) {}

    record StartedReplication(
            UUID id,
            ReplicationState status,
            String message,
            @Nullable Instant estimatedCompletion,
            List<String> warnings) {}

    record PausedReplication(
            UUID id,
            ReplicationState status,
            Instant pausedAt,
            @Nullable CheckpointView lastCheckpoint) {}

    record StoppedReplication(
            UUID id, ReplicationState status, Instant stoppedAt, Statistics finalStatistics) {}

    record CommandedReplication(UUID id, ReplicationState status, String message) {}
}
