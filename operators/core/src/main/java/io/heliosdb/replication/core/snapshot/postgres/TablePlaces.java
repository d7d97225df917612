package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.ddl.PlaceMigration;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.ddl.Tightening;
import io.heliosdb.replication.core.schema.TableDdl;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlTag;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places of tables among partitions and what inherits, as far as the source has changed them.
 */
final class TablePlaces {

    private final AlignedTarget target;
    private final ShapeRecords records;
    private final KnownShapes known;
    private final Map<TableId, TableShape> now;

    TablePlaces(
            AlignedTarget target,
            ShapeRecords records,
            KnownShapes known,
            Map<TableId, TableShape> now) {
        this.target = target;
        this.records = records;
        this.known = known;
        this.now = now;
    }

    /** Before any name or column changes: takes a table from where it is no more. */
    void leave(AlignedTable table, @Nullable TableDefinition found) throws SQLException {
        TableShape was = table.was;
        TableShape is = table.is;
        if (was == null || is == null || found == null) {
            return;
        }
        if (found.partitionOf() != null && hasLeftPlace(was, is)) {
            records.leaves(found.id());
            target.run(
                    DdlTag.PARTITION,
                    "ALTER TABLE "
                            + found.partitionOf().parent().quoted()
                            + " DETACH PARTITION "
                            + found.id().quoted());
        }
        for (TableId parent : was.definition().inherits()) {
            if (found.inherits().contains(parent)
                    && is.definition().inherits().stream().noneMatch(it -> isSame(parent, it))) {
                target.run(
                        DdlTag.PARTITION,
                        "ALTER TABLE " + found.id().quoted() + " NO INHERIT " + parent.quoted());
            }
        }
    }

    private boolean hasLeftPlace(TableShape was, TableShape is) {
        TableDefinition.Partition then = was.definition().partitionOf();
        TableDefinition.Partition here = is.definition().partitionOf();
        return then != null
                && (here == null
                        || !isSame(then.parent(), here.parent())
                        || !then.bound().equals(here.bound()));
    }

    /** Whether two names, of then and of now, are of the same table. */
    private boolean isSame(TableId then, TableId here) {
        TableShape a = known.named(then);
        TableShape b = now.get(here);
        return a == null || b == null || a.oid() == 0 ? then.equals(here) : a.oid() == b.oid();
    }

    /** Behind all names and columns: brings a table to where it has come. */
    void enter(AlignedTable table) throws SQLException {
        TableShape was = table.was;
        TableShape is = table.is;
        if (was == null || is == null || !table.isInPlace()) {
            return;
        }
        TableDefinition.Partition then = was.definition().partitionOf();
        TableDefinition.Partition here = is.definition().partitionOf();
        if (here != null && (then == null || hasLeftPlace(was, is))) {
            TableDefinition found = target.table(is.id());
            TableDefinition parent = target.table(here.parent());
            if (found != null && found.partitionOf() == null && parent != null) {
                ask(is, found, parent);
                attach(found, parent, here.bound());
            }
        }
        for (TableId parent : is.definition().inherits()) {
            if (was.definition().inherits().stream().noneMatch(it -> isSame(it, parent))) {
                inherit(is, parent);
            }
        }
    }

    /** What it may allow although the table above does not, it may only once it inherits. */
    private void inherit(TableShape is, TableId parent) throws SQLException {
        TableDefinition found = target.table(is.id());
        TableDefinition above = target.table(parent);
        if (found == null || above == null || found.inherits().contains(parent)) {
            return;
        }
        List<TableDefinition.Column> loosened =
                PlaceMigration.looser(found, above).stream()
                        .filter(column -> mayBeNull(is, column.name()))
                        .toList();
        ask(is, found, above);
        target.run(
                DdlTag.PARTITION,
                "ALTER TABLE " + is.id().quoted() + " INHERIT " + parent.quoted());
        if (!loosened.isEmpty()) {
            target.run(DdlTag.PARTITION, TableDdl.alterColumns(found, loosened, "DROP NOT NULL"));
        }
    }

    private static boolean mayBeNull(TableShape table, String name) {
        TableDefinition.Column column = table.definition().column(name);
        return column != null && !column.notNull();
    }

    /** What was to be asked of its rows only later. */
    private void ask(TableShape is, TableDefinition found, TableDefinition above)
            throws SQLException {
        List<TableDefinition.Column> stricter = PlaceMigration.looser(found, above);
        if (!stricter.isEmpty()) {
            target.run(DdlTag.PARTITION, TableDdl.alterColumns(found, stricter, "SET NOT NULL"));
        }
        for (PlaceMigration.Asked asked : PlaceMigration.checks(found, above, is.definition())) {
            target.run(DdlTag.PARTITION, asked.sql());
            records.settled(is.id(), Tightening.constraint(asked.check()));
        }
    }

    private void attach(TableDefinition table, TableDefinition parent, String bound)
            throws SQLException {
        target.run(
                DdlTag.PARTITION,
                "ALTER TABLE "
                        + parent.id().quoted()
                        + " ATTACH PARTITION "
                        + table.id().quoted()
                        + " "
                        + bound);
    }
}
