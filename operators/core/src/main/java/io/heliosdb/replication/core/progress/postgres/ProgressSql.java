package io.heliosdb.replication.core.progress.postgres;

import io.heliosdb.replication.core.ddl.postgres.DdlSql;
import io.heliosdb.replication.core.ddl.postgres.LeftSql;
import io.heliosdb.replication.core.snapshot.postgres.SyncSql;

/** Statements about the bookkeeping tables in a target. */
final class ProgressSql {

    /**
     * Whether the tables are there, perhaps without their newest columns. Reads the catalog only.
     */
    static final String EXISTS =
            """
            SELECT to_regclass('heliosdb.replication_progress') IS NOT NULL
               AND to_regclass('heliosdb.table_sync') IS NOT NULL
               AND to_regclass('heliosdb.quarantine') IS NOT NULL
            """;

    /** Whether all of {@link #CREATE} is there. Reads the catalog only. */
    static final String UP_TO_DATE =
            EXISTS
                    + """
               AND to_regclass('heliosdb.skipped') IS NOT NULL
               AND to_regclass('heliosdb.mended') IS NOT NULL
               AND (SELECT count(*) = 11 FROM pg_catalog.pg_attribute
                    WHERE attrelid = to_regclass('heliosdb.replication_progress')
                      AND attname IN ('table_filter', 'resync_spared', 'resync_lsn',
                                      'resync_why', 'refused_lsn', 'timeline',
                                      'backlog_rows', 'backlog_stored_bytes', 'backlog_since',
                                      'compression', 'service')
                      AND NOT attisdropped)
               AND to_regclass('heliosdb.ddl_version') IS NOT NULL
               AND to_regclass('heliosdb.ddl_aligned') IS NOT NULL
               AND to_regclass('heliosdb.ddl_left') IS NOT NULL
               AND to_regclass('heliosdb.ddl_misplaced') IS NOT NULL
               AND to_regclass('heliosdb.removal_due') IS NOT NULL
               AND EXISTS (SELECT FROM pg_catalog.pg_attribute
                           WHERE attrelid = to_regclass('heliosdb.ddl') AND attname = 'oid')
            """;

    /**
     * Serialises creators; held to the end of the transaction. Two concurrent CREATE … IF NOT
     * EXISTS can both miss and one then fails.
     */
    static final String LOCK = "SELECT pg_advisory_xact_lock(7309453254211201)";

    /**
     * Creates schema and tables. Idempotent; needs CREATE on the database if the schema is missing.
     *
     * <p>The progress row is rewritten by every apply: half of each page stays free for HOT
     * updates, no column that changes is indexed, and autovacuum comes early.
     */
    static final String[] CREATE = {
        // IF NOT EXISTS would need CREATE on the database also where the schema is there.
        """
        DO $$ BEGIN
            IF to_regnamespace('heliosdb') IS NULL THEN CREATE SCHEMA heliosdb; END IF;
        END $$
        """,
        """
        CREATE TABLE IF NOT EXISTS heliosdb.replication_progress (
            replication_id       text PRIMARY KEY,
            source_id            text NOT NULL,
            tenant_id            text NOT NULL,
            epoch                bigint NOT NULL,
            commit_lsn           pg_lsn NOT NULL DEFAULT '0/0',
            ordinal              bigint NOT NULL DEFAULT 0,
            source_time          timestamptz,
            state                text NOT NULL,
            error_code           text,
            reason               text,
            transactions         bigint NOT NULL DEFAULT 0,
            rows_applied         bigint NOT NULL DEFAULT 0,
            conflicts            bigint NOT NULL DEFAULT 0,
            rows_copied          bigint NOT NULL DEFAULT 0,
            bytes_copied         bigint NOT NULL DEFAULT 0,
            rows_estimated       bigint NOT NULL DEFAULT 0,
            backlog_transactions bigint NOT NULL DEFAULT 0,
            backlog_bytes        bigint NOT NULL DEFAULT 0,
            updated_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
            table_filter         text,
            resync_spared        text,
            resync_lsn           pg_lsn,
            resync_why           text,
            refused_lsn          pg_lsn,
            timeline             bigint,
            backlog_rows         bigint,
            backlog_stored_bytes bigint,
            backlog_since        timestamptz,
            compression          text,
            service              text
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)
        """,
        // For tables of earlier versions.
        """
        ALTER TABLE heliosdb.replication_progress
            ADD COLUMN IF NOT EXISTS table_filter text,
            ADD COLUMN IF NOT EXISTS resync_spared text,
            ADD COLUMN IF NOT EXISTS resync_lsn pg_lsn,
            ADD COLUMN IF NOT EXISTS resync_why text,
            ADD COLUMN IF NOT EXISTS refused_lsn pg_lsn,
            ADD COLUMN IF NOT EXISTS timeline bigint,
            ADD COLUMN IF NOT EXISTS backlog_rows bigint,
            ADD COLUMN IF NOT EXISTS backlog_stored_bytes bigint,
            ADD COLUMN IF NOT EXISTS backlog_since timestamptz,
            ADD COLUMN IF NOT EXISTS compression text,
            ADD COLUMN IF NOT EXISTS service text
        """,
        SyncSql.CREATE_TABLE_SYNC,
        """
        CREATE TABLE IF NOT EXISTS heliosdb.quarantine (
            replication_id text NOT NULL,
            commit_lsn     pg_lsn NOT NULL,
            ordinal        bigint NOT NULL,
            schema_name    text NOT NULL,
            table_name     text NOT NULL,
            operation      text NOT NULL,
            sqlstate       text NOT NULL,
            message        text NOT NULL,
            row_data       jsonb,
            quarantined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (replication_id, commit_lsn, ordinal)
        )
        """,
        // What was left out by order: a row per change, and one with ordinal -1 for the whole.
        """
        CREATE TABLE IF NOT EXISTS heliosdb.skipped (
            replication_id text NOT NULL,
            commit_lsn     pg_lsn NOT NULL,
            ordinal        bigint NOT NULL,
            schema_name    text NOT NULL,
            table_name     text NOT NULL,
            operation      text NOT NULL,
            row_data       jsonb,
            who            text NOT NULL,
            reason         text NOT NULL,
            skipped_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (replication_id, commit_lsn, ordinal)
        )
        """,
        SyncSql.CREATE_MENDED,
        SyncSql.CREATE_COPY_MARK,
        // Tables of replications that ended, in which rows of theirs are still to be removed: until
        // they are, or another replication of the tenant has copied the table. A regclass follows
        // when the table is renamed, names nothing once it is dropped, and is dumped as a name.
        // Without key column all rows are the tenant's.
        """
        CREATE TABLE IF NOT EXISTS heliosdb.removal_due (
            replication_id text NOT NULL,
            tenant_id      text NOT NULL,
            relation       regclass NOT NULL,
            key_column     text,
            brought_at     timestamptz NOT NULL,
            PRIMARY KEY (replication_id, relation)
        )
        """,
        DdlSql.CREATE_DDL,
        DdlSql.ADD_OID,
        DdlSql.CREATE_ALIGNED,
        LeftSql.CREATE,
        LeftSql.CREATE_MISPLACED,
        DdlSql.CREATE_SHAPES,
        DdlSql.CREATE_PENDING,
        DdlSql.CREATE_VERSION,
        DdlSql.FIRST_VERSION
    };

    /** Columns that an earlier version did not have read as null. */
    static final String READ_ALL =
            """
            SELECT replication_id, tenant_id, source_id, epoch, commit_lsn::text, ordinal,
                   source_time, state, error_code, reason, transactions, rows_applied, conflicts,
                   rows_copied, bytes_copied, rows_estimated, backlog_transactions, backlog_bytes,
                   updated_at, j->>'refused_lsn', j->>'resync_spared' IS NOT NULL,
                   j->>'resync_lsn', (j->>'backlog_rows')::bigint,
                   (j->>'backlog_stored_bytes')::bigint, (j->>'backlog_since')::timestamptz,
                   j->>'compression', j->>'service'
            FROM heliosdb.replication_progress p, to_jsonb(p) AS j
            ORDER BY replication_id
            """;

    private ProgressSql() {}
}
