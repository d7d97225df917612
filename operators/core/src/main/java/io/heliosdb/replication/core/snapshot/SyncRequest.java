package io.heliosdb.replication.core.snapshot;

import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.XidRange;
import java.util.Set;

/**
 * The wish for the first copy of one replication.
 *
 * @param epoch claimed; the copy stops if a newer one appears
 * @param doneTables tables that need no copy any more
 * @param pendingXids {@link XidRange ids} of transactions that the stream dropped for this
 *     replication and that no snapshot was yet proven to see: the copy's snapshot must see them all
 */
public record SyncRequest(
        ReplicationSpec spec, Epoch epoch, Set<TableId> doneTables, long[] pendingXids) {

    public SyncRequest {
        doneTables = Set.copyOf(doneTables);
    }
}
