package io.heliosdb.replication.core.progress.postgres;

import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TenantId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bookkeeping tables of one target, over a connection of the caller's. Used by one thread at a
 * time.
 */
public final class ProgressStore {

    private final Connection connection;

    public ProgressStore(Connection connection) {
        this.connection = connection;
    }

    /** Whether schema and tables are there. */
    public boolean exists() throws SQLException {
        return ask(ProgressSql.EXISTS);
    }

    private boolean ask(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /**
     * Creates schema, tables and columns if they are missing. Idempotent and safe to call from many
     * sessions at once. Must not be called inside a transaction.
     */
    public void create() throws SQLException {
        if (ask(ProgressSql.UP_TO_DATE)) {
            return;
        }
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(ProgressSql.LOCK);
            for (String ddl : ProgressSql.CREATE) {
                statement.execute(ddl);
            }
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(autoCommit);
        }
    }

    /** All replications of this target, by id; empty if there never was one. */
    public List<ProgressRow> rows() throws SQLException {
        if (!exists()) {
            return List.of();
        }
        List<ProgressRow> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(ProgressSql.READ_ALL)) {
            while (row.next()) {
                rows.add(read(row));
            }
        }
        return rows;
    }

    private static ProgressRow read(ResultSet row) throws SQLException {
        String code = row.getString(9);
        return new ProgressRow(
                new ReplicationId(row.getString(1)),
                new TenantId(row.getString(2)),
                row.getString(3),
                new Epoch(row.getLong(4)),
                new Position(Lsn.parse(row.getString(5)), row.getLong(6)),
                instant(row, 7),
                ReplicationState.valueOf(row.getString(8)),
                code == null ? null : ErrorCode.valueOf(code),
                row.getString(10),
                row.getLong(11),
                row.getLong(12),
                row.getLong(13),
                row.getLong(14),
                row.getLong(15),
                row.getLong(16),
                row.getLong(17),
                row.getLong(18),
                row.getObject(19, OffsetDateTime.class).toInstant(),
                lsn(row, 20),
                row.getBoolean(21),
                lsn(row, 22),
                row.getObject(23, Long.class),
                row.getObject(24, Long.class),
                instant(row, 25),
                row.getString(26),
                row.getString(27));
    }

    private static @Nullable Lsn lsn(ResultSet row, int column) throws SQLException {
        String text = row.getString(column);
        return text == null ? null : Lsn.parse(text);
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
