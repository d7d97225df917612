package io.heliosdb.replication.core.ingest.postgres;

/** Statements at the source for slots, identity and heartbeat. */
final class IngestSql {

    /** Read only. */
    static final String SLOT =
            """
            SELECT slot_type, plugin, database, active, active_pid, wal_status,
                   restart_lsn::text, confirmed_flush_lsn::text
            FROM pg_replication_slots
            WHERE slot_name = ?
            """;

    /** Creates the slot; not idempotent; waits for the transactions that run now. */
    static final String CREATE_SLOT =
            "SELECT lsn::text FROM pg_create_logical_replication_slot(?, 'pgoutput')";

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
