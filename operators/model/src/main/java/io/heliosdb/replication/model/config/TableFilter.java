package io.heliosdb.replication.model.config;

import io.heliosdb.replication.model.TableId;
import java.io.Serializable;
import java.util.List;

/**
 * Which tables a replication carries: {@code schema.table} patterns in which {@code *} stands for
 * any characters. A table is in if an include matches (or there is none) and no exclude matches. A
 * pattern without dot means schema {@code public}.
 */
public record TableFilter(List<String> include, List<String> exclude) implements Serializable {

    public static final TableFilter ALL = new TableFilter(List.of(), List.of());

    public TableFilter {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    public boolean accepts(TableId table) {
        return (include.isEmpty() || matchesAny(include, table)) && !matchesAny(exclude, table);
    }

    /**
     * Whether everything that this accepts is certainly accepted by the other too; false may also
     * mean that nobody knows.
     */
    public boolean isWithin(TableFilter other) {
        return exclude.containsAll(other.exclude)
                && (other.include.isEmpty()
                        || !include.isEmpty() && other.include.containsAll(include));
    }

    private static boolean matchesAny(List<String> patterns, TableId table) {
        String name = table.toString();
        for (String pattern : patterns) {
            if (Glob.matches(pattern.indexOf('.') < 0 ? "public." + pattern : pattern, name)) {
                return true;
            }
        }
        return false;
    }
}
