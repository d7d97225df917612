package io.heliosdb.replication.control.access.postgres;

/** Statements about keys, clients and the audit trail. */
final class AccessSql {

    private static final String KEY =
            """
            id, name, role, tenant_id, permissions, rate_tier, created_by, created_at, expires_at,
            revoked_at, last_used_at
            """;

    static final String INSERT_KEY =
            """
            INSERT INTO api_keys
                (id, name, secret_hash, role, tenant_id, permissions, rate_tier, created_by, expires_at)
            VALUES (:id, :name, :hash, :role, :tenant, CAST(:permissions AS jsonb), :rate_tier,
                    :created_by, :expires_at)
            RETURNING
            """
                    + KEY;

    static final String FIND_KEY = "SELECT secret_hash, " + KEY + " FROM api_keys WHERE id = :id";

    static final String LIST_KEYS =
            "SELECT "
                    + KEY
                    + " FROM api_keys ORDER BY created_at DESC, id LIMIT :limit OFFSET :offset";

    static final String COUNT_KEYS = "SELECT count(*) FROM api_keys";

    /** Idempotent. */
    static final String REVOKE_KEY =
            "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, now()) WHERE id = :id";

    /** At most once a minute for each key, so that reading stays reading. */
    static final String KEY_USED =
            """
            UPDATE api_keys SET last_used_at = now()
            WHERE id = :id AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
            """;

    static final String HAS_ADMIN =
            """
            SELECT EXISTS (SELECT FROM api_keys WHERE role = 'Admin' AND revoked_at IS NULL
                           AND (expires_at IS NULL OR expires_at > now()))
                OR EXISTS (SELECT FROM oauth_clients WHERE role = 'Admin' AND revoked_at IS NULL)
            """;

    private static final String CLIENT =
            "client_id, name, role, tenant_id, permissions, rate_tier, created_by, created_at, revoked_at";

    static final String INSERT_CLIENT =
            """
            INSERT INTO oauth_clients
                (client_id, name, secret_hash, role, tenant_id, permissions, rate_tier, created_by)
            VALUES (:id, :name, :hash, :role, :tenant, CAST(:permissions AS jsonb), :rate_tier, :created_by)
            RETURNING
            """
                    + CLIENT;

    static final String FIND_CLIENT =
            "SELECT secret_hash, " + CLIENT + " FROM oauth_clients WHERE client_id = :id";

    static final String LIST_CLIENTS =
            "SELECT "
                    + CLIENT
                    + " FROM oauth_clients ORDER BY created_at DESC, client_id LIMIT :limit OFFSET :offset";

    static final String COUNT_CLIENTS = "SELECT count(*) FROM oauth_clients";

    /** Idempotent. */
    static final String REVOKE_CLIENT =
            "UPDATE oauth_clients SET revoked_at = COALESCE(revoked_at, now()) WHERE client_id = :id";

    /** One instance makes the first signing key; the others wait and see it. */
    static final String LOCK_SIGNING = "SELECT pg_advisory_xact_lock(7309453254211203)";

    static final String SIGNING_KEYS =
            "SELECT kid, private_key FROM signing_keys WHERE retired_at IS NULL ORDER BY created_at DESC, kid";

    static final String ADD_SIGNING_KEY =
            "INSERT INTO signing_keys (kid, private_key) VALUES (:kid, :private_key)";

    static final String REPLACE_SIGNING_KEY =
            "UPDATE signing_keys SET private_key = :private_key WHERE kid = :kid";

    static final String AUDIT =
            """
            INSERT INTO audit_events
                (created_at, actor, actor_kind, source_ip, request_id, method, route, resource_type,
                 resource_id, tenant_id, outcome, status)
            VALUES (:at, :actor, :kind, CAST(:ip AS inet), :request, :method, :route, :type, :resource,
                    :tenant, :outcome, :status)
            """;

    private static final String AUDIT_WHERE =
            """
            FROM audit_events
            WHERE (:actor::text IS NULL OR actor = :actor) AND (:outcome::text IS NULL OR outcome = :outcome)
            """;

    static final String LIST_AUDIT =
            """
            SELECT created_at, actor, actor_kind, host(source_ip) AS source_ip, request_id, method, route,
                   resource_type, resource_id, tenant_id, outcome, status
            """
                    + AUDIT_WHERE
                    + " ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset";

    static final String COUNT_AUDIT = "SELECT count(*) " + AUDIT_WHERE;

    private AccessSql() {}
}
