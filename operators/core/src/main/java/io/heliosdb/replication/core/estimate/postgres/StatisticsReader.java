package io.heliosdb.replication.core.estimate.postgres;

import io.heliosdb.replication.core.estimate.SourceStatistics;
import io.heliosdb.replication.core.estimate.SourceStatistics.Size;
import io.heliosdb.replication.core.estimate.SourceStatistics.Spread;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.postgres.Connections.Endpoint;
import io.heliosdb.replication.core.schema.PublishedTable;
import io.heliosdb.replication.core.schema.postgres.PublicationReader;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the statistics of a source over a connection of its own; changes nothing. */
public final class StatisticsReader {

    private StatisticsReader() {}

    /**
     * Reads all that estimates need, in a few milliseconds; no answer may take longer than this.
     *
     * @throws ReplicationException SOURCE_UNREACHABLE, CONFIG_INVALID or SOURCE_NOT_READY
     */
    public static SourceStatistics read(
            SourceConfig source, TenancyConfig tenancy, Duration answerTimeout) {
        try (Connection connection =
                Connections.open(
                        source.database(), "heliosdb-estimate", Endpoint.SOURCE, answerTimeout)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(StatisticsSql.LIMITS);
            }
            List<PublishedTable> published =
                    PublicationReader.read(connection, source.publication());
            return new SourceStatistics(
                    tenancy,
                    published,
                    sizes(connection),
                    spreads(connection, keyColumns(published, new Tenancy(tenancy))));
        } catch (SQLException e) {
            throw new ReplicationException(
                    ErrorCode.SOURCE_NOT_READY,
                    "statistics of " + source.database().url() + " not read: " + e.getMessage(),
                    e);
        }
    }

    private static Map<TableId, String> keyColumns(
            List<PublishedTable> published, Tenancy tenancy) {
        Map<TableId, String> columns = new HashMap<>();
        for (PublishedTable table : published) {
            if (tenancy.keyOf(table.table(), table.columns()) instanceof TenantKey.Column key) {
                columns.put(table.table(), key.name());
            }
        }
        return columns;
    }

    private static Map<TableId, Size> sizes(Connection connection) throws SQLException {
        Map<TableId, Size> sizes = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(StatisticsSql.SIZES)) {
            while (row.next()) {
                long rows = row.getLong(3);
                boolean unknown = row.wasNull();
                sizes.put(
                        new TableId(row.getString(1), row.getString(2)),
                        new Size(unknown ? null : rows, row.getLong(4)));
            }
        }
        return sizes;
    }

    private static Map<TableId, Spread> spreads(
            Connection connection, Map<TableId, String> keyColumns) throws SQLException {
        Map<TableId, Spread> spreads = new HashMap<>();
        String[] names = keyColumns.values().stream().distinct().toArray(String[]::new);
        try (PreparedStatement query = connection.prepareStatement(StatisticsSql.SPREADS)) {
            query.setArray(1, connection.createArrayOf("text", names));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    TableId table = new TableId(row.getString(1), row.getString(2));
                    if (row.getString(3).equals(keyColumns.get(table))) {
                        spreads.put(
                                table,
                                new Spread(row.getDouble(4), row.getDouble(5), frequencies(row)));
                    }
                }
            }
        }
        return spreads;
    }

    private static Map<String, Double> frequencies(ResultSet row) throws SQLException {
        Array values = row.getArray(6);
        Array shares = row.getArray(7);
        Map<String, Double> frequencies = new HashMap<>();
        if (values != null && shares != null) {
            String[] names = (String[]) values.getArray();
            Number[] numbers = (Number[]) shares.getArray();
            for (int i = 0; i < names.length; i++) {
                frequencies.put(names[i], numbers[i].doubleValue());
            }
        }
        return frequencies;
    }
}
