package io.heliosdb.replication.model;

/** The state of a replication, as users see it. */
public enum ReplicationState {
    /** Known to the job, not yet claimed in the target. */
    INITIALIZING,
    /** The first copy runs, or its backlog is not yet applied up to the end of the copy. */
    SYNCING,
    /** Changes are applied as they arrive; the target is transactionally consistent. */
    STREAMING,
    /** Stopped by the user; changes are kept in the backlog. */
    PAUSED,
    /** An unplanned switch to the target is under way. */
    FAILING_OVER,
    /** Ended; the job keeps nothing for it any more. */
    STOPPED,
    /** Cannot go on without help; changes are kept in the backlog, the reason is recorded. */
    ERROR
}
