package io.heliosdb.replication.core.schema.postgres;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs DDL in one open transaction, telling what the server refuses (which names the statement)
 * from a lost connection (which is thrown).
 */
final class Ddl {

    private final Connection connection;

    Ddl(Connection connection) {
        this.connection = connection;
    }

    Connection connection() {
        return connection;
    }

    void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // The source's expressions are PostgreSQL's, braces included.
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    /** Runs a statement without which nothing can go on. */
    void require(String sql) throws SQLException {
        try {
            run(sql);
        } catch (SQLException e) {
            if (!isRefusal(e)) {
                throw e;
            }
            throw new ReplicationException(ErrorCode.TARGET_NOT_READY, refusal(sql, e), e);
        }
    }

    boolean exists(String query, String... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /** Runs all statements or none; null, or why they were refused. */
    @Nullable String tryAll(List<String> statements) throws SQLException {
        Savepoint savepoint = connection.setSavepoint();
        for (String sql : statements) {
            try {
                run(sql);
            } catch (SQLException e) {
                return giveUp(savepoint, sql, e);
            }
        }
        connection.releaseSavepoint(savepoint);
        return null;
    }

    /**
     * Runs one statement for good and those after it on trial; null, or why one was refused (then
     * nothing has an effect).
     */
    @Nullable String tryAndRehearse(String sql, List<String> trial) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            run(sql);
        } catch (SQLException e) {
            return giveUp(before, sql, e);
        }
        Savepoint after = connection.setSavepoint();
        for (String statement : trial) {
            try {
                run(statement);
            } catch (SQLException e) {
                return giveUp(before, statement, e);
            }
        }
        connection.rollback(after);
        connection.releaseSavepoint(before);
        return null;
    }

    private String giveUp(Savepoint savepoint, String sql, SQLException e) throws SQLException {
        if (!isRefusal(e)) {
            throw e;
        }
        connection.rollback(savepoint);
        return refusal(sql, e);
    }

    void rollback(Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** Whether the server said no to this statement, as opposed to being unwell or in conflict. */
    private static boolean isRefusal(SQLException e) {
        String state = e.getSQLState();
        return state != null
                && (state.startsWith("42")
                        || state.startsWith("0A")
                        || state.startsWith("22")
                        || state.startsWith("23")
                        || state.startsWith("2B")
                        || state.startsWith("3F")
                        || state.startsWith("54")
                        || state.equals("55000")
                        || state.startsWith("58P"));
    }

    private static String refusal(String sql, SQLException e) {
        return "the target refuses: " + e.getMessage() + "; statement: " + sql;
    }
}
