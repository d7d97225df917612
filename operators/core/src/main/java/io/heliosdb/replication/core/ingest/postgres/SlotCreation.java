package io.heliosdb.replication.core.ingest.postgres;

import io.heliosdb.replication.core.ingest.postgres.SourceAdmin.Slot;
import io.heliosdb.replication.core.polling.Polling;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.SourceConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a slot that can be read although tables are altered meanwhile.
 *
 * <p>PostgreSQL (17 and before) overlooks transactions that begin and commit between the first two
 * steps of making a slot ({@code SNAPBUILD_BUILDING_SNAPSHOT} in its snapbuild.c). What they have
 * altered is not altered for whoever reads the slot from its beginning: "could not map filenumber",
 * or a new column that is not there. Once the slot's restart position is that of a stored snapshot,
 * which is taken only after the slot is complete, they count. So a slot during whose making the
 * catalog was altered is moved on until it stands there; nobody has read from it yet.
 */
final class SlotCreation {

    private static final Logger LOG = LoggerFactory.getLogger(SlotCreation.class);
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Connection connection;
    private final SourceConfig config;

    private SlotCreation(Connection connection, SourceConfig config) {
        this.connection = connection;
        this.config = config;
    }

    /**
     * Waits for the transactions that run now, and longer if tables are altered meanwhile. Returns
     * the position where the slot begins.
     */
    static Lsn create(Connection connection, SourceConfig config) throws SQLException {
        SlotCreation creation = new SlotCreation(connection, config);
        String before = creation.one(IngestSql.NEXT_XID);
        Lsn lsn = Lsn.parse(creation.one(FailoverSlots.create(connection), config.slot()));
        if (creation.one(IngestSql.IS_CATALOG_ALTERED, before).equals("t")) {
            lsn = creation.moveOn(lsn);
        }
        LOG.info("slot created slot={} lsn={}", config.slot(), lsn);
        return lsn;
    }

    private Lsn moveOn(Lsn begin) throws SQLException {
        Lsn first = slot().restartLsn();
        Polling polling = Polling.growing(PAUSE, LONGEST_PAUSE).within(PATIENCE);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET statement_timeout = '2s'");
        }
        try {
            do {
                logRunningTransactions();
                advance();
                Slot slot = slot();
                Lsn confirmed = slot.confirmedFlushLsn();
                if (confirmed != null
                        && first != null
                        && slot.restartLsn() != null
                        && slot.restartLsn().isAfter(first)) {
                    return confirmed;
                }
            } while (polling.again());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ReplicationException(
                    ErrorCode.SOURCE_UNREACHABLE, "interrupted while the slot is made", e);
        } finally {
            try (Statement statement = connection.createStatement()) {
                statement.execute("RESET statement_timeout");
            }
        }
        LOG.warn(
                "tables were altered while the slot was made, and a transaction of that time is"
                        + " still open: should it not be readable, the job says so slot={}",
                config.slot());
        Lsn confirmed = slot().confirmedFlushLsn();
        return confirmed == null ? begin : confirmed;
    }

    /**
     * A slot that begins to be made tells them in the WAL; whether it comes to be does not count.
     */
    private void logRunningTransactions() {
        String name = "heliosdb_begin_" + ProcessHandle.current().pid() + "_" + System.nanoTime();
        try {
            one(IngestSql.CREATE_TEMPORARY_SLOT, name);
            one(IngestSql.DROP_SLOT, name);
        } catch (SQLException e) {
            LOG.debug("temporary slot not made slot={} cause={}", name, e.getMessage());
        }
    }

    private void advance() {
        try {
            one(IngestSql.ADVANCE_SLOT, config.slot());
        } catch (SQLException e) {
            LOG.debug("slot not moved on slot={} cause={}", config.slot(), e.getMessage());
        }
    }

    private Slot slot() throws SQLException {
        return SourceAdmin.slot(connection, config.slot()).orElseThrow();
    }

    private String one(String sql, String... parameters) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                query.setString(i + 1, parameters[i]);
            }
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return String.valueOf(row.getString(1));
            }
        }
    }
}
