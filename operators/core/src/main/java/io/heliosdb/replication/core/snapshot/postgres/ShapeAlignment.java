package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.ddl.ColumnTexts;
import io.heliosdb.replication.core.ddl.DdlJson;
import io.heliosdb.replication.core.ddl.DdlStatement;
import io.heliosdb.replication.core.ddl.Migration;
import io.heliosdb.replication.core.ddl.TableMigration;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.ddl.postgres.DdlCapture;
import io.heliosdb.replication.core.ddl.postgres.DdlSql;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.postgres.CatalogReader;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlRules;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the target's tables to where the source's are under the snapshot of a copy, and records
 * that they stand there: DDL of before is not carried out on them again, by whoever comes to it
 * later, and rows of before that come later are put into their shape. The lock under which the
 * snapshot was taken keeps the source's tables as they are until the copy has ended.
 *
 * <p>Only where the source captures DDL.
 */
final class ShapeAlignment {

    private static final Logger LOG = LoggerFactory.getLogger(ShapeAlignment.class);
    private static final String TAG = "FIRST COPY";

    /** Object not in prerequisite state. */
    private static final String NOT_ALLOWED = "55000";

    private final Connection target;
    private final String source;
    private final String replication;
    private final String upperLsn;
    private final DdlRules rules;

    private ShapeAlignment(
            Connection target, String source, String replication, String upperLsn, DdlRules rules) {
        this.rules = rules;
        this.target = target;
        this.source = source;
        this.replication = replication;
        this.upperLsn = upperLsn;
    }

    /**
     * The source's tables of these names with their partitions, what is above first; none if it
     * does not capture DDL.
     */
    static List<TableShape> read(Connection source, Collection<TableId> tables)
            throws SQLException {
        if (tables.isEmpty() || !isTrue(source, DdlCapture.READABLE)) {
            return List.of();
        }
        List<TableShape> shapes = new ArrayList<>();
        try (PreparedStatement query = source.prepareStatement(DdlCapture.DEFINITIONS)) {
            query.setArray(1, texts(source, tables.stream().map(TableId::schema).toArray()));
            query.setArray(2, texts(source, tables.stream().map(TableId::name).toArray()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    shapes.add(DdlJson.shape(row.getString(1)));
                }
            }
        }
        return shapes;
    }

    /**
     * In a transaction of its own.
     *
     * @param replication one of the group, claimed
     */
    static void align(
            Connection target, Member replication, String upperLsn, List<TableShape> shapes)
            throws SQLException {
        if (shapes.isEmpty()) {
            return;
        }
        String id = replication.id().value();
        try {
            execute(target, "SET LOCAL lock_timeout = '2s'");
            execute(target, DdlSql.LOCK);
            new ShapeAlignment(
                            target,
                            sourceOf(target, id),
                            id,
                            upperLsn,
                            replication.request().spec().ddl())
                    .align(shapes);
            target.commit();
        } catch (SQLException e) {
            target.rollback();
            throw e;
        }
    }

    private static String sourceOf(Connection target, String replication) throws SQLException {
        try (PreparedStatement query = target.prepareStatement(DdlSql.SOURCE_OF)) {
            query.setString(1, replication);
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? row.getString(1) : "";
            }
        }
    }

    private void align(List<TableShape> shapes) throws SQLException {
        Map<TableId, TableDefinition> existing =
                CatalogReader.tables(
                        target, shapes.stream().map(TableShape::id).collect(Collectors.toSet()));
        boolean altered = false;
        for (TableShape shape : shapes) {
            Savepoint savepoint = target.setSavepoint();
            try {
                // A partition has been altered with its parent.
                boolean partition = shape.definition().partitionOf() != null;
                TableDefinition found =
                        altered && partition ? table(shape.id()) : existing.get(shape.id());
                TableShape renamed = found == null ? renamed(shape) : null;
                TableDefinition old = renamed == null ? null : table(renamed.id());
                if (old != null) {
                    altered |= align(renamed, shape, old);
                    rename(renamed.id(), shape.id());
                } else if (found != null) {
                    TableShape stored = stored(shape.id());
                    altered |= align(stored == null ? asFound(shape, found) : stored, shape, found);
                }
                store(shape);
                target.releaseSavepoint(savepoint);
            } catch (SQLException e) {
                if (!isRefusal(e)) {
                    throw e;
                }
                target.rollback(savepoint);
                LOG.warn(
                        "target table not brought to the shape of the copy table={} cause={}",
                        shape.id(),
                        e.getMessage());
            }
        }
        if (altered) {
            execute(target, DdlSql.RAISE_VERSION);
        }
    }

    /** Whether the server said no, as opposed to being unwell or in conflict; or we did. */
    private static boolean isRefusal(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith("42")
                || state.startsWith("2")
                || state.startsWith("0A")
                || state.equals(NOT_ALLOWED);
    }

    private boolean align(TableShape before, TableShape after, TableDefinition found)
            throws SQLException {
        if (before.json().equals(after.json())) {
            return false;
        }
        // What others have of such rows they copy again when they come to that DDL.
        boolean anew = TableMigration.rewrites(before, after);
        Migration migration = TableMigration.alter(before, after, found, anew, "");
        for (DdlStatement statement : migration.wanted()) {
            if (!rules.allows(statement.tag())) {
                throw new SQLException(
                        "ddl-allow lacks " + statement.tag().text() + ": " + statement.sql(),
                        NOT_ALLOWED);
            }
        }
        for (String sql : migration.statements()) {
            execute(target, sql);
        }
        for (String key : migration.later()) {
            change(
                    DdlSql.STORE_PENDING,
                    source,
                    after.id().schema(),
                    after.id().name(),
                    key,
                    upperLsn,
                    Long.MAX_VALUE);
        }
        if (before.id().equals(after.id()) && before.names().equals(after.names()) && !anew) {
            return !migration.now().isEmpty();
        }
        LOG.info(
                "target table brought to the shape of the copy table={} statements={}",
                after.id(),
                migration.now().size());
        change(
                DdlSql.RECORD,
                source,
                upperLsn,
                Long.MAX_VALUE,
                "table " + after.id(),
                TAG,
                "",
                "{}",
                "APPLIED",
                null,
                replication,
                before.id().schema(),
                before.id().name(),
                ColumnTexts.names(before),
                after.id().schema(),
                after.id().name(),
                ColumnTexts.names(after),
                ColumnTexts.added(before, after),
                anew);
        return true;
    }

    /** What the source's table would be without the columns that the target lacks. */
    private static TableShape asFound(TableShape shape, TableDefinition found) {
        List<Integer> numbers = new ArrayList<>();
        List<TableDefinition.Column> columns = new ArrayList<>();
        for (int number : shape.numbers()) {
            TableDefinition.Column column = Objects.requireNonNull(shape.column(number));
            if (found.column(column.name()) != null) {
                numbers.add(number);
                columns.add(column);
            }
        }
        if (numbers.equals(shape.numbers())) {
            return shape;
        }
        TableDefinition whole = shape.definition();
        return new TableShape(
                new TableDefinition(
                        whole.id(),
                        whole.partitioned(),
                        whole.unlogged(),
                        columns,
                        whole.constraints(),
                        whole.indexes(),
                        whole.options(),
                        whole.partitionKey(),
                        whole.partitionOf(),
                        whole.inherits(),
                        whole.replicaIdentity()),
                shape.root(),
                numbers,
                Map.of(),
                shape.identityNumbers(),
                shape.inherited(),
                shape.sequences(),
                "",
                shape.oid());
    }

    /** What the table was called when the target heard of it last; null if it is new there. */
    private @Nullable TableShape renamed(TableShape shape) throws SQLException {
        return one(
                DdlSql.SHAPE_BY_OID, source, shape.json(), shape.id().schema(), shape.id().name());
    }

    private @Nullable TableDefinition table(TableId id) throws SQLException {
        return CatalogReader.tables(target, Set.of(id)).get(id);
    }

    private void rename(TableId from, TableId to) throws SQLException {
        change(DdlSql.RENAME_PENDING, to.schema(), to.name(), source, from.schema(), from.name());
        change(DdlSql.FORGET_SHAPE, source, from.schema(), from.name());
    }

    private @Nullable TableShape stored(TableId table) throws SQLException {
        return one(DdlSql.SHAPE, source, table.schema(), table.name());
    }

    private @Nullable TableShape one(String sql, String... parameters) throws SQLException {
        try (PreparedStatement query = target.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                query.setString(i + 1, parameters[i]);
            }
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? DdlJson.shape(row.getString(1)) : null;
            }
        }
    }

    private void store(TableShape shape) throws SQLException {
        change(
                DdlSql.STORE_NEWER_SHAPE,
                source,
                shape.id().schema(),
                shape.id().name(),
                upperLsn,
                Long.MAX_VALUE,
                shape.json());
    }

    private void change(String sql, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = target.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            statement.execute();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    private static boolean isTrue(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static java.sql.Array texts(Connection connection, Object[] values)
            throws SQLException {
        return connection.createArrayOf("text", values);
    }
}
