package io.heliosdb.replication.control.replication;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

    /** The job holds it against its limit, and counts it as late. */
    public static final String LAG_LIMIT = "LAG_LIMIT";

    /** It was to be encrypted while it waits, and is not. */
    public static final String NOT_ENCRYPTED = "NOT_ENCRYPTED";

    private static final Duration SILENCE = Duration.ofMinutes(1);

    /** One end of a replication. */
    public record Endpoint(
            UUID connectionId, String database, @Nullable String schema, @Nullable String region) {}

    /** The newest completed checkpoint. */
    public record LastCheckpoint(long lsn, Instant timestamp) {}

    /** Why it is not healthy; the code is an {@link ErrorCode}, or one of the two above. */
    public record Reason(String code, String reason) {}

    /** As the job's schedule has it: what takes effect now, not what was ordered. */
    public record Service(Tier qosTier, int priority, double maxLagSeconds) {}

    /**
     * What waits in the job; null is unknown.
     *
     * @param bytes before compression
     * @param storedBytes in state, and on the heap what is not there yet
     * @param oldestAgeSeconds how long ago the oldest was committed; 0 if nothing waits
     * @param encrypted whether what goes to state is
     */
    public record Waiting(
            @Nullable Long transactions,
            @Nullable Long rows,
            @Nullable Long bytes,
            @Nullable Long storedBytes,
            @Nullable Double oldestAgeSeconds,
            @Nullable Boolean encrypted) {

        public static final Waiting UNKNOWN = new Waiting(null, null, null, null, null, null);
    }

    /**
     * What the job reports; null is unknown.
     *
     * @param conditions what is not as it should be although it goes on
     * @param late whether it is beyond its lag limit, or not yet for half a minute within it again:
     *     the job's count, as its violations are
     * @param errors so often it stopped
     * @param compression by table
     */
    public record Report(
            long observedVersion,
            ReplicationState state,
            @Nullable ReplicationState stateBefore,
            @Nullable String errorCode,
            @Nullable String reason,
            @Nullable String position,
            List<Reason> conditions,
            @Nullable Boolean late,
            @Nullable Service service,
            @Nullable Double lagSeconds,
            @Nullable Long lagBytes,
            @Nullable Double rowsPerSecond,
            @Nullable Long bytesPerSecond,
            long totalRows,
            long totalBytes,
            long totalTransactions,
            long errors,
            long conflictsDetected,
            long conflictsResolved,
            @Nullable Double compressionRatio,
            @Nullable Compression compression,
            Waiting backlog,
            @Nullable Long slaViolations,
            @Nullable Instant runningSince,
            Instant reportedAt) {}

    /**
     * How small what waited has become since the job began.
     *
     * @param tables of samples, those that have most
     */
    public record Compression(long rawBytes, long storedBytes, List<TableCompression> tables) {}

    /** The same changes of one table as they came, by Zstd alone, and as they are stored. */
    public record TableCompression(
            String tableName,
            long rawBytes,
            long zstdBytes,
            long storedBytes,
            double compressionRatio,
            double zstdCompressionRatio) {}

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
        if (known == null || !settled || isSilent(now)) {
            return Health.UNKNOWN;
        }
        if (!reasons().isEmpty()) {
            return Health.DEGRADED;
        }
        boolean unknownLag = known.lagSeconds() == null || known.late() == null;
        return status == ReplicationState.STREAMING && unknownLag ? Health.UNKNOWN : Health.HEALTHY;
    }

    /** Whether the job has not told of it for so long that nothing can be said. */
    public boolean isSilent(Instant now) {
        return report == null || report.reportedAt().plus(SILENCE).isBefore(now);
    }

    /**
     * Why it is not healthy, as the job reported it for the newest spec: the error or what is tried
     * again, what else is not as it should be, and whether it is late.
     */
    public List<Reason> reasons() {
        Report known = report;
        if (known == null || !settled) {
            return List.of();
        }
        List<Reason> reasons = new ArrayList<>();
        String code = known.errorCode();
        if (code != null) {
            reasons.add(new Reason(code, known.reason() == null ? code : known.reason()));
        }
        reasons.addAll(known.conditions());
        if (config.encryption().enabled() && Boolean.FALSE.equals(known.backlog().encrypted())) {
            reasons.add(
                    new Reason(
                            NOT_ENCRYPTED,
                            "the job has no keys, and what waits is not encrypted: it runs since"
                                    + " before keys were configured, or elsewhere"));
        }
        if (Boolean.TRUE.equals(known.late())) {
            Service service = known.service();
            reasons.add(
                    new Reason(
                            LAG_LIMIT,
                            "the lag is beyond its limit"
                                    + (service == null
                                            ? ""
                                            : " of " + service.maxLagSeconds() + " s")
                                    + ", or was until half a minute ago"));
        }
        return reasons;
    }
}
