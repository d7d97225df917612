package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.schema.SequenceDefinition;
import io.heliosdb.replication.core.schema.TypeDefinition;
import io.heliosdb.replication.model.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a command has made of something that is no table. */
public sealed interface ObjectChange {

    /**
     * A type.
     *
     * @param before null if it is new
     * @param after null if it was dropped
     */
    record OfType(@Nullable UserType before, @Nullable UserType after) implements ObjectChange {}

    /**
     * A type by its catalog.
     *
     * @param kind {@code e} enum, {@code c} composite, {@code d} domain, {@code r} range
     * @param parts labels, attributes, base and constraints, or options
     * @param labelIds of an enum, in the order of its labels: they stay when labels are renamed
     */
    record UserType(TypeDefinition definition, char kind, List<String> parts, List<Long> labelIds) {
        public UserType {
            parts = List.copyOf(parts);
            labelIds = List.copyOf(labelIds);
        }

        public TableId id() {
            return definition.id();
        }
    }

    /**
     * A sequence.
     *
     * @param before null if it is new
     * @param after null if it was dropped
     */
    record OfSequence(@Nullable SequenceDefinition before, @Nullable SequenceDefinition after)
            implements ObjectChange {}

    /** An extension that was made. */
    record Extension(String name, String schema) implements ObjectChange {}

    /** An index that was dropped. */
    record DroppedIndex(TableId id) implements ObjectChange {}

    /** A schema that was dropped. */
    record DroppedSchema(String name) implements ObjectChange {}

    /** Something that has changed, and nobody can tell how. */
    record Unclear(String what) implements ObjectChange {}
}
