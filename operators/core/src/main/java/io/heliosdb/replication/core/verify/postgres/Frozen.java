package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A database in one snapshot, for as long as it takes.
 *
 * <p>Two sessions: one keeps the snapshot and reads catalogs, the other reads tables, each in a
 * transaction of its own under the same snapshot. So a table is locked (ACCESS SHARE) only while it
 * is read: otherwise a migration that wants to alter it would wait for the end of the whole
 * verification, and every query on that table behind it.
 */
final class Frozen implements AutoCloseable {

    /** Rewrites of the table since the snapshot show in its file, which MVCC does not cover. */
    private static final String SAME_FILES =
            """
            SELECT coalesce(bool_and(c.relfilenode = pg_relation_filenode(c.oid)), false)
            FROM pg_class c
            WHERE c.oid IN (SELECT to_regclass(?)::oid
                            UNION SELECT relid FROM pg_partition_tree(to_regclass(?)))
              AND c.relkind = 'r'
            """;

    private final Connection keeper;
    private final Connection reader;
    private @Nullable String snapshot;

    private Frozen(Connection keeper, Connection reader) {
        this.keeper = keeper;
        this.reader = reader;
    }

    /**
     * Opens both sessions; nothing is frozen yet.
     *
     * @param lockTimeout longest wait for a table that somebody has locked exclusively
     */
    static Frozen open(DatabaseConfig database, Connections.Endpoint endpoint, Duration lockTimeout)
            throws SQLException {
        Connection keeper = Sessions.open(database, endpoint, lockTimeout);
        try {
            return new Frozen(keeper, Sessions.open(database, endpoint, lockTimeout));
        } catch (SQLException | RuntimeException e) {
            Connections.closeQuietly(keeper);
            throw e;
        }
    }

    /** From now on everything is read in this exported snapshot, or in one taken now. */
    void freeze(@Nullable String exported) throws SQLException {
        begin(keeper, exported);
        try (Statement statement = keeper.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_export_snapshot()")) {
            row.next();
            snapshot = row.getString(1);
        }
    }

    /** For catalogs and bookkeeping; must not be used for the tables that are compared. */
    Connection keeper() {
        return keeper;
    }

    /** For the table that was entered. */
    Connection reader() {
        return reader;
    }

    /**
     * Begins to read a table.
     *
     * @return false if it was truncated or rewritten since the snapshot: then its rows of then are
     *     gone (TRUNCATE is not MVCC-safe)
     */
    boolean enter(TableId table) throws SQLException {
        begin(reader, snapshot);
        try (Statement statement = reader.createStatement()) {
            statement.execute("LOCK TABLE " + table.quoted() + " IN ACCESS SHARE MODE");
        }
        try (PreparedStatement query = reader.prepareStatement(SAME_FILES)) {
            query.setString(1, table.quoted());
            query.setString(2, table.quoted());
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** Ends the reading of a table, whatever has become of it. */
    void leave() throws SQLException {
        if (!reader.getAutoCommit()) {
            reader.rollback();
        }
    }

    private static void begin(Connection connection, @Nullable String exported)
            throws SQLException {
        if (connection.getAutoCommit()) {
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
        }
        if (exported != null) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET TRANSACTION SNAPSHOT " + VerifySql.literal(exported));
            }
        }
    }

    @Override
    public void close() {
        Connections.closeQuietly(reader);
        Connections.closeQuietly(keeper);
    }
}
