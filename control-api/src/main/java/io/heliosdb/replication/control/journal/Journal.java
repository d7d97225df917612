package io.heliosdb.replication.control.journal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Entries that the job and the control plane write, newest first. */
public final class Journal {

    private Journal() {}

    /** Something that happened to a replication. */
    public record Event(
            long id,
            String eventType,
            String severity,
            String message,
            @Nullable JsonNode details,
            @Nullable String actor,
            Instant createdAt) {}

    /** A completed checkpoint of the job, with what it covers of a replication. */
    public record Checkpoint(
            long id,
            long lsn,
            @Nullable Long transactionId,
            Instant checkpointTime,
            @Nullable JsonNode tableCheckpoints,
            long rowsReplicated,
            long bytesReplicated,
            @Nullable Double lagSeconds) {}

    /** A change that did not meet what it expected in the target. */
    public record Conflict(
            long id,
            Instant detectedAt,
            String position,
            String tableName,
            String conflictType,
            @Nullable String resolution,
            @Nullable String reason,
            @Nullable JsonNode sourceRow,
            @Nullable JsonNode targetRow) {}

    /** A change that the target refused. */
    public record Refused(
            String position,
            String tableName,
            String operation,
            String sqlstate,
            String message,
            @Nullable JsonNode rowData,
            Instant quarantinedAt,
            @Nullable Instant resolvedAt) {}

    /** How far the first copy of a table is. */
    public record TableSync(
            String tableName,
            String state,
            long rowsCopied,
            long bytesCopied,
            @Nullable Long rowsEstimated,
            @Nullable Instant startedAt,
            @Nullable Instant completedAt) {}
}
