package io.heliosdb.replication.control.launch.postgres;

/** Statements about jobs and their launcher. Times are the store's. */
final class LaunchSql {

    /** Takes or renews the lease; no row if somebody else holds it. Idempotent. */
    static final String TAKE_LEASE =
            """
            INSERT INTO leases AS l (name, holder, epoch, expires_at)
            VALUES (:name, :holder, 1, clock_timestamp() + CAST(:ttl AS interval))
            ON CONFLICT (name) DO UPDATE
            SET holder = EXCLUDED.holder, expires_at = clock_timestamp() + CAST(:ttl AS interval),
                epoch = l.epoch + CASE WHEN l.holder = EXCLUDED.holder THEN 0 ELSE 1 END
            WHERE l.holder = EXCLUDED.holder OR l.expires_at < clock_timestamp()
            RETURNING epoch
            """;

    static final String RELEASE_LEASE =
            """
            UPDATE leases SET expires_at = clock_timestamp() - interval '1 second'
            WHERE name = :name AND holder = :holder
            """;

    /**
     * No row if another one has taken the lease; else nobody can until the end of the transaction.
     */
    static final String HOLD_LEASE =
            "SELECT epoch FROM leases WHERE name = :name AND epoch = :epoch FOR SHARE";

    private static final String WANTED =
            """
            EXISTS (SELECT FROM replication_configs r LEFT JOIN replication_status s ON s.replication_id = r.id
                    WHERE r.source_connection_id = c.id
                      AND (r.deleted_at IS NULL AND r.desired_state <> 'Stopped'
                           -- Rows are still to be removed from a target; that may have waited for another
                           -- replication of the tenant.
                           OR r.cleanup_target AND COALESCE(s.observed_version, 0) < r.spec_version
                              AND EXISTS (SELECT FROM replication_configs o
                                          WHERE o.tenant_id = r.tenant_id
                                            AND o.target_connection_id = r.target_connection_id
                                            AND o.deleted_at > clock_timestamp() - interval '1 day')))
            """;

    /** Sources that need a job or have one. */
    static final String JOBS =
            "SELECT c.id, "
                    + WANTED
                    + """
                       AS wanted,
                       COALESCE((SELECT max(r.status_changed_at) FROM replication_configs r
                                 WHERE r.source_connection_id = c.id), c.created_at) AS wanted_changed_at,
                       (SELECT max(r.status_changed_at)
                        FROM replication_configs r LEFT JOIN replication_status s ON s.replication_id = r.id
                        WHERE r.source_connection_id = c.id AND r.desired_state = 'Stopped'
                          AND r.status_changed_at > clock_timestamp() - interval '1 day'
                          AND COALESCE(s.observed_version, 0) < r.spec_version) AS unheard_since,
                       COALESCE(j.phase, 'Idle') AS phase, j.job_id,
                       COALESCE(j.phase_since, c.created_at) AS phase_since,
                       COALESCE(j.failures, 0) AS failures, j.retry_at,
                       c.version > j.source_version AS outdated, clock_timestamp() AS now
                FROM connections c LEFT JOIN source_jobs j ON j.connection_id = c.id
                WHERE j.phase <> 'Idle' OR (c.source IS NOT NULL AND c.deleted_at IS NULL AND
                """
                    + WANTED
                    + ") ORDER BY c.id";

    static final String IS_KNOWN = "SELECT count(*) > 0 FROM connections WHERE id = :id";

    static final String HAS_JOB =
            "SELECT count(job_id) > 0 FROM source_jobs WHERE connection_id = :id";

    static final String COUNT_BY_PHASE =
            "SELECT phase, count(*) AS count FROM source_jobs GROUP BY 1";

    /** A job beats every ten seconds while it follows the store. */
    static final String HEALTH =
            """
            SELECT count(*) AS jobs,
                   count(*) FILTER (WHERE j.phase = 'Failed') AS failed,
                   count(*) FILTER (WHERE j.phase <> 'Failed' AND j.failures > 0) AS failing,
                   count(*) FILTER (WHERE j.phase = 'Running'
                                      AND j.phase_since < now() - interval '30 s'
                                      AND COALESCE(b.beaten_at, 'epoch') < now() - interval '30 s') AS silent
            FROM source_jobs j
            JOIN connections c ON c.id = j.connection_id AND c.deleted_at IS NULL
            LEFT JOIN feed_beats b ON b.source_connection_id = j.connection_id
            WHERE j.phase <> 'Idle'
            """;

    static final String VIEW =
            "SELECT c.id, "
                    + WANTED
                    + """
                       AND c.source IS NOT NULL AS wanted, COALESCE(j.phase, 'Idle') AS phase, j.phase_since,
                       j.job_id, j.started_at, j.restored_from, COALESCE(j.failures, 0) AS failures, j.retry_at,
                       j.last_failure, j.last_failure_at
                FROM connections c LEFT JOIN source_jobs j ON j.connection_id = c.id
                WHERE c.id = :id AND c.deleted_at IS NULL
                """;

    static final String EVENTS =
            """
            SELECT event_type, severity, message, job_id, created_at FROM source_job_events
            WHERE connection_id = :id ORDER BY created_at DESC, id DESC LIMIT 20
            """;

    /** No row changes if it is not what was expected. */
    static final String CHANGE =
            """
            INSERT INTO source_jobs AS j (connection_id, phase, job_id, failures, retry_at, last_failure,
                                          last_failure_at, restored_from, started_at, source_version)
            VALUES (:id, :phase, :job_id, :failures, clock_timestamp() + CAST(:retry_after AS interval), :failure,
                    CASE WHEN :failure::text IS NULL THEN NULL ELSE clock_timestamp() END, :restored_from,
                    CASE WHEN :job_id::text IS NULL THEN NULL ELSE clock_timestamp() END,
                    (SELECT version FROM connections WHERE id = :id))
            ON CONFLICT (connection_id) DO UPDATE
            SET phase = EXCLUDED.phase, job_id = EXCLUDED.job_id, failures = EXCLUDED.failures,
                retry_at = EXCLUDED.retry_at,
                phase_since = CASE WHEN j.phase = EXCLUDED.phase THEN j.phase_since ELSE clock_timestamp() END,
                last_failure = COALESCE(EXCLUDED.last_failure, j.last_failure),
                last_failure_at = COALESCE(EXCLUDED.last_failure_at, j.last_failure_at),
                restored_from = CASE WHEN j.job_id IS DISTINCT FROM EXCLUDED.job_id AND EXCLUDED.job_id IS NOT NULL
                                     THEN EXCLUDED.restored_from
                                     ELSE COALESCE(EXCLUDED.restored_from, j.restored_from) END,
                started_at = CASE WHEN j.job_id IS DISTINCT FROM EXCLUDED.job_id AND EXCLUDED.job_id IS NOT NULL
                                  THEN EXCLUDED.started_at ELSE j.started_at END,
                source_version = CASE WHEN EXCLUDED.phase = 'Starting' THEN EXCLUDED.source_version
                                      ELSE j.source_version END
            WHERE j.job_id IS NOT DISTINCT FROM :expected
            """;

    static final String EVENT =
            """
            INSERT INTO source_job_events (connection_id, event_type, severity, message, job_id)
            VALUES (:id, :type, :severity, :message, :job_id)
            """;

    /** What concerns the job concerns each of its replications. */
    static final String EVENT_OF_REPLICATIONS =
            """
            INSERT INTO replication_events (replication_id, event_type, severity, message, actor)
            SELECT id, :type, :severity, :message, 'launcher' FROM replication_configs
            WHERE source_connection_id = :id AND deleted_at IS NULL AND desired_state <> 'Stopped'
            """;

    private LaunchSql() {}
}
