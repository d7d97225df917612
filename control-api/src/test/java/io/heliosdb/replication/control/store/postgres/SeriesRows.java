package io.heliosdb.replication.control.store.postgres;

import java.util.List;
import java.util.Map;

/** Rows of series tables, for tests. */
final class SeriesRows {

    /** Table, time column, retention: as reference/architecture.txt 4.3 has them. */
    static final Map<String, List<String>> POLICIES =
            Map.of(
                    "replication_metrics", List.of("timestamp", "90"),
                    "replication_events", List.of("created_at", "365"),
                    "replication_checkpoints", List.of("checkpoint_time", "30"),
                    "access_predictions", List.of("prediction_time", "7"),
                    "failover_history", List.of("started_at", "730"),
                    "migration_history", List.of("created_at", "730"));

    private final MetadataStore store;

    SeriesRows(MetadataStore store) {
        this.store = store;
    }

    /** One that all other rows belong to. */
    void replication() {
        execute(
                """
                INSERT INTO connections (id, name, host, port, database_name, username)
                VALUES ('00000000-0000-0000-0000-000000000001', 'c', 'h', 1, 'd', 'u')
                """);
        execute(
                """
                INSERT INTO replication_configs
                    (id, tenant_id, source_connection_id, target_connection_id, qos_tier, max_lag_seconds, status)
                VALUES ('00000000-0000-0000-0000-000000000002', 't', '00000000-0000-0000-0000-000000000001',
                        '00000000-0000-0000-0000-000000000001', 'Standard', 30, 'Streaming')
                """);
    }

    /** A row of this series with this time. */
    void insert(String table, String column, String time) {
        String id = "'00000000-0000-0000-0000-000000000002'";
        String[] more =
                switch (table) {
                    case "replication_metrics" -> new String[] {"replication_id", id};
                    case "replication_events" ->
                            new String[] {
                                "replication_id, event_type, severity, message",
                                id + ", 'x', 'Info', 'm'"
                            };
                    case "replication_checkpoints" ->
                            new String[] {"replication_id, lsn", id + ", 1"};
                    case "access_predictions" ->
                            new String[] {
                                "tenant_id, table_name, prediction_window_hours", "'t', 'x', 1"
                            };
                    case "failover_history" ->
                            new String[] {
                                "replication_id, trigger, status", id + ", 'Manual', 'Completed'"
                            };
                    case "migration_history" ->
                            new String[] {
                                "tenant_id, source_region, target_region, status",
                                "'t', 'a', 'b', 'Completed'"
                            };
                    default -> throw new IllegalArgumentException(table);
                };
        execute(
                "INSERT INTO "
                        + table
                        + " ("
                        + column
                        + ", "
                        + more[0]
                        + ") VALUES ("
                        + time
                        + ", "
                        + more[1]
                        + ")");
    }

    private void execute(String sql) {
        store.with(handle -> handle.execute(sql));
    }
}
