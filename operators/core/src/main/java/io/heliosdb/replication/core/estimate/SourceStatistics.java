package io.heliosdb.replication.core.estimate;

import io.heliosdb.replication.core.schema.PublishedTable;
import io.heliosdb.replication.core.schema.ScopedTable;
import io.heliosdb.replication.core.schema.TableScope;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the catalog of a source says about the size of its published tables, and about how often
 * each tenant occurs in them. Read once, it answers for any tenant.
 */
public final class SourceStatistics {

    private final TableScope scope;
    private final List<PublishedTable> published;
    private final Map<TableId, Size> sizes;
    private final Map<TableId, Spread> spreads;

    /**
     * @param spreads of the key columns of tables that have been analyzed
     */
    public SourceStatistics(
            TenancyConfig tenancy,
            Collection<PublishedTable> published,
            Map<TableId, Size> sizes,
            Map<TableId, Spread> spreads) {
        this.scope = new TableScope(new Tenancy(tenancy));
        this.published = List.copyOf(published);
        this.sizes = Map.copyOf(sizes);
        this.spreads = Map.copyOf(spreads);
    }

    /**
     * All partitions of a table together.
     *
     * @param rows null if it has pages and was never analyzed
     */
    public record Size(@Nullable Long rows, long bytes) {}

    /**
     * How values are spread over a column.
     *
     * @param distinct as in {@code pg_stats}: a number, or if negative, minus a share of the rows
     * @param frequencies of the most common values, as shares of all rows
     */
    public record Spread(double nullShare, double distinct, Map<String, Double> frequencies) {

        public Spread {
            frequencies = Map.copyOf(frequencies);
        }

        /** The share of the rows that have this value: known if it is common, else the mean. */
        double shareOf(String value, long rows) {
            Double known = frequencies.get(value);
            if (known != null) {
                return known;
            }
            double all = distinct < 0 ? -distinct * rows : distinct;
            double others = all - frequencies.size();
            double left =
                    1 - nullShare - frequencies.values().stream().mapToDouble(share -> share).sum();
            return others < 1 || left <= 0 ? 0 : left / others;
        }
    }

    /** How much this replication would copy. */
    public TenantEstimate estimate(ReplicationSpec spec) {
        List<TenantEstimate.Table> tables = new ArrayList<>();
        for (ScopedTable table : scope.of(spec, published)) {
            tables.add(table(table, spec));
        }
        return new TenantEstimate(tables);
    }

    private TenantEstimate.Table table(ScopedTable table, ReplicationSpec spec) {
        Size size = sizes.get(table.table());
        if (size == null || size.rows() == null) {
            return new TenantEstimate.Table(table.table(), null, null);
        }
        long rows = size.rows();
        if (rows == 0 || table.key() instanceof TenantKey.Whole) {
            return new TenantEstimate.Table(table.table(), rows, size.bytes());
        }
        Spread spread = spreads.get(table.table());
        if (spread == null) {
            return new TenantEstimate.Table(table.table(), null, null);
        }
        double share = spread.shareOf(spec.tenant().value(), rows);
        return new TenantEstimate.Table(
                table.table(), Math.round(rows * share), Math.round(size.bytes() * share));
    }
}
