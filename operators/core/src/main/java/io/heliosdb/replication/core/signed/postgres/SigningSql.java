package io.heliosdb.replication.core.signed.postgres;

import io.heliosdb.replication.model.TableId;
import java.util.List;

/** What signed messages need at the source. */
public final class SigningSql {

    /** Read only. */
    static final String KEYS = "SELECT id, secret FROM heliosdb.signing_key";

    /** Read only: where the WAL stands. */
    static final String HERE = "SELECT pg_catalog.pg_current_wal_insert_lsn()";

    /** Read only: whether keys can be read. */
    static final String INSTALLED =
            """
            SELECT has_schema_privilege(c.relnamespace, 'USAGE')
                   AND has_table_privilege(c.oid, 'SELECT')
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'heliosdb' AND c.relname = 'signing_key'
            """;

    private static final String SCHEMA = "CREATE SCHEMA IF NOT EXISTS heliosdb";

    private static final String TABLE =
            """
            CREATE TABLE IF NOT EXISTS heliosdb.signing_key (
                id text PRIMARY KEY,
                secret bytea NOT NULL CHECK (length(secret) = 64),
                inner_pad bytea NOT NULL,
                outer_pad bytea NOT NULL,
                created_at timestamptz NOT NULL DEFAULT now()
            )\
            """;

    private static final String HIDDEN = "REVOKE ALL ON heliosdb.signing_key FROM PUBLIC";

    /**
     * A UUID has 122 bits from the server's strong random source; six of them have more than 512.
     */
    private static final String KEY =
            """
            INSERT INTO heliosdb.signing_key (id, secret, inner_pad, outer_pad)
            SELECT encode(substr(sha256(s), 1, 8), 'hex'), s,
                   (SELECT string_agg(set_byte('\\x00', 0, get_byte(s, i) # 54), '' ORDER BY i)
                    FROM generate_series(0, 63) i),
                   (SELECT string_agg(set_byte('\\x00', 0, get_byte(s, i) # 92), '' ORDER BY i)
                    FROM generate_series(0, 63) i)
            FROM (SELECT sha512(string_agg(uuid_send(gen_random_uuid()), '')) AS s
                  FROM generate_series(1, 6)) AS r
            WHERE NOT EXISTS (SELECT FROM heliosdb.signing_key)\
            """;

    /** Runs with the rights of its caller, who must be allowed to read the key. */
    private static final String EMIT =
            """
            CREATE OR REPLACE FUNCTION heliosdb.emit(prefix text, body text) RETURNS pg_lsn
            LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $emit$
            DECLARE
                key heliosdb.signing_key;
                content bytea := convert_to(body, 'UTF8');
            BEGIN
                SELECT * INTO STRICT key FROM heliosdb.signing_key
                ORDER BY created_at DESC, id LIMIT 1;
                RETURN pg_logical_emit_message(true, prefix,
                    convert_to('1 ' || key.id || ' ' || encode(sha256(key.outer_pad || sha256(
                        key.inner_pad
                        || convert_to(prefix || E'\\n' || pg_current_xact_id()::xid || E'\\n', 'UTF8')
                        || content)), 'hex') || ' ', 'UTF8') || content);
            END $emit$\
            """;

    private SigningSql() {}

    /**
     * Statements for the source, each idempotent, that make a key, the function {@code
     * heliosdb.emit}, and let this role use both. Need the right to create a schema, or to create
     * in schema {@code heliosdb}; not superuser. Take no lock that anybody waits for.
     */
    public static List<String> install(String role) {
        String to = " TO " + TableId.quote(role);
        return List.of(
                SCHEMA,
                TABLE,
                HIDDEN,
                KEY,
                EMIT,
                "REVOKE ALL ON FUNCTION heliosdb.emit(text, text) FROM PUBLIC",
                "GRANT USAGE ON SCHEMA heliosdb" + to,
                "GRANT SELECT ON heliosdb.signing_key" + to,
                "GRANT EXECUTE ON FUNCTION heliosdb.emit(text, text)" + to);
    }
}
