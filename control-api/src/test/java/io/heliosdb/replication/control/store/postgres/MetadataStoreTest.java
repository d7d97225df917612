package io.heliosdb.replication.control.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.control.SharedPostgres;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetadataStoreTest {

    /** Table, time column, retention: as reference/architecture.txt 4.3 has them. */
    private static final Map<String, List<String>> POLICIES =
            Map.of(
                    "replication_metrics", List.of("timestamp", "90"),
                    "replication_events", List.of("created_at", "365"),
                    "replication_checkpoints", List.of("checkpoint_time", "30"),
                    "access_predictions", List.of("prediction_time", "7"),
                    "failover_history", List.of("started_at", "730"),
                    "migration_history", List.of("created_at", "730"));

    private DatabaseConfig database;
    private MetadataStore store;

    @BeforeEach
    void open() {
        database = SharedPostgres.newDatabase("store");
        store = MetadataStore.open(database, 5);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void opensASecondTimeAndBySeveralAtOnce() {
        try (MetadataStore second = MetadataStore.open(database, 3)) {
            assertThat(second.isAlive()).isTrue();
        }
        assertThat(store.isAlive()).isTrue();
    }

    @Test
    void isUnavailableWhereThereIsNoServer() {
        assertThatThrownBy(
                        () ->
                                MetadataStore.open(
                                        new DatabaseConfig(
                                                "jdbc:postgresql://127.0.0.1:1/x",
                                                "x",
                                                new Secret("never-shown")),
                                        3))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("127.0.0.1:1")
                .hasMessageNotContaining("never-shown");
    }

    @Test
    void keepsEveryTableOfTheReferenceForItsTime() {
        insertReplication();
        POLICIES.forEach(
                (table, policy) -> {
                    insert(
                            table,
                            policy.get(0),
                            "now() - interval '1 day' * "
                                    + policy.get(1)
                                    + " - interval '32 days'");
                    insert(
                            table,
                            policy.get(0),
                            "now() - interval '1 day' * " + policy.get(1) + " + interval '1 day'");
                    insert(table, policy.get(0), "now()");
                });

        store.maintain();

        POLICIES.forEach(
                (table, policy) -> assertThat(count(table, "true")).as(table).isEqualTo(2));
    }

    @Test
    void dropsWholePartitionsThatArePastTheirTime() {
        insertReplication();
        execute(
                "SELECT ensure_partition('replication_metrics', 'day', now() - interval '100 days')");
        insert("replication_metrics", "timestamp", "now() - interval '100 days'");
        assertThat(count("replication_metrics_default", "true")).isZero();

        store.maintain();

        assertThat(count("replication_metrics", "true")).isZero();
        assertThat(
                        one(
                                "SELECT count(*) FROM pg_inherits WHERE inhparent ="
                                        + " 'replication_metrics'::regclass"))
                .isEqualTo(6);
    }

    @Test
    void movesWhatWaitedInTheDefaultPartition() {
        insertReplication();
        insert(
                "replication_metrics",
                "timestamp",
                "date_trunc('day', now(), 'UTC') + interval '3 days 13 hours'");
        insert("replication_metrics", "timestamp", "now() + interval '40 days'");
        execute("DROP TABLE replication_metrics_p" + day(3));
        insert(
                "replication_metrics",
                "timestamp",
                "date_trunc('day', now(), 'UTC') + interval '3 days 12 hours'");
        assertThat(count("replication_metrics_default", "true")).isGreaterThanOrEqualTo(2);

        store.maintain();

        assertThat(count("replication_metrics_default", "true")).isEqualTo(1);
        assertThat(count("replication_metrics", "true")).isGreaterThanOrEqualTo(2);
    }

    @Test
    void cleansNothingWhereThePolicyIsOff() {
        insertReplication();
        execute("UPDATE data_retention_policies SET cleanup_enabled = false");
        insert("replication_metrics", "timestamp", "now() - interval '1000 days'");
        store.maintain();
        assertThat(count("replication_metrics", "true")).isEqualTo(1);
    }

    @Test
    void publishesWhatTheJobFollows() {
        List<String> tables =
                store.with(
                        handle ->
                                handle.select(
                                                "SELECT tablename FROM pg_publication_tables WHERE"
                                                        + " pubname = 'heliosdb_control' ORDER BY 1")
                                        .mapTo(String.class)
                                        .list());
        assertThat(tables).containsExactly("connections", "feed_beats", "replication_configs");
    }

    @Test
    void showsTheFeedWhatIsWantedAndNoReports() {
        execute(
                "SELECT pg_create_logical_replication_slot(current_database() || '_feed', 'pgoutput')");
        try {
            insertReplication();
            execute(
                    """
                    INSERT INTO replication_status (replication_id, observed_version, state)
                    VALUES ('00000000-0000-0000-0000-000000000002', 1, 'Streaming')
                    """);
            List<String> messages =
                    store.with(
                            handle ->
                                    handle.select(
                                                    "SELECT encode(data, 'escape') FROM"
                                                            + " pg_logical_slot_peek_binary_changes(current_database() || '_feed',"
                                                            + " NULL, NULL, 'proto_version', '1', 'publication_names',"
                                                            + " 'heliosdb_control')")
                                            .mapTo(String.class)
                                            .list());
            String all = String.join("\n", messages);
            assertThat(all).contains("replication_configs", "spec_version", "connections");
            assertThat(all).doesNotContain("replication_status");
        } finally {
            execute("SELECT pg_drop_replication_slot(current_database() || '_feed')");
        }
    }

    private String day(int ahead) {
        return store.with(
                handle ->
                        handle.select(
                                        "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '1 day' * ?,"
                                                + " 'YYYYMMDD')",
                                        ahead)
                                .mapTo(String.class)
                                .one());
    }

    private void insertReplication() {
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

    private void insert(String table, String column, String time) {
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

    private long count(String table, String where) {
        return one("SELECT count(*) FROM " + table + " WHERE " + where);
    }

    private long one(String sql) {
        return store.with(handle -> handle.select(sql).mapTo(Long.class).one());
    }

    private void execute(String sql) {
        store.with(handle -> handle.execute(sql));
    }
}
