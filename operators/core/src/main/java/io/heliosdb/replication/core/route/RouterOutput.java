package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.config.ReplicationRule;

/** Where the router's records go, and what it asks of its surroundings. */
public interface RouterOutput {

    /** The next record of the keyed stream. */
    void emit(LaneInput record);

    /** The source was alive at this position: a tick to every key group. */
    void tick(long lsn, long sourceEpochMicros);

    /**
     * A pattern rule is new: find the tenants that exist; the answer comes through {@link
     * Router#discovered}.
     */
    void discover(ReplicationRule rule);
}
