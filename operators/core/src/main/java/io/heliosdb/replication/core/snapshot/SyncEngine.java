package io.heliosdb.replication.core.snapshot;

import io.heliosdb.replication.model.ReplicationId;
import java.util.List;

/**
 * Copies tenants from the source to one target, many tenants in one pass over each table.
 *
 * <p>Creates what is missing in the target (schemas, types, sequences, tables, keys, indexes),
 * checks what is there.
 */
public interface SyncEngine extends AutoCloseable {

    /** So many groups are copied side by side; more wait in the order of their start. */
    int GROUPS_AT_A_TIME = 4;

    /** A group that is being copied. */
    interface Copying {
        /**
         * Ends the copy of one replication, whatever it is waiting for, and returns at once; from
         * any thread. What is on its way for it is rolled back, tables that it has finished stay
         * recorded, and the others of its group go on. Its outcome is heard as ever, most likely as
         * failed with FENCED.
         */
        void cancel(ReplicationId replication);
    }

    /**
     * Starts the copy of these replications, all to this engine's target, under one snapshot, and
     * returns at once. The outcome of each is heard by the listener. A replication that fails does
     * not fail the others.
     *
     * <p>After a failure, or in a new engine, start a replication again only with a newly claimed
     * epoch: the claim waits for what the former copy still had in flight. What was finished is
     * kept; what was begun is wiped and copied again.
     */
    Copying start(List<SyncRequest> group, SyncListener listener);

    /** Stops all copies and waits for their threads; unfinished tables are not recorded. */
    @Override
    void close();
}
