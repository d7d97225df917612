package io.heliosdb.replication.core.report;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import org.jspecify.annotations.Nullable;

/**
 * A replication at a moment.
 *
 * @param version of the specification that this belongs to
 * @param code why the state is ERROR, or what is being retried
 * @param refusedLsn commit LSN of the transaction that the target refuses; 0 for none
 * @param progressLsn everything that committed up to here is applied
 * @param lagMicros behind the source, by its clock; -1 unknown
 * @param lagBytes of WAL; -1 unknown
 * @param rows applied since it began, as {@code transactions} and {@code conflicts} (updates and
 *     deletes that found no row)
 * @param bytes of changes applied
 * @param expectedRows of the first copy
 * @param backlogStoredBytes in state, and on the heap what is not there yet
 * @param compressionPercent a hundred times raw over stored size of what went to state since the
 *     job began; 0 unknown
 * @param violations so many times it went beyond its lag limit since the job began
 * @param atEpochMillis by the job's clock
 */
public record ReplicationReport(
        ReplicationId replication,
        long version,
        ReplicationState state,
        @Nullable ErrorCode code,
        @Nullable String reason,
        long refusedLsn,
        long progressLsn,
        long lagMicros,
        long lagBytes,
        long backlogTransactions,
        long backlogBytes,
        long transactions,
        long rows,
        long bytes,
        long conflicts,
        long rowsCopied,
        long bytesCopied,
        long expectedRows,
        long backlogStoredBytes,
        long compressionPercent,
        long violations,
        long atEpochMillis) {

    /** Of one that has ended: there is nothing more to tell. */
    public static ReplicationReport stopped(
            ReplicationId replication, long version, long atEpochMillis) {
        return new ReplicationReport(
                replication,
                version,
                ReplicationState.STOPPED,
                null,
                null,
                0,
                0,
                -1,
                -1,
                0,
                0,
                -1,
                -1,
                -1,
                -1,
                -1,
                -1,
                0,
                0,
                0,
                0,
                atEpochMillis);
    }

    /** Whether it is told of the same state for the same reason. */
    boolean tellsTheSameAs(ReplicationReport other) {
        return version == other.version
                && state == other.state
                && code == other.code
                && (reason == null ? other.reason == null : reason.equals(other.reason))
                && refusedLsn == other.refusedLsn;
    }

    /** Whether anything was done, or waits, that was not before. */
    boolean movedSince(ReplicationReport other) {
        return rows != other.rows
                || transactions != other.transactions
                || rowsCopied != other.rowsCopied
                || backlogTransactions != other.backlogTransactions;
    }
}
