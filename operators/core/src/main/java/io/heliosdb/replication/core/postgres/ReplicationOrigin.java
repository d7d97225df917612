package io.heliosdb.replication.core.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Marks what a session writes as replicated, so that it can be told from local writes and a stream
 * back does not return it.
 */
public final class ReplicationOrigin {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicationOrigin.class);

    private static final int MOST = 32;

    /** Registers an origin, if it is not there. Idempotent. */
    private static final String CREATE =
            """
            SELECT pg_catalog.pg_replication_origin_create(?)
            WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_replication_origin WHERE roname = ?)
            """;

    /** Makes the origin the session's until it ends; 55006 if another session has it. */
    private static final String SET_UP = "SELECT pg_catalog.pg_replication_origin_session_setup(?)";

    private ReplicationOrigin() {}

    /**
     * Sets up an origin of this name, or of this name with a number, for an origin serves one
     * session at a time. The session has autocommit on.
     *
     * @return false if none could be had: no right to, or none free; writes go unmarked then
     */
    public static boolean setUp(Connection connection, String name) throws SQLException {
        for (int number = 1; number <= MOST; number++) {
            String candidate = number == 1 ? name : name + "_" + number;
            try {
                run(connection, CREATE, candidate, candidate);
                run(connection, SET_UP, candidate);
                return true;
            } catch (SQLException e) {
                String state = String.valueOf(e.getSQLState());
                if (state.startsWith("08") || state.startsWith("57P")) {
                    throw e;
                }
                boolean taken =
                        state.equals(SqlState.OBJECT_IN_USE)
                                || state.equals(SqlState.UNIQUE_VIOLATION);
                if (!taken) {
                    LOG.warn(
                            "replication origin not available, rows go unmarked origin={} sqlstate={}",
                            candidate,
                            state);
                    return false;
                }
            }
        }
        LOG.warn("no replication origin free origin={}", name);
        return false;
    }

    private static void run(Connection connection, String sql, String... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            statement.execute();
        }
    }
}
