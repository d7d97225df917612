package io.heliosdb.replication.core.route;

import io.heliosdb.replication.model.SourceSnapshot;
import java.util.Arrays;

/**
 * Transactions that the stream has brought but that no snapshot was proven to see.
 *
 * <p>A commit is in the WAL before it is visible: the backend still has to leave the list of
 * running transactions, and it may wait for a synchronous standby in between, for as long as that
 * takes. A first copy whose snapshot misses such a transaction would lose it, if the stream had
 * dropped it before the replication began. Each heartbeat carries a snapshot; what it sees, every
 * later one sees too, so the set stays small: about a heartbeat's worth of transactions and those
 * that hang.
 */
final class UnprovenXids {

    private long[] xids = new long[256];
    private int size;

    void committed(long xid32) {
        if (size == xids.length) {
            xids = Arrays.copyOf(xids, size * 2);
        }
        xids[size++] = xid32;
    }

    void proven(SourceSnapshot snapshot) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (!snapshot.sees(xids[i])) {
                xids[kept++] = xids[i];
            }
        }
        size = kept;
    }

    long[] toArray() {
        return Arrays.copyOf(xids, size);
    }

    void restore(long[] saved) {
        for (long xid : saved) {
            committed(xid);
        }
    }
}
