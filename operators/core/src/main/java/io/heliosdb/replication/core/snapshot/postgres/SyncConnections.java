package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens the sessions of one engine, and aborts them all when it closes. Sessions have autocommit
 * off and all settings pinned that the text form of values depends on.
 */
final class SyncConnections {

    /** As native subscriptions do, so that every value's text means the same at both ends. */
    private static final String PIN =
            """
            SET search_path = pg_catalog;
            SET timezone = 'UTC';
            SET datestyle = 'ISO, YMD';
            SET intervalstyle = 'postgres';
            SET extra_float_digits = 3;
            SET bytea_output = 'hex';
            SET xmloption = 'content';
            SET standard_conforming_strings = on;
            SET row_security = off;
            SET statement_timeout = 0;
            SET lock_timeout = 0;
            SET idle_in_transaction_session_timeout = 0;
            SET max_parallel_workers_per_gather = 0;
            SET synchronize_seqscans = off
            """;

    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Connection source(DatabaseConfig database) throws SQLException {
        return open(database, PIN, true);
    }

    Connection target(DatabaseConfig database) throws SQLException {
        return open(database, PIN + "; SET session_replication_role = 'replica'", false);
    }

    private Connection open(DatabaseConfig database, String settings, boolean readOnly)
            throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", database.user());
        properties.setProperty("password", database.password().value());
        properties.setProperty("ApplicationName", "heliosdb-sync");
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("reWriteBatchedInserts", "false");
        Connection connection = DriverManager.getConnection(database.url(), properties);
        open.add(connection);
        try (Statement statement = connection.createStatement()) {
            if (closed) {
                throw new SQLException("the engine is closed", "57P01");
            }
            statement.execute(settings);
            connection.setReadOnly(readOnly);
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            release(connection);
            throw e;
        }
        return connection;
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
