package io.heliosdb.replication.control.replication;

import io.heliosdb.replication.model.ReplicationState;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One tenant from one source to one target, as the store has it.
 *
 * @param status what the job reports for the newest spec; until it does, what was ordered
 * @param settled whether the job has reported for the newest spec
 * @param specVersion grows with every change of what is wanted
 * @param report what the job said last, null if never
 */
public record Replication(
        UUID id,
        String tenantId,
        Endpoint source,
        Endpoint target,
        ReplicationConfig config,
        ReplicationState status,
        boolean settled,
        long specVersion,
        Instant createdAt,
        Instant updatedAt,
        Instant statusChangedAt,
        @Nullable Report report,
        @Nullable LastCheckpoint lastCheckpoint) {

    private static final Duration SILENCE = Duration.ofMinutes(1);

    /** One end of a replication. */
    public record Endpoint(
            UUID connectionId, String database, @Nullable String schema, @Nullable String region) {}

    /** The newest completed checkpoint. */
    public record LastCheckpoint(long lsn, Instant timestamp) {}

    /** What the job reports; null is unknown. */
    public record Report(
            long observedVersion,
            ReplicationState state,
            @Nullable ReplicationState stateBefore,
            @Nullable String errorCode,
            @Nullable String reason,
            @Nullable String position,
            @Nullable Double lagSeconds,
            @Nullable Long lagBytes,
            @Nullable Double rowsPerSecond,
            @Nullable Long bytesPerSecond,
            long totalRows,
            long totalBytes,
            long conflictsDetected,
            long conflictsResolved,
            @Nullable Double compressionRatio,
            @Nullable Long backlogTransactions,
            @Nullable Long backlogBytes,
            @Nullable Long backlogStoredBytes,
            @Nullable Long slaViolations,
            @Nullable Instant runningSince,
            Instant reportedAt) {}

    /** How it is, in one word. */
    public enum Health {
        HEALTHY,
        DEGRADED,
        UNHEALTHY,
        UNKNOWN
    }

    /** What is not known is never told as healthy. */
    public Health health(Instant now) {
        Report known = report;
        if (status == ReplicationState.ERROR) {
            return Health.UNHEALTHY;
        }
        if (known == null || !settled || known.reportedAt().plus(SILENCE).isBefore(now)) {
            return Health.UNKNOWN;
        }
        if (status != ReplicationState.STREAMING) {
            return Health.HEALTHY;
        }
        Double lag = known.lagSeconds();
        if (lag == null) {
            return Health.UNKNOWN;
        }
        return lag > config.maxLagSeconds() ? Health.DEGRADED : Health.HEALTHY;
    }
}
