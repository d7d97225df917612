package io.heliosdb.replication.core.schedule;

import io.heliosdb.replication.model.ReplicationId;

/** How hot a replication is about to be, from 0 (cold) to 1: predicted, for those due equally. */
public interface HeatScore {

    /** Nothing is known of anybody. */
    HeatScore NONE = replication -> 0;

    double of(ReplicationId replication);
}
