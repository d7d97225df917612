package io.heliosdb.replication.core.ingest.postgres;

import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.SourceConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slots of which standbys keep a copy ({@code sync_replication_slots}), so that the stream goes on
 * after a failover: from PostgreSQL 17 on. Costs nothing where no standby does.
 */
final class FailoverSlots {

    private static final Logger LOG = LoggerFactory.getLogger(FailoverSlots.class);

    private static final int SINCE = 17;

    private FailoverSlots() {}

    private static boolean known(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion() >= SINCE;
    }

    /** The statement that makes a slot. */
    static String create(Connection connection) throws SQLException {
        return known(connection) ? IngestSql.CREATE_FAILOVER_SLOT : IngestSql.CREATE_SLOT;
    }

    /** Makes a slot of an earlier version one; if it cannot be done, that is no reason to stop. */
    static void enable(Connection connection, SourceConfig config) throws SQLException {
        if (!known(connection) || is(connection, config.slot())) {
            return;
        }
        try (Connection replication =
                        Connections.openReplication(config.database(), "heliosdb-admin");
                Statement alter = replication.createStatement()) {
            alter.execute("ALTER_REPLICATION_SLOT " + config.slot() + " (FAILOVER true)");
            LOG.info("slot made fit for failover slot={}", config.slot());
        } catch (SQLException | ReplicationException e) {
            LOG.warn(
                    "slot not made fit for failover slot={} cause={}",
                    config.slot(),
                    e.getMessage());
        }
    }

    private static boolean is(Connection connection, String slot) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(IngestSql.IS_FAILOVER_SLOT)) {
            query.setString(1, slot);
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
