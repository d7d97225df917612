package io.heliosdb.replication.core.feed.postgres;

import io.heliosdb.replication.core.feed.SecretOpener;
import io.heliosdb.replication.core.feed.SpecUpserts;
import io.heliosdb.replication.core.feed.StoreRows;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.preflight.PreflightReport;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.ControlStoreConfig;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session in the metadata store, of the job of one source. Used by one thread at a time; fails
 * with STORE_UNREACHABLE if no answer comes in time.
 */
public final class ControlStore implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ControlStore.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Connection connection;
    private final DatabaseConfig database;
    private final UUID source;

    /** Rows that were not readable, so that each is told once. */
    private final Set<String> unreadable = new HashSet<>();

    private ControlStore(Connection connection, DatabaseConfig database, UUID source) {
        this.connection = connection;
        this.database = database;
        this.source = source;
    }

    public static ControlStore open(ControlStoreConfig config) {
        return open(config.store(), config.sourceConnection());
    }

    /**
     * @param source the connection whose replications are meant
     */
    public static ControlStore open(DatabaseConfig database, UUID source) {
        return new ControlStore(
                Connections.open(database, "heliosdb-feed", Connections.Endpoint.STORE, PATIENCE),
                database,
                source);
    }

    /** The replication slot in the store of the job of this source. */
    public static String slot(UUID source) {
        return "heliosdb_control_" + source.toString().replace("-", "");
    }

    /** The publication in the store that the slot is read with. */
    public static String publication() {
        return StoreSql.PUBLICATION;
    }

    /** What the job reads from; CONFIG_INVALID if there is no such source any more. */
    public StoreRows.Source source(SecretOpener opener) {
        List<String> rows = read(StoreSql.SOURCE, source);
        if (rows.isEmpty()) {
            throw new ReplicationException(
                    ErrorCode.CONFIG_INVALID,
                    "the store " + database.url() + " has no connection " + source);
        }
        return StoreRows.source(rows.get(0), opener);
    }

    /**
     * Everything that is wanted of this source, as of one moment. A row that cannot be read is left
     * out and told once: what was known of it holds.
     *
     * @param known replications that the caller believes to live; it hears if they have ended
     */
    public SpecUpserts wanted(Collection<String> known) {
        String[] ids = known.toArray(String[]::new);
        try {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            SpecUpserts wanted =
                    new SpecUpserts(
                            rows(StoreSql.TARGETS, StoreRows::target, ids),
                            rows(StoreSql.REPLICATIONS, StoreRows::replication, ids));
            connection.commit();
            connection.setAutoCommit(true);
            return wanted;
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    private <T> List<T> rows(String sql, Function<String, T> reader, String[] known) {
        List<T> found = new ArrayList<>();
        for (String row : read(sql, source, (Object) known)) {
            try {
                found.add(reader.apply(row));
            } catch (ReplicationException e) {
                String reason = String.valueOf(e.getMessage());
                if (unreadable.add(reason)) {
                    LOG.error("row of the store left out reason={}", reason);
                }
            }
        }
        return found;
    }

    /** Makes sure that the store still answers. */
    public void ping() {
        try (PreparedStatement statement = connection.prepareStatement("SELECT")) {
            statement.execute();
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    /** Lets the stream of the publication move; at most every few seconds. */
    public void beat() {
        try (PreparedStatement statement = connection.prepareStatement(StoreSql.BEAT)) {
            statement.setObject(1, source);
            statement.executeUpdate();
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    /**
     * Drops the slot of this source's feed. It holds nothing that a full read does not tell, so it
     * may be dropped whenever nobody reads it.
     *
     * @return whether there is none now; false while somebody reads it
     */
    public boolean dropSlot() {
        String slot = slot(source);
        try {
            try (PreparedStatement drop = connection.prepareStatement(StoreSql.DROP_SLOT)) {
                drop.setString(1, slot);
                drop.execute();
            }
            try (PreparedStatement look = connection.prepareStatement(StoreSql.SLOT)) {
                look.setString(1, slot);
                try (ResultSet row = look.executeQuery()) {
                    return !row.next();
                }
            }
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    /** Whether somebody reads the slot of this source's feed. */
    public boolean slotIsRead() {
        try (PreparedStatement look = connection.prepareStatement(StoreSql.SLOT)) {
            look.setString(1, slot(source));
            try (ResultSet row = look.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    /** Whether a feed can follow this store; each finding with the statement that mends it. */
    public PreflightReport check() {
        try (PreparedStatement statement = connection.prepareStatement(StoreSql.FACTS)) {
            statement.setString(1, slot(source));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return StoreCheck.of(row);
            }
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    private List<String> read(String sql, Object... parameters) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                if (parameters[i] instanceof String[] texts) {
                    statement.setArray(i + 1, connection.createArrayOf("text", texts));
                } else {
                    statement.setObject(i + 1, parameters[i]);
                }
            }
            try (ResultSet row = statement.executeQuery()) {
                List<String> rows = new ArrayList<>();
                while (row.next()) {
                    rows.add(row.getString(1));
                }
                return rows;
            }
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    private ReplicationException unreachable(SQLException e) {
        boolean notReady = e.getSQLState() != null && e.getSQLState().startsWith("42");
        return new ReplicationException(
                notReady ? ErrorCode.STORE_NOT_READY : ErrorCode.STORE_UNREACHABLE,
                "store "
                        + database.url()
                        + (notReady ? " is not ready: " : " does not answer: ")
                        + e.getMessage(),
                e);
    }

    @Override
    public void close() {
        Connections.closeQuietly(connection);
    }
}
