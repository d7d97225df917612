package io.heliosdb.replication.core.ddl.postgres;

/** What a target remembers of the DDL that was carried out in it. */
public final class DdlSql {

    private DdlSql() {}

    /**
     * One row for each thing that a DDL event of a source has changed: its presence keeps everybody
     * else from doing it again. Names and columns by number before and after tell how rows of
     * before fit into the table of after.
     */
    public static final String CREATE_DDL =
            """
            CREATE TABLE IF NOT EXISTS heliosdb.ddl (
                source_id      text NOT NULL,
                commit_lsn     pg_lsn NOT NULL,
                ordinal        bigint NOT NULL,
                item           text NOT NULL,
                tag            text NOT NULL,
                command        text NOT NULL,
                statements     text[] NOT NULL,
                state          text NOT NULL CHECK (state IN ('APPLIED', 'PASSED', 'SKIPPED', 'FAILED')),
                reason         text,
                replication_id text NOT NULL,
                before_schema  text,
                before_name    text,
                before_columns jsonb,
                after_schema   text,
                after_name     text,
                after_columns  jsonb,
                added_columns  jsonb,
                anew           boolean NOT NULL DEFAULT false,
                recorded_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
                oid            bigint NOT NULL DEFAULT 0,
                PRIMARY KEY (source_id, commit_lsn, ordinal, item)
            )
            """;

    /** For tables of earlier versions: by what number the source knows the table, 0 for unknown. */
    public static final String ADD_OID =
            "ALTER TABLE heliosdb.ddl ADD COLUMN IF NOT EXISTS oid bigint NOT NULL DEFAULT 0";

    /** The source's tables as the newest DDL or copy has left them here. */
    public static final String CREATE_SHAPES =
            """
            CREATE TABLE IF NOT EXISTS heliosdb.ddl_shape (
                source_id   text NOT NULL,
                schema_name text NOT NULL,
                table_name  text NOT NULL,
                commit_lsn  pg_lsn NOT NULL,
                ordinal     bigint NOT NULL,
                definition  jsonb NOT NULL,
                PRIMARY KEY (source_id, schema_name, table_name)
            )
            """;

    /** What is asked of rows once every replication has come past it. */
    public static final String CREATE_PENDING =
            """
            CREATE TABLE IF NOT EXISTS heliosdb.ddl_pending (
                source_id   text NOT NULL,
                schema_name text NOT NULL,
                table_name  text NOT NULL,
                object      text NOT NULL,
                commit_lsn  pg_lsn NOT NULL,
                ordinal     bigint NOT NULL,
                reason      text,
                tried_at    timestamptz,
                PRIMARY KEY (source_id, schema_name, table_name, object)
            )
            """;

    /**
     * Up to where a copy has brought all tables of a source at once, and the numbers of those that
     * the source had then and the target has not: what else it does not know has been dropped.
     */
    public static final String CREATE_ALIGNED =
            """
            CREATE TABLE IF NOT EXISTS heliosdb.ddl_aligned (
                source_id  text PRIMARY KEY,
                commit_lsn pg_lsn NOT NULL,
                snapshot   text NOT NULL,
                absent     bigint[] NOT NULL
            )
            """;

    /** Never back. Source, LSN, the source's snapshot, numbers of the tables that it sees. */
    public static final String STORE_ALIGNED =
            """
            INSERT INTO heliosdb.ddl_aligned AS a
            SELECT v.source_id, v.commit_lsn, v.snapshot, ARRAY(
                SELECT n FROM unnest(v.numbers) AS n
                WHERE NOT EXISTS (SELECT FROM heliosdb.ddl_shape s
                                  WHERE s.source_id = v.source_id
                                    AND (s.definition->>'oid')::bigint = n))
            FROM (VALUES (?, ?::pg_lsn, ?, ?::bigint[]))
                AS v (source_id, commit_lsn, snapshot, numbers)
            ON CONFLICT (source_id) DO UPDATE
            SET commit_lsn = EXCLUDED.commit_lsn, snapshot = EXCLUDED.snapshot, absent = EXCLUDED.absent
            WHERE a.commit_lsn < EXCLUDED.commit_lsn
            """;

    /**
     * Sources of which somebody is behind the position that all tables were brought to, and the
     * snapshot and the numbers of the tables that were there.
     */
    public static final String ALIGNED =
            """
            SELECT a.source_id, a.commit_lsn::text, a.snapshot,
                   ARRAY(SELECT DISTINCT n FROM (
                             SELECT unnest(a.absent) AS n
                             UNION ALL
                             SELECT (s.definition->>'oid')::bigint FROM heliosdb.ddl_shape s
                             WHERE s.source_id = a.source_id) AS t
                         WHERE n IS NOT NULL)
            FROM heliosdb.ddl_aligned a
            WHERE EXISTS (SELECT FROM heliosdb.replication_progress p
                          WHERE p.source_id = a.source_id AND p.state <> 'STOPPED'
                            AND p.commit_lsn < a.commit_lsn)
            """;

    /** Grows with every row of {@code heliosdb.ddl} that is applied. */
    public static final String CREATE_VERSION =
            "CREATE TABLE IF NOT EXISTS heliosdb.ddl_version (version bigint NOT NULL)";

    /** Once, under the lock of those who create the tables. */
    public static final String FIRST_VERSION =
            """
            INSERT INTO heliosdb.ddl_version
            SELECT 0 WHERE NOT EXISTS (SELECT FROM heliosdb.ddl_version)
            """;

    /**
     * One at a time alters a target: the lock of those who create its tables. Released at the end
     * of the transaction.
     */
    public static final String LOCK =
            "SELECT pg_catalog.pg_advisory_xact_lock("
                    + "pg_catalog.hashtextextended('heliosdb.schema', 0))";

    public static final String READ_VERSION = "SELECT version FROM heliosdb.ddl_version";

    /**
     * Last before a commit: by then the transaction holds its locks on tables, so nobody can have
     * altered them since without being seen here.
     */
    public static final String CHECK_VERSION =
            "SELECT 1 / (count(*) = 0)::int FROM heliosdb.ddl_version WHERE version <> $1::bigint";

    public static final String RAISE_VERSION =
            "UPDATE heliosdb.ddl_version SET version = version + 1 RETURNING version";

    public static final String SOURCE_OF =
            "SELECT source_id FROM heliosdb.replication_progress WHERE replication_id = ?";

    /** What is recorded of one event: source, LSN, ordinal. */
    public static final String ITEMS =
            """
            SELECT item, state FROM heliosdb.ddl
            WHERE source_id = ? AND commit_lsn = ?::pg_lsn AND ordinal = ?
            """;

    /** Source, LSN, ordinal, item. */
    public static final String IS_APPLIED =
            """
            SELECT 1 FROM heliosdb.ddl
            WHERE source_id = ? AND commit_lsn = ?::pg_lsn AND ordinal = ? AND item = ?
              AND state = 'APPLIED'
            """;

    /**
     * Where tables stand that somebody is behind of: source, LSN, ordinal, names, number, names of
     * the columns by number.
     */
    public static final String STANDS =
            """
            SELECT s.source_id, s.commit_lsn::text, s.ordinal, s.schema_name, s.table_name,
                   coalesce((s.definition->>'oid')::bigint, 0),
                   (SELECT jsonb_object_agg(c->>'number', c->>'name')
                    FROM jsonb_array_elements(s.definition->'columns') AS c)::text
            FROM heliosdb.ddl_shape s
            WHERE EXISTS (SELECT FROM heliosdb.replication_progress p
                          WHERE p.source_id = s.source_id AND p.state <> 'STOPPED'
                            AND p.commit_lsn < s.commit_lsn)
            """;

    /** Whether tables were altered beyond this position. Replication, LSN. */
    public static final String IS_AHEAD =
            """
            SELECT 1 FROM heliosdb.replication_progress p
            CROSS JOIN (VALUES (?, ?::pg_lsn)) AS v (replication_id, lsn)
            WHERE p.replication_id = v.replication_id
              AND (EXISTS (SELECT FROM heliosdb.ddl d
                           WHERE d.source_id = p.source_id AND d.commit_lsn >= v.lsn
                             AND d.state IN ('APPLIED', 'PASSED'))
                   OR EXISTS (SELECT FROM heliosdb.ddl_left l
                              WHERE l.source_id = p.source_id AND l.commit_lsn >= v.lsn))
            """;

    /** Source, replication, names of the table. */
    public static final String PASSED_DROP =
            """
            SELECT 1 FROM heliosdb.ddl
            WHERE source_id = ? AND replication_id = ? AND state = 'PASSED'
              AND before_schema = ? AND before_name = ? AND after_name IS NULL
            LIMIT 1
            """;

    /** Source, then the names. */
    public static final String SHAPE_AT =
            """
            SELECT commit_lsn::text, ordinal FROM heliosdb.ddl_shape
            WHERE source_id = ? AND schema_name = ? AND table_name = ?
            """;

    /** Source, then the names. */
    public static final String SHAPE =
            """
            SELECT definition::text FROM heliosdb.ddl_shape
            WHERE source_id = ? AND schema_name = ? AND table_name = ?
            """;

    /** All that a source's tables were like when the target heard of them last. Source. */
    public static final String SHAPES =
            "SELECT definition::text FROM heliosdb.ddl_shape WHERE source_id = ?";

    /**
     * Numbers of the tables that DDL, or a later copy, has brought beyond a position. Source, LSN.
     */
    public static final String BEYOND =
            """
            SELECT (s.definition->>'oid')::bigint FROM heliosdb.ddl_shape s
            CROSS JOIN (VALUES (?, ?::pg_lsn)) AS v (source_id, lsn)
            WHERE s.source_id = v.source_id AND s.commit_lsn > v.lsn
            UNION
            SELECT d.oid FROM heliosdb.ddl d
            CROSS JOIN (VALUES (?, ?::pg_lsn)) AS v (source_id, lsn)
            WHERE d.source_id = v.source_id AND d.commit_lsn > v.lsn AND d.state = 'APPLIED'
            """;

    /** Where a table stands under whatever name. Source, number of the table. */
    public static final String SHAPE_AT_BY_OID =
            """
            SELECT commit_lsn::text, ordinal FROM heliosdb.ddl_shape
            WHERE source_id = ? AND (definition->>'oid')::bigint = ?
            """;

    public static final String RECORD =
            """
            INSERT INTO heliosdb.ddl
                (source_id, commit_lsn, ordinal, item, tag, command, statements, state, reason,
                 replication_id, before_schema, before_name, before_columns, after_schema,
                 after_name, after_columns, added_columns, anew, oid)
            VALUES (?, ?::pg_lsn, ?, ?, ?, ?, ?::text[], ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?::jsonb,
                    ?::jsonb, ?, ?)
            ON CONFLICT (source_id, commit_lsn, ordinal, item) DO UPDATE
            SET statements = EXCLUDED.statements, state = EXCLUDED.state, reason = EXCLUDED.reason,
                replication_id = EXCLUDED.replication_id, before_schema = EXCLUDED.before_schema,
                before_name = EXCLUDED.before_name, before_columns = EXCLUDED.before_columns,
                after_schema = EXCLUDED.after_schema, after_name = EXCLUDED.after_name,
                after_columns = EXCLUDED.after_columns, added_columns = EXCLUDED.added_columns,
                anew = EXCLUDED.anew, oid = EXCLUDED.oid, recorded_at = clock_timestamp()
            WHERE heliosdb.ddl.state = 'FAILED'
            RETURNING item
            """;

    public static final String FORGET_SHAPE =
            """
            DELETE FROM heliosdb.ddl_shape
            WHERE source_id = ? AND schema_name = ? AND table_name = ?
            RETURNING table_name
            """;

    public static final String STORE_SHAPE =
            """
            INSERT INTO heliosdb.ddl_shape VALUES (?, ?, ?, ?::pg_lsn, ?, ?::jsonb)
            ON CONFLICT (source_id, schema_name, table_name) DO UPDATE
            SET commit_lsn = EXCLUDED.commit_lsn, ordinal = EXCLUDED.ordinal,
                definition = EXCLUDED.definition
            RETURNING table_name
            """;

    /** As {@link #STORE_SHAPE}; never back. */
    public static final String STORE_NEWER_SHAPE =
            """
            INSERT INTO heliosdb.ddl_shape AS s VALUES (?, ?, ?, ?::pg_lsn, ?, ?::jsonb)
            ON CONFLICT (source_id, schema_name, table_name) DO UPDATE
            SET commit_lsn = EXCLUDED.commit_lsn, ordinal = EXCLUDED.ordinal,
                definition = EXCLUDED.definition
            WHERE s.commit_lsn < EXCLUDED.commit_lsn
            """;

    /** Source, new name, old name. */
    public static final String RENAME_PENDING =
            """
            UPDATE heliosdb.ddl_pending SET schema_name = ?, table_name = ?
            WHERE source_id = ? AND schema_name = ? AND table_name = ?
            RETURNING object
            """;

    public static final String FORGET_PENDING =
            """
            DELETE FROM heliosdb.ddl_pending
            WHERE source_id = ? AND schema_name = ? AND table_name = ? AND (?::text IS NULL OR object = ?)
            RETURNING object
            """;

    public static final String STORE_PENDING =
            """
            INSERT INTO heliosdb.ddl_pending VALUES (?, ?, ?, ?, ?::pg_lsn, ?)
            ON CONFLICT (source_id, schema_name, table_name, object) DO UPDATE
            SET commit_lsn = EXCLUDED.commit_lsn, ordinal = EXCLUDED.ordinal, reason = NULL,
                tried_at = NULL
            RETURNING object
            """;

    /**
     * What replications that are behind must know of, and what was the last before that for each
     * table; in order. Nothing while nobody is behind.
     */
    public static final String LOG =
            """
            WITH behind AS (
                SELECT p.source_id, min(p.commit_lsn) AS lsn FROM heliosdb.replication_progress p
                WHERE p.state <> 'STOPPED' GROUP BY p.source_id),
            log AS (
                SELECT d.*, CASE d.state WHEN 'PASSED' THEN d.replication_id END AS passed_by
                FROM heliosdb.ddl d
                WHERE d.state IN ('APPLIED', 'PASSED') AND coalesce(d.before_name, d.after_name) IS NOT NULL),
            passed AS (
                SELECT l.* FROM log l JOIN behind b USING (source_id)
                WHERE l.commit_lsn < b.lsn AND EXISTS (
                    SELECT FROM heliosdb.ddl n
                    WHERE n.source_id = b.source_id AND n.commit_lsn >= b.lsn
                      AND n.state = 'APPLIED')),
            needed AS (
                SELECT l.* FROM log l JOIN behind b USING (source_id) WHERE l.commit_lsn >= b.lsn
                UNION
                (SELECT DISTINCT ON (source_id, oid, after_schema, after_name, passed_by) * FROM passed
                 ORDER BY source_id, oid, after_schema, after_name, passed_by,
                          commit_lsn DESC, ordinal DESC)
                UNION
                (SELECT DISTINCT ON (source_id, oid, before_schema, before_name, passed_by) * FROM passed
                 ORDER BY source_id, oid, before_schema, before_name, passed_by,
                          commit_lsn DESC, ordinal DESC))
            SELECT n.source_id, n.commit_lsn::text, n.ordinal, n.before_schema, n.before_name,
                   n.before_columns::text, n.after_schema, n.after_name, n.after_columns::text,
                   n.added_columns::text, n.anew, n.passed_by, n.oid
            FROM needed n ORDER BY n.source_id, n.commit_lsn, n.ordinal, n.item
            """;

    /** Whether there is anything to settle, or to try again. */
    public static final String ANY_PENDING =
            """
            SELECT 1 FROM heliosdb.ddl_pending
            WHERE tried_at IS NULL OR tried_at < clock_timestamp() - interval '1 minute' LIMIT 1
            """;

    /** For the session: one at a time settles a target. */
    public static final String TRY_SETTLING =
            "SELECT pg_catalog.pg_try_advisory_lock("
                    + "pg_catalog.hashtextextended('heliosdb.ddl.settle', 0))";

    /** What every replication of its source has come past, copies included; in order. */
    public static final String READY_TO_SETTLE =
            """
            SELECT d.source_id, d.schema_name, d.table_name, d.object, d.commit_lsn::text, d.ordinal
            FROM heliosdb.ddl_pending d
            JOIN heliosdb.ddl_shape s USING (source_id, schema_name, table_name)
            WHERE (d.tried_at IS NULL OR d.tried_at < clock_timestamp() - interval '1 minute')
              AND NOT EXISTS (
                  SELECT FROM heliosdb.replication_progress p
                  WHERE p.source_id = d.source_id AND p.state <> 'STOPPED'
                    AND (p.commit_lsn, p.ordinal) < (d.commit_lsn, d.ordinal))
              AND NOT EXISTS (
                  SELECT FROM heliosdb.copy_mark m
                  JOIN heliosdb.replication_progress p USING (replication_id)
                  WHERE p.source_id = d.source_id AND p.state <> 'STOPPED'
                    AND m.schema_name = d.schema_name AND m.table_name = d.table_name)
            ORDER BY d.commit_lsn, d.ordinal, d.object DESC
            """;

    /** Reason, then the key. */
    public static final String TRIED =
            """
            UPDATE heliosdb.ddl_pending SET reason = ?, tried_at = clock_timestamp()
            WHERE source_id = ? AND schema_name = ? AND table_name = ? AND object = ?
            """;

    /**
     * Nothing if it is not asked for any more, or anew by later DDL. Key, then where it was asked.
     */
    public static final String SETTLED =
            """
            DELETE FROM heliosdb.ddl_pending
            WHERE source_id = ? AND schema_name = ? AND table_name = ? AND object = ?
              AND commit_lsn = ?::pg_lsn AND ordinal = ?
            """;

    /** An index that a build has left behind. */
    public static final String IS_INVALID_INDEX =
            """
            SELECT FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ? AND NOT i.indisvalid AND c.relkind = 'i'
            """;
}
