package io.heliosdb.replication.model.config;

/** What becomes of a backlog that is beyond its limit. The source's slot moves on either way. */
public enum WhenFull {
    /** It goes on growing, and that is told. */
    ALARM,

    /** It is dropped; once the target can be written again, everything is compared and mended. */
    DROP_AND_RESYNC
}
