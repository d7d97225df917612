package io.heliosdb.replication.core.estimate;

import io.heliosdb.replication.model.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much a replication would copy.
 *
 * @param tables by name
 */
public record TenantEstimate(List<Table> tables) {

    /**
     * One table.
     *
     * @param rows null if the table was never analyzed
     * @param bytes on the disk of the source, without indexes; null if unknown
     */
    public record Table(TableId table, @Nullable Long rows, @Nullable Long bytes) {}

    public TenantEstimate {
        tables = List.copyOf(tables);
    }

    /** Rows of all tables, or null if that of one is unknown. */
    public @Nullable Long rows() {
        long sum = 0;
        for (Table table : tables) {
            if (table.rows() == null) {
                return null;
            }
            sum += table.rows();
        }
        return sum;
    }

    /** Bytes of all tables, or null if that of one is unknown. */
    public @Nullable Long bytes() {
        long sum = 0;
        for (Table table : tables) {
            if (table.bytes() == null) {
                return null;
            }
            sum += table.bytes();
        }
        return sum;
    }
}
