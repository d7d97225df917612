package io.heliosdb.replication.core.schema.postgres;

import io.heliosdb.replication.core.schema.Catalog;
import io.heliosdb.replication.core.schema.TableDdl;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The places of tables that are created, among partitions and what they inherit from. Pure.
 *
 * @param existing what the target had before
 * @param created what it has got, so far
 * @param rejected what it cannot get, so far
 */
record NewPlaces(
        Catalog source,
        Map<TableId, TableDefinition> existing,
        MissingTables trees,
        Set<TableId> created,
        Set<TableId> rejected) {

    /** Whether it becomes a partition of the same table as at the source. */
    boolean fitsParent(TableDefinition table) {
        return table.partitionOf() != null
                && trees.fitsParent(table)
                && !rejected.contains(table.partitionOf().parent());
    }

    /**
     * Whether it becomes a partition of a table that was there before: that gives it its keys and
     * indexes as soon as it is attached.
     */
    boolean joinsExisting(TableDefinition table) {
        if (!fitsParent(table)) {
            return false;
        }
        TableId parent = table.partitionOf().parent();
        TableDefinition above = source.tables().get(parent);
        return existing.containsKey(parent) || above != null && joinsExisting(above);
    }

    /** As {@link #joinsExisting}, or what it inherits from was there before. */
    private boolean isBelowExisting(TableDefinition table) {
        return joinsExisting(table)
                || table.inherits().stream()
                        .anyMatch(
                                parent ->
                                        existing.containsKey(parent)
                                                || source.tables().containsKey(parent)
                                                        && isBelowExisting(
                                                                source.tables().get(parent)));
    }

    /**
     * Adds NOT VALID checks without which it cannot join what is there already; valid where they
     * are so there.
     */
    List<String> checksAtOnce(TableDefinition table) {
        if (!isBelowExisting(table)) {
            return List.of();
        }
        List<String> statements = new ArrayList<>();
        for (TableDefinition.Constraint check : table.uncheckedConstraints()) {
            List<TableDefinition.Constraint> above = handedDown(table, check.name());
            if (!above.isEmpty()) {
                boolean valid = above.stream().anyMatch(TableDefinition.Constraint::validated);
                statements.add(TableDdl.addCheck(table, check, valid));
            }
        }
        return statements;
    }

    /** Adds NOT VALID checks of its own; the others come with the table above. */
    List<String> checksBehindRows(TableDefinition table) {
        return table.uncheckedConstraints().stream()
                .filter(check -> handedDown(table, check.name()).isEmpty())
                .map(check -> TableDdl.addCheck(table, check, false))
                .toList();
    }

    private List<TableDefinition.Constraint> handedDown(TableDefinition table, String name) {
        List<TableId> parents = new ArrayList<>(table.inherits());
        if (fitsParent(table)) {
            parents.add(table.partitionOf().parent());
        }
        List<TableDefinition.Constraint> above = new ArrayList<>();
        for (TableId parent : parents) {
            TableDefinition there = existing.get(parent);
            if (there == null && created.contains(parent)) {
                there = source.tables().get(parent);
            }
            if (there != null) {
                there.constraints().stream()
                        .filter(it -> it.isHandedDown() && it.name().equals(name))
                        .forEach(above::add);
            }
        }
        return above;
    }

    /** As it is placed in the target: below what is there, and fits. */
    TableDefinition placed(TableDefinition table) {
        if (fitsParent(table)) {
            return table;
        }
        List<TableId> parents =
                table.inherits().stream()
                        .filter(it -> created.contains(it) || existing.containsKey(it))
                        .toList();
        return new TableDefinition(
                table.id(),
                table.partitioned(),
                table.unlogged(),
                table.columns(),
                table.constraints(),
                table.indexes(),
                table.options(),
                table.partitionKey(),
                null,
                parents,
                table.replicaIdentity());
    }
}
