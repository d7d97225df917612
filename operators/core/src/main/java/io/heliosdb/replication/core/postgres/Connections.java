package io.heliosdb.replication.core.postgres;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections whose text output does not depend on the server's settings, as PostgreSQL's own
 * subscriptions do, so that what is read is what is written.
 */
public final class Connections {

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    /**
     * Not by {@link java.sql.DriverManager}: it does not see the driver of a job's class loader
     * until something has loaded it, once another job has had its own.
     */
    private static final Driver DRIVER = new Driver();

    static {
        forgetDriverOfJob();
    }

    /** Which side a failure is blamed on. */
    public enum Endpoint {
        SOURCE(ErrorCode.SOURCE_UNREACHABLE),
        TARGET(ErrorCode.TARGET_UNREACHABLE),
        STORE(ErrorCode.STORE_UNREACHABLE);

        private final ErrorCode unreachable;

        Endpoint(ErrorCode unreachable) {
            this.unreachable = unreachable;
        }

        String label() {
            return name().toLowerCase();
        }
    }

    /** Fixes how every type is written and read, and makes sure that names mean what we write. */
    private static final String PIN_OUTPUT =
            """
            SET timezone = 'UTC';
            SET datestyle = 'ISO, YMD';
            SET intervalstyle = 'postgres';
            SET extra_float_digits = 3;
            SET bytea_output = 'hex';
            SET lc_monetary = 'C';
            SET array_nulls = on;
            SET xmloption = 'content';
            SET quote_all_identifiers = off;
            SET search_path = 'pg_catalog'
            """;

    /** What we write into the source must not wait for a standby: that may be our own stream. */
    private static final String NOT_SYNCHRONOUS = "SET synchronous_commit = 'local'";

    private static final int CONNECT_TIMEOUT_SECONDS = 10;

    private Connections() {}

    /**
     * The classes of a job that has ended stay in the process if DriverManager has their driver.
     */
    private static void forgetDriverOfJob() {
        if (Driver.class.getClassLoader() != ClassLoader.getSystemClassLoader()) {
            try {
                Driver.deregister();
            } catch (SQLException e) {
                LOG.debug("driver stays registered cause={}", e.getMessage());
            }
        }
    }

    /** A connection in autocommit mode. */
    public static Connection open(
            DatabaseConfig database, String applicationName, Endpoint endpoint) {
        return open(database, properties(database, applicationName), endpoint);
    }

    /**
     * A connection in autocommit mode on which no single answer may take longer than this: for
     * short statements whose caller wants to know soon that the server is out of reach.
     */
    public static Connection open(
            DatabaseConfig database,
            String applicationName,
            Endpoint endpoint,
            Duration answerTimeout) {
        Properties properties = properties(database, applicationName);
        long seconds = Math.max(1, answerTimeout.toSeconds());
        PGProperty.SOCKET_TIMEOUT.set(properties, (int) seconds);
        PGProperty.CONNECT_TIMEOUT.set(
                properties, (int) Math.min(seconds, CONNECT_TIMEOUT_SECONDS));
        PGProperty.LOGIN_TIMEOUT.set(properties, (int) Math.min(seconds, CONNECT_TIMEOUT_SECONDS));
        return open(database, properties, endpoint);
    }

    /** Takes settings where the server knows them and lets us, and goes without the others. */
    public static void wish(Connection connection, String... settings) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String setting : settings) {
                try {
                    statement.execute(setting);
                } catch (SQLException e) {
                    String state = String.valueOf(e.getSQLState());
                    if (!state.startsWith("42") && !state.startsWith("22")) {
                        throw e;
                    }
                    LOG.debug("setting not taken setting={} sqlstate={}", setting, state);
                }
            }
        }
    }

    /** Ends a session that may be gone already. */
    public static void closeQuietly(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                LOG.debug("connection not closed sqlstate={}", e.getSQLState());
            }
        }
    }

    /** Ends a session from which a stream may still be coming: close would wait for its end. */
    public static void abortQuietly(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("connection not aborted sqlstate={}", e.getSQLState());
            }
        }
    }

    /** A connection that speaks the replication protocol. */
    public static Connection openReplication(DatabaseConfig database, String applicationName) {
        return open(database, replication(database, applicationName), Endpoint.SOURCE);
    }

    /**
     * The same over sockets of this factory, unless the URL names another.
     *
     * @param argument what the factory is made with
     */
    public static Connection openReplication(
            DatabaseConfig database,
            String applicationName,
            Class<? extends SocketFactory> sockets,
            String argument) {
        Properties properties = replication(database, applicationName);
        PGProperty.SOCKET_FACTORY.set(properties, sockets.getName());
        PGProperty.SOCKET_FACTORY_ARG.set(properties, argument);
        return open(database, properties, Endpoint.SOURCE);
    }

    private static Properties replication(DatabaseConfig database, String applicationName) {
        Properties properties = properties(database, applicationName);
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        return properties;
    }

    private static Properties properties(DatabaseConfig database, String applicationName) {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, database.user());
        PGProperty.PASSWORD.set(properties, database.password().value());
        PGProperty.APPLICATION_NAME.set(properties, applicationName);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_TIMEOUT_SECONDS);
        PGProperty.LOGIN_TIMEOUT.set(properties, CONNECT_TIMEOUT_SECONDS);
        PGProperty.REWRITE_BATCHED_INSERTS.set(properties, false);
        return properties;
    }

    private static Connection open(
            DatabaseConfig database, Properties properties, Endpoint endpoint) {
        try {
            Connection connection = DRIVER.connect(database.url(), properties);
            if (connection == null) {
                throw new SQLException("no URL of PostgreSQL: " + database.url());
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute(PIN_OUTPUT);
                if (endpoint == Endpoint.SOURCE && !PGProperty.REPLICATION.isPresent(properties)) {
                    statement.execute(NOT_SYNCHRONOUS);
                }
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
            return connection;
        } catch (SQLException e) {
            throw failure(database, endpoint, e);
        }
    }

    private static ReplicationException failure(
            DatabaseConfig database, Endpoint endpoint, SQLException e) {
        String where =
                endpoint.label() + " " + database.url() + " as user '" + database.user() + "'";
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        return switch (state) {
            case SqlState.INVALID_PASSWORD,
                    SqlState.INVALID_AUTHORIZATION,
                    SqlState.CONNECTION_REJECTED ->
                    new ReplicationException(
                            ErrorCode.CONFIG_INVALID,
                            where
                                    + " refuses the login: "
                                    + e.getMessage()
                                    + ". Check user, password and pg_hba.conf",
                            e);
            case SqlState.UNKNOWN_DATABASE ->
                    new ReplicationException(
                            ErrorCode.CONFIG_INVALID, where + ": " + e.getMessage(), e);
            default ->
                    new ReplicationException(
                            endpoint.unreachable,
                            where + " cannot be reached: " + e.getMessage(),
                            e);
        };
    }
}
