package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A publication of the source.
 *
 * @param viaRoot whether changes of partitions go out under the name of the partitioned table
 * @param members tables that were added by name; the root of a partitioned table may be here and
 *     not in {@code entries}
 * @param entries tables under whose names changes go out
 */
public record PublicationFacts(
        String name,
        Set<Operation> operations,
        boolean viaRoot,
        Set<TableId> members,
        TreeMap<TableId, Entry> entries) {

    /** What can be published. */
    public enum Operation {
        INSERT,
        UPDATE,
        DELETE,
        TRUNCATE
    }

    /**
     * One published table.
     *
     * @param columns published columns
     * @param rowFilter SQL expression, or null
     */
    public record Entry(TableId table, List<String> columns, @Nullable String rowFilter) {
        public Entry {
            columns = List.copyOf(columns);
        }
    }

    boolean covers(TableFacts table, CatalogFacts catalog) {
        if (members.contains(table.id()) || entries.containsKey(table.id())) {
            return true;
        }
        List<TableFacts> leaves = catalog.leavesOf(table.id());
        return table.isPartitioned()
                && !leaves.isEmpty()
                && leaves.stream().allMatch(it -> entries.containsKey(it.id()));
    }

    List<Operation> missingOperations() {
        List<Operation> missing = new ArrayList<>(List.of(Operation.values()));
        missing.removeAll(operations);
        return missing;
    }
}
