package io.heliosdb.replication.core.apply.postgres;

/** Statements on the bookkeeping tables. Numbered parameters: for scripts; {@code ?}: for JDBC. */
final class ApplySql {

    /** Lets a replay meet unique constraints in the order of the source, as far as they allow. */
    static final String DEFER_CONSTRAINTS = "SET CONSTRAINTS ALL DEFERRED";

    static final String SAVEPOINT = "SAVEPOINT heliosdb_chunk";
    static final String RELEASE = "RELEASE SAVEPOINT heliosdb_chunk";
    static final String ROLLBACK_TO = "ROLLBACK TO SAVEPOINT heliosdb_chunk";

    /** Around a statement that may fail and change nothing. */
    static final String TRY = "SAVEPOINT heliosdb_try";

    static final String END_TRY = "RELEASE SAVEPOINT heliosdb_try";
    static final String UNDO_TRY = "ROLLBACK TO SAVEPOINT heliosdb_try";

    private static final String EPOCH_MICROS =
            "'epoch'::timestamptz + %s * '1 microsecond'::interval";

    /**
     * Compare-and-set of the progress of one replication: epoch, new position (LSN, ordinal),
     * source clock, transactions, rows, first position (LSN, ordinal), acknowledged LSN. The row
     * must have this epoch and a position before the first and not before what it acknowledged;
     * else this fails with a division by zero. Takes the row lock until commit.
     */
    static final String MOVE_ONE =
            """
            WITH moved AS (
                UPDATE heliosdb.replication_progress
                SET commit_lsn = $3::pg_lsn, ordinal = $4::bigint, source_time = %s,
                    transactions = transactions + $6::bigint,
                    rows_applied = rows_applied + $7::bigint,
                    updated_at = clock_timestamp()
                WHERE replication_id = $1::text AND epoch = $2::bigint
                  AND (commit_lsn, ordinal) < ($8::pg_lsn, $9::bigint)
                  AND commit_lsn >= $10::pg_lsn
                RETURNING 1)
            SELECT 1 / (count(*) = 1)::int FROM moved\
            """
                    .formatted(EPOCH_MICROS.formatted("$5::bigint"));

    /** The same for many: arrays in order of replication id, in which the rows are locked. */
    static final String MOVE_MANY =
            """
            WITH wanted AS MATERIALIZED (
                SELECT w.*
                FROM unnest($1::text[], $2::bigint[], $3::pg_lsn[], $4::bigint[], $5::bigint[],
                            $6::bigint[], $7::bigint[], $8::pg_lsn[], $9::bigint[], $10::pg_lsn[])
                     AS w (id, epoch, lsn, ordinal, micros, transactions, rows, first_lsn, first_ordinal,
                           acknowledged)
                JOIN heliosdb.replication_progress p ON p.replication_id = w.id
                WHERE p.epoch = w.epoch AND (p.commit_lsn, p.ordinal) < (w.first_lsn, w.first_ordinal)
                  AND p.commit_lsn >= w.acknowledged
                ORDER BY w.id
                FOR NO KEY UPDATE OF p),
            moved AS (
                UPDATE heliosdb.replication_progress p
                SET commit_lsn = w.lsn, ordinal = w.ordinal, source_time = %s,
                    transactions = p.transactions + w.transactions,
                    rows_applied = p.rows_applied + w.rows,
                    updated_at = clock_timestamp()
                FROM wanted w
                WHERE p.replication_id = w.id
                RETURNING 1)
            SELECT 1 / (count(*) = cardinality($1::text[]))::int FROM moved\
            """
                    .formatted(EPOCH_MICROS.formatted("w.micros"));

    /** {@link #MOVE_ONE} that also gives the commit record the source's position and time. */
    static final String MOVE_ONE_WITH_ORIGIN =
            MOVE_ONE.replace(" FROM moved", origin("$3::pg_lsn", "$5::bigint") + " FROM moved");

    /** {@link #MOVE_MANY} with the position and time of the latest of the group. */
    static final String MOVE_MANY_WITH_ORIGIN =
            MOVE_MANY.replace(" FROM moved", origin("$11::pg_lsn", "$12::bigint") + " FROM moved");

    private static String origin(String lsn, String micros) {
        return ", pg_replication_origin_xact_setup(%s, %s)"
                .formatted(lsn, EPOCH_MICROS.formatted(micros));
    }

    static final String READ_FILTER =
            "SELECT table_filter FROM heliosdb.replication_progress WHERE replication_id = ?";

    /** Takes the row lock, which the transaction has already. */
    static final String STORE_FILTER =
            """
            UPDATE heliosdb.replication_progress SET table_filter = ? WHERE replication_id = ?
            RETURNING replication_id
            """;

    /** What is there of a table is wiped when it is copied. */
    static final String MARK_FOR_COPY =
            """
            INSERT INTO heliosdb.copy_mark (replication_id, schema_name, table_name)
            VALUES (?, ?, ?) ON CONFLICT DO NOTHING
            RETURNING replication_id
            """;

    static final String IS_MARKED =
            """
            SELECT replication_id FROM heliosdb.copy_mark
            WHERE replication_id = ? AND schema_name = ? AND table_name = ?
            """;

    static final String UNMARK =
            """
            DELETE FROM heliosdb.copy_mark
            WHERE replication_id = ? AND schema_name = ? AND table_name = ?
            RETURNING replication_id
            """;

    static final String ADD_CONFLICTS =
            """
            UPDATE heliosdb.replication_progress SET conflicts = conflicts + $3::bigint
            WHERE replication_id = $1::text AND epoch = $2::bigint\
            """;

    static final String READ =
            """
            SELECT replication_id, epoch, commit_lsn::text, ordinal
            FROM heliosdb.replication_progress WHERE replication_id = ANY (?)
            """;

    /** As {@link #READ}; holds off {@link #CLAIM_LOCK}, but not reports and advances. */
    static final String READ_FOR_STREAM =
            """
            SELECT replication_id, epoch, commit_lsn::text, ordinal
            FROM heliosdb.replication_progress WHERE replication_id = ANY (?) FOR KEY SHARE
            """;

    /**
     * Tenant, then replication, source, tenant. False, and nothing is done, while rows of the
     * tenant are being removed.
     */
    static final String CLAIM_CREATE =
            """
            WITH admitted AS MATERIALIZED (SELECT %s AS yes),
                 made AS (INSERT INTO heliosdb.replication_progress
                              (replication_id, source_id, tenant_id, epoch, state)
                          SELECT ?, ?, ?, 0, 'INITIALIZING' FROM admitted WHERE yes
                          ON CONFLICT (replication_id) DO NOTHING)
            SELECT yes FROM admitted
            """
                    .formatted(RemovalSql.ADMIT);

    /** Waits for the transactions of the former holder, streamed ones included. */
    static final String CLAIM_LOCK =
            """
            SELECT source_id, commit_lsn::text, ordinal, state, tenant_id,
                   resync_spared, resync_lsn::text, resync_why, timeline,
                   EXISTS (SELECT FROM heliosdb.removal_due d
                           WHERE d.replication_id = p.replication_id)
            FROM heliosdb.replication_progress p WHERE replication_id = ? FOR UPDATE
            """;

    /**
     * Source, tenant, the table filter thought to be stored, the one to store then, position, what
     * is spared by the resync that is pending, its position and reason, timeline (0: as it is),
     * replication. Where nothing was applied any filter fits. Who had stopped has so no more.
     */
    static final String CLAIM_RAISE =
            """
            UPDATE heliosdb.replication_progress
            SET epoch = epoch + 1, source_id = ?, tenant_id = ?,
                state = CASE state WHEN 'STOPPED' THEN 'INITIALIZING' ELSE state END,
                table_filter = CASE
                    WHEN commit_lsn = '0/0' OR table_filter IS NOT DISTINCT FROM ?::text
                    THEN ?::text ELSE table_filter END,
                commit_lsn = ?::pg_lsn, ordinal = ?,
                resync_spared = ?, resync_lsn = ?::pg_lsn, resync_why = ?,
                timeline = coalesce(nullif(?::bigint, 0), timeline),
                updated_at = clock_timestamp()
            WHERE replication_id = ?
            RETURNING epoch, table_filter, transactions, rows_applied, conflicts, rows_copied,
                      bytes_copied
            """;

    /** Replication, commit LSN: what was refused of it. */
    static final String QUARANTINED =
            """
            SELECT ordinal, schema_name, table_name, operation, sqlstate, message, row_data::text
            FROM heliosdb.quarantine WHERE replication_id = ? AND commit_lsn = ?::pg_lsn
            ORDER BY ordinal LIMIT 100
            """;

    /** Replication, schemas and names of tables whose first copy does not count any more. */
    static final String FORGET_COPIES =
            """
            DELETE FROM heliosdb.table_sync t
            USING unnest(?::text[], ?::text[]) AS f(schema_name, table_name)
            WHERE t.replication_id = ?
              AND t.schema_name = f.schema_name AND t.table_name = f.table_name
            RETURNING t.table_name
            """;

    static final String SYNCED_TABLES =
            """
            SELECT schema_name, table_name, snapshot, upper_lsn::text
            FROM heliosdb.table_sync WHERE replication_id = ?
            ORDER BY schema_name, table_name
            """;

    /**
     * Positions and figures of replications without work. Never moves back; leaves alone who has
     * another epoch, who was set back (or it would not be noticed any more), and rows that somebody
     * holds: they are not idle.
     */
    static final String ADVANCE =
            """
            WITH wanted AS MATERIALIZED (
                SELECT w.*, (w.lsn, w.ordinal) > (p.commit_lsn, p.ordinal) AS ahead
                FROM unnest($1::text[], $2::bigint[], $3::pg_lsn[], $4::bigint[], $5::bigint[],
                            $6::bigint[], $7::bigint[], $8::pg_lsn[], $9::bigint[],
                            $10::bigint[], $11::bigint[], $12::text[], $13::text[])
                     AS w (id, epoch, lsn, ordinal, micros, backlog_transactions, backlog_bytes,
                           acknowledged, backlog_rows, backlog_stored_bytes, oldest, compression,
                           service)
                JOIN heliosdb.replication_progress p ON p.replication_id = w.id
                WHERE p.epoch = w.epoch AND p.commit_lsn >= w.acknowledged
                ORDER BY w.id
                FOR NO KEY UPDATE OF p SKIP LOCKED)
            UPDATE heliosdb.replication_progress p
            SET commit_lsn = CASE WHEN w.ahead THEN w.lsn ELSE p.commit_lsn END,
                ordinal = CASE WHEN w.ahead THEN w.ordinal ELSE p.ordinal END,
                source_time = CASE WHEN w.ahead AND w.micros > 0 THEN %s ELSE p.source_time END,
                backlog_transactions = w.backlog_transactions,
                backlog_bytes = w.backlog_bytes,
                backlog_rows = w.backlog_rows,
                backlog_stored_bytes = w.backlog_stored_bytes,
                backlog_since = CASE WHEN w.oldest > 0 THEN %s END,
                compression = coalesce(nullif(w.compression, ''), p.compression),
                service = w.service,
                updated_at = clock_timestamp()
            FROM wanted w
            WHERE p.replication_id = w.id\
            """
                    .formatted(
                            EPOCH_MICROS.formatted("w.micros"), EPOCH_MICROS.formatted("w.oldest"));

    /** State and reason; nothing if somebody with a newer epoch is in charge. */
    static final String REPORT =
            """
            UPDATE heliosdb.replication_progress
            SET state = $3::text, error_code = $4::text, reason = $5::text,
                refused_lsn = nullif($6::pg_lsn, '0/0'),
                updated_at = clock_timestamp()
            WHERE replication_id = $1::text AND epoch <= $2::bigint\
            """;

    /**
     * State and reason where there is no right to write: replication, source, tenant, state, code,
     * reason, last epoch held. Nothing is returned if the row may be somebody else's. Takes the row
     * lock until commit.
     */
    static final String REPORT_UNCLAIMED =
            """
            INSERT INTO heliosdb.replication_progress AS p
                (replication_id, source_id, tenant_id, epoch, state, error_code, reason)
            VALUES (?, ?, ?, 0, ?, ?, ?)
            ON CONFLICT (replication_id) DO UPDATE
            SET state = EXCLUDED.state, error_code = EXCLUDED.error_code, reason = EXCLUDED.reason,
                updated_at = clock_timestamp()
            WHERE p.epoch <= ? OR p.state = 'STOPPED'
            RETURNING p.epoch
            """;

    /** Ends the right to write of one epoch. Waits for copies that hold it to commit. */
    static final String GIVE_BACK =
            """
            UPDATE heliosdb.replication_progress
            SET epoch = epoch + 1, state = 'STOPPED', error_code = NULL, reason = NULL,
                backlog_transactions = 0, backlog_bytes = 0, backlog_rows = 0,
                backlog_stored_bytes = 0, backlog_since = NULL, updated_at = clock_timestamp()
            WHERE replication_id = ? AND epoch = ?
            RETURNING epoch
            """;

    /** Keeps a row that the target refused. Idempotent per position. */
    static final String QUARANTINE =
            """
            INSERT INTO heliosdb.quarantine
                (replication_id, commit_lsn, ordinal, schema_name, table_name, operation, sqlstate,
                 message, row_data)
            VALUES ($1::text, $2::pg_lsn, $3::bigint, $4::text, $5::text, $6::text, $7::text,
                    $8::text, $9::jsonb)
            ON CONFLICT (replication_id, commit_lsn, ordinal) DO UPDATE
            SET schema_name = EXCLUDED.schema_name, table_name = EXCLUDED.table_name,
                operation = EXCLUDED.operation, sqlstate = EXCLUDED.sqlstate,
                message = EXCLUDED.message, row_data = EXCLUDED.row_data,
                quarantined_at = clock_timestamp()\
            """;

    /**
     * What is spared, reason, replications: they begin anew, and copy again. Waits for transactions
     * of their holders.
     */
    static final String MARK_RESYNC =
            """
            UPDATE heliosdb.replication_progress
            SET epoch = epoch + 1, commit_lsn = '0/0', ordinal = 0, source_time = NULL,
                state = 'INITIALIZING', error_code = NULL, reason = 'to be copied again',
                refused_lsn = NULL, backlog_transactions = 0, backlog_bytes = 0, backlog_rows = 0,
                backlog_stored_bytes = 0, backlog_since = NULL,
                resync_spared = ?, resync_lsn = NULL, resync_why = ?, timeline = NULL,
                updated_at = clock_timestamp()
            WHERE replication_id = ANY (?::text[])
            """;

    static final String FORGET_ALL_COPIES =
            "DELETE FROM heliosdb.table_sync WHERE replication_id = ANY (?::text[])";

    /**
     * Replication: the resync that it takes up answers the error it stood in. Whoever waits for its
     * end would take an old error for the new one's.
     */
    static final String ANSWER_ERROR =
            """
            UPDATE heliosdb.replication_progress
            SET state = 'INITIALIZING', error_code = NULL, reason = NULL, refused_lsn = NULL
            WHERE replication_id = ? AND state = 'ERROR'
            RETURNING replication_id
            """;

    /** A resync begins: what the last one found is old. */
    static final String FORGET_MENDED =
            """
            DELETE FROM heliosdb.mended WHERE replication_id = ANY (?::text[])
            RETURNING replication_id
            """;

    /** Read only: how many tables and rows the last resync has compared so far. */
    static final String COMPARED =
            """
            SELECT format('%s tables with %s rows compared', count(*),
                          coalesce(sum(rows_compared), 0))
            FROM heliosdb.mended WHERE replication_id = ?
            """;

    /** Read only: the tables in which it found something. */
    static final String MENDED =
            """
            SELECT format('%s.%s: %s rows compared, %s missing, %s extra, %s differing',
                          schema_name, table_name, rows_compared, rows_missing, rows_extra,
                          rows_differing)
            FROM heliosdb.mended
            WHERE replication_id = ? AND rows_missing + rows_extra + rows_differing > 0
            ORDER BY schema_name, table_name
            """;

    /** Keeps a change that is left out by order. Idempotent per position. */
    static final String KEEP_SKIPPED =
            """
            INSERT INTO heliosdb.skipped
                (replication_id, commit_lsn, ordinal, schema_name, table_name, operation, row_data,
                 who, reason)
            VALUES ($1::text, $2::pg_lsn, $3::bigint, $4::text, $5::text, $6::text, $7::jsonb,
                    $8::text, $9::text)
            ON CONFLICT (replication_id, commit_lsn, ordinal) DO NOTHING\
            """;

    /**
     * Moves sequences that are not far enough: arrays of sequence, table, column, least value, new
     * value, direction, cycle. Returns number and whether it was allowed of those that there are.
     * Not undone by a rollback; takes no lock that others wait for.
     */
    static final String ADVANCE_SEQUENCES =
            """
            SELECT n, allowed,
                   CASE WHEN allowed AND CASE WHEN cycles THEN last IS DISTINCT FROM value
                                              WHEN upward THEN coalesce(last < at_least, true)
                                              ELSE coalesce(last > at_least, true) END
                        THEN setval(oid::regclass, greatest(seqmin, least(seqmax, value))) END
            FROM (SELECT w.*, q.seqmin, q.seqmax, c.oid,
                         has_sequence_privilege(c.oid, 'UPDATE')
                             AND has_sequence_privilege(c.oid, 'USAGE, SELECT') AS allowed,
                         CASE WHEN has_sequence_privilege(c.oid, 'USAGE, SELECT')
                              THEN pg_sequence_last_value(c.oid) END AS last
                  FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::bool[],
                              ?::bool[])
                       WITH ORDINALITY AS w (sequence_name, table_name, column_name, at_least,
                                             value, upward, cycles, n)
                  CROSS JOIN LATERAL (
                      SELECT coalesce(
                          (SELECT d.objid
                           FROM pg_catalog.pg_depend d
                           JOIN pg_catalog.pg_attribute a
                                ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                           WHERE d.classid = 'pg_class'::regclass
                             AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
                             AND d.refobjid = to_regclass(w.table_name)
                             AND a.attname = w.column_name
                           LIMIT 1),
                          to_regclass(w.sequence_name)) AS oid) AS c
                  JOIN pg_catalog.pg_sequence q ON q.seqrelid = c.oid
                  OFFSET 0) AS there
            """;

    private ApplySql() {}
}
