package io.heliosdb.replication.core.route.postgres;

import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.route.SourceColumns;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks the source's catalog, over a connection of that moment: tables seldom change. */
public final class SourceColumnQuery implements SourceColumns {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Read only. */
    private static final String COLUMNS =
            """
            SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
            WHERE attrelid = ?::bigint::oid AND attnum > 0 AND NOT attisdropped
            ORDER BY attnum
            """;

    private final DatabaseConfig source;

    public SourceColumnQuery(DatabaseConfig source) {
        this.source = source;
    }

    @Override
    public @Nullable Map<String, String> of(int relationOid) {
        Map<String, String> columns = new LinkedHashMap<>();
        try (Connection connection =
                        Connections.open(
                                source, "heliosdb-columns", Connections.Endpoint.SOURCE, PATIENCE);
                PreparedStatement query = connection.prepareStatement(COLUMNS)) {
            query.setLong(1, Integer.toUnsignedLong(relationOid));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    columns.put(row.getString(1), row.getString(2));
                }
            }
        } catch (SQLException e) {
            throw new ReplicationException(
                    ErrorCode.SOURCE_UNREACHABLE,
                    "columns at " + source.url() + ": " + e.getMessage(),
                    e);
        }
        return columns.isEmpty() ? null : columns;
    }
}
