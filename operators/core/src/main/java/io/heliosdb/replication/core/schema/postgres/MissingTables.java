package io.heliosdb.replication.core.schema.postgres;

import io.heliosdb.replication.core.schema.Catalog;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Says which tables of a source's partition trees a target lacks. Pure.
 *
 * @param published the tables that rows come for: roots, or leaves
 * @param existing what the target has
 */
record MissingTables(
        Catalog source, Set<TableId> published, Map<TableId, TableDefinition> existing) {

    /** Parents before their partitions, whose indexes are attached to theirs. */
    List<TableDefinition> find() {
        return source.tables().values().stream()
                .filter(this::isWanted)
                .sorted(Comparator.comparingInt(table -> ancestors(table).size()))
                .toList();
    }

    /** Whether to create this table: published, or part of a tree that needs it. */
    private boolean isWanted(TableDefinition table) {
        if (existing.containsKey(table.id())) {
            return false;
        }
        if (published.contains(table.id())) {
            return true;
        }
        if (table.partitionOf() != null && isBelowPublished(table)) {
            return fitsParent(table);
        }
        return source.tables().values().stream()
                .anyMatch(
                        leaf ->
                                published.contains(leaf.id())
                                        && !existing.containsKey(leaf.id())
                                        && ancestors(leaf).contains(table.id()));
    }

    private boolean isBelowPublished(TableDefinition table) {
        return ancestors(table).stream().anyMatch(published::contains);
    }

    /** Whether the parent in the target is, or will be, partitioned in the same way. */
    boolean fitsParent(TableDefinition table) {
        if (table.partitionOf() == null) {
            return false;
        }
        TableDefinition parent = source.tables().get(table.partitionOf().parent());
        TableDefinition there = existing.get(table.partitionOf().parent());
        if (parent == null) {
            return false;
        }
        return there == null
                ? isWanted(parent)
                : there.partitioned()
                        && there.partitionKey() != null
                        && there.partitionKey().equals(parent.partitionKey());
    }

    private List<TableId> ancestors(TableDefinition table) {
        List<TableId> ancestors = new ArrayList<>();
        TableDefinition at = table;
        while (at != null && at.partitionOf() != null) {
            ancestors.add(at.partitionOf().parent());
            at = source.tables().get(at.partitionOf().parent());
        }
        return ancestors;
    }

    /** The published tables of the partition tree that this table belongs to. */
    List<TableId> relatives(TableId table) {
        TableId root = source.rootOf(table);
        return published.stream()
                .filter(it -> it.equals(table) || source.rootOf(it).equals(root))
                .toList();
    }
}
