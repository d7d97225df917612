package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.ddl.DdlStatement;
import io.heliosdb.replication.core.ddl.Migration;
import io.heliosdb.replication.core.ddl.TableMigration;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.ddl.Tightening;
import io.heliosdb.replication.core.schema.TableDdl;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlTag;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The columns, constraints and indexes of tables, as far as the source has changed them. */
final class TableDefinitions {

    private static final Logger LOG = LoggerFactory.getLogger(TableDefinitions.class);

    /** What converts exactly where it can. */
    private static final String PLAIN = "ALTER TABLE it";

    private final AlignedTarget target;
    private final ShapeRecords records;
    private final KnownShapes known;
    private final Map<TableId, TableShape> now;

    TableDefinitions(
            AlignedTarget target,
            ShapeRecords records,
            KnownShapes known,
            Map<TableId, TableShape> now) {
        this.target = target;
        this.records = records;
        this.known = known;
        this.now = now;
    }

    /**
     * Before anything takes their names: what inherits keeps a column of its own when that of its
     * parent goes, and would not fit under another of that name. Partitions do not.
     */
    void dropColumns(AlignedTable table, Map<TableId, TableDefinition> first) throws SQLException {
        TableShape was = table.was;
        TableShape is = table.is;
        if (was == null || is == null || !table.isInPlace()) {
            return;
        }
        TableDefinition there = first.get(was.id());
        boolean gone = was.numbers().stream().anyMatch(number -> is.column(number) == null);
        boolean inherits =
                there != null
                        && (!there.inherits().isEmpty()
                                || first.values().stream()
                                        .anyMatch(it -> it.inherits().contains(was.id())));
        if (!gone || !inherits) {
            return;
        }
        for (int number : was.numbers()) {
            if (is.column(number) == null) {
                target.run(
                        DdlTag.DROP_COLUMN,
                        TableDdl.alterAlone(is.id(), there.partitioned())
                                + "DROP COLUMN IF EXISTS "
                                + TableId.quote(was.names().get(number)));
            }
        }
    }

    /** Columns, constraints, indexes and the like. */
    void align(AlignedTable table, Map<TableId, TableDefinition> first) throws SQLException {
        TableShape was = table.was;
        TableShape is = table.is;
        if (is == null || !table.isInPlace() || was != null && was.json().equals(is.json())) {
            return;
        }
        // It may have been altered with what is above.
        TableDefinition found = target.isAltered() ? target.table(is.id()) : first.get(is.id());
        if (found == null) {
            return;
        }
        // What others have of such rows they copy again when they come to that DDL.
        boolean anew = was != null && TableMigration.rewrites(was, is);
        TableShape before = table.before(found, above(is, now::get), above(was, known::named));
        Migration migration = TableMigration.alter(before, is, found, anew, anew ? PLAIN : "");
        for (DdlStatement statement : migration.wanted()) {
            target.allow(statement.tag(), statement.sql());
        }
        AlignedTarget.Outcome outcome = target.tryAll(migration.statements());
        if (outcome == AlignedTarget.Outcome.REFERRED_TO) {
            releaseReferences(is.id());
            outcome = target.tryAll(migration.statements());
        }
        if (outcome == AlignedTarget.Outcome.REFERRED_TO) {
            // Tell by what.
            target.executeAll(migration.statements());
        }
        if (outcome == AlignedTarget.Outcome.NO_CAST) {
            // No cast by itself: the source has had an expression for it, and rows anew.
            anew = was != null;
            migration = TableMigration.alter(before, is, found, true, PLAIN);
            target.executeAll(migration.statements());
        }
        for (String key : migration.settled()) {
            records.settled(is.id(), key);
        }
        for (String key : migration.later()) {
            records.later(is.id(), key);
        }
        for (TableDefinition.Constraint constraint : is.definition().constraints()) {
            if (constraint.validated() && isUncheckedAbove(is, constraint.name())) {
                records.later(is.id(), Tightening.constraint(constraint.name()));
            }
        }
        TableShape rowsOfBefore = was == null ? before : was;
        if (!rowsOfBefore.id().equals(is.id())
                || !rowsOfBefore.names().equals(is.names())
                || anew) {
            LOG.info(
                    "target table brought to the shape of the copy table={} statements={}",
                    is.id(),
                    migration.now().size());
            records.became(rowsOfBefore, is, anew);
            target.altered();
        }
    }

    /** Whether it comes with a parent's constraint, which does not hold for all rows there. */
    private boolean isUncheckedAbove(TableShape table, String constraint) {
        return table.inherited().contains(constraint)
                && above(table, now::get).stream()
                        .flatMap(parent -> parent.definition().constraints().stream())
                        .anyMatch(it -> it.name().equals(constraint) && !it.validated());
    }

    /**
     * A key that was made anew had nothing that referred to it meanwhile: foreign keys of the
     * source's tables are taken away, and asked for again.
     */
    private void releaseReferences(TableId table) throws SQLException {
        for (AlignedTarget.Reference reference : target.referencesTo(table)) {
            if (now.containsKey(reference.table())) {
                target.run(
                        DdlTag.CONSTRAINT,
                        "ALTER TABLE "
                                + reference.table().quoted()
                                + " DROP CONSTRAINT "
                                + TableId.quote(reference.name()));
                records.later(reference.table(), Tightening.constraint(reference.name()));
            }
        }
    }

    /** What an earlier copy has left to be built is written for the table as it was then. */
    void completeCopy(AlignedTable table) throws SQLException {
        TableShape was = table.was;
        if (was == null || table.is != null && was.json().equals(table.is.json())) {
            return;
        }
        if (table.is == null || table.at == null) {
            target.forgetPending(was.id());
            return;
        }
        boolean left = target.buildPending(was.id());
        if (left) {
            for (TableDefinition.Constraint constraint : table.is.definition().constraints()) {
                if (constraint.references() != null) {
                    records.later(table.is.id(), Tightening.constraint(constraint.name()));
                }
            }
        }
    }

    private interface Lookup {
        @Nullable TableShape named(TableId name);
    }

    private static List<TableShape> above(@Nullable TableShape table, Lookup lookup) {
        List<TableShape> above = new ArrayList<>();
        if (table != null) {
            for (TableId parent : SourceShapes.parents(table.definition())) {
                TableShape shape = lookup.named(parent);
                if (shape != null) {
                    above.add(shape);
                }
            }
        }
        return above;
    }
}
