package io.heliosdb.replication.model;

import java.io.Serializable;

/**
 * The name of one replication, unique in one job and in one target: the unit of state, progress and
 * errors.
 */
public record ReplicationId(String value) implements Comparable<ReplicationId>, Serializable {

    public ReplicationId {
        if (value.isBlank()) {
            throw new IllegalArgumentException("replication id must not be blank");
        }
    }

    @Override
    public int compareTo(ReplicationId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
