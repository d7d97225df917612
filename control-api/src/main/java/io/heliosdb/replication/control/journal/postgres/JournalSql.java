package io.heliosdb.replication.control.journal.postgres;

/** Reads of the journal; each of one replication, a page, newest first. */
final class JournalSql {

    private static final String PAGE = " LIMIT :limit OFFSET :offset";

    static final String EVENTS =
            """
            SELECT id, event_type, severity, message, details, actor, created_at
            FROM replication_events
            WHERE replication_id = :id AND (:severity::text IS NULL OR severity = :severity)
              AND (:type::text IS NULL OR event_type = :type)
            ORDER BY created_at DESC, id DESC
            """
                    + PAGE;

    static final String COUNT_EVENTS =
            """
            SELECT count(*) FROM replication_events
            WHERE replication_id = :id AND (:severity::text IS NULL OR severity = :severity)
              AND (:type::text IS NULL OR event_type = :type)
            """;

    static final String CHECKPOINTS =
            """
            SELECT id, lsn, transaction_id, checkpoint_time, table_checkpoints, rows_replicated,
                   bytes_replicated, lag_seconds
            FROM replication_checkpoints WHERE replication_id = :id
            ORDER BY checkpoint_time DESC, id DESC
            """
                    + PAGE;

    static final String COUNT_CHECKPOINTS =
            "SELECT count(*) FROM replication_checkpoints WHERE replication_id = :id";

    static final String CONFLICTS =
            """
            SELECT id, detected_at, position, table_name, conflict_type, resolution, reason,
                   source_row, target_row
            FROM replication_conflicts WHERE replication_id = :id
            ORDER BY detected_at DESC, id DESC
            """
                    + PAGE;

    static final String COUNT_CONFLICTS =
            "SELECT count(*) FROM replication_conflicts WHERE replication_id = :id";

    static final String QUARANTINE =
            """
            SELECT position, table_name, operation, sqlstate, message, row_data, quarantined_at, resolved_at
            FROM quarantine WHERE replication_id = :id
            ORDER BY quarantined_at DESC, position DESC
            """
                    + PAGE;

    static final String COUNT_QUARANTINE =
            "SELECT count(*) FROM quarantine WHERE replication_id = :id";

    static final String SYNC =
            """
            SELECT table_name, state, rows_copied, bytes_copied, rows_estimated, started_at, completed_at
            FROM sync_progress WHERE replication_id = :id ORDER BY table_name
            """;

    /** What first copies reached lately, all tables together; null if there was none. */
    static final String COPY_RATE =
            """
            SELECT sum(bytes_copied) / NULLIF(sum(extract(epoch FROM completed_at - started_at)), 0)
            FROM (SELECT p.bytes_copied, p.started_at, p.completed_at
                  FROM sync_progress p
                  WHERE p.state = 'Done' AND p.bytes_copied > 1000000 AND p.completed_at > p.started_at
                  ORDER BY p.completed_at DESC LIMIT 100) lately
            """;

    private JournalSql() {}
}
