package io.heliosdb.replication.cli.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.heliosdb.replication.core.lane.CompressionFigures;
import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code status}. Null means unknown.
 *
 * @param state a state's name in lower case, or {@code unknown}
 * @param lagMs source clock now minus source clock at the position: nothing older is missing in the
 *     target
 * @param lagBytes WAL of the whole source since the position
 * @param backlogBytes what waits, before compression
 * @param backlogStoredBytes the same in state, and on the heap what is not there yet
 * @param backlogOldestMs how long ago the oldest that waits was committed
 * @param avgCompressionRatio raw over stored size of what went to state since the job began
 * @param compression the figures behind it, by table beside Zstd alone (sampled)
 * @param service what it is owed and how it is served: tier, priority, limit, violations since the
 *     job began, whether it is late
 * @param updatedMsAgo when the job last wrote here; if long ago, the job is down or stuck
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ReplicationStatus(
        String replication,
        String tenant,
        String target,
        String state,
        @Nullable Long lagMs,
        @Nullable Long lagBytes,
        @Nullable String position,
        @Nullable Long rowsApplied,
        @Nullable Long rowsCopied,
        @Nullable Long rowsEstimated,
        @Nullable Long backlogTransactions,
        @Nullable Long backlogBytes,
        @Nullable Long backlogRows,
        @Nullable Long backlogStoredBytes,
        @Nullable Long backlogOldestMs,
        @JsonProperty("avg_compression_ratio") @Nullable Double avgCompressionRatio,
        @JsonRawValue @Nullable String compression,
        @JsonRawValue @Nullable String service,
        @Nullable Long conflicts,
        @Nullable Long updatedMsAgo,
        @Nullable String error,
        @Nullable String reason) {

    public static final String UNKNOWN = "unknown";

    static ReplicationStatus of(
            ProgressRow row, String target, @Nullable Instant targetClock, SourceReading source) {
        // Rows that are to be copied again are of no position.
        boolean started = !row.position().equals(Position.START) && !row.resyncPending();
        return new ReplicationStatus(
                row.replication().value(),
                row.tenant().value(),
                target,
                row.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                started ? lagMs(row, source) : null,
                started ? lagBytes(row, source) : null,
                started ? row.position().toString() : null,
                row.rowsApplied(),
                row.rowsCopied(),
                row.rowsEstimated(),
                row.backlogTransactions(),
                row.backlogBytes(),
                row.backlogRows(),
                row.backlogStoredBytes(),
                oldestMs(row, source),
                CompressionFigures.ratio(row.compression()),
                row.compression(),
                row.service(),
                row.conflicts(),
                targetClock == null
                        ? null
                        : Long.valueOf(Duration.between(row.updatedAt(), targetClock).toMillis()),
                row.code() == null ? null : row.code().name(),
                row.reason());
    }

    private static @Nullable Long oldestMs(ProgressRow row, SourceReading source) {
        Instant then = row.backlogSince();
        Instant now = source.clock();
        return then == null || now == null || now.isBefore(then)
                ? null
                : Long.valueOf(Duration.between(then, now).toMillis());
    }

    /** Null also if the source's clock is behind what it said before: it was set back. */
    private static @Nullable Long lagMs(ProgressRow row, SourceReading source) {
        Instant then = row.sourceTime();
        Instant now = source.clock();
        return then == null || now == null || now.isBefore(then) || isAhead(row, source)
                ? null
                : Long.valueOf(Duration.between(then, now).toMillis());
    }

    private static @Nullable Long lagBytes(ProgressRow row, SourceReading source) {
        Lsn walEnd = source.walEnd();
        return walEnd == null || isAhead(row, source)
                ? null
                : Long.valueOf(walEnd.bytesSince(row.position().commitLsn()));
    }

    /** The source has not come so far: it is another one, or was set back. */
    private static boolean isAhead(ProgressRow row, SourceReading source) {
        Lsn walEnd = source.walEnd();
        return walEnd != null && row.position().commitLsn().isAfter(walEnd);
    }

    /** A replication of which nothing can be said but why. */
    static ReplicationStatus unknown(
            String replication, String tenant, String target, String reason) {
        return new ReplicationStatus(
                replication,
                tenant,
                target,
                UNKNOWN,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                reason);
    }
}
