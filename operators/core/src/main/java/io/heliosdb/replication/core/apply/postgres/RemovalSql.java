package io.heliosdb.replication.core.apply.postgres;

/** Statements that take a tenant out of a target. */
final class RemovalSql {

    private static final String TENANT =
            "pg_catalog.hashtextextended('heliosdb.tenant ' || ?, 7309453254211201)";

    /**
     * Tenant: nobody of it is claimed before the transaction ends, and whoever is being claimed is
     * waited for.
     */
    static final String EXCLUDE = "SELECT pg_catalog.pg_advisory_xact_lock(" + TENANT + ")::text";

    /** Tenant: whether nobody removes rows of it; then nobody does until the transaction ends. */
    static final String ADMIT = "pg_catalog.pg_try_advisory_xact_lock_shared(" + TENANT + ")";

    /** Replication: its row, once nothing of it is on its way. */
    static final String HOLD =
            """
            SELECT commit_lsn::text FROM heliosdb.replication_progress
            WHERE replication_id = ? FOR UPDATE
            """;

    /** Replication: whether it was found out what is to be removed. */
    static final String IS_DUE =
            "SELECT 1 FROM heliosdb.removal_due WHERE replication_id = ? LIMIT 1";

    /**
     * Replication three times: the tables here that it has brought rows to, by its copies or by a
     * shape that came in its source's stream, and when it did; each with its columns. Shapes that
     * it has not come to are of those of its tenant that have.
     */
    static final String TABLES =
            """
            SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum),
                   max(t.brought_at)::text
            FROM (SELECT schema_name, table_name, finished_at AS brought_at
                  FROM heliosdb.table_sync WHERE replication_id = ?
                  UNION ALL
                  SELECT schema_name, table_name, marked_at
                  FROM heliosdb.copy_mark WHERE replication_id = ?
                  UNION ALL
                  SELECT s.schema_name, s.table_name, '-infinity'
                  FROM heliosdb.ddl_shape s JOIN heliosdb.replication_progress p USING (source_id)
                  WHERE p.replication_id = ? AND p.commit_lsn > '0/0'
                    AND (s.commit_lsn <= p.commit_lsn
                         OR NOT EXISTS (SELECT FROM heliosdb.replication_progress o
                                        WHERE o.tenant_id = p.tenant_id
                                          AND o.source_id = p.source_id
                                          AND o.commit_lsn > p.commit_lsn))) AS t
            JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema_name
            JOIN pg_catalog.pg_class c
                ON c.relnamespace = n.oid AND c.relname = t.table_name AND c.relkind IN ('r', 'p')
            JOIN pg_catalog.pg_attribute a
                ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            GROUP BY 1, 2
            """;

    /** Replication, tenant, then by table: names, key columns, times. */
    static final String RECORD =
            """
            INSERT INTO heliosdb.removal_due
            SELECT v.replication_id, v.tenant_id, t.relation::regclass, t.key_column, t.brought_at
            FROM (VALUES (?, ?)) AS v (replication_id, tenant_id),
                 unnest(?::text[], ?::text[], ?::timestamptz[])
                     AS t (relation, key_column, brought_at)
            ON CONFLICT (replication_id, relation) DO NOTHING
            RETURNING replication_id
            """;

    /** Replication three times: nothing else is recorded of it any more. */
    static final String FORGET =
            """
            WITH copies AS (DELETE FROM heliosdb.table_sync WHERE replication_id = ?),
                 marks AS (DELETE FROM heliosdb.copy_mark WHERE replication_id = ?)
            DELETE FROM heliosdb.replication_progress WHERE replication_id = ?
            RETURNING replication_id
            """;

    /** The replications of tenant {@code d.tenant_id} whose rows are to stay. */
    private static final String OTHERS =
            """
            heliosdb.replication_progress p
            WHERE p.tenant_id = d.tenant_id
              AND NOT EXISTS (SELECT FROM heliosdb.removal_due e
                              WHERE e.replication_id = p.replication_id)
            """;

    /** Tenant: those that carry it. */
    static final String CARRIERS =
            "SELECT p.replication_id, p.table_filter FROM (VALUES (?)) AS d (tenant_id), "
                    + OTHERS
                    + " AND p.state <> 'STOPPED' ORDER BY p.replication_id";

    /**
     * Tenant: what is due of it, whether the table is partitioned, the type that its key is
     * compared as, and whether it was copied since by somebody else, whose rows they are then.
     * Tables and key columns that were dropped have no rows of it.
     */
    static final String DUE =
            """
            SELECT d.replication_id, c.oid::text, n.nspname, c.relname, d.key_column, c.relkind = 'p',
                   (WITH RECURSIVE domain AS (
                        SELECT y.oid, y.typtype, y.typbasetype FROM pg_catalog.pg_type y
                        WHERE y.oid = a.atttypid
                        UNION ALL
                        SELECT y.oid, y.typtype, y.typbasetype
                        FROM domain JOIN pg_catalog.pg_type y ON y.oid = domain.typbasetype
                        WHERE domain.typtype = 'd')
                    SELECT pg_catalog.format_type(oid, -1) FROM domain WHERE typtype <> 'd'),
                   EXISTS (SELECT FROM (SELECT replication_id, schema_name, table_name, finished_at
                                        FROM heliosdb.table_sync
                                        UNION ALL
                                        SELECT replication_id, schema_name, table_name, marked_at
                                        FROM heliosdb.copy_mark)
                                           AS t (replication_id, schema_name, table_name, at)
                           WHERE t.schema_name = n.nspname AND t.table_name = c.relname
                             AND t.at > d.brought_at
                             AND t.replication_id IN (SELECT p.replication_id FROM %s))
            FROM heliosdb.removal_due d
            JOIN pg_catalog.pg_class c ON c.oid = d.relation AND c.relkind IN ('r', 'p')
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_catalog.pg_attribute a
                ON a.attrelid = c.oid AND a.attname = d.key_column AND NOT a.attisdropped
            WHERE d.tenant_id = ? AND (d.key_column IS NULL OR a.attnum > 0)
            ORDER BY n.nspname, c.relname, d.replication_id
            """
                    .formatted(OTHERS);

    /** Tenant, replications and numbers of tables that still wait: all else of it is done. */
    static final String SETTLE =
            """
            DELETE FROM heliosdb.removal_due
            WHERE tenant_id = ?
              AND (replication_id, relation::oid::text)
                  NOT IN (SELECT id, number FROM unnest(?::text[], ?::text[]) AS t (id, number))
            RETURNING replication_id
            """;

    private RemovalSql() {}
}
