package io.heliosdb.replication.core.path.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A lock in the target, until it is closed. */
final class HeldRow implements AutoCloseable {

    private final PathStand stand;
    private final Connection connection;

    HeldRow(PathStand stand, String lock) throws SQLException {
        this.stand = stand;
        connection = stand.targetServer.connect(stand.target);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(lock);
        }
    }

    /** Waits until somebody waits for it. */
    void awaitWaiter() {
        stand.awaitTarget(
                "SELECT count(*) > 0 FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND wait_event_type = 'Lock'");
    }

    @Override
    public void close() throws SQLException {
        connection.rollback();
        connection.close();
    }
}
