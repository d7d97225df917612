package io.heliosdb.replication.core.apply.postgres;

/** What the apply reads in the target's catalog. Takes no locks on tables. */
final class CatalogSql {

    /**
     * One row per column of a table; a table without columns has one row of nulls.
     *
     * <p>Sixth, whether {@code =} holds only between values of the same text. It does not for most
     * types: {@code 1.0 = 1.00}, boxes are "equal" if their areas are, json and jsonpath have no
     * {@code =}, a record has none if one of its fields has none.
     *
     * <p>Then the schema of the type's own {@code =}, if it is an extension's: our search_path does
     * not find it, and {@code citext} would fall back to the {@code =} of text, which no index of
     * it serves. Then the base type of a domain: an enum's {@code =} is not found for a domain over
     * it.
     *
     * <p>Last, whether a cast from text runs a function, which may read other texts than the type
     * does: {@code '-'::text::regclass} fails. Those of name, "char" and xml are known to agree.
     */
    static final String COLUMNS =
            """
            SELECT c.relkind, a.attname, format_type(a.atttypid, -1), a.attgenerated, a.attidentity,
                   (coalesce(e.typtype, b.typtype) = 'e'
                    OR coalesce(e.oid, b.oid)::regtype::text IN (
                        'bool', 'boolean', 'smallint', 'integer', 'bigint', 'oid', 'tid', 'xid',
                        'cid', 'xid8', 'pg_lsn', 'uuid', 'money', 'date', 'bytea', '"char"',
                        'name', 'text', 'character varying', 'inet', 'cidr', 'macaddr', 'macaddr8',
                        'bit', 'bit varying', 'time without time zone', 'time with time zone',
                        'timestamp without time zone', 'timestamp with time zone'))
                   AND coalesce(l.collisdeterministic, true),
                   o.schema, CASE WHEN t.typtype = 'd' THEN format_type(b.oid, -1) END,
                   EXISTS (SELECT FROM pg_cast k
                           WHERE k.castsource = 'text'::regtype AND k.castmethod = 'f'
                             AND k.casttarget IN (t.oid, b.oid)
                             AND k.casttarget <> ALL ('{name,"\\"char\\"",xml}'::regtype[]))
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_type t ON t.oid = a.atttypid
            LEFT JOIN LATERAL (
                WITH RECURSIVE domain AS (
                    SELECT t.oid, t.typtype, t.typbasetype
                    UNION ALL
                    SELECT u.oid, u.typtype, u.typbasetype
                    FROM domain JOIN pg_type u ON u.oid = domain.typbasetype
                    WHERE domain.typtype = 'd')
                SELECT u.* FROM domain JOIN pg_type u USING (oid) WHERE u.typtype <> 'd') b ON true
            LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
            LEFT JOIN pg_collation l ON l.oid = a.attcollation
            LEFT JOIN LATERAL (
                SELECT quote_ident(s.nspname) AS schema
                FROM pg_operator p JOIN pg_namespace s ON s.oid = p.oprnamespace
                WHERE p.oprname = '=' AND s.nspname <> 'pg_catalog'
                  AND p.oprleft = b.oid AND p.oprright = b.oid
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
