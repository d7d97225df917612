package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.model.TableId;

/**
 * Tells whose rows of a transaction are already in the target, because the first copy saw that
 * transaction.
 */
public interface SkippedTables {

    SkippedTables NONE = (xid, commitLsn, table, fromLsn, toLsn) -> false;

    /**
     * @param xid 32-bit id of the transaction
     * @param commitLsn its commit LSN
     */
    default boolean skips(long xid, long commitLsn, TableId table) {
        return skips(xid, commitLsn, table, 0, -1);
    }

    /**
     * As above, of a table that is called so between these positions only.
     *
     * @param fromLsn inclusive
     * @param toLsn exclusive; unsigned
     */
    boolean skips(long xid, long commitLsn, TableId table, long fromLsn, long toLsn);
}
