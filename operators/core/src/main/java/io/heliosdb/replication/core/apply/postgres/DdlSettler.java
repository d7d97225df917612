package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.ddl.DdlJson;
import io.heliosdb.replication.core.ddl.Tightening;
import io.heliosdb.replication.core.ddl.postgres.DdlSql;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.postgres.Connections.Endpoint;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.postgres.CatalogReader;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TargetConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks of a target's rows what DDL of the source asks of them, once every replication has come past
 * that DDL: NOT NULL, constraints, indexes. Stops no replication, whatever comes of it: rows arrive
 * without it too. What the target refuses stays in {@code heliosdb.ddl_pending} with the reason,
 * and is tried again every minute.
 *
 * <p>In a thread and session of its own, which are there only while there is something to do, since
 * an index may take long. One at a time per target (advisory lock).
 */
final class DdlSettler implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DdlSettler.class);

    private record Pending(String source, TableId table, String object, String lsn, long ordinal) {}

    /** Class of SQLSTATEs: something is not there, or not of the right kind. */
    private static final String LACKING = "42";

    private final TargetConfig target;
    private final String name;
    private final AtomicReference<@Nullable Thread> running = new AtomicReference<>();
    private volatile @Nullable Connection connection;
    private volatile boolean closed;

    DdlSettler(TargetConfig target, String name) {
        this.target = target;
        this.name = name;
    }

    /** Begins, unless it is at work. Returns at once. */
    void wake() {
        Thread thread = new Thread(this::run, "ddl-" + name);
        thread.setDaemon(true);
        if (!closed && running.compareAndSet(null, thread)) {
            thread.start();
        }
    }

    private void run() {
        try (Connection opened =
                Connections.open(target.database(), "heliosdb ddl " + name, Endpoint.TARGET)) {
            connection = opened;
            settle(opened);
        } catch (SQLException | ReplicationException e) {
            if (!closed) {
                LOG.info(
                        "DDL not settled, tried again later target={} cause={}",
                        target.name(),
                        e.getMessage());
            }
        } finally {
            connection = null;
            running.set(null);
        }
    }

    private void settle(Connection session) throws SQLException {
        if (!isTrue(session, DdlSql.TRY_SETTLING)) {
            return;
        }
        // What needs another thing of the same DDL, a foreign key its key, has come too early once.
        settle(session, settle(session, ready(session)));
    }

    /** Returns those that lacked something else. */
    private List<Pending> settle(Connection session, List<Pending> ready) throws SQLException {
        List<Pending> early = new ArrayList<>();
        for (Pending pending : ready) {
            if (closed) {
                return List.of();
            }
            String refusal = null;
            try {
                settle(session, pending);
            } catch (SQLException e) {
                if (!session.getAutoCommit()) {
                    session.rollback();
                }
                refusal = e.getMessage();
                if (String.valueOf(e.getSQLState()).startsWith(LACKING)) {
                    early.add(pending);
                }
                LOG.warn(
                        "DDL not settled target={} table={} object={} cause={}",
                        target.name(),
                        pending.table,
                        pending.object.replace('\n', '.'),
                        refusal);
            } finally {
                session.setAutoCommit(true);
            }
            if (refusal != null) {
                tried(session, pending, refusal);
            }
        }
        return early;
    }

    private static List<Pending> ready(Connection session) throws SQLException {
        List<Pending> ready = new ArrayList<>();
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(DdlSql.READY_TO_SETTLE)) {
            while (row.next()) {
                ready.add(
                        new Pending(
                                row.getString(1),
                                new TableId(row.getString(2), row.getString(3)),
                                row.getString(4),
                                row.getString(5),
                                row.getLong(6)));
            }
        }
        return ready;
    }

    private void settle(Connection session, Pending pending) throws SQLException {
        if (Tightening.isIndex(pending.object)) {
            index(session, pending);
            return;
        }
        session.setAutoCommit(false);
        execute(session, "SET lock_timeout = '1s'");
        execute(session, DdlSql.LOCK);
        // Under the lock nobody takes back what was asked.
        if (settled(session, pending) && !run(session, statements(session, pending)).isEmpty()) {
            execute(session, DdlSql.RAISE_VERSION);
        }
        session.commit();
    }

    /** Outside of a transaction: DDL goes on meanwhile, and may take it back. */
    private void index(Connection session, Pending pending) throws SQLException {
        execute(session, "SET lock_timeout = '5min'");
        List<String> statements = statements(session, pending);
        TableId index = Tightening.indexOf(pending.object);
        if (!statements.isEmpty()) {
            dropLeftover(session, index);
        }
        run(session, statements);
        boolean settled = settled(session, pending);
        if (!statements.isEmpty()) {
            if (!settled) {
                execute(session, "DROP INDEX CONCURRENTLY IF EXISTS " + index.quoted());
            }
            execute(session, DdlSql.RAISE_VERSION);
        }
    }

    /** For the table as it is now: columns may have been renamed since it was asked. */
    private static List<String> statements(Connection session, Pending pending)
            throws SQLException {
        TableDefinition found =
                CatalogReader.tables(session, Set.of(pending.table)).get(pending.table);
        try (PreparedStatement query = session.prepareStatement(DdlSql.SHAPE)) {
            query.setString(1, pending.source);
            query.setString(2, pending.table.schema());
            query.setString(3, pending.table.name());
            try (ResultSet row = query.executeQuery()) {
                return found == null || !row.next()
                        ? List.of()
                        : Tightening.statements(
                                pending.object, DdlJson.shape(row.getString(1)), found);
            }
        }
    }

    private List<String> run(Connection session, List<String> statements) throws SQLException {
        for (String sql : statements) {
            execute(session, sql);
            LOG.info("DDL settled target={} statement={}", target.name(), sql);
        }
        return statements;
    }

    private static void dropLeftover(Connection session, TableId index) throws SQLException {
        try (PreparedStatement query = session.prepareStatement(DdlSql.IS_INVALID_INDEX)) {
            query.setString(1, index.schema());
            query.setString(2, index.name());
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    return;
                }
            }
        }
        execute(session, "DROP INDEX CONCURRENTLY IF EXISTS " + index.quoted());
    }

    /** Whether it was still asked for. */
    private static boolean settled(Connection session, Pending pending) throws SQLException {
        try (PreparedStatement delete = session.prepareStatement(DdlSql.SETTLED)) {
            key(delete, 1, pending);
            delete.setString(5, pending.lsn);
            delete.setLong(6, pending.ordinal);
            return delete.executeUpdate() > 0;
        }
    }

    private static void tried(Connection session, Pending pending, String reason)
            throws SQLException {
        try (PreparedStatement update = session.prepareStatement(DdlSql.TRIED)) {
            update.setString(1, reason);
            key(update, 2, pending);
            update.executeUpdate();
        }
    }

    private static void key(PreparedStatement statement, int at, Pending pending)
            throws SQLException {
        statement.setString(at, pending.source);
        statement.setString(at + 1, pending.table.schema());
        statement.setString(at + 2, pending.table.name());
        statement.setString(at + 3, pending.object);
    }

    private static void execute(Connection session, String sql) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    private static boolean isTrue(Connection session, String sql) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() && row.getBoolean(1);
        }
    }

    /** Ends what is at work; an index that is being built is built anew later. */
    @Override
    public void close() {
        closed = true;
        Connections.abortQuietly(connection);
    }
}
