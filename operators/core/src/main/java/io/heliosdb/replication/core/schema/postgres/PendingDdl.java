package io.heliosdb.replication.core.schema.postgres;

import io.heliosdb.replication.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The statements that a created table still needs once its rows are loaded: keys and indexes, then
 * foreign keys. Kept in the target ({@code heliosdb.pending_ddl}), so they survive crashes.
 *
 * <p>Idempotent, safe to run by several at a time. The session has autocommit off and no
 * transaction open; each statement is a transaction of its own.
 */
public final class PendingDdl {

    private static final Logger LOG = LoggerFactory.getLogger(PendingDdl.class);

    /** A short wait, for writers queue behind a waiting ALTER TABLE. */
    private static final String SHORT_LOCK_WAIT = "SET LOCAL lock_timeout = '2s'";

    private final Connection target;

    public PendingDdl(Connection target) {
        this.target = target;
    }

    /** Remembers a statement, within the caller's transaction. */
    void add(
            TableId root,
            String phase,
            TableId table,
            @Nullable TableId references,
            String statement)
            throws SQLException {
        try (PreparedStatement insert = target.prepareStatement(TargetSql.INSERT_PENDING)) {
            insert.setString(1, root.schema());
            insert.setString(2, root.name());
            insert.setString(3, phase);
            insert.setString(4, root.schema());
            insert.setString(5, root.name());
            insert.setString(6, phase);
            insert.setString(7, table.schema());
            insert.setString(8, table.name());
            insert.setString(9, references == null ? null : references.schema());
            insert.setString(10, references == null ? null : references.name());
            insert.setString(11, statement);
            insert.executeUpdate();
        }
    }

    /** The roots of the trees whose keys and indexes are not all built; in the open transaction. */
    public static Set<TableId> rootsWithoutIndexes(Connection target) throws SQLException {
        Set<TableId> roots = new HashSet<>();
        try (Statement query = target.createStatement();
                ResultSet row = query.executeQuery(TargetSql.ROOTS_WITHOUT_INDEXES)) {
            while (row.next()) {
                roots.add(new TableId(row.getString(1), row.getString(2)));
            }
        }
        return roots;
    }

    /**
     * Forgets what a table still needs, in the open transaction; returns whether there was
     * anything.
     */
    public static boolean forget(Connection target, TableId table) throws SQLException {
        return exists(target) && !taken(target, TargetSql.FORGET_PENDING, table).isEmpty();
    }

    /**
     * The keys and indexes that the tree of this table still needs, in their order: whoever takes
     * them builds them, in the open transaction.
     */
    public static List<String> takeIndexes(Connection target, TableId table) throws SQLException {
        return exists(target) ? taken(target, TargetSql.TAKE_INDEXES, table) : List.of();
    }

    private static boolean exists(Connection target) throws SQLException {
        try (Statement query = target.createStatement();
                ResultSet row = query.executeQuery(TargetSql.PENDING_EXISTS)) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static List<String> taken(Connection target, String sql, TableId table)
            throws SQLException {
        List<String> statements = new ArrayList<>();
        try (PreparedStatement query = target.prepareStatement(sql)) {
            query.setString(1, table.schema());
            query.setString(2, table.name());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    statements.add(row.getString(1));
                }
            }
        }
        return statements;
    }

    /**
     * Builds what is still missing of the keys and indexes of this table (of its whole partition
     * tree, if it is the root of one); returns how many statements were run.
     */
    public int buildIndexes(TableId root) throws SQLException {
        List<Pending> open = new ArrayList<>();
        try (PreparedStatement query = target.prepareStatement(TargetSql.PENDING_INDEXES)) {
            query.setString(1, root.schema());
            query.setString(2, root.name());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    open.add(new Pending(root, "index", row.getInt(1), row.getString(2)));
                }
            }
        }
        target.commit();
        for (Pending pending : open) {
            try {
                run(pending, "");
            } catch (SQLException e) {
                if (!forgetDropped()) {
                    throw e;
                }
            }
        }
        return open.size();
    }

    /** DDL has dropped tables meanwhile; returns whether there were any. */
    private boolean forgetDropped() throws SQLException {
        try (Statement statement = target.createStatement()) {
            int dropped = statement.executeUpdate(TargetSql.FORGET_DROPPED);
            target.commit();
            return dropped > 0;
        }
    }

    /**
     * Foreign keys that could not be added or validated now.
     *
     * @param busy because a table was in use: worth another try soon
     * @param unmet because rows or tables that they point to are not there yet
     */
    public record Left(int busy, int unmet) {}

    /** Adds and validates the foreign keys whose tables are both ready. */
    public Left addForeignKeys() throws SQLException {
        List<Pending> open = new ArrayList<>();
        try (Statement query = target.createStatement();
                ResultSet row = query.executeQuery(TargetSql.PENDING_FOREIGN_KEYS)) {
            while (row.next()) {
                open.add(
                        new Pending(
                                new TableId(row.getString(1), row.getString(2)),
                                row.getString(3),
                                row.getInt(4),
                                row.getString(5)));
            }
        }
        target.commit();
        int busy = 0;
        int unmet = 0;
        for (Pending pending : open) {
            try {
                run(pending, SHORT_LOCK_WAIT);
            } catch (SQLException e) {
                if (target.isClosed()) {
                    throw e;
                }
                String state = String.valueOf(e.getSQLState());
                if (state.startsWith("40") || state.equals("55P03")) {
                    busy++;
                } else {
                    unmet++;
                }
                LOG.info("foreign key left for later table={} sqlstate={}", pending.root, state);
            }
        }
        return new Left(busy, unmet);
    }

    private void run(Pending pending, String before) throws SQLException {
        try (PreparedStatement take = target.prepareStatement(TargetSql.TAKE_PENDING);
                Statement statement = target.createStatement()) {
            take.setString(1, pending.root.schema());
            take.setString(2, pending.root.name());
            take.setString(3, pending.phase);
            take.setInt(4, pending.ordinal);
            // Whoever takes the row runs the statement; another one waits here and finds it gone.
            if (take.executeUpdate() == 1) {
                if (!before.isEmpty()) {
                    statement.execute(before);
                }
                statement.setEscapeProcessing(false);
                statement.execute(pending.statement);
            }
            target.commit();
        } catch (SQLException e) {
            try {
                target.rollback();
            } catch (SQLException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private record Pending(TableId root, String phase, int ordinal, String statement) {}
}
