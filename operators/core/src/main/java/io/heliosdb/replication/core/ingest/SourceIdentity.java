package io.heliosdb.replication.core.ingest;

import java.io.Serializable;

/**
 * Which database a stream comes from: what IDENTIFY_SYSTEM says. Two sources with the same identity
 * have comparable LSNs.
 */
public record SourceIdentity(String systemIdentifier, String database) implements Serializable {

    /** The form in which it is stored beside progress: {@code systemIdentifier/database}. */
    @Override
    public String toString() {
        return systemIdentifier + "/" + database;
    }
}
