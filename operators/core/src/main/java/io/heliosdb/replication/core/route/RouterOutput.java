package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.feed.SealedTarget;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.config.ReplicationRule;

/** Where the router's records go, and what it asks of its surroundings. */
public interface RouterOutput {

    /** The next record of the keyed stream. */
    void emit(LaneInput record);

    /** The source was alive at this position: a tick to every key group. */
    void tick(long lsn, long sourceEpochMicros);

    /** A target is new or has changed: to every key group. Only where there is a store. */
    default void target(SealedTarget target) {
        throw new IllegalStateException("target " + target + " comes from a store, there is none");
    }

    /**
     * A pattern rule is new: find the tenants that exist; the answer comes through {@link
     * Router#discovered}.
     */
    void discover(ReplicationRule rule);
}
