package io.heliosdb.replication.core.snapshot;

import java.util.List;

/**
 * Copies tenants from the source to one target, many tenants in one pass over each table.
 *
 * <p>Creates what is missing in the target (schemas, types, sequences, tables, keys, indexes),
 * checks what is there.
 */
public interface SyncEngine extends AutoCloseable {

    /**
     * Starts the copy of these replications, all to this engine's target, under one snapshot, and
     * returns at once. The outcome of each is heard by the listener. A replication that fails does
     * not fail the others.
     *
     * <p>After a failure, or in a new engine, start a replication again only with a newly claimed
     * epoch: the claim waits for what the former copy still had in flight. What was finished is
     * kept; what was begun is wiped and copied again.
     */
    void start(List<SyncRequest> group, SyncListener listener);

    /** Stops all copies and waits for their threads; unfinished tables are not recorded. */
    @Override
    void close();
}
