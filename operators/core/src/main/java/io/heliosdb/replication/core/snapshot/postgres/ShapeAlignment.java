package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.ddl.DdlStatement;
import io.heliosdb.replication.core.ddl.Migration;
import io.heliosdb.replication.core.ddl.NewTable;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.ddl.postgres.DdlSql;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Brings the target's tables to where the source's are under the snapshot of a copy, and records
 * that they stand there: DDL of before is not carried out on them again, by whoever comes to it
 * later, and rows of before that come later are put into their shape. All tables at once, not only
 * those that are copied: names go from one to another, partitions from one tree to another.
 *
 * <p>A table is known by its number at the source, whatever it is called. In this order: what is
 * somewhere else now leaves its place, what is gone goes, names, columns and the like (what is
 * above first), places; what is new comes last.
 *
 * <p>Only where the source captures DDL.
 */
final class ShapeAlignment {

    /** Name of a table between two others. */
    private static final String BETWEEN = "heliosdb_";

    private final AlignedTarget target;
    private final TablePlaces places;
    private final TableDefinitions definitions;
    private final ShapeRecords records;
    private final KnownShapes known;
    private final Map<TableId, TableShape> now = new HashMap<>();
    private final Predicate<TableId> carried;
    private final Set<TableId> copied;
    private final Moves moves;
    private final List<AlignedTable> tables = new ArrayList<>();
    private final Set<TableId> created = new HashSet<>();

    private ShapeAlignment(
            AlignedTarget target,
            ShapeRecords records,
            KnownShapes known,
            Predicate<TableId> carried,
            Set<TableId> copied,
            Moves moves) {
        this.moves = moves;
        this.target = target;
        this.records = records;
        this.known = known;
        this.places = new TablePlaces(target, records, known, now);
        this.definitions = new TableDefinitions(target, records, known, now);
        this.carried = carried;
        this.copied = copied;
    }

    /** Who has to know of rows that were in a table which has become another. */
    interface Moves {
        void moved(TableShape was, TableShape is) throws SQLException;
    }

    /** By which number the source knows the tables that the target has heard of. */
    static Set<Long> numbers(Connection target, Member replication) throws SQLException {
        return Set.copyOf(
                KnownShapes.read(target, sourceOf(target, replication.id().value()))
                        .all()
                        .keySet());
    }

    /**
     * In a transaction of its own.
     *
     * @param replication one of the group, claimed
     * @param carried whether somebody of the group has rows in a table of this name
     * @param copied what is copied: of those, what the target lacks is left to be created
     * @param moves told within the transaction
     */
    static void align(
            Connection target,
            Member replication,
            ExportedSnapshot snapshot,
            SourceShapes shapes,
            Predicate<TableId> carried,
            Set<TableId> copied,
            Moves moves)
            throws SQLException {
        String id = replication.id().value();
        try {
            AlignedTarget altered = new AlignedTarget(target, replication.request().spec().ddl());
            altered.execute("SET LOCAL lock_timeout = '2s'");
            altered.execute(DdlSql.LOCK);
            String source = sourceOf(target, id);
            new ShapeAlignment(
                            altered,
                            new ShapeRecords(target, source, id, snapshot.upperLsn()),
                            KnownShapes.read(target, source).of(shapes.existing()),
                            carried,
                            copied,
                            moves)
                    .align(shapes, snapshot);
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

    private void align(SourceShapes shapes, ExportedSnapshot snapshot) throws SQLException {
        shapes.tables().forEach(shape -> now.put(shape.id(), shape));
        Set<TableId> names = new HashSet<>(known.names());
        names.addAll(now.keySet());
        Map<TableId, TableDefinition> found = target.tables(names);
        gather(shapes, found.keySet());
        for (AlignedTable table : tables) {
            target.attempt(table, () -> definitions.completeCopy(table));
        }
        for (AlignedTable table : tables) {
            target.attempt(table, () -> places.leave(table, found.get(table.at)));
        }
        for (AlignedTable table : tables) {
            target.attempt(table, () -> drop(table));
        }
        rename();
        for (AlignedTable table : tables) {
            target.attempt(table, () -> definitions.dropColumns(table, found));
        }
        for (AlignedTable table : tables) {
            target.attempt(table, () -> definitions.align(table, found));
        }
        for (AlignedTable table : tables) {
            target.attempt(table, () -> places.enter(table));
        }
        for (AlignedTable table : tables) {
            // Others may have referred to it until now.
            table.refused &= table.is != null || table.isBeyond;
            target.attempt(table, () -> drop(table));
        }
        for (AlignedTable table : tables) {
            target.attempt(table, () -> create(table));
        }
        remember();
        records.allStand(shapes, snapshot.visible().toString());
        target.execute(DdlSql.RAISE_VERSION);
    }

    private void gather(SourceShapes shapes, Set<TableId> there) throws SQLException {
        Set<Long> beyond = records.beyond();
        Set<Long> left = new HashSet<>(known.all().keySet());
        for (TableShape shape : shapes.tables()) {
            left.remove(SourceShapes.number(shape));
            TableShape was = known.same(shape);
            TableId at = null;
            if (was != null && there.contains(was.id())) {
                at = was.id();
            } else if (there.contains(shape.id())
                    && known.named(shape.id()) == null
                    && (isOf(shape, carried) || isOf(shape, copied::contains))) {
                at = shape.id();
            }
            tables.add(
                    new AlignedTable(was, shape, at, beyond.contains(SourceShapes.number(shape))));
        }
        for (long number : left) {
            TableShape was = Objects.requireNonNull(known.all().get(number));
            tables.add(
                    new AlignedTable(
                            was,
                            null,
                            there.contains(was.id()) ? was.id() : null,
                            beyond.contains(number)));
        }
    }

    private void drop(AlignedTable table) throws SQLException {
        TableShape was = table.was;
        if (table.is != null || was == null || table.isGone) {
            return;
        }
        if (table.at != null) {
            if (hasTree(was)) {
                records.leaves(table.at);
            }
            target.run(DdlTag.DROP_TABLE, "DROP TABLE IF EXISTS " + table.at.quoted());
        }
        records.settled(was.id(), null);
        records.forget(was.id());
        records.became(was, null, false);
        table.isGone = true;
        target.altered();
    }

    /** Whether the source still has the tree that a table was a partition of. */
    private boolean hasTree(TableShape was) {
        TableId name = was.root();
        TableShape root = name == null ? null : known.named(name);
        return root != null && now.values().stream().anyMatch(it -> it.oid() == root.oid());
    }

    /** Names may change places: then they all go by one in between. */
    private void rename() throws SQLException {
        List<AlignedTable> misnamed = tables.stream().filter(AlignedTable::isMisnamed).toList();
        Set<TableId> wanted = new HashSet<>();
        misnamed.forEach(table -> wanted.add(table.name()));
        for (AlignedTable table : misnamed) {
            TableId at = Objects.requireNonNull(table.at);
            if (wanted.contains(at)) {
                String between = BETWEEN + SourceShapes.number(Objects.requireNonNull(table.is));
                target.attempt(table, () -> rename(table, new TableId(at.schema(), between)));
            }
        }
        for (AlignedTable table : misnamed) {
            boolean between = wanted.contains(Objects.requireNonNull(table.was).id());
            target.attempt(table, () -> rename(table, table.name()));
            if (table.refused && between) {
                throw new SQLException(
                        "target table " + table.was.id() + " cannot be renamed to " + table.name(),
                        AlignedTarget.NOT_ALLOWED);
            }
        }
    }

    private void rename(AlignedTable table, TableId to) throws SQLException {
        TableId from = Objects.requireNonNull(table.at);
        if (!from.schema().equals(to.schema())) {
            target.run(DdlTag.RENAME, "CREATE SCHEMA IF NOT EXISTS " + TableId.quote(to.schema()));
            target.run(
                    DdlTag.RENAME,
                    "ALTER TABLE " + from.quoted() + " SET SCHEMA " + TableId.quote(to.schema()));
        }
        if (!from.name().equals(to.name())) {
            target.run(
                    DdlTag.RENAME,
                    "ALTER TABLE "
                            + new TableId(to.schema(), from.name()).quoted()
                            + " RENAME TO "
                            + TableId.quote(to.name()));
        }
        records.renamed(from, to);
        records.forget(from);
        table.at = to;
    }

    /** New tables that nobody copies: whoever comes to their creation later finds them. */
    private void create(AlignedTable table) throws SQLException {
        TableShape is = table.is;
        if (is == null || table.at != null || table.was != null || is.definition().unlogged()) {
            return;
        }
        if (isOf(is, copied::contains)) {
            // By the copy.
            created.add(is.id());
        } else if (isIn(is, carried)) {
            Migration migration = NewTable.createForRowsOfBefore(is, this::exists);
            for (DdlStatement statement : migration.wanted()) {
                // Sequences have come with the types.
                target.run(
                        statement.tag(),
                        statement
                                .sql()
                                .replaceFirst(
                                        "^CREATE SEQUENCE ", "CREATE SEQUENCE IF NOT EXISTS "));
            }
            for (String key : migration.later()) {
                records.later(is.id(), key);
            }
            created.add(is.id());
        } else {
            return;
        }
        table.at = is.id();
        if (!known.all().isEmpty()) {
            // Whoever is behind may have rows of it under another name.
            records.became(null, is, false);
            target.altered();
        }
    }

    /** Whether it, or what it is a partition of, is one of these. */
    private boolean isIn(TableShape table, Predicate<TableId> some) {
        TableDefinition.Partition partition = table.definition().partitionOf();
        TableShape parent = partition == null ? null : now.get(partition.parent());
        return some.test(table.id()) || parent != null && isIn(parent, some);
    }

    /** As above, or one of these is a partition of it: a publication may name only those. */
    private boolean isOf(TableShape table, Predicate<TableId> some) {
        return isIn(table, some)
                || table.definition().partitioned()
                        && now.values().stream()
                                .anyMatch(it -> isPartitionOf(it, table.id()) && isOf(it, some));
    }

    private static boolean isPartitionOf(TableShape table, TableId parent) {
        TableDefinition.Partition partition = table.definition().partitionOf();
        return partition != null && partition.parent().equals(parent);
    }

    private boolean exists(TableId name) {
        return tables.stream().anyMatch(it -> name.equals(it.at) && !isToBeCreated(it));
    }

    private boolean isToBeCreated(AlignedTable table) {
        return table.is != null
                && created.contains(table.is.id())
                && isOf(table.is, copied::contains);
    }

    private void remember() throws SQLException {
        for (AlignedTable table : tables) {
            TableShape was = table.was;
            TableShape is = table.is;
            if (is == null || !table.isInPlace()) {
                continue;
            }
            records.stands(is);
            if (was != null
                    && !(was.id().equals(is.id()) && Objects.equals(was.root(), is.root()))) {
                moves.moved(was, is);
            }
        }
    }
}
