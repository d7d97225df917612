package io.heliosdb.replication.core.schema;

import io.heliosdb.replication.model.TableId;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table as its catalog describes it. SQL fragments (types, expressions, definitions) are
 * PostgreSQL's own and have every name outside {@code pg_catalog} qualified, so that two
 * definitions from different databases are equal iff the tables are.
 *
 * @param partitioned whether it is the root of a partition tree or an inner node
 * @param options storage parameters as {@code name=value}
 * @param partitionKey what follows PARTITION BY, or null
 * @param partitionOf the table it is a partition of, or null
 * @param inherits tables it inherits from (other than as a partition)
 * @param replicaIdentity {@code d} default, {@code n} nothing, {@code f} full, {@code i} index
 */
public record TableDefinition(
        TableId id,
        boolean partitioned,
        boolean unlogged,
        List<Column> columns,
        List<Constraint> constraints,
        List<Index> indexes,
        List<String> options,
        @Nullable String partitionKey,
        @Nullable Partition partitionOf,
        List<TableId> inherits,
        char replicaIdentity) {

    public TableDefinition {
        columns = List.copyOf(columns);
        constraints = List.copyOf(constraints);
        indexes = List.copyOf(indexes);
        options = List.copyOf(options);
        inherits = List.copyOf(inherits);
    }

    /** Whether it is a partition of that table, or inherits from it. */
    public boolean isBelow(TableId other) {
        return partitionOf != null && partitionOf.parent().equals(other)
                || inherits.contains(other);
    }

    /**
     * One column.
     *
     * @param type what {@code format_type} says, with modifier
     * @param keyType the type without modifier, and of a domain its base type: what values are cast
     *     to for a comparison
     * @param collation qualified, or null for the type's own
     * @param expression default or generation expression, or null
     * @param identity {@code a} always, {@code d} by default, else blank
     * @param generated {@code s} stored, {@code v} virtual, else blank
     */
    public record Column(
            String name,
            String type,
            String keyType,
            @Nullable String collation,
            @Nullable String expression,
            boolean notNull,
            char identity,
            char generated) {

        public boolean isGenerated() {
            return generated != ' ';
        }

        /** Whether a row without a value for this column is refused. */
        public boolean isRequired() {
            return notNull && expression == null && identity == ' ';
        }
    }

    /**
     * A constraint.
     *
     * @param kind {@code p} primary key, {@code u} unique, {@code x} exclusion, {@code c} check,
     *     {@code f} foreign key
     * @param definition what {@code pg_get_constraintdef} says
     * @param validated false if rows from before it may violate it
     * @param references the other table of a foreign key, else null
     */
    public record Constraint(
            String name,
            char kind,
            String definition,
            boolean validated,
            @Nullable TableId references) {

        /** Whether partitions, and what inherits, have to have the same check. */
        public boolean isHandedDown() {
            return kind == 'c'
                    && !definition.endsWith(" NO INHERIT")
                    && !definition.endsWith(" NO INHERIT NOT VALID");
        }
    }

    /**
     * An index.
     *
     * @param definition what {@code pg_get_indexdef} says
     * @param ofConstraint whether a constraint brings it
     * @param identity whether it is the replica identity
     * @param partOf the index of the parent table it is attached to, or null
     */
    public record Index(
            TableId id,
            String definition,
            boolean ofConstraint,
            boolean identity,
            @Nullable TableId partOf) {}

    /**
     * The place of a partition.
     *
     * @param bound {@code FOR VALUES …} or {@code DEFAULT}
     */
    public record Partition(TableId parent, String bound) {}

    /** Without the keys and indexes that it has as a partition, from the table above it. */
    public TableDefinition withoutInheritedIndexes() {
        Set<String> inherited =
                indexes.stream()
                        .filter(index -> index.partOf() != null)
                        .map(index -> index.id().name())
                        .collect(Collectors.toSet());
        return new TableDefinition(
                id,
                partitioned,
                unlogged,
                columns,
                constraints.stream().filter(it -> !inherited.contains(it.name())).toList(),
                indexes.stream().filter(it -> it.partOf() == null).toList(),
                options,
                partitionKey,
                partitionOf,
                inherits,
                replicaIdentity);
    }

    /** The check constraints that are NOT VALID. */
    public List<Constraint> uncheckedConstraints() {
        return constraints.stream().filter(it -> it.kind() == 'c' && !it.validated()).toList();
    }

    /** The column of that name, or null. */
    public @Nullable Column column(String name) {
        for (Column column : columns) {
            if (column.name().equals(name)) {
                return column;
            }
        }
        return null;
    }
}
