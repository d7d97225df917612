package io.heliosdb.replication.control.replication.postgres;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.json.Json;
import io.heliosdb.replication.control.replication.Replication;
import io.heliosdb.replication.control.replication.Replication.Compression;
import io.heliosdb.replication.control.replication.Replication.Endpoint;
import io.heliosdb.replication.control.replication.Replication.LastCheckpoint;
import io.heliosdb.replication.control.replication.Replication.Reason;
import io.heliosdb.replication.control.replication.Replication.Report;
import io.heliosdb.replication.control.replication.Replication.Service;
import io.heliosdb.replication.control.replication.Replication.TableCompression;
import io.heliosdb.replication.control.replication.Replication.Waiting;
import io.heliosdb.replication.control.replication.ReplicationConfig;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Rows of replications to values, and values to parameters. */
final class ReplicationRows {

    private ReplicationRows() {}

    static Replication row(ResultSet row, StatementContext context) throws SQLException {
        return new Replication(
                row.getObject("id", UUID.class),
                row.getString("tenant_id"),
                new Endpoint(
                        row.getObject("source_connection_id", UUID.class),
                        row.getString("source_database"),
                        row.getString("source_schema"),
                        row.getString("source_region")),
                new Endpoint(
                        row.getObject("target_connection_id", UUID.class),
                        row.getString("target_database"),
                        row.getString("target_schema"),
                        row.getString("target_region")),
                config(row),
                state(row.getString("current_status")),
                row.getBoolean("settled"),
                row.getLong("spec_version"),
                instant(row, "created_at"),
                instant(row, "updated_at"),
                instant(row, "status_changed_at"),
                report(row),
                checkpoint(row));
    }

    private static ReplicationConfig config(ResultSet row) throws SQLException {
        return new ReplicationConfig(
                EnumNames.parse(Tier.class, row.getString("qos_tier")),
                row.getInt("max_lag_seconds"),
                row.getInt("priority"),
                List.of(Json.read(row.getString("table_filter"), String[].class)),
                Json.read(row.getString("row_filter"), ReplicationConfig.RowFilter.class),
                List.of(
                        Json.read(
                                row.getString("transforms"), ReplicationConfig.Transform[].class)),
                Json.read(row.getString("compression"), ReplicationConfig.Compression.class),
                Json.read(row.getString("encryption"), ReplicationConfig.Encryption.class),
                EnumNames.parse(ExistingRows.class, row.getString("existing_rows")),
                row.getBoolean("dedicated_bandwidth"),
                row.getLong("max_bytes_per_second"),
                Json.read(row.getString("backlog"), ReplicationConfig.Backlog.class));
    }

    private static @Nullable Report report(ResultSet row) throws SQLException {
        long observed = row.getLong("observed_version");
        if (row.wasNull()) {
            return null;
        }
        String before = row.getString("state_before");
        Timestamp since = row.getTimestamp("running_since");
        return new Report(
                observed,
                state(row.getString("state")),
                before == null ? null : state(before),
                row.getString("error_code"),
                row.getString("reason"),
                row.getString("position"),
                List.of(Json.read(row.getString("conditions"), Reason[].class)),
                truth(row, "late"),
                service(row),
                decimal(row, "replication_lag_seconds"),
                whole(row, "replication_lag_bytes"),
                decimal(row, "rows_per_second"),
                whole(row, "bytes_per_second"),
                row.getLong("total_rows"),
                row.getLong("total_bytes"),
                row.getLong("total_transactions"),
                row.getLong("errors"),
                row.getLong("conflicts_detected"),
                row.getLong("conflicts_resolved"),
                decimal(row, "compression_ratio"),
                compression(row.getString("compression_figures")),
                new Waiting(
                        whole(row, "backlog_transactions"),
                        whole(row, "backlog_rows"),
                        whole(row, "backlog_bytes"),
                        whole(row, "backlog_stored_bytes"),
                        decimal(row, "backlog_oldest_seconds"),
                        truth(row, "backlog_encrypted")),
                whole(row, "sla_violations"),
                since == null ? null : since.toInstant(),
                instant(row, "reported_at"));
    }

    private static @Nullable Service service(ResultSet row) throws SQLException {
        String tier = row.getString("served_tier");
        return tier == null
                ? null
                : new Service(
                        EnumNames.parse(Tier.class, tier),
                        row.getInt("served_priority"),
                        row.getDouble("served_max_lag_seconds"));
    }

    /** As {@code CompressionFigures.text} in core has it. */
    private static @Nullable Compression compression(@Nullable String text) {
        if (text == null) {
            return null;
        }
        JsonNode json = Json.read(text, JsonNode.class);
        List<TableCompression> tables = new ArrayList<>();
        for (JsonNode table : json.path("tables")) {
            tables.add(
                    new TableCompression(
                            table.path("table").asText(),
                            table.path("raw").asLong(),
                            table.path("zstd").asLong(),
                            table.path("stored").asLong(),
                            table.path("ratio").asDouble(),
                            table.path("zstdRatio").asDouble()));
        }
        return new Compression(json.path("raw").asLong(), json.path("stored").asLong(), tables);
    }

    private static @Nullable Boolean truth(ResultSet row, String column) throws SQLException {
        boolean value = row.getBoolean(column);
        return row.wasNull() ? null : value;
    }

    private static @Nullable LastCheckpoint checkpoint(ResultSet row) throws SQLException {
        Timestamp time = row.getTimestamp("checkpoint_time");
        return time == null
                ? null
                : new LastCheckpoint(row.getLong("checkpoint_lsn"), time.toInstant());
    }

    private static ReplicationState state(String name) {
        return EnumNames.parse(ReplicationState.class, name);
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getTimestamp(column).toInstant();
    }

    private static @Nullable Double decimal(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }

    private static @Nullable Long whole(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    static <S extends SqlStatement<S>> S bind(S statement, ReplicationConfig config) {
        JsonNode transforms = Json.tree(config.transforms());
        return statement
                .bind("qos_tier", EnumNames.of(config.qosTier()))
                .bind("max_lag_seconds", config.maxLagSeconds())
                .bind("priority", config.priority())
                .bind("table_filter", Json.write(config.tableFilter()))
                .bind("row_filter", Json.write(config.rowFilter()))
                .bind("transforms", transforms.toString())
                .bind("compression", Json.write(config.compression()))
                .bind("encryption", Json.write(config.encryption()))
                .bind("existing_rows", EnumNames.of(config.existingRows()))
                .bind("dedicated_bandwidth", config.dedicatedBandwidth())
                .bind("max_bytes_per_second", config.maxBytesPerSecond())
                .bind("backlog", Json.write(config.backlog()));
    }
}
