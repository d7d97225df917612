package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.SourceSnapshot;
import io.heliosdb.replication.model.TableId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.stream.Collectors;

/**
 * A snapshot of the source that other sessions read under, and the locks that make it hold.
 *
 * <p>The ACCESS SHARE locks come before the snapshot: TRUNCATE and table rewrites (which are not
 * MVCC-safe, and move rows between ctid ranges) are either before both or wait for the end.
 *
 * @param name for SET TRANSACTION SNAPSHOT, while the session's transaction is open
 * @param upperLsn read after the snapshot: every commit that it sees has its record before
 */
record ExportedSnapshot(String name, SourceSnapshot visible, String upperLsn) {

    private static final String REPEATABLE_READ =
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

    /**
     * Shorter than a server waits before it looks for deadlocks: it must not end the application's
     * transaction for our sake.
     */
    private static final String IMPATIENT = "SET LOCAL lock_timeout = '700ms'";

    private static final String PATIENT = "SET LOCAL lock_timeout = 0";

    /** From here on, nobody else's locks are asked for. */
    static void becomePatient(Connection source) throws SQLException {
        try (Statement statement = source.createStatement()) {
            statement.execute(PATIENT);
        }
    }

    /**
     * Takes a snapshot in this session, which must have no transaction open and is impatient of
     * locks from then on.
     *
     * @throws SQLException 55P03 if a table cannot be locked at once
     */
    static ExportedSnapshot take(Connection source, Collection<TableId> tables)
            throws SQLException {
        try (Statement statement = source.createStatement()) {
            statement.execute(REPEATABLE_READ);
            if (!tables.isEmpty()) {
                statement.execute(IMPATIENT);
                statement.execute(
                        tables.stream()
                                .map(TableId::quoted)
                                .collect(
                                        Collectors.joining(
                                                ", ", "LOCK TABLE ", " IN ACCESS SHARE MODE")));
            }
            String name;
            SourceSnapshot visible;
            try (ResultSet row = statement.executeQuery(SyncSql.EXPORT_SNAPSHOT)) {
                row.next();
                name = row.getString(1);
                visible = SourceSnapshot.parse(row.getString(2));
            }
            try (ResultSet row = statement.executeQuery(SyncSql.INSERT_LSN)) {
                row.next();
                return new ExportedSnapshot(name, visible, row.getString(1));
            }
        }
    }

    Claim.SyncedTable synced(TableId table) {
        return new Claim.SyncedTable(table, visible, Lsn.parse(upperLsn).value());
    }

    /** Begins a transaction in another session that sees exactly this. */
    void adopt(Connection source) throws SQLException {
        try (Statement statement = source.createStatement()) {
            statement.execute(REPEATABLE_READ);
            statement.execute("SET TRANSACTION SNAPSHOT '" + name + "'");
        }
    }
}
