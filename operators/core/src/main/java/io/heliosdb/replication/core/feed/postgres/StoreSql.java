package io.heliosdb.replication.core.feed.postgres;

/** Statements of the job about what the metadata store wants. Read only, but for the beat. */
final class StoreSql {

    static final String SCHEMA = "heliosdb_control";

    /** Covers {@code connections}, {@code replication_configs} and {@code feed_beats}. */
    static final String PUBLICATION = "heliosdb_control";

    /**
     * What of the replications of a source is to be done: those that live, those whose end nobody
     * has reported yet, and those that the caller believes to live.
     */
    private static final String WANTED =
            """
            FROM heliosdb_control.replication_configs c
            LEFT JOIN heliosdb_control.replication_status s ON s.replication_id = c.id
            WHERE c.source_connection_id = ?
              AND (c.deleted_at IS NULL AND c.desired_state <> 'Stopped'
                   OR COALESCE(s.observed_version, 0) < c.spec_version
                   OR c.id = ANY (?::uuid[]))
            """;

    static final String REPLICATIONS = "SELECT to_jsonb(c)::text " + WANTED + "ORDER BY c.id";

    private static final String CONNECTION =
            """
            SELECT (to_jsonb(t) || jsonb_build_object('secret', encode(t.secret, 'base64')))::text
            FROM heliosdb_control.connections t
            """;

    /** The targets of those, deleted ones too: what ends may have to be cleaned up. */
    static final String TARGETS =
            CONNECTION
                    + "WHERE t.id IN (SELECT c.target_connection_id "
                    + WANTED
                    + ") ORDER BY t.id";

    static final String SOURCE = CONNECTION + "WHERE t.id = ?";

    /**
     * Something of ours in the publication now and then, so that a stream of it moves although
     * nobody changes a replication, and the store need not keep its WAL. Idempotent.
     */
    static final String BEAT =
            """
            INSERT INTO heliosdb_control.feed_beats (source_connection_id, beaten_at)
            VALUES (?, now())
            ON CONFLICT (source_connection_id) DO UPDATE SET beaten_at = EXCLUDED.beaten_at
            """;

    /** Drops the slot unless somebody reads it; returns a row if it did. */
    static final String DROP_SLOT =
            """
            SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
            WHERE slot_name = ? AND NOT active
            """;

    static final String SLOT = "SELECT active FROM pg_replication_slots WHERE slot_name = ?";

    /** What a feed needs, in one row. */
    static final String FACTS =
            """
            SELECT current_setting('server_version_num')::int,
                   current_setting('wal_level'),
                   current_setting('max_replication_slots')::int,
                   (SELECT count(*) FROM pg_replication_slots WHERE slot_name <> ?),
                   current_setting('max_wal_senders')::int,
                   (SELECT count(*) FROM pg_stat_replication),
                   (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user)
                       OR EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_replication'
                                  AND pg_has_role(current_user, oid, 'member')),
                   current_user::text,
                   EXISTS (SELECT FROM pg_class WHERE relname = 'feed_beats'
                           AND relnamespace = to_regnamespace('heliosdb_control')),
                   COALESCE(has_schema_privilege(to_regnamespace('heliosdb_control'), 'USAGE'), true),
                   COALESCE((SELECT string_agg(t.name, ', ' ORDER BY t.name)
                             FROM unnest(ARRAY['connections', 'replication_configs', 'feed_beats']) AS t(name)
                             WHERE NOT EXISTS (SELECT FROM pg_publication_tables p
                                               WHERE p.pubname = 'heliosdb_control'
                                                 AND p.schemaname = 'heliosdb_control'
                                                 AND p.tablename = t.name)), ''),
                   EXISTS (SELECT FROM pg_publication WHERE pubname = 'heliosdb_control'),
                   COALESCE((SELECT string_agg(r.privilege || ' ON ' || r.name, '|' ORDER BY r.name)
                             FROM (VALUES ('SELECT', 'connections'), ('SELECT', 'replication_configs'),
                                          ('SELECT, INSERT, UPDATE', 'replication_status'),
                                          ('SELECT, INSERT, UPDATE', 'sync_progress'),
                                          ('SELECT, INSERT', 'replication_metrics'),
                                          ('SELECT, INSERT', 'replication_checkpoints'),
                                          ('SELECT, INSERT', 'replication_events'),
                                          ('SELECT, INSERT, UPDATE', 'quarantine'),
                                          ('SELECT, INSERT, UPDATE', 'feed_beats')) AS r(privilege, name)
                             JOIN pg_class k ON k.relname = r.name
                                  AND k.relnamespace = to_regnamespace('heliosdb_control')
                             WHERE NOT (SELECT bool_and(has_table_privilege(k.oid, one))
                                        FROM regexp_split_to_table(r.privilege, ', ') AS one)), '')
            """;

    private StoreSql() {}
}
