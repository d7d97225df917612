package io.heliosdb.replication.core.ddl.postgres;

/** What a target remembers of partitions that DDL has taken out of their trees. */
public final class LeftSql {

    private LeftSql() {}

    /**
     * Partitions that DDL has taken out of their trees: which rows belonged to them, as a condition
     * on columns of these types.
     */
    public static final String CREATE =
            """
            CREATE TABLE IF NOT EXISTS heliosdb.ddl_left (
                source_id   text NOT NULL,
                commit_lsn  pg_lsn NOT NULL,
                ordinal     bigint NOT NULL,
                schema_name text NOT NULL,
                table_name  text NOT NULL,
                above       bigint[] NOT NULL,
                above_names text[] NOT NULL,
                condition   text NOT NULL,
                types       jsonb NOT NULL,
                gone        boolean NOT NULL,
                PRIMARY KEY (source_id, commit_lsn, ordinal, schema_name, table_name)
            )
            """;

    /**
     * Rows that were in the way of a partition when it was attached: of which tenants, in which
     * tables. These copy them when they come there.
     */
    public static final String CREATE_MISPLACED =
            """
            CREATE TABLE IF NOT EXISTS heliosdb.ddl_misplaced (
                source_id   text NOT NULL,
                commit_lsn  pg_lsn NOT NULL,
                ordinal     bigint NOT NULL,
                partition   text NOT NULL,
                tenant_id   text NOT NULL,
                schema_name text NOT NULL,
                table_name  text NOT NULL,
                PRIMARY KEY (source_id, commit_lsn, ordinal, partition, tenant_id, schema_name, table_name)
            )
            """;

    /**
     * Just before it leaves; nothing if it is no partition. Whether it is dropped, source, LSN,
     * ordinal, then the target's names.
     */
    public static final String STORE =
            """
            INSERT INTO heliosdb.ddl_left
            SELECT v.source_id, v.commit_lsn, v.ordinal, n.nspname, c.relname,
                   ARRAY(SELECT (s.definition->>'oid')::bigint
                         FROM pg_catalog.pg_partition_ancestors(c.oid) AS a (relid)
                         JOIN pg_catalog.pg_class ac ON ac.oid = a.relid AND ac.oid <> c.oid
                         JOIN pg_catalog.pg_namespace an ON an.oid = ac.relnamespace
                         JOIN heliosdb.ddl_shape s
                           ON s.source_id = v.source_id AND s.schema_name = an.nspname
                          AND s.table_name = ac.relname
                         WHERE (s.definition->>'oid')::bigint <> 0),
                   ARRAY(SELECT an.nspname || E'\\n' || ac.relname
                         FROM pg_catalog.pg_partition_ancestors(c.oid) AS a (relid)
                         JOIN pg_catalog.pg_class ac ON ac.oid = a.relid AND ac.oid <> c.oid
                         JOIN pg_catalog.pg_namespace an ON an.oid = ac.relnamespace),
                   coalesce(pg_catalog.pg_get_partition_constraintdef(c.oid), 'true'),
                   (SELECT jsonb_object_agg(
                               a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod))
                    FROM pg_catalog.pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
                   v.gone
            FROM (VALUES (?::boolean, ?, ?::pg_lsn, ?::bigint, ?, ?))
                AS v (gone, source_id, commit_lsn, ordinal, schema_name, table_name)
            JOIN pg_catalog.pg_namespace n ON n.nspname = v.schema_name
            JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = v.table_name
            WHERE c.relispartition
            ON CONFLICT DO NOTHING
            RETURNING table_name
            """;

    /**
     * As above, of one that somebody has taken out of the target's tree by hand: which rows were
     * its own nobody knows any more. Source, LSN, ordinal, its names, those of the tree.
     */
    public static final String STORE_BY_HAND =
            """
            INSERT INTO heliosdb.ddl_left
            SELECT v.source_id, v.commit_lsn, v.ordinal, n.nspname, c.relname, '{}',
                   ARRAY[v.root_schema || E'\\n' || v.root_name], 'true', '{}', false
            FROM (VALUES (?, ?::pg_lsn, ?::bigint, ?, ?, ?, ?))
                AS v (source_id, commit_lsn, ordinal, schema_name, table_name, root_schema,
                      root_name)
            JOIN pg_catalog.pg_namespace n ON n.nspname = v.schema_name
            JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = v.table_name
            WHERE NOT c.relispartition
            ON CONFLICT DO NOTHING
            RETURNING table_name
            """;

    /** Those that somebody is behind of, in order. */
    public static final String BEHIND =
            """
            SELECT l.source_id, l.commit_lsn::text, l.ordinal, l.schema_name, l.table_name, l.above,
                   l.condition, l.types::text, l.gone, l.above_names
            FROM heliosdb.ddl_left l
            WHERE EXISTS (SELECT FROM heliosdb.replication_progress p
                          WHERE p.source_id = l.source_id AND p.state <> 'STOPPED'
                            AND p.commit_lsn < l.commit_lsn)
            ORDER BY l.source_id, l.commit_lsn, l.ordinal, l.schema_name, l.table_name
            """;
}
