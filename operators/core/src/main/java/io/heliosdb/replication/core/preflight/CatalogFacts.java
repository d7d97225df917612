package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.model.TableId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The relations of one database, without those of the system and of this product. */
public final class CatalogFacts {

    private final TreeMap<TableId, TableFacts> relations = new TreeMap<>();
    private final Map<TableId, List<TableFacts>> leaves = new HashMap<>();
    private final Set<TableId> takenNames = new HashSet<>();

    public CatalogFacts(Collection<TableFacts> facts) {
        for (TableFacts relation : sorted(facts)) {
            relations.put(relation.id(), relation);
            takenNames.add(relation.id());
            if (relation.partitionRoot() != null && !relation.isPartitioned()) {
                leaves.computeIfAbsent(relation.partitionRoot(), root -> new ArrayList<>())
                        .add(relation);
            }
            relation.indexes()
                    .forEach(it -> takenNames.add(new TableId(relation.id().schema(), it.name())));
        }
    }

    private static List<TableFacts> sorted(Collection<TableFacts> facts) {
        return facts.stream().sorted(Comparator.comparing(TableFacts::id)).toList();
    }

    public @Nullable TableFacts relation(TableId id) {
        return relations.get(id);
    }

    /** The table of that name, or null if there is none (a view does not count). */
    public @Nullable TableFacts table(TableId id) {
        TableFacts found = relations.get(id);
        return found != null && found.isTable() ? found : null;
    }

    public List<TableFacts> tables() {
        return relations.values().stream().filter(TableFacts::isTable).toList();
    }

    /** The partitions that hold rows of a partitioned table, by name; none for other tables. */
    public List<TableFacts> leavesOf(TableId root) {
        return leaves.getOrDefault(root, List.of());
    }

    /** A name for a new index that no relation of the schema has; at most 63 bytes. */
    String freeIndexName(TableId table) {
        for (int i = 0; ; i++) {
            String suffix = "_replica_identity" + (i == 0 ? "" : String.valueOf(i));
            String stem = table.name();
            while ((stem + suffix).getBytes(StandardCharsets.UTF_8).length > 63) {
                stem = stem.substring(0, stem.length() - 1);
            }
            // Claimed, so that long names that begin alike do not meet.
            if (takenNames.add(new TableId(table.schema(), stem + suffix))) {
                return stem + suffix;
            }
        }
    }

    /** Why there is no such table, with what may have been meant. */
    String explainMissing(TableId id) {
        TableFacts relation = relations.get(id);
        if (relation != null) {
            return "is " + relation.kindName() + ", not a table";
        }
        for (Map.Entry<TableId, TableFacts> entry : relations.entrySet()) {
            if (entry.getKey().name().equalsIgnoreCase(id.name()) && entry.getValue().isTable()) {
                return "does not exist in the source; did you mean '" + entry.getKey() + "'?";
            }
        }
        return "does not exist in the source";
    }
}
