package io.heliosdb.replication.core.estimate.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.estimate.SourceStatistics;
import io.heliosdb.replication.core.estimate.TenantEstimate;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StatisticsReaderTest {

    private static PostgresServer server;
    private static SourceStatistics statistics;

    @BeforeAll
    static void read() {
        server = PostgresServer.start(PostgresVersion.source());
        String name = server.createDatabase("estimate");
        server.execute(
                name,
                "CREATE TABLE orders (tenant_id text, id int, note text, PRIMARY KEY (tenant_id, id))",
                // Half of it is big's; the rest is spread over a hundred.
                "INSERT INTO orders SELECT CASE WHEN n % 2 = 0 THEN 'big' ELSE 'small' || n % 200 END, n,"
                        + " repeat('x', 100) FROM generate_series(1, 20000) n",
                "CREATE TABLE parts (tenant_id text, id int, PRIMARY KEY (tenant_id, id)) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (5000)",
                "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (5000) TO (20000)",
                "INSERT INTO parts SELECT CASE WHEN n % 4 = 0 THEN 'big' ELSE 'other' END, n FROM"
                        + " generate_series(1, 10000) n",
                "CREATE TABLE empty (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                "CREATE TABLE countries (id int PRIMARY KEY)",
                "INSERT INTO countries SELECT generate_series(1, 200)",
                "ANALYZE",
                "CREATE TABLE fresh (tenant_id text, id int, PRIMARY KEY (tenant_id, id)) WITH (autovacuum_enabled = off)",
                "INSERT INTO fresh SELECT 'big', n FROM generate_series(1, 5000) n",
                "CREATE PUBLICATION p FOR ALL TABLES WITH (publish_via_partition_root = true)");
        statistics =
                StatisticsReader.read(
                        new SourceConfig(
                                new DatabaseConfig(
                                        server.url(name), PostgresServer.USER, Secret.EMPTY),
                                "s",
                                "p",
                                SourceConfig.DEFAULT_HEARTBEAT,
                                SourceConfig.DEFAULT_STATUS),
                        new TenancyConfig(
                                "tenant_id",
                                Map.of(),
                                null,
                                Set.of(new TableId("public", "countries"))),
                        Duration.ofSeconds(5));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void knowsHowMuchACommonTenantHas() {
        TenantEstimate.Table orders = table("big", "public.orders");
        assertThat(orders.rows()).isBetween(9_000L, 11_000L);
        assertThat(orders.bytes()).isBetween(900_000L, 2_000_000L);
        assertThat(table("big", "public.parts").rows())
                .as("all partitions")
                .isBetween(2_200L, 2_800L);
    }

    @Test
    void takesTheMeanForARareTenant() {
        assertThat(table("small7", "public.orders").rows()).isBetween(20L, 400L);
    }

    @Test
    void knowsThatATenantThatOccursNowhereHasNothing() {
        assertThat(table("nobody", "public.parts").rows()).isZero();
    }

    @Test
    void saysThatItDoesNotKnowWhatWasNeverAnalyzed() {
        assertThat(table("big", "public.fresh").rows()).isNull();
        TenantEstimate all = estimate("big", TableFilter.ALL);
        assertThat(all.rows()).isNull();
        assertThat(all.bytes()).isNull();
        assertThat(table("big", "public.empty").rows()).isZero();
    }

    @Test
    void countsReferenceTablesWholeForTheirTenantOnly() {
        assertThat(estimate("_reference", TableFilter.ALL).rows()).isEqualTo(200);
        assertThat(estimate("big", TableFilter.ALL).tables())
                .extracting(table -> table.table().name())
                .doesNotContain("countries");
    }

    private static TenantEstimate.Table table(String tenant, String name) {
        return estimate(tenant, new TableFilter(List.of(name), List.of())).tables().get(0);
    }

    private static TenantEstimate estimate(String tenant, TableFilter tables) {
        return statistics.estimate(
                new ReplicationSpec(
                        new ReplicationId("r"),
                        new TenantId(tenant),
                        "t",
                        tables,
                        Tier.STANDARD,
                        50,
                        false,
                        ExistingRows.FAIL));
    }
}
