package io.heliosdb.replication.core.apply.postgres;

/** Prepares a session. Changes nothing but the session. */
final class SessionSql {

    /**
     * What a faithful apply needs, whatever the role or database is set to, beyond the text form of
     * values, which every session of ours has pinned. Plans are generic and go by index: no
     * statement of ours is better off with another plan, and a plan made while a table was empty
     * must not stay a sequential scan. {@code row_security = off} makes policies an error instead
     * of a silent filter. A group waits two seconds for a lock, longer than the server takes to see
     * a deadlock: then its lanes go on one by one, and only those that meet the lock wait for it.
     */
    static final String SETTINGS =
            """
            SET session_replication_role = replica;
            SET synchronous_commit = on;
            SET xmloption = content;
            SET standard_conforming_strings = on;
            SET row_security = off;
            SET default_transaction_isolation = 'read committed';
            SET lock_timeout = '2s';
            SET statement_timeout = 0;
            SET idle_in_transaction_session_timeout = 0;
            SET tcp_keepalives_idle = 15;
            SET tcp_keepalives_interval = 5;
            SET tcp_keepalives_count = 3;
            SET jit = off;
            SET plan_cache_mode = force_generic_plan;
            SET enable_seqscan = off;
            SET enable_hashjoin = off;
            SET enable_mergejoin = off;
            SET enable_material = off\
            """;

    /** In a large transaction, which is more work to begin again than to wait for. */
    static final String PATIENCE = "SET LOCAL lock_timeout = '10s'";

    /**
     * Wanted where the server knows them and lets us: keep row values out of the server's log, end
     * with the client, no time limit on transactions.
     */
    static final String[] WISHES = {
        "SET log_min_error_statement = panic",
        "SET log_parameter_max_length_on_error = 0",
        "SET client_connection_check_interval = '10s'",
        "SET transaction_timeout = 0"
    };

    private SessionSql() {}
}
