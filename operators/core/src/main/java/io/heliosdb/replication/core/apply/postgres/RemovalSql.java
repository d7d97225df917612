package io.heliosdb.replication.core.apply.postgres;

/** Statements that take a tenant out of a target. */
final class RemovalSql {

    /** Tenant, replication: others that have brought the tenant here and have not ended. */
    static final String OTHERS_OF_TENANT =
            """
            SELECT replication_id FROM heliosdb.replication_progress
            WHERE tenant_id = ? AND replication_id <> ? AND state <> 'STOPPED'
            ORDER BY replication_id
            """;

    /**
     * Replication three times: the tables here that it has brought rows to, by its copies or by a
     * shape that came in its source's stream; each with its columns and their types.
     */
    static final String TABLES =
            """
            SELECT n.nspname, c.relname,
                   array_agg(a.attname::text ORDER BY a.attnum),
                   array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
            FROM (SELECT schema_name, table_name FROM heliosdb.table_sync WHERE replication_id = ?
                  UNION
                  SELECT schema_name, table_name FROM heliosdb.copy_mark WHERE replication_id = ?
                  UNION
                  SELECT s.schema_name, s.table_name
                  FROM heliosdb.ddl_shape s JOIN heliosdb.replication_progress p USING (source_id)
                  WHERE p.replication_id = ?) AS t
            JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema_name
            JOIN pg_catalog.pg_class c
                ON c.relnamespace = n.oid AND c.relname = t.table_name AND c.relkind IN ('r', 'p')
            JOIN pg_catalog.pg_attribute a
                ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            GROUP BY 1, 2
            """;

    /** Replication three times: nothing is recorded of it any more. */
    static final String FORGET =
            """
            WITH copies AS (DELETE FROM heliosdb.table_sync WHERE replication_id = ?),
                 marks AS (DELETE FROM heliosdb.copy_mark WHERE replication_id = ?)
            DELETE FROM heliosdb.replication_progress WHERE replication_id = ?
            RETURNING replication_id
            """;

    private RemovalSql() {}
}
