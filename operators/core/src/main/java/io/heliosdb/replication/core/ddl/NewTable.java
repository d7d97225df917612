package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.schema.Catalog;
import io.heliosdb.replication.core.schema.SequenceDefinition;
import io.heliosdb.replication.core.schema.TableDdl;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlTag;
import java.util.ArrayList;
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
        TableDdl.uncheckedConstraints(table).forEach(sql -> plan.now(DdlTag.CREATE_TABLE, sql));
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

    /**
     * As {@link #create}, where rows of before still come that need not meet what the table asks of
     * its rows by now: that is asked later. Of partitions, and of what has its identity from an
     * index, it is asked at once; so are checks of a table that it inherits from.
     */
    public static Migration createForRowsOfBefore(TableShape shape, Predicate<TableId> exists) {
        TableDefinition table = shape.definition();
        if (table.partitioned() || table.partitionOf() != null || table.replicaIdentity() == 'i') {
            return create(shape, exists);
        }
        TableDefinition loose =
                new TableDefinition(
                        table.id(),
                        false,
                        table.unlogged(),
                        table.columns().stream().map(NewTable::nullable).toList(),
                        table.constraints().stream()
                                .filter(it -> isAskedAtOnce(shape, it))
                                .toList(),
                        table.indexes().stream()
                                .filter(it -> !it.definition().startsWith("CREATE UNIQUE "))
                                .toList(),
                        table.options(),
                        null,
                        null,
                        table.inherits(),
                        table.replicaIdentity());
        Migration made =
                create(
                        new TableShape(
                                loose,
                                shape.root(),
                                shape.numbers(),
                                shape.missing(),
                                shape.identityNumbers(),
                                shape.inherited(),
                                shape.sequences(),
                                shape.json(),
                                shape.oid()),
                        exists);
        List<String> later = new ArrayList<>(made.later());
        for (int number : shape.numbers()) {
            TableDefinition.Column column = shape.column(number);
            if (column != null && column.notNull() && column.identity() == ' ') {
                later.add(Tightening.notNull(number));
            }
        }
        for (TableDefinition.Constraint constraint : table.constraints()) {
            if (!loose.constraints().contains(constraint)) {
                later.add(Tightening.constraint(constraint.name()));
            }
        }
        for (TableDefinition.Index index : table.indexes()) {
            if (!index.ofConstraint() && !loose.indexes().contains(index)) {
                later.add(Tightening.index(index.id()));
            }
        }
        return new Migration(made.now(), later, made.asked(), made.settled(), made.anew());
    }

    private static boolean isAskedAtOnce(TableShape shape, TableDefinition.Constraint constraint) {
        return switch (constraint.kind()) {
            case 'p', 'f' -> true;
            // It may be one of its own too, which the table above has told it to have.
            case 'c' -> !shape.definition().inherits().isEmpty();
            default -> false;
        };
    }

    private static TableDefinition.Column nullable(TableDefinition.Column column) {
        return new TableDefinition.Column(
                column.name(),
                column.type(),
                column.keyType(),
                column.collation(),
                column.expression(),
                column.notNull() && column.identity() != ' ',
                column.identity(),
                column.generated());
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
