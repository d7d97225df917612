package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.ddl.ColumnTexts;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.ddl.postgres.DdlSql;
import io.heliosdb.replication.core.ddl.postgres.LeftSql;
import io.heliosdb.replication.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a target remembers of tables that a copy has brought further, all at one position. */
final class ShapeRecords {

    private static final String TAG = "FIRST COPY";

    private final Connection target;
    private final String source;
    private final String replication;
    private final String lsn;

    ShapeRecords(Connection target, String source, String replication, String lsn) {
        this.target = target;
        this.source = source;
        this.replication = replication;
        this.lsn = lsn;
    }

    /**
     * That a table has become another: how rows of before fit in.
     *
     * @param before null if it is new here
     * @param after null if it is gone
     * @param anew whether rows of before do not count
     */
    void became(@Nullable TableShape before, @Nullable TableShape after, boolean anew)
            throws SQLException {
        TableShape named = Objects.requireNonNull(after != null ? after : before);
        change(
                DdlSql.RECORD,
                source,
                lsn,
                Long.MAX_VALUE,
                (after == null ? "gone " : "table ") + named.id(),
                TAG,
                "",
                "{}",
                "APPLIED",
                null,
                replication,
                before == null ? null : before.id().schema(),
                before == null ? null : before.id().name(),
                before == null ? null : ColumnTexts.names(before),
                after == null ? null : after.id().schema(),
                after == null ? null : after.id().name(),
                after == null ? null : ColumnTexts.names(after),
                after == null ? null : ColumnTexts.added(before, after),
                anew,
                SourceShapes.number(named));
    }

    /**
     * A partition is about to leave its tree, or to go: which rows are its own. When that was is
     * not known: rows of who is behind may be of one that has come in its place since, so they are
     * not taken to have gone.
     */
    void leaves(TableId partition) throws SQLException {
        change(
                LeftSql.STORE,
                false,
                source,
                lsn,
                Long.MAX_VALUE,
                partition.schema(),
                partition.name());
    }

    /** What is asked of its rows goes by the new name. */
    void renamed(TableId from, TableId to) throws SQLException {
        change(DdlSql.RENAME_PENDING, to.schema(), to.name(), source, from.schema(), from.name());
    }

    /** Nothing stands under this name any more. */
    void forget(TableId name) throws SQLException {
        change(DdlSql.FORGET_SHAPE, source, name.schema(), name.name());
    }

    /**
     * Nothing is asked of these rows any more.
     *
     * @param key what; null for all
     */
    void settled(TableId name, @Nullable String key) throws SQLException {
        change(DdlSql.FORGET_PENDING, source, name.schema(), name.name(), key, key);
    }

    void later(TableId name, String key) throws SQLException {
        change(DdlSql.STORE_PENDING, source, name.schema(), name.name(), key, lsn, Long.MAX_VALUE);
    }

    void stands(TableShape shape) throws SQLException {
        change(
                DdlSql.STORE_NEWER_SHAPE,
                source,
                shape.id().schema(),
                shape.id().name(),
                lsn,
                Long.MAX_VALUE,
                shape.json());
    }

    /** Numbers of the tables that somebody has brought beyond this position already. */
    Set<Long> beyond() throws SQLException {
        Set<Long> numbers = new HashSet<>();
        try (PreparedStatement query = target.prepareStatement(DdlSql.BEYOND)) {
            query.setString(1, source);
            query.setString(2, lsn);
            query.setString(3, source);
            query.setString(4, lsn);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    numbers.add(row.getLong(1));
                }
            }
        }
        return numbers;
    }

    /** All tables of the source stand where they stood there. */
    void allStand(SourceShapes shapes, String snapshot) throws SQLException {
        change(
                DdlSql.STORE_ALIGNED,
                source,
                lsn,
                snapshot,
                target.createArrayOf("int8", shapes.existing().toArray()));
    }

    private void change(String sql, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = target.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            statement.execute();
        }
    }
}
