package io.heliosdb.replication.core.apply.postgres;

/** For rows that are in the way of a new partition, see {@link MisplacedRows}. */
final class MisplacedSql {

    private MisplacedSql() {}

    /** Of the default partition, if there is one. Schema and name of the parent. */
    static final String DEFAULT_OF =
            """
            SELECT dn.nspname, d.relname
            FROM pg_catalog.pg_partitioned_table p
            JOIN pg_catalog.pg_class c ON c.oid = p.partrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_class d ON d.oid = p.partdefid
            JOIN pg_catalog.pg_namespace dn ON dn.oid = d.relnamespace
            WHERE n.nspname = ? AND c.relname = ?
            """;

    static final String PROBE_NAME = "heliosdb_probe";
    static final String PROBE = "pg_temp." + PROBE_NAME;
    static final String PROBE_PARTITION = "heliosdb_probe_partition";

    /** How a table is partitioned. Its schema and name. */
    static final String KEY =
            """
            SELECT pg_catalog.pg_get_partkeydef(c.oid)
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ?
            """;

    /** What the probe's partition asks of rows, and the parent of its own. Its schema and name. */
    static final String CONDITION =
            """
            SELECT concat_ws(' AND ',
                       '(' || pg_catalog.pg_get_partition_constraintdef(
                           'pg_temp.heliosdb_probe_partition'::regclass) || ')',
                       '(' || pg_catalog.pg_get_partition_constraintdef(c.oid) || ')',
                       'true')
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ?
            """;

    /**
     * Who has not come to an event, and who carries it out: whether a copy is due of the table, of
     * one below or above it; whether he streams; whether such a copy has come beyond the event. The
     * table; schemas and names of those that it comes to stand below; LSN; source, LSN, ordinal.
     */
    static final String BEHIND =
            """
            WITH RECURSIVE self AS (
                SELECT c.oid FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = ? AND c.relname = ?),
            parents AS (
                SELECT c.oid FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                JOIN unnest(?::text[], ?::text[]) AS p (schema_name, table_name)
                  ON n.nspname = p.schema_name AND c.relname = p.table_name),
            below AS (
                SELECT oid FROM self
                UNION
                SELECT h.inhrelid FROM pg_catalog.pg_inherits h JOIN below b ON h.inhparent = b.oid),
            above AS (
                (SELECT oid FROM self UNION SELECT oid FROM parents)
                UNION
                SELECT h.inhparent FROM pg_catalog.pg_inherits h JOIN above a ON h.inhrelid = a.oid),
            family AS (
                SELECT n.nspname AS schema_name, c.relname AS table_name
                FROM (SELECT oid FROM below UNION SELECT oid FROM above) AS f
                JOIN pg_catalog.pg_class c USING (oid)
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace)
            SELECT p.replication_id, p.tenant_id, p.table_filter,
                   EXISTS (SELECT FROM heliosdb.copy_mark m
                           JOIN family f USING (schema_name, table_name)
                           WHERE m.replication_id = p.replication_id),
                   p.commit_lsn > '0/0',
                   EXISTS (SELECT FROM heliosdb.table_sync s
                           JOIN family f USING (schema_name, table_name)
                           WHERE s.replication_id = p.replication_id AND s.upper_lsn > ?::pg_lsn)
            FROM heliosdb.replication_progress p
            WHERE p.source_id = ? AND p.state <> 'STOPPED'
              AND (p.commit_lsn, p.ordinal) < (?::pg_lsn, ?)
            """;

    /** Whether a table, as given, has rows of some tenants, by its key. */
    static final String HOLDS = "SELECT EXISTS (SELECT FROM %s WHERE %s::text = ANY (?::text[]))";

    /** What may be written to. Schema and name of the table. */
    static final String COLUMNS =
            """
            SELECT string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped
              AND a.attgenerated = ''
            """;

    private static final String INTO =
            """
            INSERT INTO heliosdb.ddl_misplaced
                 SELECT DISTINCT v.source_id, v.commit_lsn, v.ordinal, v.partition, g.%1$s::text,
                        n.nspname, c.relname
                 FROM gone g
                 JOIN pg_catalog.pg_class c ON c.oid = g.heliosdb_from
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 CROSS JOIN (VALUES (?, ?::pg_lsn, ?::bigint, ?))
                     AS v (source_id, commit_lsn, ordinal, partition)
                 WHERE g.%1$s IS NOT NULL
                 ON CONFLICT DO NOTHING
            """;

    /** Behind the deletion; the tenant key column, then source, LSN, ordinal, partition. */
    static final String RECORD = ", told AS (" + INTO + ") SELECT count(*) FROM gone";

    /** As above; before that the table that they move to, and its columns. */
    static final String MOVE =
            ", came AS (INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM gone), told AS ("
                    + INTO.replace("%1$s", "%3$s")
                    + ") SELECT count(*) FROM gone";

    /** Source, LSN, ordinal, partition, tenant. */
    static final String TAKEN =
            """
            SELECT schema_name, table_name FROM heliosdb.ddl_misplaced
            WHERE source_id = ? AND commit_lsn = ?::pg_lsn AND ordinal = ? AND partition = ?
              AND tenant_id = ?
            """;
}
