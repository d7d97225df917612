package io.heliosdb.replication.core.preflight.postgres;

/** Questions to catalogs and settings. All read only; none takes more than catalog locks. */
final class PreflightSql {

    /** Before the probes that read tables: nothing waits long, and nothing is written. */
    static final String BE_CAREFUL =
            """
            SET statement_timeout = '10s';
            SET lock_timeout = '2s'
            """;

    static final String READ_ONLY = "SET default_transaction_read_only = on";

    static final String SERVER =
            """
            SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                   pg_is_in_recovery(), current_setting('transaction_read_only')::boolean,
                   current_user, d.datname, pg_encoding_to_char(d.encoding),
                   (SELECT system_identifier::text FROM pg_control_system()),
                   pg_postmaster_start_time()::text
            FROM pg_database d
            WHERE d.datname = current_database()
            """;

    static final String SOURCE_SERVER =
            """
            SELECT current_setting('wal_level'),
                   (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user),
                   (SELECT count(*) FROM pg_replication_slots),
                   current_setting('max_replication_slots')::int,
                   (SELECT count(*) FROM pg_stat_replication),
                   current_setting('max_wal_senders')::int,
                   (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_sender_timeout'),
                   (SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size')
            """;

    /** Our own session has its own {@code synchronous_commit}. */
    static final String SYNCHRONOUS =
            """
            SELECT current_setting('synchronous_standby_names'),
                   (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit')
            """;

    static final String SLOT =
            """
            SELECT s.slot_name, s.plugin, s.database, coalesce(s.active_pid, 0), s.wal_status,
                   coalesce(' (' || nullif(concat_ws(', ', nullif(a.application_name, ''),
                                                     a.client_addr::text), '') || ')', '')
            FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid
            WHERE s.slot_name = ?
            """;

    static final String PUBLICATION =
            """
            SELECT pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot
            FROM pg_publication
            WHERE pubname = ?
            """;

    /** Tables that were added by name: the roots of partitioned tables stand only here. */
    static final String PUBLICATION_MEMBERS =
            """
            SELECT n.nspname, c.relname
            FROM pg_publication p
            JOIN pg_publication_rel r ON r.prpubid = p.oid
            JOIN pg_class c ON c.oid = r.prrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE p.pubname = ?
            """;

    /** The tables under whose names changes go out. */
    static final String PUBLICATION_TABLES =
            """
            SELECT schemaname, tablename, attnames::text[], rowfilter
            FROM pg_publication_tables
            WHERE pubname = ?
            """;

    private static final String OUR_RELATIONS =
            """
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            %s
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
              AND n.nspname NOT LIKE 'pg\\_%%'
              AND n.nspname NOT IN ('information_schema', 'heliosdb')
            """;

    static final String RELATIONS =
            """
            SELECT c.oid::bigint, n.nspname, c.relname, c.relkind, rn.nspname, rc.relname,
                   c.relpersistence = 'u', c.relreplident, greatest(c.relpages, 0),
                   has_schema_privilege(n.oid, 'USAGE'), has_table_privilege(c.oid, 'SELECT'),
                   has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')
                       AND has_table_privilege(c.oid, 'DELETE'),
                   row_security_active(c.oid)
            """
                    + OUR_RELATIONS.formatted(
                            """
                            LEFT JOIN pg_class rc ON c.relispartition AND rc.oid = pg_partition_root(c.oid)
                            LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
                            """);

    static final String COLUMNS =
            """
            SELECT c.oid::bigint, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                   a.attgenerated <> '', a.atthasdef OR a.attidentity <> ''
            """
                    + OUR_RELATIONS.formatted("JOIN pg_attribute a ON a.attrelid = c.oid")
                    + "  AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.oid, a.attnum";

    static final String INDEXES =
            """
            SELECT c.oid::bigint, ic.relname, i.indisprimary, i.indisunique, i.indimmediate,
                   i.indisvalid, i.indpred IS NULL AND i.indexprs IS NULL, i.indisreplident,
                   ARRAY(SELECT a.attname::text
                         FROM unnest(i.indkey) WITH ORDINALITY k (number, place)
                         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                         WHERE k.place <= i.indnkeyatts
                         ORDER BY k.place)
            """
                    + OUR_RELATIONS.formatted(
                            """
                            JOIN pg_index i ON i.indrelid = c.oid
                            JOIN pg_class ic ON ic.oid = i.indexrelid
                            """)
                    + "ORDER BY c.oid, ic.relname";

    static final String SET_REPLICATION_ROLE = "SET session_replication_role = replica";
    static final String RESET_REPLICATION_ROLE = "RESET session_replication_role";

    static final String TARGET_SERVER =
            """
            SELECT has_database_privilege(current_database(), 'CREATE'),
                   coalesce(current_setting('max_active_replication_origins', true),
                            current_setting('max_replication_slots'))::int,
                   (SELECT coalesce(bool_and(has_table_privilege(c.oid, 'SELECT')
                                             AND has_table_privilege(c.oid, 'INSERT')
                                             AND has_table_privilege(c.oid, 'UPDATE')
                                             AND has_table_privilege(c.oid, 'DELETE')), true)
                    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'heliosdb' AND c.relkind = 'r')
            """;

    /** Whether {@link #FEEDS} can be asked. */
    static final String HAS_FEEDS =
            """
            SELECT has_schema_privilege(c.relnamespace, 'USAGE')
                   AND has_table_privilege(c.oid, 'SELECT')
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'heliosdb' AND c.relname = 'replication_progress'
            """;

    static final String FEEDS =
            "SELECT replication_id, source_id FROM heliosdb.replication_progress";

    static final String SCHEMAS =
            """
            SELECT nspname, has_schema_privilege(oid, 'USAGE') AND has_schema_privilege(oid, 'CREATE')
            FROM pg_namespace
            WHERE nspname NOT LIKE 'pg\\_%'
            """;

    static final String FORBIDDEN_FUNCTIONS =
            """
            SELECT f.signature
            FROM unnest(ARRAY['pg_replication_origin_create(text)',
                              'pg_replication_origin_drop(text)',
                              'pg_replication_origin_oid(text)',
                              'pg_replication_origin_session_setup(text)',
                              'pg_replication_origin_session_reset()',
                              'pg_replication_origin_xact_setup(pg_lsn, timestamp with time zone)'])
                     AS f (signature)
            WHERE NOT has_function_privilege(to_regprocedure(f.signature), 'EXECUTE')
            """;

    private PreflightSql() {}
}
