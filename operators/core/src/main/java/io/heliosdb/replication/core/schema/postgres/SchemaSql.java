package io.heliosdb.replication.core.schema.postgres;

/**
 * The catalog queries. All only read, take no locks beyond those of catalog look-ups, and expect
 * {@code search_path = pg_catalog}, so that PostgreSQL qualifies every other name it prints.
 */
final class SchemaSql {

    private SchemaSql() {}

    /** PostgreSQL 15 and later know column lists and row filters. */
    static final String PUBLISHED_TABLES =
            """
            SELECT schemaname, tablename, attnames::text[], rowfilter
            FROM pg_catalog.pg_publication_tables
            WHERE pubname = ?
            ORDER BY schemaname, tablename
            """;

    static final String PUBLISHED_TABLES_BEFORE_15 =
            """
            SELECT p.schemaname, p.tablename,
                   ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                           AND a.attgenerated = ''
                         ORDER BY a.attnum),
                   NULL::text
            FROM pg_catalog.pg_publication_tables p
            JOIN pg_catalog.pg_namespace n ON n.nspname = p.schemaname
            JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
            WHERE p.pubname = ?
            ORDER BY 1, 2
            """;

    static final String PUBLICATION_EXISTS =
            "SELECT FROM pg_catalog.pg_publication WHERE pubname = ?";

    /** The tables named, what they are partitions of, and all partitions of them. */
    static final String TABLES =
            """
            WITH RECURSIVE named AS (
                SELECT c.oid
                FROM unnest(?::text[], ?::text[]) AS t(schema_name, table_name)
                JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema_name
                JOIN pg_catalog.pg_class c
                  ON c.relnamespace = n.oid AND c.relname = t.table_name
                WHERE c.relkind IN ('r', 'p')
            ), up AS (
                SELECT oid FROM named
                UNION
                SELECT i.inhparent
                FROM up
                JOIN pg_catalog.pg_class c ON c.oid = up.oid AND c.relispartition
                JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.oid
            ), down AS (
                SELECT oid FROM named
                UNION
                SELECT c.oid
                FROM down
                JOIN pg_catalog.pg_inherits i ON i.inhparent = down.oid
                JOIN pg_catalog.pg_class c
                  ON c.oid = i.inhrelid AND c.relispartition AND c.relkind IN ('r', 'p')
            )
            SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident,
                   c.relispartition,
                   CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
                   pg_catalog.pg_get_expr(c.relpartbound, c.oid),
                   COALESCE(c.reloptions, '{}'),
                   ARRAY(SELECT pn.nspname::text
                         FROM pg_catalog.pg_inherits i
                         JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
                         JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
                         WHERE i.inhrelid = c.oid ORDER BY i.inhseqno),
                   ARRAY(SELECT p.relname::text
                         FROM pg_catalog.pg_inherits i
                         JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
                         WHERE i.inhrelid = c.oid ORDER BY i.inhseqno)
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid IN (SELECT oid FROM up UNION SELECT oid FROM down)
            ORDER BY n.nspname, c.relname
            """;

    static final String COLUMNS =
            """
            SELECT a.attrelid, a.attname,
                   pg_catalog.format_type(a.atttypid, a.atttypmod),
                   (WITH RECURSIVE base AS (
                        SELECT t.oid, t.typtype, t.typbasetype
                        UNION ALL
                        SELECT b.oid, b.typtype, b.typbasetype
                        FROM base JOIN pg_catalog.pg_type b ON b.oid = base.typbasetype
                        WHERE base.typtype = 'd')
                    SELECT pg_catalog.format_type(oid, -1) FROM base WHERE typtype <> 'd'),
                   CASE WHEN a.attcollation <> t.typcollation THEN
                       (SELECT pg_catalog.quote_ident(n.nspname) || '.'
                               || pg_catalog.quote_ident(c.collname)
                        FROM pg_catalog.pg_collation c
                        JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
                        WHERE c.oid = a.attcollation) END,
                   pg_catalog.pg_get_expr(d.adbin, d.adrelid),
                   a.attnotnull, a.attidentity, a.attgenerated
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = ANY (?::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attrelid, a.attnum
            """;

    /** Foreign keys that a partition has from its parent are left out: they come with it. */
    static final String CONSTRAINTS =
            """
            SELECT c.conrelid, c.conname, c.contype, pg_catalog.pg_get_constraintdef(c.oid),
                   c.convalidated, fn.nspname, f.relname
            FROM pg_catalog.pg_constraint c
            LEFT JOIN pg_catalog.pg_class f ON f.oid = c.confrelid
            LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
            WHERE c.conrelid = ANY (?::oid[])
              AND c.contype IN ('p', 'u', 'x', 'c', 'f')
              AND (c.contype <> 'f' OR c.conparentid = 0)
            ORDER BY c.conrelid, pg_catalog.array_position('{p,u,x,c,f}', c.contype::text),
                     c.conname
            """;

    static final String INDEXES =
            """
            SELECT i.indrelid, n.nspname, c.relname, pg_catalog.pg_get_indexdef(i.indexrelid),
                   EXISTS (SELECT FROM pg_catalog.pg_constraint k
                           WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid
                             AND k.contype IN ('p', 'u', 'x')),
                   i.indisreplident, pn.nspname, pc.relname
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = i.indexrelid
            LEFT JOIN pg_catalog.pg_class pc ON pc.oid = h.inhparent
            LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace
            WHERE i.indrelid = ANY (?::oid[]) AND i.indisvalid
            ORDER BY i.indrelid, c.relname
            """;

    /** Sequences that columns of the tables own or take their default from. */
    static final String SEQUENCES =
            """
            SELECT n.nspname, c.relname, pg_catalog.format_type(s.seqtypid, NULL),
                   s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
                   tn.nspname, t.relname, a.attname, o.deptype = 'i'
            FROM pg_catalog.pg_sequence s
            JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_catalog.pg_depend o
              ON o.classid = 'pg_catalog.pg_class'::regclass AND o.objid = s.seqrelid
             AND o.refclassid = 'pg_catalog.pg_class'::regclass AND o.refobjsubid > 0
             AND o.deptype IN ('a', 'i')
            LEFT JOIN pg_catalog.pg_class t ON t.oid = o.refobjid
            LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
            LEFT JOIN pg_catalog.pg_attribute a
              ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
            WHERE o.refobjid = ANY (?::oid[])
               OR s.seqrelid IN (
                   SELECT d.refobjid
                   FROM pg_catalog.pg_attrdef e
                   JOIN pg_catalog.pg_depend d
                     ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = e.oid
                    AND d.refclassid = 'pg_catalog.pg_class'::regclass
                   WHERE e.adrelid = ANY (?::oid[]))
            ORDER BY n.nspname, c.relname
            """;

    /** Everything that the tables depend on, as pg_depend knows it: types, functions, classes. */
    private static final String NEEDED =
            """
            WITH RECURSIVE needed(classid, objid) AS (
                SELECT * FROM (
                    SELECT 'pg_catalog.pg_class'::regclass::oid, t.oid
                    FROM unnest(?::oid[]) AS t(oid)
                    UNION ALL
                    SELECT 'pg_catalog.pg_attrdef'::regclass, d.oid
                    FROM pg_catalog.pg_attrdef d WHERE d.adrelid = ANY (?::oid[])
                    UNION ALL
                    SELECT 'pg_catalog.pg_constraint'::regclass, c.oid
                    FROM pg_catalog.pg_constraint c WHERE c.conrelid = ANY (?::oid[])
                    UNION ALL
                    SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid
                    FROM pg_catalog.pg_index i WHERE i.indrelid = ANY (?::oid[])
                ) AS start
                UNION
                SELECT next.classid, next.objid
                FROM needed
                CROSS JOIN LATERAL (
                    SELECT d.refclassid, d.refobjid
                    FROM pg_catalog.pg_depend d
                    WHERE d.classid = needed.classid AND d.objid = needed.objid
                      AND d.refclassid IN ('pg_catalog.pg_type'::regclass,
                                           'pg_catalog.pg_proc'::regclass,
                                           'pg_catalog.pg_opclass'::regclass,
                                           'pg_catalog.pg_operator'::regclass,
                                           'pg_catalog.pg_collation'::regclass)
                    UNION ALL
                    SELECT 'pg_catalog.pg_class'::regclass, r.oid
                    FROM pg_catalog.pg_type t
                    JOIN pg_catalog.pg_class r ON r.oid = t.typrelid AND r.relkind = 'c'
                    WHERE needed.classid = 'pg_catalog.pg_type'::regclass
                      AND t.oid = needed.objid) AS next(classid, objid)
            )
            """;

    static final String EXTENSIONS =
            NEEDED
                    + """
            SELECT DISTINCT e.extname, n.nspname
            FROM needed
            JOIN pg_catalog.pg_depend d
              ON d.classid = needed.classid AND d.objid = needed.objid AND d.deptype = 'e'
             AND d.refclassid = 'pg_catalog.pg_extension'::regclass
            JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
            JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
            WHERE e.extname <> 'plpgsql'
            ORDER BY 1
            """;

    /** Types that belong to no extension. The last column is one element per attribute or label. */
    static final String TYPES =
            NEEDED
                    + """
            SELECT n.nspname, t.typname, t.typtype,
                   CASE t.typtype
                   WHEN 'e' THEN ARRAY(
                       SELECT e.enumlabel::text FROM pg_catalog.pg_enum e
                       WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
                   WHEN 'c' THEN ARRAY(
                       SELECT pg_catalog.quote_ident(a.attname) || ' '
                              || pg_catalog.format_type(a.atttypid, a.atttypmod)
                              || CASE WHEN a.attcollation <> at.typcollation
                                 THEN ' COLLATE ' || a.attcollation::regcollation::text
                                 ELSE '' END
                       FROM pg_catalog.pg_attribute a
                       JOIN pg_catalog.pg_type at ON at.oid = a.atttypid
                       WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                       ORDER BY a.attnum)
                   WHEN 'd' THEN ARRAY[
                           pg_catalog.format_type(t.typbasetype, t.typtypmod)
                           || CASE WHEN t.typcollation <> bt.typcollation
                              THEN ' COLLATE ' || t.typcollation::regcollation::text
                              ELSE '' END
                           || COALESCE(' DEFAULT ' || pg_catalog.pg_get_expr(t.typdefaultbin, 0),
                                       '')
                           || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END]
                       || ARRAY(
                       SELECT 'CONSTRAINT ' || pg_catalog.quote_ident(c.conname) || ' '
                              || pg_catalog.pg_get_constraintdef(c.oid)
                       FROM pg_catalog.pg_constraint c
                       WHERE c.contypid = t.oid AND c.contype = 'c' ORDER BY c.conname)
                   WHEN 'r' THEN ARRAY(
                       SELECT o FROM pg_catalog.pg_range r
                       CROSS JOIN LATERAL (VALUES
                           ('SUBTYPE = ' || pg_catalog.format_type(r.rngsubtype, NULL)),
                           ('SUBTYPE_OPCLASS = ' || (
                               SELECT pg_catalog.quote_ident(on_.nspname) || '.'
                                      || pg_catalog.quote_ident(oc.opcname)
                               FROM pg_catalog.pg_opclass oc
                               JOIN pg_catalog.pg_namespace on_ ON on_.oid = oc.opcnamespace
                               WHERE oc.oid = r.rngsubopc)),
                           ('COLLATION = ' || NULLIF(r.rngcollation, 0)::regcollation::text),
                           ('CANONICAL = '
                               || NULLIF(r.rngcanonical::oid, 0)::regproc::text),
                           ('SUBTYPE_DIFF = '
                               || NULLIF(r.rngsubdiff::oid, 0)::regproc::text),
                           ('MULTIRANGE_TYPE_NAME = ' || (
                               SELECT pg_catalog.quote_ident(mn.nspname) || '.'
                                      || pg_catalog.quote_ident(m.typname)
                               FROM pg_catalog.pg_type m
                               JOIN pg_catalog.pg_namespace mn ON mn.oid = m.typnamespace
                               WHERE m.oid = r.rngmultitypid))) AS options(o)
                       WHERE r.rngtypid = t.oid AND o IS NOT NULL)
                   END
            FROM needed
            JOIN pg_catalog.pg_type t ON t.oid = needed.objid
            JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
            LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
            LEFT JOIN pg_catalog.pg_type bt ON bt.oid = t.typbasetype
            WHERE needed.classid = 'pg_catalog.pg_type'::regclass
              AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
              AND n.nspname NOT IN ('pg_catalog', 'information_schema')
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x
                              WHERE x.classid = 'pg_catalog.pg_type'::regclass
                                AND x.objid = t.oid AND x.deptype = 'e')
            ORDER BY t.oid
            """;
}
