package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.core.verify.Aggregate;
import io.heliosdb.replication.core.verify.RowKey;
import io.heliosdb.replication.core.verify.TableRows;
import io.heliosdb.replication.core.verify.VerifiedTable;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One table at one end, read in the snapshot of the connection's transaction. Used by one thread at
 * a time.
 */
final class TableReader implements TableRows {

    private static final int FETCH_ROWS = 5000;

    private final Connection connection;
    private final VerifiedTable table;
    private final boolean partitioned;
    private final List<String> keyTypes;
    private final String tenants;
    private final boolean source;

    /**
     * @param columns the table as it is at this end
     * @param tenants a condition that selects the tenants wanted, or empty for all
     * @param source which end this is
     */
    TableReader(
            Connection connection,
            VerifiedTable table,
            TableColumns columns,
            String tenants,
            boolean source) {
        this.connection = connection;
        this.source = source;
        this.table = table;
        this.partitioned = columns.partitioned();
        this.keyTypes = table.key().stream().map(columns::type).toList();
        this.tenants = tenants;
    }

    @Override
    public Map<String, Aggregate> aggregates() {
        Map<String, Aggregate> byTenant = new HashMap<>();
        String sql = VerifySql.aggregates(table, partitioned, tenants);
        try (PreparedStatement query = connection.prepareStatement(sql);
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                byTenant.put(row.getString(1), aggregate(row));
            }
            // Without GROUP BY over a column there is one group even of no rows.
            byTenant.values().removeIf(aggregate -> aggregate.count() == 0);
            return byTenant;
        } catch (SQLException e) {
            throw new EndException(source, e);
        }
    }

    @Override
    public List<KeyedRow> byKey(Collection<RowKey> keys, boolean withValues) {
        if (keys.isEmpty()) {
            return List.of();
        }
        String sql = VerifySql.byKey(table, partitioned, keyTypes, withValues);
        int keyColumns = table.key().size();
        List<KeyedRow> rows = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < keyColumns; i++) {
                int column = i;
                query.setArray(
                        i + 1,
                        connection.createArrayOf(
                                "text",
                                keys.stream().map(key -> key.values().get(column)).toArray()));
            }
            query.setFetchSize(FETCH_ROWS);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    byte[][] values = null;
                    if (withValues) {
                        values = new byte[table.compared().size()][];
                        for (int i = 0; i < values.length; i++) {
                            values[i] = row.getBytes(keyColumns + 3 + i);
                        }
                    }
                    rows.add(
                            new KeyedRow(
                                    key(row, keyColumns),
                                    row.getString(keyColumns + 1),
                                    row.getLong(keyColumns + 2),
                                    values));
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new EndException(source, e);
        }
    }

    @Override
    public Map<Long, Aggregate> buckets(String tenant, long mask) {
        Map<Long, Aggregate> buckets = new HashMap<>();
        String sql = VerifySql.buckets(table, partitioned, isTenant(tenant));
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setLong(1, mask);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    buckets.put(row.getLong(1), aggregate(row));
                }
            }
            return buckets;
        } catch (SQLException e) {
            throw new EndException(source, e);
        }
    }

    @Override
    public List<HashedRow> inBuckets(String tenant, long mask, Collection<Long> buckets) {
        int keyColumns = table.keyed() ? table.key().size() : 1;
        List<HashedRow> rows = new ArrayList<>();
        String sql = VerifySql.inBuckets(table, partitioned, isTenant(tenant));
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setLong(1, mask);
            query.setArray(2, connection.createArrayOf("bigint", buckets.toArray()));
            query.setFetchSize(FETCH_ROWS);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    rows.add(new HashedRow(key(row, keyColumns), row.getLong(keyColumns + 1)));
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new EndException(source, e);
        }
    }

    private String isTenant(String tenant) {
        if (!(table.tenantKey() instanceof TenantKey.Column)) {
            return "";
        }
        String condition = VerifySql.tenant(table) + " = " + VerifySql.literal(tenant);
        return tenants.isEmpty() ? condition : tenants + " AND " + condition;
    }

    private static RowKey key(ResultSet row, int columns) throws SQLException {
        List<String> values = new ArrayList<>(columns);
        for (int i = 1; i <= columns; i++) {
            values.add(row.getString(i));
        }
        return new RowKey(values);
    }

    private static Aggregate aggregate(ResultSet row) throws SQLException {
        BigDecimal sum = row.getBigDecimal(3);
        return new Aggregate(row.getLong(2), sum == null ? 0 : sum.toBigInteger().longValue());
    }
}
