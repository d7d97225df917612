package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.schema.SequenceDefinition;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table of the source at one moment. Columns are known by their number there, which they keep
 * under every name.
 *
 * @param root under whose name rows may go out; null if it is no partition
 * @param numbers of {@code definition.columns()}, in their order
 * @param missing what rows of before a column's addition read in it, by number, in text form
 * @param identityNumbers the columns by which updates and deletes name their row
 * @param inherited constraints that come with a parent's
 * @param sequences that the columns own or take their defaults from
 * @param json what all this was read from
 * @param oid by which the stream calls it; 0 if unknown
 */
public record TableShape(
        TableDefinition definition,
        @Nullable TableId root,
        List<Integer> numbers,
        Map<Integer, String> missing,
        Set<Integer> identityNumbers,
        Set<String> inherited,
        List<SequenceDefinition> sequences,
        String json,
        int oid) {

    public TableShape {
        numbers = List.copyOf(numbers);
        missing = Map.copyOf(missing);
        identityNumbers = Set.copyOf(identityNumbers);
        inherited = Set.copyOf(inherited);
        sequences = List.copyOf(sequences);
    }

    public TableId id() {
        return definition.id();
    }

    /** The column of this number, or null. */
    public TableDefinition.@Nullable Column column(int number) {
        int index = numbers.indexOf(number);
        return index < 0 ? null : definition.columns().get(index);
    }

    /** Column names by number, in their order. */
    public Map<Integer, String> names() {
        Map<Integer, String> names = new LinkedHashMap<>();
        for (int i = 0; i < numbers.size(); i++) {
            names.put(numbers.get(i), definition.columns().get(i).name());
        }
        return names;
    }

    public List<String> columnNames() {
        return new ArrayList<>(names().values());
    }
}
