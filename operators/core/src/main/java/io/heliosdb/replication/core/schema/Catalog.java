package io.heliosdb.replication.core.schema;

import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.HashMap;
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

    /** For each table, one of those that hang together with it as partitions or by inheritance. */
    public Map<TableId, TableId> families() {
        Map<TableId, TableId> families = new HashMap<>();
        tables.keySet().forEach(table -> families.put(table, table));
        boolean changed = true;
        while (changed) {
            changed = false;
            for (TableDefinition table : tables.values()) {
                List<TableId> above = new ArrayList<>(table.inherits());
                if (table.partitionOf() != null) {
                    above.add(table.partitionOf().parent());
                }
                for (TableId parent : above) {
                    TableId one = families.get(table.id());
                    TableId other = families.get(parent);
                    if (other != null && !other.equals(one)) {
                        TableId both = one.compareTo(other) < 0 ? one : other;
                        families.put(table.id(), both);
                        families.put(parent, both);
                        changed = true;
                    }
                }
            }
        }
        return families;
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
