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
        if (claim.lostBehind() != null) {
            return new StreamGap(
                    "the target stands at "
                            + Lsn.format(progress)
                            + " but the source failed over at "
                            + claim.lostBehind()
                            + " and has lost what is behind that. To begin from what it has:"
                            + resync(lane),
                    false);
        }
        if (Long.compareUnsigned(progress, lane.acknowledgedLsn) < 0) {
            return new StreamGap(
                    "the target stands at "
                            + Lsn.format(progress)
                            + " but had acknowledged "
                            + Lsn.format(lane.acknowledgedLsn)
                            + ": it was set back. To compare and mend it:"
                            + resync(lane),
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
                            + ": changes between are lost to it. To compare and mend it:"
                            + resync(lane),
                    true);
        }
        return null;
    }

    private static String resync(Lane lane) {
        return " heliosdb-cli resync --replication '" + lane.id() + "'";
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
