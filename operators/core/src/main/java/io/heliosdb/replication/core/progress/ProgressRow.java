package io.heliosdb.replication.core.progress;

import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TenantId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One replication as its target knows it: what {@code status} shows, also while the job is down.
 *
 * @param sourceId where its changes come from, {@code systemIdentifier/database}
 * @param position everything at or below is applied
 * @param sourceTime source clock at {@code position}; null while unknown
 * @param code why the state is ERROR, or what is being retried; null if nothing is wrong
 * @param conflicts updates and deletes that found no row
 * @param rowsEstimated rows that the first copy expects in all
 * @param updatedAt when this row was last written, by the target's clock
 * @param refused commit LSN of the transaction that the target refuses; null for none
 * @param resyncPending whether it is to be copied again
 * @param backlogStoredBytes of the backlog in state, and on the heap what is not there yet
 * @param backlogSince source clock when the oldest that waits was committed
 * @param compression figures of what was stored, as JSON; null if nothing was since the job began
 * @param service what it is owed and how it is served, as JSON; null if nothing was told yet
 * @param resyncLsn where in the stream the last resync was asked for; null if it never was
 */
public record ProgressRow(
        ReplicationId replication,
        TenantId tenant,
        String sourceId,
        Epoch epoch,
        Position position,
        @Nullable Instant sourceTime,
        ReplicationState state,
        @Nullable ErrorCode code,
        @Nullable String reason,
        long transactions,
        long rowsApplied,
        long conflicts,
        long rowsCopied,
        long bytesCopied,
        long rowsEstimated,
        long backlogTransactions,
        long backlogBytes,
        Instant updatedAt,
        @Nullable Lsn refused,
        boolean resyncPending,
        @Nullable Lsn resyncLsn,
        @Nullable Long backlogRows,
        @Nullable Long backlogStoredBytes,
        @Nullable Instant backlogSince,
        @Nullable String compression,
        @Nullable String service) {}
