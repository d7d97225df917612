package io.heliosdb.replication.control.replication.postgres;

/** Statements about replications. */
final class ReplicationSql {

    /** What the job reports for the newest spec; until it does, what was ordered. */
    private static final String STATUS =
            "CASE WHEN s.observed_version >= c.spec_version THEN s.state ELSE c.status END";

    private static final String SELECT =
            "SELECT c.*, "
                    + STATUS
                    + " AS current_status, COALESCE(s.observed_version >= c.spec_version, false) AS settled,"
                    + """
                       src.database_name AS source_database, src.region AS source_region,
                       tgt.database_name AS target_database, tgt.region AS target_region,
                       s.observed_version, s.state, s.state_before, s.error_code, s.reason, s.position,
                       s.replication_lag_seconds, s.replication_lag_bytes, s.rows_per_second,
                       s.bytes_per_second, s.total_rows, s.total_bytes, s.conflicts_detected,
                       s.conflicts_resolved, s.compression_ratio, s.running_since, s.reported_at,
                       s.backlog_transactions, s.backlog_bytes, s.backlog_stored_bytes, s.sla_violations,
                       s.conditions, s.late, s.served_tier, s.served_priority, s.served_max_lag_seconds,
                       s.backlog_rows, s.backlog_oldest_seconds, s.backlog_encrypted, s.total_transactions, s.errors,
                       s.compression AS compression_figures
                    """;

    private static final String FROM =
            """
            FROM replication_configs c
            JOIN connections src ON src.id = c.source_connection_id
            JOIN connections tgt ON tgt.id = c.target_connection_id
            LEFT JOIN replication_status s ON s.replication_id = c.id
            """;

    private static final String CHECKPOINT =
            """
            LEFT JOIN LATERAL (
                SELECT lsn AS checkpoint_lsn, checkpoint_time FROM replication_checkpoints
                WHERE replication_id = c.id ORDER BY checkpoint_time DESC LIMIT 1) k ON true
            """;

    static final String FIND =
            SELECT
                    + ", k.checkpoint_lsn, k.checkpoint_time "
                    + FROM
                    + CHECKPOINT
                    + "WHERE c.id = :id AND c.deleted_at IS NULL";

    /** Serialises changes of one replication. */
    static final String LOCK = FIND + " FOR UPDATE OF c";

    private static final String WHERE =
            """
            WHERE c.deleted_at IS NULL
              AND (:tenant::text IS NULL OR c.tenant_id = :tenant)
              AND (:tier::text IS NULL OR c.qos_tier = :tier)
              AND (:status::text IS NULL OR
            """
                    + STATUS
                    + " = :status)";

    static final String COUNT = "SELECT count(*) " + FROM + WHERE;

    static final String COUNT_BY_STATUS =
            "SELECT "
                    + STATUS
                    + " AS status, count(*) AS count "
                    + FROM
                    + " WHERE c.deleted_at IS NULL GROUP BY 1";

    static final String HAS_SYNCHRONOUS =
            """
            SELECT EXISTS (SELECT FROM replication_configs
                           WHERE source_connection_id = :source AND qos_tier = 'Synchronous'
                             AND deleted_at IS NULL AND desired_state <> 'Stopped')
            """;

    static final String ALL =
            SELECT
                    + ", NULL::bigint AS checkpoint_lsn, NULL::timestamptz AS checkpoint_time "
                    + FROM
                    + " WHERE c.deleted_at IS NULL ORDER BY c.id";

    static final String COUNT_ENCRYPTED =
            """
            SELECT count(*) FROM replication_configs
            WHERE deleted_at IS NULL AND desired_state <> 'Stopped'
              AND (encryption ->> 'enabled')::boolean
            """;

    static final String TENANT =
            "SELECT tenant_id FROM replication_configs WHERE id = :id AND deleted_at IS NULL";

    /** The connection, kept from being deleted until the end of the transaction. */
    static final String USE_CONNECTION =
            """
            SELECT database_name, source IS NOT NULL AS is_source, target IS NOT NULL AS is_target
            FROM connections WHERE id = :id AND deleted_at IS NULL FOR KEY SHARE
            """;

    /** 23505 if there is one of this tenant between these connections. */
    static final String INSERT =
            """
            INSERT INTO replication_configs
                (id, tenant_id, source_connection_id, target_connection_id, source_schema, target_schema,
                 qos_tier, max_lag_seconds, priority, table_filter, row_filter, transforms, compression,
                 encryption, existing_rows, dedicated_bandwidth, max_bytes_per_second, backlog, status)
            VALUES (:id, :tenant, :source, :target, :source_schema, :target_schema, :qos_tier,
                    :max_lag_seconds, :priority, CAST(:table_filter AS jsonb), CAST(:row_filter AS jsonb),
                    CAST(:transforms AS jsonb), CAST(:compression AS jsonb), CAST(:encryption AS jsonb),
                    :existing_rows, :dedicated_bandwidth, :max_bytes_per_second,
                    CAST(:backlog AS jsonb), 'Initializing')
            """;

    static final String UPDATE_CONFIG =
            """
            UPDATE replication_configs
            SET qos_tier = :qos_tier, max_lag_seconds = :max_lag_seconds, priority = :priority,
                table_filter = CAST(:table_filter AS jsonb), row_filter = CAST(:row_filter AS jsonb),
                transforms = CAST(:transforms AS jsonb), compression = CAST(:compression AS jsonb),
                encryption = CAST(:encryption AS jsonb), existing_rows = :existing_rows,
                dedicated_bandwidth = :dedicated_bandwidth,
                max_bytes_per_second = :max_bytes_per_second, backlog = CAST(:backlog AS jsonb),
                status = :status, spec_version = spec_version + 1, updated_at = now()
            WHERE id = :id
            """;

    static final String UPDATE_STATUS =
            """
            UPDATE replication_configs
            SET status = :status, desired_state = :desired,
                resync_generation = resync_generation + :resync,
                retry_generation = retry_generation + :retry,
                skip_position = COALESCE(:skip, skip_position),
                skip_ddl = CASE WHEN :skip::text IS NULL THEN skip_ddl ELSE :skip_ddl END,
                spec_version = spec_version + 1, status_changed_at = now(), updated_at = now()
            WHERE id = :id
            """;

    static final String DELETE =
            """
            UPDATE replication_configs
            SET deleted_at = now(), cleanup_target = :cleanup, desired_state = 'Stopped', status = 'Stopped',
                spec_version = spec_version + 1, status_changed_at = now(), updated_at = now()
            WHERE id = :id
            """;

    /** The spec as it is now, under its version. */
    static final String RECORD_VERSION =
            """
            INSERT INTO replication_spec_versions (replication_id, version, spec, actor)
            SELECT id, spec_version, to_jsonb(c) - 'status_changed_at' - 'updated_at', :actor
            FROM replication_configs c WHERE id = :id
            """;

    static final String EVENT =
            """
            INSERT INTO replication_events
                (replication_id, event_type, severity, message, details, actor, source_ip)
            VALUES (:id, :type, :severity, :message, CAST(:details AS jsonb), :actor, CAST(:address AS inet))
            """;

    private ReplicationSql() {}

    /** One page; ties are broken by id, so that pages never overlap. */
    static String list(String orderBy, boolean ascending) {
        String direction = ascending ? " ASC NULLS LAST" : " DESC NULLS LAST";
        String column = orderBy.equals("status") ? "current_status" : orderBy;
        return SELECT
                + ", NULL::bigint AS checkpoint_lsn, NULL::timestamptz AS checkpoint_time "
                + FROM
                + WHERE
                + " ORDER BY "
                + column
                + direction
                + ", c.id LIMIT :limit OFFSET :offset";
    }
}
