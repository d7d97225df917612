package io.heliosdb.replication.core.schema;

import io.heliosdb.replication.model.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table as a publication publishes it: the root of a partitioned table if the publication
 * publishes via the root, else its leaves.
 *
 * @param columns published columns, in table order; never generated ones
 * @param rowFilter SQL expression over the table's columns, or null if all rows are published
 */
public record PublishedTable(TableId table, List<String> columns, @Nullable String rowFilter) {

    public PublishedTable {
        columns = List.copyOf(columns);
    }
}
