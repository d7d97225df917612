package io.heliosdb.replication.job;

/**
 * The names under which operators find their state in checkpoints and savepoints. Frozen: a changed
 * or removed one loses state.
 */
enum OperatorUid {
    INGEST_WAL,
    INGEST_RULES,
    FOLLOW_STORE,
    ROUTE_TENANTS,
    APPLY_LANES,
    REPORT_STATUS;

    /** {@code <stage>-<noun>}. */
    String uid() {
        return name().toLowerCase().replace('_', '-');
    }
}
