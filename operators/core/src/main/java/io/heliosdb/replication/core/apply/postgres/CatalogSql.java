package io.heliosdb.replication.core.apply.postgres;

/** What the apply reads in the target's catalog. Takes no locks on tables. */
final class CatalogSql {

    /**
     * One row per column of a table; a table without columns has one row of nulls. Last the schema
     * of the type's own {@code =}, if it is an extension's: our search_path does not find it, and
     * {@code citext} would fall back to the {@code =} of text, which no index of it serves.
     *
     * <p>Geometric types, json and xml have no {@code =} that tells values apart (boxes are "equal"
     * if their areas are), foreign base types may have none at all.
     *
     * <p>The last column says whether values that are equal have the same text. Of floats (0 and
     * -0), numerics (1.0 and 1.00), intervals, jsonb, char(n), citext and what is made of them they
     * need not; a list of those for which it is sure is shorter.
     */
    static final String COLUMNS =
            """
            SELECT c.relkind, a.attname, format_type(a.atttypid, -1), a.attgenerated, a.attidentity,
                   NOT (coalesce(e.typcategory, t.typcategory) = 'G'
                        OR coalesce(e.typname, t.typname) IN ('json', 'xml')
                        OR t.typtype = 'b' AND t.typcategory <> 'A' AND t.oid >= 16384
                           AND o.schema IS NULL),
                   o.schema,
                   t.typname IN ('bool', 'bytea', 'int2', 'int4', 'int8', 'oid', 'text', 'varchar',
                                 'name', 'uuid', 'date', 'timestamp', 'timestamptz', 'pg_lsn')
                       AND t.typnamespace = 'pg_catalog'::regnamespace
                       AND coalesce(l.collisdeterministic, true)
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_type t ON t.oid = a.atttypid
            LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
            LEFT JOIN pg_collation l ON l.oid = a.attcollation
            LEFT JOIN LATERAL (
                SELECT quote_ident(s.nspname) AS schema
                FROM pg_operator p JOIN pg_namespace s ON s.oid = p.oprnamespace
                WHERE p.oprname = '=' AND s.nspname <> 'pg_catalog'
                  AND p.oprleft = coalesce(nullif(t.typbasetype, 0), t.oid)
                  AND p.oprright = p.oprleft
                LIMIT 1) o ON true
            WHERE n.nspname = ? AND c.relname = ?
            ORDER BY a.attnum
            """;

    /**
     * The column names of each index that can identify a row: primary key, replica identity,
     * others. Not deferrable ones: two rows may have the same key for a while, when keys are
     * swapped.
     */
    static final String UNIQUE_KEYS =
            """
            SELECT array_agg(a.attname::text ORDER BY k.ord)
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_index i ON i.indrelid = c.oid
            CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, ord)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
            WHERE n.nspname = ? AND c.relname = ?
              AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
              AND k.ord <= i.indnkeyatts
            GROUP BY i.indexrelid, i.indisprimary, i.indisreplident
            HAVING bool_and(a.attnotnull)
            ORDER BY i.indisprimary DESC, i.indisreplident DESC, i.indexrelid
            """;

    /** The name of a built-in type with its modifier. */
    static final String TYPE_NAME = "SELECT format_type(?::oid, ?)";

    private CatalogSql() {}
}
