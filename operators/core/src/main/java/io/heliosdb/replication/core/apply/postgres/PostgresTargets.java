package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.apply.TargetSessionFactory;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.postgres.Connections.Endpoint;
import io.heliosdb.replication.core.postgres.ReplicationOrigin;
import io.heliosdb.replication.core.progress.postgres.ProgressStore;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.TargetConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Opens sessions in PostgreSQL targets. */
public final class PostgresTargets implements TargetSessionFactory {

    private static final long serialVersionUID = 1L;

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
            boolean origin = ReplicationOrigin.setUp(connection, "heliosdb_" + sessionName);
            PostgresTargetSession session =
                    new PostgresTargetSession(
                            new Backend(connection),
                            tenancy,
                            origin,
                            new DdlSettler(target, sessionName));
            connection = null;
            return session;
        } catch (SQLException e) {
            throw refused(target, e);
        } finally {
            Connections.closeQuietly(connection);
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
        }
        Connections.wish(connection, SessionSql.WISHES);
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
}
