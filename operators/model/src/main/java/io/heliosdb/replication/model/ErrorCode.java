package io.heliosdb.replication.model;

/**
 * Every way in which this product fails, with the kind of cause and how far the damage reaches.
 *
 * <p>One tenant's bad data never fails the job: only {@link BlastRadius#FAIL_JOB} does.
 */
public enum ErrorCode {
    CONFIG_INVALID(Type.USER, BlastRadius.FAIL_JOB),
    STORE_UNREACHABLE(Type.EXTERNAL, BlastRadius.RETRY),
    STORE_NOT_READY(Type.USER, BlastRadius.FAIL_JOB),
    SOURCE_UNREACHABLE(Type.EXTERNAL, BlastRadius.RETRY),
    SOURCE_NOT_READY(Type.USER, BlastRadius.FAIL_JOB),
    SLOT_MISSING(Type.EXTERNAL, BlastRadius.FAIL_JOB),
    SLOT_IN_USE(Type.EXTERNAL, BlastRadius.RETRY),
    SLOT_UNUSABLE(Type.EXTERNAL, BlastRadius.FAIL_JOB),
    SOURCE_DIVERGED(Type.EXTERNAL, BlastRadius.FAIL_JOB),
    CHECKPOINT_OF_ANOTHER_SOURCE(Type.USER, BlastRadius.FAIL_JOB),
    CHECKPOINT_UNREADABLE(Type.USER, BlastRadius.FAIL_JOB),
    PROTOCOL_VIOLATION(Type.INTERNAL, BlastRadius.FAIL_JOB),
    TARGET_UNREACHABLE(Type.EXTERNAL, BlastRadius.RETRY),
    TARGET_BUSY(Type.EXTERNAL, BlastRadius.RETRY),
    TARGET_NOT_READY(Type.USER, BlastRadius.QUARANTINE_REPLICATION),
    TARGET_INCOMPATIBLE(Type.USER, BlastRadius.QUARANTINE_REPLICATION),
    TABLE_NOT_ROUTABLE(Type.USER, BlastRadius.QUARANTINE_REPLICATION),
    DDL_STOPPED(Type.USER, BlastRadius.QUARANTINE_REPLICATION),
    ROW_REJECTED(Type.USER, BlastRadius.QUARANTINE_REPLICATION),
    FENCED(Type.EXTERNAL, BlastRadius.QUARANTINE_REPLICATION),
    STREAM_GAP(Type.EXTERNAL, BlastRadius.QUARANTINE_REPLICATION),
    BACKLOG_LIMIT(Type.USER, BlastRadius.QUARANTINE_REPLICATION),
    SYNCHRONOUS_DEGRADED(Type.EXTERNAL, BlastRadius.RETRY),
    KEY_DESTROYED(Type.USER, BlastRadius.QUARANTINE_REPLICATION),
    KEYS_UNREADABLE(Type.EXTERNAL, BlastRadius.RETRY),
    INTERNAL(Type.INTERNAL, BlastRadius.QUARANTINE_REPLICATION);

    /** Who has to act. */
    public enum Type {
        USER,
        EXTERNAL,
        INTERNAL
    }

    /** What is stopped by it. */
    public enum BlastRadius {
        RETRY,
        QUARANTINE_REPLICATION,
        FAIL_JOB
    }

    private final Type type;
    private final BlastRadius blastRadius;

    ErrorCode(Type type, BlastRadius blastRadius) {
        this.type = type;
        this.blastRadius = blastRadius;
    }

    public Type type() {
        return type;
    }

    public BlastRadius blastRadius() {
        return blastRadius;
    }
}
