package io.heliosdb.replication.model;

import java.io.Serializable;

/** The customer whose rows are replicated: the text form of the tenant key. */
public record TenantId(String value) implements Comparable<TenantId>, Serializable {

    /** The tenant under which tables without tenant key are replicated. */
    public static final TenantId REFERENCE = new TenantId("_reference");

    public TenantId {
        if (value.isBlank()) {
            throw new IllegalArgumentException("tenant id must not be blank");
        }
    }

    @Override
    public int compareTo(TenantId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
