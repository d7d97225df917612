package io.heliosdb.replication.control.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.control.SharedPostgres;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetadataStoreTest {

    private DatabaseConfig database;
    private MetadataStore store;
    private SeriesRows rows;

    @BeforeEach
    void open() {
        database = SharedPostgres.newDatabase("store");
        store = MetadataStore.open(database, 5);
        rows = new SeriesRows(store);
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
        rows.replication();
        SeriesRows.POLICIES.forEach(
                (table, policy) -> {
                    rows.insert(
                            table,
                            policy.get(0),
                            "now() - interval '1 day' * "
                                    + policy.get(1)
                                    + " - interval '32 days'");
                    rows.insert(
                            table,
                            policy.get(0),
                            "now() - interval '1 day' * " + policy.get(1) + " + interval '1 day'");
                    rows.insert(table, policy.get(0), "now()");
                });

        store.maintain();

        SeriesRows.POLICIES.forEach(
                (table, policy) -> assertThat(count(table, "true")).as(table).isEqualTo(2));
    }

    @Test
    void dropsWholePartitionsThatArePastTheirTime() {
        rows.replication();
        execute(
                "SELECT ensure_partition('replication_metrics', 'day', now() - interval '100 days')");
        rows.insert("replication_metrics", "timestamp", "now() - interval '100 days'");
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
        rows.replication();
        rows.insert(
                "replication_metrics",
                "timestamp",
                "date_trunc('day', now(), 'UTC') + interval '3 days 13 hours'");
        rows.insert("replication_metrics", "timestamp", "now() + interval '40 days'");
        execute("DROP TABLE replication_metrics_p" + day(3));
        rows.insert(
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
        rows.replication();
        execute("UPDATE data_retention_policies SET cleanup_enabled = false");
        rows.insert("replication_metrics", "timestamp", "now() - interval '1000 days'");
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
            rows.replication();
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
