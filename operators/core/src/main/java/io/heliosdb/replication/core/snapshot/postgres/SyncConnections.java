package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.postgres.Connections.Endpoint;
import io.heliosdb.replication.core.postgres.ReplicationOrigin;
import io.heliosdb.replication.core.postgres.SqlState;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens the sessions of one engine, and aborts them all when it closes. Sessions have autocommit
 * off and all settings pinned that the text form of values depends on.
 */
final class SyncConnections {

    /** Beyond what every session of ours pins: nothing filters, times out or starts elsewhere. */
    private static final String SETTINGS =
            """
            SET xmloption = 'content';
            SET standard_conforming_strings = on;
            SET row_security = off;
            SET statement_timeout = 0;
            SET lock_timeout = 0;
            SET idle_in_transaction_session_timeout = 0;
            SET max_parallel_workers_per_gather = 0;
            SET synchronize_seqscans = off;
            SET jit = off
            """;

    /** Taken where the server knows them and lets us; row values stay out of the server's log. */
    private static final String[] WISHES = {
        "SET transaction_timeout = 0",
        "SET idle_session_timeout = 0",
        "SET client_connection_check_interval = '10s'",
        "SET log_min_error_statement = panic"
    };

    private static final String ORIGIN = "heliosdb_copy";

    private static final String REPLICA = "SET session_replication_role = 'replica'";

    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private interface Preparation {
        void of(Connection connection) throws SQLException;
    }

    /**
     * A session that reads.
     *
     * @throws ApplyException RETRY_LANE with SOURCE_UNREACHABLE, or REJECTED
     */
    Connection source(DatabaseConfig database) {
        return open(database, Endpoint.SOURCE, session -> session.setReadOnly(true));
    }

    /**
     * A session that neither fires triggers nor checks foreign keys.
     *
     * @throws ApplyException RETRY_TARGET with TARGET_UNREACHABLE, or REJECTED
     */
    Connection target(DatabaseConfig database) {
        return open(database, Endpoint.TARGET, session -> becomeReplica(session, database));
    }

    /**
     * Likewise, and its rows are marked as replicated.
     *
     * @throws ApplyException RETRY_TARGET with TARGET_UNREACHABLE, or REJECTED
     */
    Connection targetForRows(DatabaseConfig database) {
        return open(
                database,
                Endpoint.TARGET,
                session -> {
                    becomeReplica(session, database);
                    ReplicationOrigin.setUp(session, ORIGIN);
                });
    }

    private static void becomeReplica(Connection target, DatabaseConfig database)
            throws SQLException {
        try {
            run(target, REPLICA);
        } catch (SQLException e) {
            if (!SqlState.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw e;
            }
            throw Failures.rejected(
                    ErrorCode.TARGET_NOT_READY,
                    "user "
                            + database.user()
                            + " may not set session_replication_role in the target;"
                            + " run there: GRANT SET ON PARAMETER session_replication_role TO "
                            + TableId.quote(database.user())
                            + ";");
        }
    }

    private Connection open(DatabaseConfig database, Endpoint endpoint, Preparation preparation) {
        Connection connection = open(database, endpoint);
        boolean ready = false;
        try {
            run(connection, SETTINGS);
            Connections.wish(connection, WISHES);
            preparation.of(connection);
            connection.setAutoCommit(false);
            ready = true;
            return connection;
        } catch (SQLException e) {
            throw endpoint == Endpoint.SOURCE ? Failures.source(e) : Failures.target(e);
        } finally {
            if (!ready) {
                release(connection);
            }
        }
    }

    private Connection open(DatabaseConfig database, Endpoint endpoint) {
        Connection connection;
        try {
            connection = Connections.open(database, "heliosdb-sync", endpoint);
        } catch (ReplicationException e) {
            throw Failures.of(e);
        }
        open.add(connection);
        // Closed before it was added: abortAll has not seen it.
        if (closed) {
            release(connection);
            throw Failures.target(new SQLException("the engine is closed", "57P01"));
        }
        return connection;
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Ends a session whatever state it is in. */
    void release(Connection connection) {
        open.remove(connection);
        try {
            // Abort, not close: close would wait for a COPY under way.
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            throw new IllegalStateException("a connection could not be aborted", e);
        }
    }

    /** Ends all sessions, and every one that is still to be opened. */
    void abortAll() {
        closed = true;
        for (Connection connection : open) {
            release(connection);
        }
    }
}
