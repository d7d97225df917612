package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.model.TableId;

/**
 * Tells whose rows of a transaction are already in the target, because the first copy saw that
 * transaction.
 */
@FunctionalInterface
public interface SkippedTables {

    SkippedTables NONE = (xid, commitLsn, table) -> false;

    /**
     * @param xid 32-bit id of the transaction
     * @param commitLsn its commit LSN
     */
    boolean skips(long xid, long commitLsn, TableId table);
}
