package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.sequence.SequenceGoal;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One session in a target. Used by one thread at a time; blocks. Every method either takes effect
 * whole or not at all.
 *
 * <p>All methods throw {@link ApplyException}, whose {@link ApplyException.Kind} says what to do
 * next. After a kind of {@code RETRY_TARGET} the session is broken: close it and open another.
 */
public interface TargetSession extends AutoCloseable {

    /**
     * Takes the right to write for a replication: creates its progress row if there is none, else
     * raises its epoch. Waits for a transaction in flight of the former holder. From then on
     * applies with an older epoch fail as FENCED.
     *
     * <p>Also stores the table filter under which the replication is applied from now on, unless
     * the target tells of another one than the caller knows of: that must not be forgotten.
     *
     * <p>A resync that begins is recorded, and the first copies that it concerns are forgotten. One
     * of the whole replication also sets the progress to where it was asked for: everything before
     * that is in the copy.
     */
    Claim claim(ClaimRequest request);

    /** The first of this specification. */
    default Claim claim(ReplicationSpec spec, SourceIdentity source) {
        return claim(new ClaimRequest(spec, source, null, spec.tables()));
    }

    /**
     * Applies these batches, one per replication, in one target transaction: rows, progress rows,
     * commit. Transactions at or below a replication's progress are skipped. On failure nothing is
     * applied.
     */
    ApplyResult apply(List<LaneBatch> group);

    /**
     * Begins or continues the streamed apply of one large transaction: the parts are written, the
     * target transaction stays open. Nothing else may be done with the session until {@link
     * #commitStream} or {@link #rollbackStream}.
     */
    ApplyResult stream(LaneBatch parts);

    /** Writes the closing parts (may be none beyond the closing mark), progress, and commits. */
    ApplyResult commitStream(LaneBatch closing);

    void rollbackStream();

    /**
     * Leaves out a transaction that the target refused: records its changes in readable form in
     * {@code heliosdb.skipped} and moves the progress behind it. One that does not fit into a batch
     * comes in pieces, in order, the closing one last.
     */
    void skip(LaneBatch piece, SkipOrder order);

    /**
     * Moves sequences on that have not come so far; never back, but for those that begin again.
     * Needs no right to write a replication. Returns those that the target does not have.
     */
    List<SequenceGoal> advanceSequences(List<SequenceGoal> goals);

    /**
     * Moves the progress of replications without backlog to a position that holds nothing for them;
     * never back. Also stores figures.
     */
    void advance(List<Advance> advances);

    /**
     * Records state and reason of a replication; a no-op if the epoch is older than the stored one.
     */
    void report(ReplicationId replication, Epoch epoch, StateReport report);

    /**
     * Records the state of a replication that could not be claimed. Needs no right to write and
     * takes none: creates the progress row if there is none, and changes one only if nobody can
     * hold it (it was released), or nobody has claimed it after {@code lastHeld}.
     *
     * @param lastHeld the newest epoch that the caller is known to have held; 0 for none
     * @return the epoch of the row if this was recorded, else {@code lastHeld}
     */
    Epoch reportUnclaimed(
            ReplicationSpec spec, SourceIdentity source, Epoch lastHeld, StateReport report);

    /**
     * Gives the right to write back: records that the replication has stopped and raises its epoch,
     * so that nothing of this holder is written from then on, whatever of it is still on its way.
     * Waits for what is about to commit. A no-op if somebody else has claimed it.
     */
    void release(ReplicationId replication, Epoch epoch);

    /**
     * Removes all rows of an ended replication's tenant from the tables that it has brought here,
     * and what is recorded of it; whole or not at all, and again without harm. So with what is left
     * of others of the tenant that ended before.
     *
     * <p>What another replication of the tenant has copied since is that one's. What it may yet
     * copy waits for it, on record: it is wiped by that copy, or removed by the next call, of
     * whichever replication of the tenant, that finds it copied or nobody about to. RETRY_LANE
     * while one is being claimed; from then on the ended one cannot be claimed.
     */
    Removal removeRows(ReplicationSpec ended);

    /** The changes of this transaction that were refused here, at most a hundred. */
    List<QuarantinedRow> quarantined(ReplicationId replication, long commitLsn);

    /** Cuts the connection from any thread; whatever runs in the session fails. */
    void abort();

    @Override
    void close();

    /**
     * What {@link #apply} did.
     *
     * @param conflicts updates and deletes that found no row
     * @param conflictsOf the same by replication, without those that have none; empty if it was
     *     about one
     * @param found some of the conflicts, in detail
     * @param copies tables whose rows must be copied anew, because DDL has changed them in a way
     *     that the stream does not tell; the target has recorded that they are missing
     */
    record ApplyResult(
            long rows,
            long conflicts,
            long skippedRows,
            List<CopyAnew> copies,
            Map<ReplicationId, Long> conflictsOf,
            List<Conflict> found) {

        public ApplyResult {
            found = List.copyOf(found);
            copies = List.copyOf(copies);
            conflictsOf = Map.copyOf(conflictsOf);
        }

        public ApplyResult(long rows, long conflicts, long skippedRows, List<CopyAnew> copies) {
            this(rows, conflicts, skippedRows, copies, Map.of(), List.of());
        }

        public ApplyResult(long rows, long conflicts, long skippedRows) {
            this(rows, conflicts, skippedRows, List.of());
        }

        public ApplyResult plus(ApplyResult other) {
            List<CopyAnew> both = new ArrayList<>(copies);
            both.addAll(other.copies);
            Map<ReplicationId, Long> sums = new HashMap<>(conflictsOf);
            other.conflictsOf.forEach((id, more) -> sums.merge(id, more, Long::sum));
            return new ApplyResult(
                    rows + other.rows,
                    conflicts + other.conflicts,
                    skippedRows + other.skippedRows,
                    both,
                    sums,
                    found.isEmpty() ? other.found : found);
        }

        /** The same with these conflicts in detail. */
        public ApplyResult with(List<Conflict> conflictsFound) {
            return new ApplyResult(
                    rows, conflicts, skippedRows, copies, conflictsOf, conflictsFound);
        }
    }

    /**
     * A replication lacks tables from here on.
     *
     * @param recorded the filter that now stands beside the progress: without those tables
     * @param commitLsn of the transaction of the DDL
     * @param pendingXids as in {@link io.heliosdb.replication.core.ddl.DdlEvent}
     */
    record CopyAnew(
            ReplicationId replication, TableFilter recorded, long commitLsn, long[] pendingXids) {}

    /**
     * Progress of an idle replication, and its figures.
     *
     * @param sourceEpochMicros source clock at that position
     * @param acknowledgedLsn as in {@link LaneBatch}; nothing moves if the target stands before it
     */
    record Advance(
            ReplicationId replication,
            Epoch epoch,
            Position position,
            long sourceEpochMicros,
            Waiting waiting,
            long acknowledgedLsn) {}

    /**
     * What a replication keeps.
     *
     * @param bytes before compression
     * @param storedBytes in state, and on the heap what is not there yet
     * @param oldestMicros when the oldest of it was committed; 0 if unknown or none
     * @param compression as {@code CompressionFigures.text}; empty if it has not changed
     * @param service as {@code LaneService.text}
     */
    record Waiting(
            long transactions,
            long bytes,
            long rows,
            long storedBytes,
            long oldestMicros,
            String compression,
            String service) {}
}
