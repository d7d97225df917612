package io.heliosdb.replication.model;

import java.io.Serializable;

/**
 * The version number of the right to write for one replication; it only grows. Whoever holds an
 * older one is fenced off.
 */
public record Epoch(long value) implements Comparable<Epoch>, Serializable {

    public Epoch {
        if (value < 0) {
            throw new IllegalArgumentException("epoch must not be negative: " + value);
        }
    }

    @Override
    public int compareTo(Epoch other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
