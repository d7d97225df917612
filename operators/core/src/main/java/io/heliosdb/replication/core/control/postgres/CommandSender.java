package io.heliosdb.replication.core.control.postgres;

import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.postgres.SqlState;
import io.heliosdb.replication.core.signed.postgres.SigningSql;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Writes commands into the WAL of a source. */
public final class CommandSender {

    private static final String INSTALLED =
            "SELECT to_regprocedure('heliosdb.emit(text, text)') IS NOT NULL";

    private static final String EMIT = "SELECT heliosdb.emit(?, ?)::text";

    private CommandSender() {}

    /**
     * Sends a command; returns a position before that of its commit. Makes what signing needs at
     * the source if it is missing.
     *
     * @throws ReplicationException SOURCE_UNREACHABLE, or SOURCE_NOT_READY with the statements to
     *     run if the role may not sign
     */
    public static Lsn send(DatabaseConfig source, ControlCommand command) {
        try (Connection connection =
                Connections.open(source, "heliosdb-command", Connections.Endpoint.SOURCE)) {
            if (!isInstalled(connection)) {
                install(connection, source.user());
            }
            try (PreparedStatement emit = connection.prepareStatement(EMIT)) {
                emit.setString(1, ControlCommand.PREFIX);
                emit.setString(2, command.body());
                try (ResultSet row = emit.executeQuery()) {
                    row.next();
                    return Lsn.parse(row.getString(1));
                }
            }
        } catch (SQLException e) {
            if (SqlState.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw new ReplicationException(
                        ErrorCode.SOURCE_NOT_READY,
                        source.user()
                                + " may not sign commands at "
                                + source.url()
                                + ". Run there, as the owner of the database:\n"
                                + String.join(";\n", SigningSql.install(source.user()))
                                + ";",
                        e);
            }
            throw new ReplicationException(
                    ErrorCode.SOURCE_UNREACHABLE,
                    "source " + source.url() + ": " + e.getMessage(),
                    e);
        }
    }

    private static boolean isInstalled(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(INSTALLED)) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static void install(Connection connection, String role) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : SigningSql.install(role)) {
                statement.execute(sql);
            }
        }
    }
}
