package io.heliosdb.replication.control.connection.postgres;

/** Statements about connections. */
final class ConnectionSql {

    static final String COLUMNS =
            """
            id, name, host, port, database_name, username, secret IS NOT NULL AS has_password,
            ssl_mode, region, source, target, version, created_at, updated_at
            """;

    /** 23505 if the name is taken. */
    static final String INSERT =
            """
            INSERT INTO connections
                (id, name, host, port, database_name, username, secret, ssl_mode, region, source, target)
            VALUES (:id, :name, :host, :port, :database, :username, :secret, :ssl_mode, :region,
                    CAST(:source AS jsonb), CAST(:target AS jsonb))
            RETURNING
            """
                    + COLUMNS;

    static final String FIND =
            "SELECT " + COLUMNS + " FROM connections WHERE id = :id AND deleted_at IS NULL";

    /** Keeps replications from being made with it meanwhile: their foreign key waits. */
    static final String LOCK = FIND + " FOR UPDATE";

    static final String LIST =
            "SELECT "
                    + COLUMNS
                    + " FROM connections WHERE deleted_at IS NULL ORDER BY name LIMIT :limit OFFSET :offset";

    static final String COUNT = "SELECT count(*) FROM connections WHERE deleted_at IS NULL";

    static final String UPDATE =
            """
            UPDATE connections
            SET name = :name, host = :host, port = :port, database_name = :database,
                username = :username, secret = COALESCE(:secret, secret), ssl_mode = :ssl_mode,
                region = :region, source = CAST(:source AS jsonb), target = CAST(:target AS jsonb),
                version = version + 1, updated_at = now()
            WHERE id = :id
            RETURNING
            """
                    + COLUMNS;

    static final String USES =
            """
            SELECT count(*) FROM replication_configs
            WHERE deleted_at IS NULL AND (source_connection_id = :id OR target_connection_id = :id)
            """;

    /** The row stays for those that refer to it; its secret goes. */
    static final String DELETE =
            """
            UPDATE connections
            SET deleted_at = now(), secret = NULL, version = version + 1, updated_at = now()
            WHERE id = :id AND deleted_at IS NULL
            """;

    static final String SECRET = "SELECT secret FROM connections WHERE id = :id";

    static final String SECRETS =
            "SELECT id, secret FROM connections WHERE secret IS NOT NULL ORDER BY id FOR UPDATE";

    /** A new encryption of the same secret is no new version. */
    static final String REPLACE_SECRET = "UPDATE connections SET secret = :secret WHERE id = :id";

    private ConnectionSql() {}
}
