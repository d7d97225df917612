package io.heliosdb.replication.core.route.postgres;

import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.SourceConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which tenants have rows in the published tables of a source, now. */
public final class TenantQuery {

    /** Read only. */
    private static final String PUBLISHED_COLUMNS =
            """
            SELECT t.schemaname, t.tablename, a.attname
            FROM pg_publication_tables t
            JOIN pg_namespace n ON n.nspname = t.schemaname
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE t.pubname = ?
            ORDER BY t.schemaname, t.tablename, a.attnum
            """;

    private TenantQuery() {}

    /**
     * The tenants, without {@code _reference}, in order. Reads every published table that has a
     * tenant key column.
     */
    public static List<TenantId> tenants(SourceConfig source, Tenancy tenancy) {
        SortedSet<String> found = new TreeSet<>();
        try (Connection connection =
                Connections.open(
                        source.database(), "heliosdb-discover", Connections.Endpoint.SOURCE)) {
            for (Map.Entry<TableId, List<String>> table :
                    publishedColumns(connection, source.publication()).entrySet()) {
                TenantKey key = tenancy.keyOf(table.getKey(), table.getValue());
                if (key instanceof TenantKey.Column column) {
                    read(connection, table.getKey(), column.name(), found);
                } else if (key instanceof TenantKey.Whole whole
                        && !whole.tenant().equals(TenantId.REFERENCE)) {
                    found.add(whole.tenant().value());
                }
            }
        } catch (SQLException e) {
            throw new ReplicationException(
                    ErrorCode.SOURCE_UNREACHABLE,
                    "tenants of " + source.database().url() + ": " + e.getMessage(),
                    e);
        }
        return found.stream().filter(tenant -> !tenant.isBlank()).map(TenantId::new).toList();
    }

    private static Map<TableId, List<String>> publishedColumns(
            Connection connection, String publication) throws SQLException {
        Map<TableId, List<String>> columns = new TreeMap<>();
        try (PreparedStatement query = connection.prepareStatement(PUBLISHED_COLUMNS)) {
            query.setString(1, publication);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    columns.computeIfAbsent(
                                    new TableId(rows.getString(1), rows.getString(2)),
                                    table -> new ArrayList<>())
                            .add(rows.getString(3));
                }
            }
        }
        return columns;
    }

    /** The type's output form, which is what the stream carries; a cast would trim character(n). */
    private static void read(
            Connection connection, TableId table, String column, SortedSet<String> found)
            throws SQLException {
        String name = TableId.quote(column);
        try (Statement query = connection.createStatement();
                ResultSet rows =
                        query.executeQuery(
                                "SELECT format('%s', "
                                        + name
                                        + ") FROM "
                                        + table.quoted()
                                        + " WHERE "
                                        + name
                                        + " IS NOT NULL GROUP BY "
                                        + name)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
    }
}
