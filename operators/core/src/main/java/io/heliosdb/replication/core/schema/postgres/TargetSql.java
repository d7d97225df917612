package io.heliosdb.replication.core.schema.postgres;

/** What is asked of and written to the target while its tables are created. */
final class TargetSql {

    private TargetSql() {}

    /** Serialises all creators in one target database; released at the end of the transaction. */
    static final String LOCK =
            "SELECT pg_catalog.pg_advisory_xact_lock("
                    + "pg_catalog.hashtextextended('heliosdb.schema', 0))";

    static final String SCHEMA_EXISTS = "SELECT FROM pg_catalog.pg_namespace WHERE nspname = ?";

    static final String EXTENSION_EXISTS = "SELECT FROM pg_catalog.pg_extension WHERE extname = ?";

    static final String TYPE_EXISTS =
            """
            SELECT FROM pg_catalog.pg_type t
            JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
            WHERE n.nspname = ? AND t.typname = ?
            """;

    static final String SEQUENCE_EXISTS =
            """
            SELECT FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ? AND c.relkind = 'S'
            """;

    static final String ENUM_LABELS =
            """
            SELECT e.enumlabel
            FROM pg_catalog.pg_enum e
            JOIN pg_catalog.pg_type t ON t.oid = e.enumtypid
            JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
            WHERE n.nspname = ? AND t.typname = ?
            """;

    static final String CREATE_HELIOSDB_SCHEMA = "CREATE SCHEMA IF NOT EXISTS heliosdb";

    /**
     * Statements that a created table still needs after its rows are loaded. They are recorded in
     * the transaction that creates the table and removed in the one that runs them, so a crash
     * between the two loses none.
     */
    static final String CREATE_PENDING_DDL =
            """
            CREATE TABLE IF NOT EXISTS heliosdb.pending_ddl (
                root_schema text NOT NULL,
                root_name text NOT NULL,
                phase text NOT NULL CHECK (phase IN ('index', 'foreign-key', 'validate')),
                ordinal integer NOT NULL,
                schema_name text NOT NULL,
                table_name text NOT NULL,
                references_schema text,
                references_name text,
                statement text NOT NULL,
                PRIMARY KEY (root_schema, root_name, phase, ordinal)
            )
            """;

    static final String INSERT_PENDING =
            """
            INSERT INTO heliosdb.pending_ddl
                (root_schema, root_name, phase, ordinal, schema_name, table_name,
                 references_schema, references_name, statement)
            VALUES (?, ?, ?, (SELECT COALESCE(max(ordinal), 0) + 1 FROM heliosdb.pending_ddl
                              WHERE root_schema = ? AND root_name = ? AND phase = ?),
                    ?, ?, ?, ?, ?)
            """;

    static final String ROOTS_WITHOUT_INDEXES =
            """
            SELECT DISTINCT root_schema, root_name FROM heliosdb.pending_ddl WHERE phase = 'index'
            """;

    static final String PENDING_INDEXES =
            """
            SELECT ordinal, statement FROM heliosdb.pending_ddl
            WHERE root_schema = ? AND root_name = ? AND phase = 'index'
            ORDER BY ordinal
            """;

    /** Foreign keys and validations whose tables are both there, loaded and indexed. */
    static final String PENDING_FOREIGN_KEYS =
            """
            SELECT p.root_schema, p.root_name, p.phase, p.ordinal, p.statement
            FROM heliosdb.pending_ddl p
            JOIN pg_catalog.pg_namespace n ON n.nspname = p.references_schema
            JOIN pg_catalog.pg_class c
              ON c.relnamespace = n.oid AND c.relname = p.references_name
            WHERE p.phase IN ('foreign-key', 'validate')
              AND NOT EXISTS (
                  SELECT FROM heliosdb.pending_ddl i
                  WHERE i.phase = 'index'
                    AND (i.root_schema = p.root_schema AND i.root_name = p.root_name
                         OR i.schema_name = p.references_schema
                         AND i.table_name = p.references_name))
            ORDER BY p.phase, p.root_schema, p.root_name, p.ordinal
            """;

    static final String PENDING_EXISTS = "SELECT to_regclass('heliosdb.pending_ddl') IS NOT NULL";

    /** Table. */
    static final String FORGET_PENDING =
            """
            DELETE FROM heliosdb.pending_ddl WHERE schema_name = ? AND table_name = ?
            RETURNING statement
            """;

    /** Of all whose table is gone. */
    static final String FORGET_DROPPED =
            """
            DELETE FROM heliosdb.pending_ddl p
            WHERE NOT EXISTS (
                SELECT FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = p.schema_name AND c.relname = p.table_name)
            """;

    /** A table: of all its tree. */
    static final String TAKE_INDEXES =
            """
            WITH taken AS (
                DELETE FROM heliosdb.pending_ddl p USING (
                    SELECT DISTINCT root_schema, root_name FROM heliosdb.pending_ddl
                    WHERE schema_name = ? AND table_name = ?) AS r
                WHERE p.root_schema = r.root_schema AND p.root_name = r.root_name
                  AND p.phase = 'index'
                RETURNING p.ordinal, p.statement)
            SELECT statement FROM taken ORDER BY ordinal
            """;

    static final String TAKE_PENDING =
            """
            DELETE FROM heliosdb.pending_ddl
            WHERE root_schema = ? AND root_name = ? AND phase = ? AND ordinal = ?
            """;
}
