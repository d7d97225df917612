package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.SourceSnapshot;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a claim found in the target.
 *
 * @param epoch the epoch now held
 * @param progress everything at or below is applied; {@link Position#START} if this is new
 * @param storedState the state that was recorded last
 * @param syncedTables tables whose first copy is complete
 * @param filter the table filter now stored: the tables that it accepts have all changes up to the
 *     progress, once their first copy is complete; null if an earlier version left none
 * @param resync what must be copied again before anything is applied; null for nothing
 * @param lostBehind the source has lost what the target has of it behind this position, by a
 *     failover; null for nothing
 * @param totals what the target has counted
 */
public record Claim(
        Epoch epoch,
        Position progress,
        ReplicationState storedState,
        List<SyncedTable> syncedTables,
        @Nullable TableFilter filter,
        @Nullable Resync resync,
        @Nullable Lsn lostBehind,
        Totals totals) {

    /**
     * What was done for a replication since it began.
     *
     * @param conflicts updates and deletes that found no row
     */
    public record Totals(
            long transactions, long rows, long conflicts, long rowsCopied, long bytesCopied) {
        public static final Totals NONE = new Totals(0, 0, 0, 0, 0);
    }

    public Claim {
        syncedTables = List.copyOf(syncedTables);
    }

    /** Of a target that does not count. */
    public Claim(
            Epoch epoch,
            Position progress,
            ReplicationState storedState,
            List<SyncedTable> syncedTables,
            @Nullable TableFilter filter,
            @Nullable Resync resync,
            @Nullable Lsn lostBehind) {
        this(epoch, progress, storedState, syncedTables, filter, resync, lostBehind, Totals.NONE);
    }

    public boolean isNew() {
        return progress.equals(Position.START) && syncedTables.isEmpty();
    }

    /**
     * A finished first copy of a table.
     *
     * @param snapshot what the copy saw
     * @param upperLsn every transaction that the snapshot sees has its commit record before this
     *     LSN
     */
    public record SyncedTable(TableId table, SourceSnapshot snapshot, long upperLsn) {}
}
