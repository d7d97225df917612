package io.heliosdb.replication.core.verify;

import java.util.List;

/**
 * One row that differs.
 *
 * @param key the key columns with their values, {@code id=5, tenant_id=3}; a place ({@code
 *     ctid=(0,1)}) where the table has no key
 * @param columns names of the columns that differ, for {@link Kind#DIFFERENT}; never values
 */
public record KeyDifference(Kind kind, String key, List<String> columns) {

    /** How the target differs from the source. */
    public enum Kind {
        MISSING_IN_TARGET,
        EXTRA_IN_TARGET,
        DIFFERENT
    }

    public KeyDifference {
        columns = List.copyOf(columns);
    }

    @Override
    public String toString() {
        return switch (kind) {
            case MISSING_IN_TARGET -> "missing in target: " + key;
            case EXTRA_IN_TARGET -> "extra in target: " + key;
            case DIFFERENT -> "different: " + key + " in " + String.join(", ", columns);
        };
    }
}
