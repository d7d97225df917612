package io.heliosdb.replication.core.ingest.postgres;

/** Statements at the source for slots, identity and heartbeat. */
final class IngestSql {

    /** Read only. Why a slot was invalidated is told from PostgreSQL 16 and 17 on. */
    static final String SLOT =
            """
            SELECT slot_type, plugin, database, active, active_pid, wal_status,
                   restart_lsn::text, confirmed_flush_lsn::text,
                   CASE WHEN wal_status = 'lost' OR j->>'conflicting' = 'true'
                        THEN coalesce(j->>'invalidation_reason', 'wal_removed')
                        ELSE j->>'invalidation_reason' END
            FROM pg_replication_slots AS s, to_jsonb(s) AS j
            WHERE slot_name = ?
            """;

    /** Creates the slot; not idempotent; waits for the transactions that run now. */
    static final String CREATE_SLOT =
            "SELECT lsn::text FROM pg_create_logical_replication_slot(?, 'pgoutput')";

    /** The same, of PostgreSQL 17 and later: standbys may keep a copy of it, for failover. */
    static final String CREATE_FAILOVER_SLOT =
            "SELECT lsn::text FROM pg_create_logical_replication_slot("
                    + "?, 'pgoutput', false, false, true)";

    /** The transaction id that is given next, without its epoch. Read only. */
    static final String NEXT_XID =
            "SELECT (pg_snapshot_xmax(pg_current_snapshot())::text::numeric % 4294967296)::text";

    /** Whether somebody has altered what decoding reads of the catalog, since that id was next. */
    static final String IS_CATALOG_ALTERED =
            """
            WITH since AS (SELECT age(?::xid) AS age)
            SELECT EXISTS (
                SELECT FROM since WHERE
                    EXISTS (SELECT FROM pg_class c WHERE age(c.xmin) <= since.age)
                    OR EXISTS (SELECT FROM pg_attribute c WHERE age(c.xmin) <= since.age)
                    OR EXISTS (SELECT FROM pg_type c WHERE age(c.xmin) <= since.age)
                    OR EXISTS (SELECT FROM pg_index c WHERE age(c.xmin) <= since.age)
                    OR EXISTS (SELECT FROM pg_publication c WHERE age(c.xmin) <= since.age)
                    OR EXISTS (SELECT FROM pg_publication_rel c WHERE age(c.xmin) <= since.age)
                    OR EXISTS (SELECT FROM pg_publication_namespace c
                               WHERE age(c.xmin) <= since.age))
            """;

    /** Of this session. Not idempotent; waits for the transactions that run now. */
    static final String CREATE_TEMPORARY_SLOT =
            "SELECT lsn::text FROM pg_create_logical_replication_slot(?, 'pgoutput', true)";

    /** What lies before is not read from the slot any more. */
    static final String ADVANCE_SLOT =
            "SELECT end_lsn::text FROM pg_replication_slot_advance(?, pg_current_wal_lsn())";

    /** Whether standbys may keep a copy of the slot; false before PostgreSQL 17. Read only. */
    static final String IS_FAILOVER_SLOT =
            """
            SELECT coalesce((to_jsonb(s)->>'failover')::boolean, false)
            FROM pg_replication_slots AS s WHERE slot_name = ?
            """;

    /** Read only; a command of the replication protocol. */
    static final String TIMELINE_HISTORY = "TIMELINE_HISTORY ";

    /** How far the source has written, or replayed if it is a standby; which. Read only. */
    static final String WAL_END =
            """
            SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                        ELSE pg_current_wal_insert_lsn() END::text,
                   pg_is_in_recovery()
            """;

    /** Drops the slot if nobody uses it. */
    static final String DROP_SLOT = "SELECT pg_drop_replication_slot(?)";

    /** Read only; a command of the replication protocol. */
    static final String IDENTIFY = "IDENTIFY_SYSTEM";

    /** Writes one transactional logical message; its xid is not in its own snapshot. */
    static final String HEARTBEAT =
            """
            SELECT pg_logical_emit_message(true, ?,
                pg_current_snapshot()::text || '|' ||
                (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text)
            """;

    private IngestSql() {}
}
