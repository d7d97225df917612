package io.heliosdb.replication.core.snapshot;

import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.XidRange;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.List;
import java.util.Set;

/**
 * The wish for the first copy of one replication.
 *
 * @param epoch claimed; the copy stops if a newer one appears
 * @param carriedBy if not empty, only tables are copied that one of these filters did not accept:
 *     the others are in the stream already, with or without a first copy
 * @param doneTables tables that need no copy any more
 * @param pendingXids {@link XidRange ids} of transactions that the stream dropped for this
 *     replication and that no snapshot was yet proven to see: the copy's snapshot must see them all
 * @param mend whether rows that the target has are compared with those of the source and mended,
 *     rather than refused or replaced
 */
public record SyncRequest(
        ReplicationSpec spec,
        Epoch epoch,
        List<TableFilter> carriedBy,
        Set<TableId> doneTables,
        long[] pendingXids,
        boolean mend) {

    public SyncRequest {
        carriedBy = List.copyOf(carriedBy);
        doneTables = Set.copyOf(doneTables);
    }

    /** Of all tables. */
    public SyncRequest(
            ReplicationSpec spec, Epoch epoch, Set<TableId> doneTables, long[] pendingXids) {
        this(spec, epoch, List.of(), doneTables, pendingXids, false);
    }

    /** Of some tables, as they are. */
    public SyncRequest(
            ReplicationSpec spec,
            Epoch epoch,
            List<TableFilter> carriedBy,
            Set<TableId> doneTables,
            long[] pendingXids) {
        this(spec, epoch, carriedBy, doneTables, pendingXids, false);
    }

    /** Whether this is about tables that came to a replication which streams. */
    public boolean isGrowth() {
        return !carriedBy.isEmpty();
    }

    /** Whether a table of the specification takes part in the copy. */
    public boolean concerns(TableId table) {
        return carriedBy.isEmpty() || !carriedBy.stream().allMatch(filter -> filter.accepts(table));
    }
}
