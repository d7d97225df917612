package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.model.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table as the target's catalog describes it.
 *
 * @param uniqueKeys column names of the unique indexes that can identify a row (no expression, no
 *     predicate, not deferrable, all NOT NULL): the primary key first, then the replica identity
 */
record TargetTable(
        TableId id, boolean partitioned, List<Column> columns, List<List<String>> uniqueKeys) {

    /**
     * @param type its name for use in a cast, without length: a value that is too long is rejected
     *     by the assignment, where an explicit cast to {@code varchar(n)} would cut it
     * @param generated computed by the target, never written
     * @param identityAlways GENERATED ALWAYS AS IDENTITY: may be inserted, not updated
     * @param exact whether {@code =} of its type holds only between values of the same text
     * @param equals the operator, as it must be written
     * @param domainOf the type below a domain, which has the operator; null if it is no domain
     * @param readByCast whether a cast from text may read a text otherwise than the type's input
     *     does
     */
    record Column(
            String name,
            String type,
            boolean generated,
            boolean identityAlways,
            boolean exact,
            String equals,
            @Nullable String domainOf,
            boolean readByCast) {}

    /** Whether it computes this column. */
    boolean generates(String name) {
        Column column = column(name);
        return column != null && column.generated();
    }

    @Nullable Column column(String name) {
        for (Column column : columns) {
            if (column.name().equals(name)) {
                return column;
            }
        }
        return null;
    }
}
