package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.apply.TargetSessionFactory;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.postgres.Connections.Endpoint;
import io.heliosdb.replication.core.progress.postgres.ProgressStore;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.TargetConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens sessions in PostgreSQL targets. */
public final class PostgresTargets implements TargetSessionFactory {

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(PostgresTargets.class);
    private static final int MAX_ORIGIN_SUFFIX = 32;

    /** Longer than any statement of ours takes; ends the wait for a host that is gone. */
    private static final int NETWORK_TIMEOUT_MILLIS = 600_000;

    @Override
    public TargetSession open(TargetConfig target, Tenancy tenancy, String sessionName) {
        return openSession(target, tenancy, sessionName);
    }

    PostgresTargetSession openSession(TargetConfig target, Tenancy tenancy, String sessionName) {
        if (!sessionName.matches("[A-Za-z0-9_.-]{1,40}")) {
            throw new IllegalArgumentException("session name '" + sessionName + "'");
        }
        Connection connection = null;
        try {
            connection = connect(target, sessionName);
            prepare(connection, target);
            new ProgressStore(connection).create();
            boolean origin = setUpOrigin(connection, "heliosdb_" + sessionName, target);
            PostgresTargetSession session =
                    new PostgresTargetSession(new Backend(connection), tenancy, origin);
            connection = null;
            return session;
        } catch (SQLException e) {
            throw refused(target, e);
        } finally {
            closeQuietly(connection);
        }
    }

    private static Connection connect(TargetConfig target, String sessionName) throws SQLException {
        try {
            Connection connection =
                    Connections.open(target.database(), "heliosdb " + sessionName, Endpoint.TARGET);
            connection.setNetworkTimeout(Runnable::run, NETWORK_TIMEOUT_MILLIS);
            return connection;
        } catch (ReplicationException e) {
            throw e.getCause() instanceof SQLException cause ? refused(target, cause) : e;
        }
    }

    private static void prepare(Connection connection, TargetConfig target) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try {
                statement.execute(SessionSql.SETTINGS);
            } catch (SQLException e) {
                if (SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                    throw new ApplyException(
                            Kind.REJECTED,
                            ErrorCode.TARGET_NOT_READY,
                            SqlStates.INSUFFICIENT_PRIVILEGE,
                            "target %s: %s must be allowed to write as a replica: GRANT SET ON PARAMETER session_replication_role TO %s"
                                    .formatted(
                                            target.name(),
                                            target.database().user(),
                                            target.database().user()),
                            e);
                }
                throw e;
            }
            for (String wish : SessionSql.WISHES) {
                try {
                    statement.execute(wish);
                } catch (SQLException e) {
                    LOG.debug("setting not taken sqlstate={}", e.getSQLState());
                }
            }
        }
    }

    /**
     * An origin can be in use by one session only. One that is still held by the session of a
     * former process is left to it, and the next suffix taken.
     */
    private static boolean setUpOrigin(Connection connection, String name, TargetConfig target)
            throws SQLException {
        for (int suffix = 1; suffix <= MAX_ORIGIN_SUFFIX; suffix++) {
            String candidate = suffix == 1 ? name : name + "_" + suffix;
            try {
                execute(connection, SessionSql.ORIGIN_CREATE, candidate, candidate);
                execute(connection, SessionSql.ORIGIN_SETUP, candidate);
                return true;
            } catch (SQLException e) {
                String state = String.valueOf(e.getSQLState());
                if (state.startsWith(SqlStates.CLASS_CONNECTION)) {
                    throw e;
                }
                if (!state.equals(SqlStates.OBJECT_IN_USE) && !state.equals("23505")) {
                    LOG.warn(
                            "replication origin not available target={} sqlstate={}: commits carry no position of the source",
                            target.name(),
                            state);
                    return false;
                }
            }
        }
        LOG.warn("no replication origin free target={} origin={}", target.name(), name);
        return false;
    }

    private static void execute(Connection connection, String sql, String... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            statement.execute();
        }
    }

    private static ApplyException refused(TargetConfig target, SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        // A session that cannot be opened now may well be later, unless the login itself is wrong.
        Kind kind = SqlStates.isLoginRefused(state) ? Kind.REJECTED : Kind.RETRY_TARGET;
        return new ApplyException(
                kind,
                kind == Kind.REJECTED ? ErrorCode.TARGET_NOT_READY : ErrorCode.TARGET_UNREACHABLE,
                state,
                "target %s at %s: %s"
                        .formatted(target.name(), target.database().url(), e.getMessage()),
                e);
    }

    private static void closeQuietly(@org.jspecify.annotations.Nullable Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("connection not closed sqlstate={}", e.getSQLState());
        }
    }
}
