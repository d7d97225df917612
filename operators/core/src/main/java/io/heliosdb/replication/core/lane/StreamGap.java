package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.model.Lsn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes that are missing between what the target has and what the stream still brings.
 *
 * @param reason what is missing, and the way out
 * @param copyable whether a new copy mends it: none of the first copies that the target has
 *     recorded is taken for valid then. After a set-back they are, as the lane went on from them.
 */
record StreamGap(String reason, boolean copyable) {

    /** Null if nothing is missing. */
    static @Nullable StreamGap find(Lane lane, Claim claim) {
        long progress = claim.progress().commitLsn().value();
        if (Long.compareUnsigned(progress, lane.acknowledgedLsn) < 0) {
            return new StreamGap(
                    "the target stands at "
                            + Lsn.format(progress)
                            + " but had acknowledged "
                            + Lsn.format(lane.acknowledgedLsn)
                            + ": it was set back. Remove the replication's rows, and those of it"
                            + " in heliosdb.replication_progress and heliosdb.table_sync, then add"
                            + " the replication anew",
                    false);
        }
        if (lane.restored) {
            return null;
        }
        boolean begun = progress != 0;
        if (begun && Long.compareUnsigned(progress, lane.startLsn) < 0) {
            return new StreamGap(
                    "the target stands at "
                            + Lsn.format(progress)
                            + " but the stream begins at "
                            + Lsn.format(lane.startLsn)
                            + ": changes between are lost to it. Remove what"
                            + " heliosdb.replication_progress and heliosdb.table_sync have of the"
                            + " replication and set existing-rows: replace to copy it anew",
                    true);
        }
        return null;
    }

    /**
     * The finished copies that this stream continues: those whose snapshot sees everything that the
     * stream left out. Others stem from an earlier life of the replication, or from before the
     * table was left out for a while, and must be copied anew.
     */
    static List<Claim.SyncedTable> stillValid(Lane lane, List<Claim.SyncedTable> tables) {
        List<Claim.SyncedTable> valid = new ArrayList<>();
        LaneGrowth growth = lane.growth;
        for (Claim.SyncedTable table : tables) {
            boolean continued =
                    growth != null && growth.isNew(table.table())
                            ? continues(table, growth.startLsn(), growth.pendingXids())
                            : lane.synced || continues(table, lane.startLsn, lane.pendingXids);
            if (continued) {
                valid.add(table);
            }
        }
        return valid;
    }

    private static boolean continues(Claim.SyncedTable table, long startLsn, long[] leftOut) {
        for (long xids : leftOut) {
            if (table.snapshot().unseen(xids).length > 0) {
                return false;
            }
        }
        return Long.compareUnsigned(table.upperLsn(), startLsn) > 0;
    }
}
