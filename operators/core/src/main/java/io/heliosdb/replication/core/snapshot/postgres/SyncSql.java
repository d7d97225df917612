package io.heliosdb.replication.core.snapshot.postgres;

/** The statements of the first copy, beside the COPY statements themselves. */
public final class SyncSql {

    private SyncSql() {}

    /**
     * The table of finished first copies; idempotent, needs schema {@code heliosdb}. A row stands
     * iff all rows of the replication in that table were copied, and is written with the last of
     * them.
     */
    public static final String CREATE_TABLE_SYNC =
            """
            CREATE TABLE IF NOT EXISTS heliosdb.table_sync (
                replication_id text NOT NULL,
                schema_name    text NOT NULL,
                table_name     text NOT NULL,
                snapshot       text NOT NULL,
                upper_lsn      pg_lsn NOT NULL,
                rows           bigint NOT NULL,
                bytes          bigint NOT NULL,
                finished_at    timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
                PRIMARY KEY (replication_id, schema_name, table_name)
            )
            """;

    /**
     * The table of begun first copies; idempotent, needs schema {@code heliosdb}. Where a mark
     * stands, rows of that replication may be in that table although its copy is not finished; they
     * are wiped before it is tried again.
     */
    public static final String CREATE_COPY_MARK =
            """
            CREATE TABLE IF NOT EXISTS heliosdb.copy_mark (
                replication_id text NOT NULL,
                schema_name    text NOT NULL,
                table_name     text NOT NULL,
                marked_at      timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
                PRIMARY KEY (replication_id, schema_name, table_name)
            )
            """;

    /**
     * What resyncs found, a row per replication and table, of the latest that compared it;
     * idempotent, needs schema {@code heliosdb}.
     */
    public static final String CREATE_MENDED =
            """
            CREATE TABLE IF NOT EXISTS heliosdb.mended (
                replication_id text NOT NULL,
                schema_name    text NOT NULL,
                table_name     text NOT NULL,
                rows_compared  bigint NOT NULL,
                rows_missing   bigint NOT NULL,
                rows_extra     bigint NOT NULL,
                rows_differing bigint NOT NULL,
                mended_at      timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
                PRIMARY KEY (replication_id, schema_name, table_name)
            )
            """;

    /** What was mended in one table for some replications. */
    static final String MENDED =
            """
            INSERT INTO heliosdb.mended AS t
                (replication_id, schema_name, table_name, rows_compared, rows_missing, rows_extra,
                 rows_differing, mended_at)
            SELECT r, ?, ?, c, m, e, d, pg_catalog.clock_timestamp()
            FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
                     AS f(r, c, m, e, d)
            ON CONFLICT (replication_id, schema_name, table_name) DO UPDATE
            SET rows_compared = EXCLUDED.rows_compared, rows_missing = EXCLUDED.rows_missing,
                rows_extra = EXCLUDED.rows_extra, rows_differing = EXCLUDED.rows_differing,
                mended_at = EXCLUDED.mended_at
            """;

    static final String COPY_MARK_EXISTS =
            "SELECT pg_catalog.to_regclass('heliosdb.copy_mark') IS NOT NULL";

    static final String LOCK_COPY_MARK =
            "SELECT pg_catalog.pg_advisory_xact_lock("
                    + "pg_catalog.hashtextextended('heliosdb.copy_mark', 0))";

    static final String MARKS =
            """
            SELECT replication_id, schema_name, table_name
            FROM heliosdb.copy_mark
            WHERE replication_id = ANY (?::text[])
            """;

    /** Tenants: tables in which rows of replications of theirs that ended are to be removed. */
    static final String REMOVAL_DUE =
            """
            SELECT d.tenant_id, n.nspname, c.relname
            FROM heliosdb.removal_due d
            JOIN pg_catalog.pg_class c ON c.oid = d.relation
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE d.tenant_id = ANY (?::text[])
            """;

    /** A copy from an earlier life of the replication does not count any more. */
    static final String FORGET =
            """
            DELETE FROM heliosdb.table_sync
            WHERE schema_name = ? AND table_name = ? AND replication_id = ANY (?::text[])
            """;

    static final String UNMARK =
            """
            DELETE FROM heliosdb.copy_mark
            WHERE schema_name = ? AND table_name = ? AND replication_id = ANY (?::text[])
            """;

    static final String TABLE_SYNC_ROWS =
            """
            SELECT replication_id, schema_name, table_name, snapshot, upper_lsn::text, rows, bytes
            FROM heliosdb.table_sync
            WHERE replication_id = ANY (?::text[])
            """;

    /** Those of the replications that have not yet streamed anything. */
    static final String NEVER_STREAMED =
            """
            SELECT replication_id
            FROM heliosdb.replication_progress
            WHERE replication_id = ANY (?::text[]) AND commit_lsn = '0/0'
            """;

    /** Marks tables as begun for some replications; keeps marks that are there. */
    static final String MARK =
            """
            INSERT INTO heliosdb.copy_mark (replication_id, schema_name, table_name)
            SELECT r, ?, ? FROM unnest(?::text[]) AS t(r)
            ON CONFLICT (replication_id, schema_name, table_name) DO NOTHING
            """;

    /**
     * Marks a table of some replications if their first copy was broken off behind one of two
     * others: its rows, or some, have gone from there to here. Schema and name; the replications;
     * those two.
     */
    static final String MARK_MOVED =
            """
            INSERT INTO heliosdb.copy_mark (replication_id, schema_name, table_name)
            SELECT DISTINCT b.replication_id, ?, ?
            FROM (SELECT replication_id, schema_name, table_name FROM heliosdb.copy_mark
                  UNION ALL
                  SELECT replication_id, schema_name, table_name FROM heliosdb.table_sync) AS b
            JOIN heliosdb.replication_progress p USING (replication_id)
            WHERE b.replication_id = ANY (?::text[]) AND p.commit_lsn = '0/0'
              AND (b.schema_name, b.table_name) IN ((?, ?), (?, ?))
            ON CONFLICT (replication_id, schema_name, table_name) DO NOTHING
            """;

    /**
     * Marks a table of those of some replications that have not streamed yet: what has come to it
     * was not copied. Schema and name; the replications.
     */
    static final String MARK_LACKING =
            """
            INSERT INTO heliosdb.copy_mark (replication_id, schema_name, table_name)
            SELECT replication_id, ?, ? FROM heliosdb.replication_progress
            WHERE replication_id = ANY (?::text[]) AND commit_lsn = '0/0'
            ON CONFLICT (replication_id, schema_name, table_name) DO NOTHING
            """;

    /** As {@link #MARKS}, of those that have not streamed yet. */
    static final String MARKS_AT_FIRST =
            """
            SELECT replication_id, schema_name, table_name
            FROM heliosdb.copy_mark JOIN heliosdb.replication_progress USING (replication_id)
            WHERE replication_id = ANY (?::text[]) AND commit_lsn = '0/0'
            """;

    /** Records the first copy of one table as finished for some replications. */
    static final String FINISH =
            """
            INSERT INTO heliosdb.table_sync AS t
                (replication_id, schema_name, table_name, snapshot, upper_lsn, rows, bytes,
                 finished_at)
            SELECT r, ?, ?, ?, ?::pg_lsn, n, b, pg_catalog.clock_timestamp()
            FROM unnest(?::text[], ?::bigint[], ?::bigint[]) AS f(r, n, b)
            ON CONFLICT (replication_id, schema_name, table_name) DO UPDATE
            SET snapshot = EXCLUDED.snapshot, upper_lsn = EXCLUDED.upper_lsn,
                rows = EXCLUDED.rows, bytes = EXCLUDED.bytes, finished_at = EXCLUDED.finished_at
            """;

    /**
     * Holds the epochs of some replications until the transaction ends: whoever claims one waits.
     * Locks in the order of ids, as all do who lock several.
     */
    static final String HOLD_EPOCHS =
            """
            SELECT replication_id, epoch
            FROM heliosdb.replication_progress
            WHERE replication_id = ANY (?::text[])
            ORDER BY replication_id
            FOR SHARE
            """;

    /**
     * As {@link #HOLD_EPOCHS}, and also waits for every other holder: nothing of an earlier copy is
     * in flight behind it.
     */
    static final String HOLD_EPOCHS_ALONE =
            """
            SELECT replication_id, epoch
            FROM heliosdb.replication_progress
            WHERE replication_id = ANY (?::text[])
            ORDER BY replication_id
            FOR NO KEY UPDATE
            """;

    /** Figures for people: a row that somebody holds is left for the next time. */
    static final String PROGRESS =
            """
            WITH free AS (
                SELECT p.replication_id
                FROM heliosdb.replication_progress p
                WHERE p.replication_id = ANY (?::text[])
                ORDER BY p.replication_id
                FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE heliosdb.replication_progress p
            SET rows_copied = f.n, bytes_copied = f.b, rows_estimated = f.e,
                updated_at = pg_catalog.clock_timestamp()
            FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
                     AS f(r, epoch, n, b, e)
            JOIN free ON free.replication_id = f.r
            WHERE p.replication_id = f.r AND p.epoch = f.epoch
            """;

    /** What the copy waits for; null ends it. */
    static final String REASON =
            """
            UPDATE heliosdb.replication_progress p
            SET reason = ?, updated_at = pg_catalog.clock_timestamp()
            FROM unnest(?::text[], ?::bigint[]) AS f(r, epoch)
            WHERE p.replication_id = f.r AND p.epoch = f.epoch
            """;

    static final String EXPORT_SNAPSHOT =
            """
            SELECT pg_catalog.pg_export_snapshot(), pg_catalog.pg_current_snapshot()::text
            """;

    static final String CURRENT_SNAPSHOT = "SELECT pg_catalog.pg_current_snapshot()::text";

    static final String INSERT_LSN = "SELECT pg_catalog.pg_current_wal_insert_lsn()::text";

    /** The relations that hold the rows of some published tables, with their sizes. */
    static final String PARTS =
            """
            SELECT t.ordinal, pn.nspname, p.relname,
                   pg_catalog.pg_relation_size(p.oid)
                       / pg_catalog.current_setting('block_size')::bigint,
                   p.reltuples::bigint
            FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS t(schema_name, table_name, ordinal)
            JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema_name
            JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
            CROSS JOIN LATERAL (
                SELECT c.oid AS relid WHERE c.relkind = 'r'
                UNION ALL
                SELECT l.relid FROM pg_catalog.pg_partition_tree(c.oid) l
                WHERE c.relkind = 'p' AND l.isleaf) AS leaf
            JOIN pg_catalog.pg_class p ON p.oid = leaf.relid AND p.relkind = 'r'
            JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
            ORDER BY t.ordinal, pn.nspname, p.relname
            """;

    static final String KEY_STATISTICS =
            """
            SELECT most_common_vals::text::text[], most_common_freqs, n_distinct
            FROM pg_catalog.pg_stats
            WHERE schemaname = ? AND tablename = ? AND attname = ? AND NOT inherited
            """;
}
