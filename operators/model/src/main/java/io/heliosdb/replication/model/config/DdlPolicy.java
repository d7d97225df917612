package io.heliosdb.replication.model.config;

/** What a replication does with DDL of its source. */
public enum DdlPolicy {
    /** It is carried out at the target, at its place between the rows, as far as it is allowed. */
    APPLY,
    /** The replication stops before it, and shows the statements. */
    PAUSE,
    /** The replication goes on without it: whoever has set this sees to the target's tables. */
    IGNORE
}
