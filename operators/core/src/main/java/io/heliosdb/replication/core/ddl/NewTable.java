package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.schema.Catalog;
import io.heliosdb.replication.core.schema.SequenceDefinition;
import io.heliosdb.replication.core.schema.TableDdl;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlTag;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Writes what makes a table that the target lacks. Its rows come later, so its indexes cost
 * nothing.
 */
public final class NewTable {

    private NewTable() {}

    /**
     * @param exists whether the target has a table, of those that the new one belongs to
     */
    public static Migration create(TableShape shape, Predicate<TableId> exists) {
        Migration.Builder plan = new Migration.Builder();
        TableDefinition table = placed(shape.definition(), exists);
        Catalog catalog = new Catalog(List.of(), List.of(), shape.sequences(), Map.of());
        TreeSet<String> schemas = new TreeSet<>();
        schemas.add(table.id().schema());
        shape.sequences().forEach(sequence -> schemas.add(sequence.id().schema()));
        schemas.forEach(
                schema ->
                        plan.now(
                                DdlTag.CREATE_TABLE,
                                "CREATE SCHEMA IF NOT EXISTS " + TableId.quote(schema)));
        for (SequenceDefinition sequence : shape.sequences()) {
            if (!sequence.ofIdentity()) {
                plan.now(DdlTag.CREATE_TABLE, ObjectDdl.createSequence(sequence));
            }
        }
        plan.now(DdlTag.CREATE_TABLE, TableDdl.createTable(table, catalog));
        TableDdl.place(table).forEach(sql -> plan.now(DdlTag.CREATE_TABLE, sql));
        TableDdl.keysAndIndexes(withoutInherited(shape, table))
                .forEach(sql -> plan.now(DdlTag.CREATE_TABLE, sql));
        for (SequenceDefinition sequence : shape.sequences()) {
            if (!sequence.ofIdentity() && sequence.owner() != null) {
                plan.now(DdlTag.CREATE_TABLE, TableDdl.ownSequence(sequence, sequence.owner()));
            }
        }
        for (TableDefinition.Constraint constraint : table.constraints()) {
            if (constraint.references() != null) {
                plan.later(Tightening.constraint(constraint.name()));
            }
        }
        return plan.build();
    }

    /** Writes what makes a sequence before the column that needs it, and owns it behind. */
    public static void sequence(
            SequenceDefinition sequence, List<DdlStatement> ahead, List<DdlStatement> behind) {
        ahead.add(
                new DdlStatement(
                        DdlTag.DEFAULT,
                        "CREATE SCHEMA IF NOT EXISTS " + TableId.quote(sequence.id().schema())));
        ahead.add(new DdlStatement(DdlTag.DEFAULT, ObjectDdl.createSequence(sequence)));
        if (sequence.owner() != null) {
            behind.add(
                    new DdlStatement(
                            DdlTag.DEFAULT, TableDdl.ownSequence(sequence, sequence.owner())));
        }
    }

    /** Without a place among tables that are not there. */
    private static TableDefinition placed(TableDefinition table, Predicate<TableId> exists) {
        boolean partition =
                table.partitionOf() != null && exists.test(table.partitionOf().parent());
        return new TableDefinition(
                table.id(),
                table.partitioned(),
                table.unlogged(),
                table.columns(),
                table.constraints(),
                table.indexes(),
                table.options(),
                table.partitionKey(),
                partition ? table.partitionOf() : null,
                table.inherits().stream().filter(exists).toList(),
                table.replicaIdentity());
    }

    /** What a partition has of its parent comes when it is attached. */
    private static TableDefinition withoutInherited(TableShape shape, TableDefinition table) {
        if (table.partitionOf() == null) {
            return table;
        }
        return new TableDefinition(
                table.id(),
                table.partitioned(),
                table.unlogged(),
                table.columns(),
                table.constraints().stream()
                        .filter(it -> !shape.inherited().contains(it.name()))
                        .toList(),
                table.indexes().stream().filter(it -> it.partOf() == null).toList(),
                table.options(),
                table.partitionKey(),
                table.partitionOf(),
                table.inherits(),
                table.replicaIdentity());
    }
}
