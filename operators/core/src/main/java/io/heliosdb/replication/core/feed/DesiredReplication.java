package io.heliosdb.replication.core.feed;

import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;

/**
 * What the store wants of one replication. Level-triggered: the higher version replaces the lower,
 * and an order stands in a number that differs from the one that was acted on.
 *
 * @param spec its id is the replication's in the store, its target the connection's
 * @param version grows with every change
 * @param resyncGeneration a higher one: copy the tenant anew
 * @param retryGeneration a higher one: try again after an error
 * @param skipLsn commit LSN of the transaction that is to be left out; 0 for none
 * @param skipDdl whether only the DDL of it is left out, and its rows are applied
 * @param ended stopped or deleted, for good
 * @param cleanup once ended, the tenant's rows in the target are to be removed
 */
public record DesiredReplication(
        ReplicationSpec spec,
        long version,
        int resyncGeneration,
        int retryGeneration,
        long skipLsn,
        boolean skipDdl,
        boolean ended,
        boolean cleanup) {

    public ReplicationId id() {
        return spec.id();
    }
}
