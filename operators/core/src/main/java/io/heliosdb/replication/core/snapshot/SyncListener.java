package io.heliosdb.replication.core.snapshot;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import java.util.List;

/**
 * Hears of a first copy. Called from the copying threads, for one replication never concurrently.
 * Nothing is heard after {@link SyncEngine#close} has returned.
 */
public interface SyncListener {

    /**
     * Rows and bytes copied so far of all tables, and the rows expected (an estimate from the
     * catalog).
     */
    void progressed(ReplicationId replication, long rows, long bytes, long estimatedRows);

    /**
     * The copy cannot begin or go on by itself at the moment; the reason is for people. Said once
     * per reason; {@link #progressed} ends it.
     */
    default void waits(ReplicationId replication, String reason) {}

    /** These tables are to be copied for it, beside what is copied already. */
    default void planned(ReplicationId replication, List<TableId> tables) {}

    /** All its rows of this table are copied. */
    default void copied(ReplicationId replication, TableId table, long rows, long bytes) {}

    /** All tables are copied and recorded in the target. */
    void finished(ReplicationId replication, List<Claim.SyncedTable> tables);

    /**
     * The copy of this replication ended without success; tables that were finished stay recorded.
     */
    void failed(ReplicationId replication, ApplyException cause);
}
