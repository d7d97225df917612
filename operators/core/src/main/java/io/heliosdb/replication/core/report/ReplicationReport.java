package io.heliosdb.replication.core.report;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A replication at a moment.
 *
 * @param version of the specification that this belongs to
 * @param code why the state is ERROR, or what is being retried
 * @param refusedLsn commit LSN of the transaction that the target refuses; 0 for none
 * @param conditions what is not as it should be although it goes on
 * @param progressLsn everything that committed up to here is applied
 * @param lagMicros behind the source, by its clock; -1 unknown
 * @param lagBytes of WAL; -1 unknown
 * @param rows applied since it began, as {@code transactions} and {@code conflicts} (updates and
 *     deletes that found no row)
 * @param bytes of changes applied
 * @param expectedRows of the first copy
 * @param compressionPercent a hundred times raw over stored size of what went to state since the
 *     job began; 0 unknown
 * @param service null of one that has ended
 * @param atEpochMillis by the job's clock
 */
public record ReplicationReport(
        ReplicationId replication,
        long version,
        ReplicationState state,
        @Nullable ErrorCode code,
        @Nullable String reason,
        long refusedLsn,
        List<Condition> conditions,
        long progressLsn,
        long lagMicros,
        long lagBytes,
        Waiting backlog,
        long transactions,
        long rows,
        long bytes,
        long conflicts,
        long rowsCopied,
        long bytesCopied,
        long expectedRows,
        long compressionPercent,
        @Nullable Service service,
        long atEpochMillis) {

    /** Something that is not as it should be, though nothing stops for it. */
    public record Condition(ErrorCode code, String reason) {}

    /**
     * The backlog.
     *
     * @param bytes before compression
     * @param storedBytes in state, and on the heap what is not there yet
     * @param oldestMicros how long ago the oldest was committed, by the source's clock; 0 if
     *     nothing waits, -1 unknown
     * @param encrypted whether what goes to state is
     */
    public record Waiting(
            long transactions,
            long rows,
            long bytes,
            long storedBytes,
            long oldestMicros,
            boolean encrypted) {
        public static final Waiting NONE = new Waiting(0, 0, 0, 0, 0, false);
    }

    /**
     * What it is served by: as the schedule has it, not as it was ordered.
     *
     * @param maxLagMillis its limit
     * @param late beyond that, or not yet for half a minute within it again
     * @param violations so many times it went beyond since the job began
     */
    public record Service(
            Tier tier, int priority, long maxLagMillis, boolean late, long violations) {}

    public ReplicationReport {
        conditions = List.copyOf(conditions);
    }

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
                List.of(),
                0,
                -1,
                -1,
                Waiting.NONE,
                -1,
                -1,
                -1,
                -1,
                -1,
                -1,
                0,
                0,
                null,
                atEpochMillis);
    }

    /** Whether it is told of the same state for the same reason. */
    boolean tellsTheSameAs(ReplicationReport other) {
        return version == other.version
                && state == other.state
                && code == other.code
                && Objects.equals(reason, other.reason)
                && refusedLsn == other.refusedLsn
                && conditions.equals(other.conditions)
                && isLate() == other.isLate();
    }

    private boolean isLate() {
        return service != null && service.late;
    }

    /** Whether anything was done, or waits, that was not before. */
    boolean movedSince(ReplicationReport other) {
        return rows != other.rows
                || transactions != other.transactions
                || rowsCopied != other.rowsCopied
                || backlog.transactions != other.backlog.transactions;
    }
}
