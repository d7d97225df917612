package io.heliosdb.replication.control.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** With the real TimescaleDB; the first test begins where there is none yet. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HypertablesTest {

    private static final String SHAPE =
            """
            SELECT format('%s %s', c.conname, pg_get_constraintdef(c.oid)) FROM pg_constraint c
            WHERE conrelid IN (SELECT table_name::regclass FROM data_retention_policies)
              AND contype IN ('p', 'u', 'c')
            UNION ALL
            SELECT replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') FROM pg_index i
            WHERE indrelid IN (SELECT table_name::regclass FROM data_retention_policies)
            UNION ALL
            SELECT format('%s.%s %s %s %s %s', a.attrelid::regclass, attname, format_type(atttypid, atttypmod),
                          attnotnull, attidentity, pg_get_expr(d.adbin, d.adrelid))
            FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attnum > 0 AND a.attrelid IN (SELECT table_name::regclass FROM data_retention_policies)
            UNION ALL
            SELECT pg_get_serial_sequence(table_name, 'id') FROM data_retention_policies
            UNION ALL
            SELECT format('%s %s', c.relname, c.relacl)
            FROM pg_class c WHERE c.oid IN (SELECT table_name::regclass FROM data_retention_policies)
            ORDER BY 1
            """;

    private static TimescaleServer server;

    private MetadataStore store;
    private SeriesRows rows;

    @BeforeAll
    static void startServer() {
        Optional<String> missing = TimescaleServer.missing();
        assumeTrue(missing.isEmpty(), missing.orElse(""));
        server = TimescaleServer.start();
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void open() {
        store = MetadataStore.open(server.database(), 3);
        rows = new SeriesRows(store);
    }

    @AfterEach
    void close() {
        execute("DROP SCHEMA heliosdb_control CASCADE");
        execute("DROP PUBLICATION IF EXISTS heliosdb_control");
        store.close();
    }

    @Test
    @Order(1)
    void movesWhatIsThereWhenTheExtensionComesLater() {
        assertThat(hypertables()).isEmpty();
        rows.replication();
        SeriesRows.POLICIES.forEach(
                (table, policy) -> {
                    rows.insert(table, policy.get(0), "now()");
                    rows.insert(table, policy.get(0), "now() - interval '5 days'");
                });
        execute("CREATE ROLE reader");
        execute("GRANT SELECT ON replication_metrics TO reader WITH GRANT OPTION");
        execute("GRANT UPDATE (message) ON replication_events TO PUBLIC");
        execute("CREATE VIEW seen AS SELECT * FROM replication_events");
        List<String> shape = texts(SHAPE);
        long last = one("SELECT max(id) FROM replication_metrics");

        extend();

        // What somebody's view depends on stays as it was, and works on.
        assertThat(hypertables()).hasSize(8).doesNotContain("replication_events");
        assertThat(one("SELECT count(*) FROM seen")).isEqualTo(2);
        store.maintain();
        assertThat(texts(SHAPE)).isEqualTo(shape);

        execute("DROP VIEW seen");
        reopen();

        assertThat(hypertables())
                .isEqualTo(texts("SELECT table_name FROM data_retention_policies ORDER BY 1"));
        assertThat(texts(SHAPE)).isEqualTo(shape);
        assertThat(
                        one(
                                "SELECT count(*) FROM pg_class WHERE relname ~ '_(default|p[0-9]+|partitioned)$'"))
                .isZero();
        SeriesRows.POLICIES.forEach(
                (table, policy) -> assertThat(count(table)).as(table).isEqualTo(2));
        rows.insert("replication_metrics", "timestamp", "now()");
        assertThat(one("SELECT max(id) FROM replication_metrics")).isEqualTo(last + 1);
        assertThat(
                        texts(
                                "SELECT hypertable_name || ' ' || time_interval FROM"
                                        + " timescaledb_information.dimensions WHERE hypertable_name IN"
                                        + " ('replication_metrics', 'audit_events') ORDER BY 1"))
                .containsExactly("audit_events 30 days", "replication_metrics 1 day");

        reopen();
        assertThat(count("replication_metrics")).isEqualTo(3);
    }

    @Test
    @Order(2)
    void keepsEveryTableForItsTimeAndNothingOfWhatIsForgotten() {
        extend();
        rows.replication();
        SeriesRows.POLICIES.forEach(
                (table, policy) -> {
                    String limit = "now() - interval '1 day' * " + policy.get(1);
                    rows.insert(table, policy.get(0), limit + " - interval '32 days'");
                    rows.insert(table, policy.get(0), limit + " + interval '1 day'");
                    rows.insert(table, policy.get(0), "now()");
                });
        assertThat(hypertables()).hasSize(9);

        assertThat(store.maintain()).isEqualTo(SeriesRows.POLICIES.size());

        SeriesRows.POLICIES.forEach(
                (table, policy) -> assertThat(count(table)).as(table).isEqualTo(2));

        execute("UPDATE data_retention_policies SET cleanup_enabled = false");
        execute("UPDATE replication_configs SET deleted_at = now() - interval '3 years'");
        store.maintain();
        assertThat(count("replication_configs")).as("history names it").isEqualTo(1);
        assertThat(count("replication_metrics")).isEqualTo(2);

        execute("DELETE FROM failover_history");
        store.maintain();
        assertThat(count("replication_configs")).isZero();
        assertThat(count("replication_metrics")).as("there is no foreign key").isZero();
    }

    private List<String> hypertables() {
        return one("SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'") == 0
                ? List.of()
                : texts(
                        "SELECT hypertable_name FROM timescaledb_information.hypertables"
                                + " WHERE hypertable_schema = 'heliosdb_control' ORDER BY 1");
    }

    private void extend() {
        if (one("SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'") == 0) {
            execute("CREATE EXTENSION timescaledb SCHEMA public");
            reopen();
        }
    }

    private void reopen() {
        store.close();
        open();
    }

    private List<String> texts(String sql) {
        return store.with(handle -> handle.createQuery(sql).mapTo(String.class).list());
    }

    private long count(String table) {
        return one("SELECT count(*) FROM " + table);
    }

    private long one(String sql) {
        return store.with(handle -> handle.createQuery(sql).mapTo(Long.class).one());
    }

    private void execute(String sql) {
        store.with(handle -> handle.execute(sql));
    }
}
