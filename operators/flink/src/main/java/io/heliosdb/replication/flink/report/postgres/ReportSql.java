package io.heliosdb.replication.flink.report.postgres;

/**
 * Statements that write what the job tells, a batch at a time: arrays in, one statement whatever
 * their length. Idempotent. Replications that the store has no row of are left out.
 */
final class ReportSql {

    // LEAST passes over NULL: "LEAST(x, 9 + 0 * x)" keeps what is not known unknown.

    /**
     * The state of replications, and an event for each whose state, or error, differs from the one
     * that is stored, and for each condition that was not there (Degraded) or is there no more
     * (Recovered; not told of one that stops, pauses or begins: that is no recovery). What was
     * refused counts as resolved once the replication is past it. An older version than the stored
     * one changes nothing. Locks the rows it changes, in the order of ids.
     */
    static final String STATUS =
            """
            WITH r AS (
                SELECT * FROM unnest(?::uuid[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[],
                                     ?::float8[], ?::bigint[], ?::float8[], ?::float8[], ?::bigint[],
                                     ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
                                     ?::bigint[], ?::float8[], ?::bigint[], ?::bigint[], ?::jsonb[],
                                     ?::boolean[], ?::text[], ?::bigint[], ?::float8[], ?::bigint[],
                                     ?::float8[], ?::bigint[], ?::boolean[])
                    AS r(id, version, state, code, reason, position, lag, lag_bytes, rows_per_second,
                         bytes_per_second, total_rows, total_bytes, conflicts, backlog_transactions,
                         backlog_bytes, backlog_stored_bytes, ratio, violations, at_millis, conditions,
                         late, tier, priority, max_lag, backlog_rows, backlog_oldest, transactions,
                         encrypted)
            ), known AS (
                SELECT s.replication_id, s.state, s.error_code, s.reason, s.conditions
                FROM heliosdb_control.replication_status s JOIN r ON r.id = s.replication_id
            ), written AS (
                INSERT INTO heliosdb_control.replication_status AS s
                    (replication_id, observed_version, state, state_before, error_code, reason,
                     position, replication_lag_seconds, replication_lag_bytes, rows_per_second,
                     bytes_per_second, total_rows, total_bytes, conflicts_detected, backlog_transactions,
                     backlog_bytes, backlog_stored_bytes, compression_ratio, sla_violations,
                     running_since, reported_at, conditions, late, served_tier, served_priority,
                     served_max_lag_seconds, backlog_rows, backlog_oldest_seconds, total_transactions,
                     errors, backlog_encrypted)
                SELECT r.id, r.version, r.state, NULL, r.code, r.reason, r.position,
                       LEAST(r.lag, 9999999 + 0 * r.lag), r.lag_bytes, LEAST(r.rows_per_second, 9999999999 + 0 * r.rows_per_second),
                       r.bytes_per_second::bigint, GREATEST(r.total_rows, 0),
                       GREATEST(r.total_bytes, 0), GREATEST(r.conflicts, 0),
                       r.backlog_transactions, r.backlog_bytes, r.backlog_stored_bytes,
                       LEAST(r.ratio, 999 + 0 * r.ratio), r.violations,
                       CASE WHEN r.state = 'Streaming' THEN to_timestamp(r.at_millis / 1000.0) END,
                       to_timestamp(r.at_millis / 1000.0), r.conditions, r.late, r.tier, r.priority,
                       r.max_lag, r.backlog_rows, r.backlog_oldest, GREATEST(r.transactions, 0),
                       (r.state = 'Error')::int, r.encrypted
                FROM r JOIN heliosdb_control.replication_configs c ON c.id = r.id
                ORDER BY r.id
                ON CONFLICT (replication_id) DO UPDATE
                SET observed_version = EXCLUDED.observed_version,
                    state = EXCLUDED.state,
                    state_before = CASE WHEN EXCLUDED.state <> 'Error' THEN NULL
                                        WHEN s.state = 'Error' THEN s.state_before
                                        ELSE s.state END,
                    error_code = EXCLUDED.error_code,
                    reason = EXCLUDED.reason,
                    position = EXCLUDED.position,
                    replication_lag_seconds = EXCLUDED.replication_lag_seconds,
                    replication_lag_bytes = EXCLUDED.replication_lag_bytes,
                    rows_per_second = EXCLUDED.rows_per_second,
                    bytes_per_second = EXCLUDED.bytes_per_second,
                    total_rows = GREATEST(s.total_rows, EXCLUDED.total_rows),
                    total_bytes = GREATEST(s.total_bytes, EXCLUDED.total_bytes),
                    conflicts_detected = GREATEST(s.conflicts_detected, EXCLUDED.conflicts_detected),
                    backlog_transactions = EXCLUDED.backlog_transactions,
                    backlog_bytes = EXCLUDED.backlog_bytes,
                    backlog_stored_bytes = EXCLUDED.backlog_stored_bytes,
                    compression_ratio = COALESCE(EXCLUDED.compression_ratio, s.compression_ratio),
                    sla_violations = EXCLUDED.sla_violations,
                    running_since = CASE WHEN EXCLUDED.state <> 'Streaming' THEN NULL
                                         WHEN s.state = 'Streaming' THEN s.running_since
                                         ELSE EXCLUDED.running_since END,
                    reported_at = EXCLUDED.reported_at,
                    conditions = EXCLUDED.conditions,
                    late = EXCLUDED.late,
                    served_tier = EXCLUDED.served_tier,
                    served_priority = EXCLUDED.served_priority,
                    served_max_lag_seconds = EXCLUDED.served_max_lag_seconds,
                    backlog_rows = EXCLUDED.backlog_rows,
                    backlog_oldest_seconds = EXCLUDED.backlog_oldest_seconds,
                    backlog_encrypted = EXCLUDED.backlog_encrypted,
                    total_transactions = GREATEST(s.total_transactions, EXCLUDED.total_transactions),
                    errors = s.errors + (EXCLUDED.state = 'Error' AND (s.state, s.error_code, s.reason)
                        IS DISTINCT FROM (EXCLUDED.state, EXCLUDED.error_code, EXCLUDED.reason))::int
                WHERE s.observed_version <= EXCLUDED.observed_version
                RETURNING s.replication_id
            ), resolved AS (
                UPDATE heliosdb_control.quarantine q
                SET resolved_at = to_timestamp(r.at_millis / 1000.0)
                FROM r JOIN known k ON k.replication_id = r.id
                WHERE k.state IN ('Error', 'Initializing') AND r.state NOT IN ('Error', 'Initializing')
                  AND q.replication_id = r.id AND q.resolved_at IS NULL
            )
            INSERT INTO heliosdb_control.replication_events
                (replication_id, event_type, severity, message, details, actor, created_at)
            SELECT r.id,
                   CASE WHEN r.state = 'Error' THEN 'Error' ELSE 'StateChange' END,
                   CASE WHEN r.state = 'Error' THEN 'Error' ELSE 'Info' END,
                   CASE WHEN r.state = 'Error' THEN COALESCE(r.reason, r.code, 'stopped by an error')
                        WHEN k.state IS NULL THEN r.state
                        ELSE k.state || ' to ' || r.state END,
                   jsonb_strip_nulls(jsonb_build_object(
                       'from', k.state, 'to', r.state, 'error_code', r.code, 'position', r.position,
                       'spec_version', r.version)),
                   'job', to_timestamp(r.at_millis / 1000.0)
            FROM r JOIN written w ON w.replication_id = r.id
            LEFT JOIN known k ON k.replication_id = r.id
            WHERE k.state IS DISTINCT FROM r.state
               OR r.state = 'Error' AND (k.error_code, k.reason) IS DISTINCT FROM (r.code, r.reason)
            UNION ALL
            SELECT r.id, 'Degraded', 'Warning', c.reason,
                   jsonb_build_object('code', c.code, 'spec_version', r.version), 'job',
                   to_timestamp(r.at_millis / 1000.0)
            FROM r JOIN written w ON w.replication_id = r.id
            LEFT JOIN known k ON k.replication_id = r.id
            CROSS JOIN jsonb_to_recordset(r.conditions) AS c(code text, reason text)
            WHERE NOT COALESCE(k.conditions @> jsonb_build_array(jsonb_build_object('code', c.code)), false)
            UNION ALL
            SELECT r.id, 'Recovered', 'Info', 'no more: ' || c.reason,
                   jsonb_build_object('code', c.code, 'spec_version', r.version), 'job',
                   to_timestamp(r.at_millis / 1000.0)
            FROM r JOIN written w ON w.replication_id = r.id
            JOIN known k ON k.replication_id = r.id
            CROSS JOIN jsonb_to_recordset(k.conditions) AS c(code text, reason text)
            WHERE NOT r.conditions @> jsonb_build_array(jsonb_build_object('code', c.code))
              AND (r.state = k.state OR r.state = 'Streaming')
            """;

    /** How small what replications keep has become; the newest counts. */
    static final String COMPRESSED =
            """
            UPDATE heliosdb_control.replication_status s
            SET compression = r.figures::jsonb
            FROM unnest(?::uuid[], ?::text[]) AS r(id, figures)
            WHERE s.replication_id = r.id
            """;

    /** Points of time series; a point that is there is left as it is. */
    static final String METRICS =
            """
            INSERT INTO heliosdb_control.replication_metrics
                (replication_id, timestamp, replication_lag_seconds, replication_lag_bytes,
                 rows_per_second, bytes_per_second, transactions_per_second, compression_ratio,
                 conflicts_detected, errors_count, late)
            SELECT r.id, to_timestamp(r.at_millis / 1000.0), LEAST(r.lag, 9999999 + 0 * r.lag), r.lag_bytes,
                   LEAST(r.rows_per_second, 9999999999 + 0 * r.rows_per_second), r.bytes_per_second::bigint,
                   LEAST(r.transactions_per_second, 99999999 + 0 * r.transactions_per_second), LEAST(r.ratio, 999 + 0 * r.ratio),
                   LEAST(GREATEST(r.conflicts, 0), 2147483647)::int, r.errors::int, r.late
            FROM unnest(?::uuid[], ?::bigint[], ?::float8[], ?::bigint[], ?::float8[], ?::float8[],
                        ?::float8[], ?::float8[], ?::bigint[], ?::bigint[], ?::boolean[])
                AS r(id, at_millis, lag, lag_bytes, rows_per_second, bytes_per_second,
                     transactions_per_second, ratio, conflicts, errors, late)
            JOIN heliosdb_control.replication_configs c ON c.id = r.id
            WHERE NOT EXISTS (SELECT FROM heliosdb_control.replication_metrics m
                              WHERE m.replication_id = r.id
                                AND m.timestamp = to_timestamp(r.at_millis / 1000.0))
            """;

    /** Positions that completed Flink checkpoints hold; one that is there is left as it is. */
    static final String CHECKPOINTS =
            """
            INSERT INTO heliosdb_control.replication_checkpoints
                (replication_id, lsn, checkpoint_time, flink_checkpoint, rows_replicated,
                 bytes_replicated, lag_seconds)
            SELECT r.id, r.lsn, to_timestamp(r.at_millis / 1000.0), r.checkpoint, r.rows, r.bytes,
                   LEAST(r.lag, 9999999 + 0 * r.lag)
            FROM unnest(?::uuid[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
                        ?::float8[])
                AS r(id, lsn, at_millis, checkpoint, rows, bytes, lag)
            JOIN heliosdb_control.replication_configs c ON c.id = r.id
            WHERE NOT EXISTS (SELECT FROM heliosdb_control.replication_checkpoints k
                              WHERE k.replication_id = r.id
                                AND k.checkpoint_time = to_timestamp(r.at_millis / 1000.0))
            """;

    /** Tables of first copies; each is begun anew by a later copy. */
    static final String TABLES =
            """
            INSERT INTO heliosdb_control.sync_progress AS p
                (replication_id, table_name, state, rows_copied, bytes_copied, started_at, completed_at)
            SELECT r.id, r.table_name, CASE WHEN r.done THEN 'Done' ELSE 'Copying' END, r.rows, r.bytes,
                   to_timestamp(r.at_millis / 1000.0),
                   CASE WHEN r.done THEN to_timestamp(r.at_millis / 1000.0) END
            FROM unnest(?::uuid[], ?::text[], ?::boolean[], ?::bigint[], ?::bigint[], ?::bigint[])
                AS r(id, table_name, done, rows, bytes, at_millis)
            JOIN heliosdb_control.replication_configs c ON c.id = r.id
            ON CONFLICT (replication_id, table_name) DO UPDATE
            SET state = EXCLUDED.state, rows_copied = EXCLUDED.rows_copied,
                bytes_copied = EXCLUDED.bytes_copied, completed_at = EXCLUDED.completed_at,
                started_at = CASE WHEN EXCLUDED.state = 'Done' THEN p.started_at
                                  ELSE EXCLUDED.started_at END
            """;

    /** Changes that targets refused; of one that is there the newest reason stands. */
    static final String QUARANTINE =
            """
            INSERT INTO heliosdb_control.quarantine AS q
                (replication_id, position, table_name, operation, sqlstate, message, row_data,
                 quarantined_at)
            SELECT r.id, r.position, r.table_name, left(r.operation, 10), left(r.sqlstate, 5),
                   r.message, r.row_data::jsonb, to_timestamp(r.at_millis / 1000.0)
            FROM unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                        ?::bigint[])
                AS r(id, position, table_name, operation, sqlstate, message, row_data, at_millis)
            JOIN heliosdb_control.replication_configs c ON c.id = r.id
            ON CONFLICT (replication_id, position) DO UPDATE
            SET sqlstate = EXCLUDED.sqlstate, message = EXCLUDED.message,
                quarantined_at = EXCLUDED.quarantined_at, resolved_at = NULL
            """;

    /** Changes that found no row, and were left out; one that is there is left as it is. */
    static final String CONFLICTS =
            """
            INSERT INTO heliosdb_control.replication_conflicts
                (replication_id, detected_at, position, table_name, conflict_type, resolution, reason,
                 source_row)
            SELECT r.id, to_timestamp(r.at_millis / 1000.0), r.position, r.table_name, r.type, 'skipped',
                   r.reason, r.row_data::jsonb
            FROM unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
                AS r(id, position, table_name, type, reason, row_data, at_millis)
            JOIN heliosdb_control.replication_configs c ON c.id = r.id
            WHERE NOT EXISTS (SELECT FROM heliosdb_control.replication_conflicts k
                              WHERE k.replication_id = r.id
                                AND k.detected_at = to_timestamp(r.at_millis / 1000.0)
                                AND k.position = r.position AND k.table_name = r.table_name)
            """;

    /** Events; one that is there is left as it is. */
    static final String NOTES =
            """
            INSERT INTO heliosdb_control.replication_events
                (replication_id, event_type, severity, message, details, actor, created_at)
            SELECT r.id, r.type, r.severity, r.message, r.details::jsonb, 'job',
                   to_timestamp(r.at_millis / 1000.0)
            FROM unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
                AS r(id, type, severity, message, details, at_millis)
            JOIN heliosdb_control.replication_configs c ON c.id = r.id
            WHERE NOT EXISTS (SELECT FROM heliosdb_control.replication_events e
                              WHERE e.replication_id = r.id AND e.event_type = r.type
                                AND e.created_at = to_timestamp(r.at_millis / 1000.0))
            """;

    private ReportSql() {}
}
