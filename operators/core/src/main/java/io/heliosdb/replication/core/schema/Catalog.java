package io.heliosdb.replication.core.schema;

import io.heliosdb.replication.model.TableId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Some tables of a database with all that they need: the whole partition trees up to their roots,
 * types, sequences, extensions.
 *
 * @param types in an order in which they were created; types may yet depend on later ones
 */
public record Catalog(
        List<Extension> extensions,
        List<TypeDefinition> types,
        List<SequenceDefinition> sequences,
        Map<TableId, TableDefinition> tables) {

    /** An extension and the schema of its objects. */
    public record Extension(String name, String schema) {}

    public Catalog {
        extensions = List.copyOf(extensions);
        types = List.copyOf(types);
        sequences = List.copyOf(sequences);
        tables = new LinkedHashMap<>(tables);
    }

    /** The topmost known table of the partition tree that this one belongs to; itself if none. */
    public TableId rootOf(TableId table) {
        TableId root = table;
        TableDefinition definition = tables.get(root);
        while (definition != null
                && definition.partitionOf() != null
                && tables.containsKey(definition.partitionOf().parent())) {
            root = definition.partitionOf().parent();
            definition = tables.get(root);
        }
        return root;
    }

    /** As {@link #rootOf}, and on to what that inherits from. */
    public TableId topOf(TableId table) {
        TableId root = rootOf(table);
        TableDefinition definition = tables.get(root);
        if (definition != null) {
            for (TableId parent : definition.inherits()) {
                if (tables.containsKey(parent)) {
                    return topOf(parent);
                }
            }
        }
        return root;
    }

    /** The sequence of an identity column, or null. */
    public @Nullable SequenceDefinition identitySequence(TableId table, String column) {
        for (SequenceDefinition sequence : sequences) {
            if (sequence.ofIdentity()
                    && new SequenceDefinition.Owner(table, column).equals(sequence.owner())) {
                return sequence;
            }
        }
        return null;
    }
}
