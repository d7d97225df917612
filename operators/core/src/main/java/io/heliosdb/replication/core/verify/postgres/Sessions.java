package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** Opens the sessions in which a snapshot is held for as long as the comparison takes. */
final class Sessions {

    static final String APPLICATION = "heliosdb-verify";

    /** No time limit ends a long read, and row security fails loudly instead of hiding rows. */
    private static final String SETTINGS =
            """
            SET statement_timeout = 0;
            SET idle_in_transaction_session_timeout = 0;
            SET row_security = off;
            SET standard_conforming_strings = on;
            SET xmloption = 'content'
            """;

    private Sessions() {}

    static Connection open(
            DatabaseConfig database, Connections.Endpoint endpoint, Duration lockTimeout)
            throws SQLException {
        Connection connection = Connections.open(database, APPLICATION, endpoint);
        try (Statement statement = connection.createStatement()) {
            statement.execute(SETTINGS);
            statement.execute("SET lock_timeout = " + lockTimeout.toMillis());
            return connection;
        } catch (SQLException e) {
            Connections.closeQuietly(connection);
            throw e;
        }
    }
}
