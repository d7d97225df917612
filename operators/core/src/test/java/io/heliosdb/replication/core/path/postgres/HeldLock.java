package io.heliosdb.replication.core.path.postgres;

import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A lock that somebody else holds, until he is closed. */
final class HeldLock {

    private final Connection connection;

    HeldLock(PostgresServer server, String database, String lock) throws SQLException {
        connection = server.connect(database);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(lock);
        }
    }

    void close() throws SQLException {
        connection.rollback();
        connection.close();
    }
}
