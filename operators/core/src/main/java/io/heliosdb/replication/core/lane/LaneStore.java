package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import java.util.List;
import java.util.SortedMap;

/**
 * Durable state of the lanes, by replication; written into the next checkpoint. Called by the
 * engine's thread only.
 */
public interface LaneStore {

    /** The replications that have state. */
    List<ReplicationId> replications();

    byte[] meta(ReplicationId replication);

    void putMeta(ReplicationId replication, byte[] meta);

    List<RelationDescriptor> relations(ReplicationId replication);

    void putRelation(ReplicationId replication, RelationDescriptor relation);

    /** All segments of the backlog by sequence; their headers suffice. */
    SortedMap<Long, byte[]> segments(ReplicationId replication);

    /** The segments of one backlog, one by one. */
    Backlog.Store blocks(ReplicationId replication);

    /** Forgets all of this replication. */
    void clear(ReplicationId replication);
}
