package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.SkippedTables;
import io.heliosdb.replication.model.TableId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Skips the rows that a first copy has brought: those of transactions that the table's snapshot
 * sees. Beyond the highest upper LSN nothing is skipped, and nobody needs to ask.
 */
final class SyncedTables implements SkippedTables {

    private final Map<TableId, Claim.SyncedTable> tables = new HashMap<>();
    private final long upperLsn;

    SyncedTables(List<Claim.SyncedTable> synced) {
        long upper = 0;
        for (Claim.SyncedTable table : synced) {
            tables.put(table.table(), table);
            upper = Math.max(upper, table.upperLsn());
        }
        this.upperLsn = upper;
    }

    /** These, and further ones that take the place of any there are of their table. */
    SyncedTables with(List<Claim.SyncedTable> further) {
        Map<TableId, Claim.SyncedTable> all = new HashMap<>(tables);
        further.forEach(table -> all.put(table.table(), table));
        return new SyncedTables(List.copyOf(all.values()));
    }

    /** From this LSN on the target is consistent across tables. */
    long upperLsn() {
        return upperLsn;
    }

    @Override
    public boolean skips(long xid, long commitLsn, TableId table, long fromLsn, long toLsn) {
        if (commitLsn >= upperLsn) {
            return false;
        }
        Claim.SyncedTable synced = tables.get(table);
        return synced != null
                && commitLsn < synced.upperLsn()
                && Long.compareUnsigned(fromLsn, synced.upperLsn()) <= 0
                && Long.compareUnsigned(synced.upperLsn(), toLsn) < 0
                && synced.snapshot().sees(xid);
    }
}
