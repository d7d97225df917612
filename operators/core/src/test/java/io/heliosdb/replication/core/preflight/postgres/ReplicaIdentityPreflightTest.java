package io.heliosdb.replication.core.preflight.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.Severity;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicaIdentityPreflightTest {

    private final PreflightStand stand = new PreflightStand(SourceAndTarget.source());

    /** A table, and the words of the cheapest fix in order of its statements. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id int PRIMARY KEY, tenant_id text NOT NULL, UNIQUE (tenant_id, id)"
                        + "| USING INDEX \"orders_tenant_id_id_key\"",
                "id int PRIMARY KEY, tenant_id text NOT NULL"
                        + "| CREATE UNIQUE INDEX CONCURRENTLY + (\"id\", \"tenant_id\");"
                        + " / USING INDEX \"orders_replica_identity\"",
                "id int PRIMARY KEY, tenant_id text"
                        + "| SET NOT NULL / CREATE UNIQUE INDEX / USING INDEX",
                "id int PRIMARY KEY, tenant_id text NOT NULL, code text, UNIQUE (tenant_id, code)"
                        + "| CREATE UNIQUE INDEX / USING INDEX \"orders_replica_identity\"",
                "id int PRIMARY KEY, tenant_id text NOT NULL,"
                        + " UNIQUE (tenant_id, id) DEFERRABLE"
                        + "| CREATE UNIQUE INDEX / USING INDEX \"orders_replica_identity\"",
            })
    void findsTheCheapestFix(String columns, String fix) {
        stand.inSource("CREATE TABLE orders (" + columns + ")");
        stand.inSource(
                "INSERT INTO orders (id, tenant_id) VALUES (1, 'acme')",
                "CREATE PUBLICATION helios FOR ALL TABLES");

        Finding finding =
                stand.only(
                        Severity.ERROR,
                        "source table public.orders",
                        "replica identity (id) lacks the tenant key 'tenant_id'");

        List<String> words = List.of(fix.split(" / "));
        assertThat(finding.fixSql()).hasSameSizeAs(words);
        for (int i = 0; i < words.size(); i++) {
            assertThat(finding.fixSql().get(i)).contains(words.get(i).split(" \\+ "));
        }
        stand.applyAndExpectNothingLeft(List.of(finding));
        stand.inSource("UPDATE orders SET id = 2", "DELETE FROM orders WHERE id = 2");
    }

    @Test
    void takesFullWhereSomeRowsHaveNoTenant() {
        stand.inSource(
                "CREATE TABLE orders (id int PRIMARY KEY, tenant_id text)",
                "INSERT INTO orders VALUES (1, 'acme'), (2, NULL)",
                "CREATE PUBLICATION helios FOR ALL TABLES");

        Finding finding = stand.only(Severity.ERROR, "source table public.orders");

        assertThat(finding.fixSql())
                .containsExactly("ALTER TABLE \"public\".\"orders\" REPLICA IDENTITY FULL;");
        stand.applyAndExpectNothingLeft(List.of(finding));
    }

    @Test
    void setsNotNullOfALargeTableWithoutAScanUnderAnExclusiveLock() {
        stand.inSource(
                "CREATE TABLE orders (id int PRIMARY KEY, tenant_id text)",
                "INSERT INTO orders VALUES (1, 'acme')",
                "UPDATE pg_class SET relpages = 1000000 WHERE relname = 'orders'",
                "CREATE PUBLICATION helios FOR ALL TABLES");

        Finding finding = stand.only(Severity.ERROR, "source table public.orders");

        assertThat(finding.fixSql()).hasSize(6);
        assertThat(finding.fixSql().get(0)).endsWith("NOT VALID;");
        stand.applyAndExpectNothingLeft(List.of(finding));
    }

    @Test
    void goesBackToThePrimaryKeyWhereThatHoldsTheTenant() {
        stand.ready();
        stand.inSource("ALTER TABLE orders REPLICA IDENTITY NOTHING");

        Finding finding =
                stand.only(Severity.WARNING, "source table public.orders", "refuses UPDATE");

        assertThat(finding.fixSql()).first().asString().contains("REPLICA IDENTITY DEFAULT");
        assertThatThrownBy(() -> stand.inSource("UPDATE orders SET note = 'y'"))
                .hasMessageContaining("replica identity");
        stand.applyAndExpectNothingLeft(List.of(finding));
        stand.inSource("UPDATE orders SET note = 'y'");
    }

    @Test
    void aDeferrablePrimaryKeyIsNoIdentity() {
        stand.inSource(
                "CREATE TABLE orders (tenant_id text, id int, PRIMARY KEY (tenant_id, id) DEFERRABLE)",
                "INSERT INTO orders VALUES ('acme', 1)",
                "CREATE PUBLICATION helios FOR ALL TABLES");

        Finding finding = stand.only(Severity.WARNING, "source table public.orders");

        stand.applyAndExpectNothingLeft(List.of(finding));
        stand.inSource("UPDATE orders SET id = 2");
    }

    @Test
    void mendsPartitionsBeforeTheirRoot() {
        stand.inSource(
                """
                CREATE TABLE events (id int, at date, tenant_id text NOT NULL, PRIMARY KEY (id, at))
                    PARTITION BY RANGE (at)
                """,
                "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
                "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
                "INSERT INTO events VALUES (1, '2026-01-05', 'acme')");

        List<Finding> findings = stand.check();

        assertThat(findings)
                .extracting(Finding::subject)
                .containsExactly(
                        "source table public.events_1",
                        "source table public.events_2",
                        "source table public.events",
                        "source publication helios");
        stand.applyAndExpectNothingLeft(findings);
        stand.inSource("UPDATE events SET at = '2026-02-05'", "DELETE FROM events");
    }

    @Test
    void aGeneratedColumnIsNotSentAndNoPartOfAnIdentity() {
        stand.inSource(
                "CREATE TABLE orders (tenant_id text, id int, twice int GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (tenant_id, twice))",
                "INSERT INTO orders VALUES ('acme', 1)",
                "CREATE PUBLICATION helios FOR ALL TABLES");

        Finding finding = stand.only(Severity.ERROR, "source table public.orders", "'twice'");

        stand.applyAndExpectNothingLeft(List.of(finding));
    }

    @Test
    void aLeafIsFullIfItsRootIs() {
        stand.inSource(
                "CREATE TABLE events (tenant_id text, id int, PRIMARY KEY (tenant_id, id)) PARTITION BY RANGE (id)",
                "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10)",
                "ALTER TABLE events REPLICA IDENTITY FULL",
                "INSERT INTO events VALUES ('acme', 1)",
                "CREATE PUBLICATION helios FOR ALL TABLES WITH (publish_via_partition_root = true)");

        Finding finding = stand.only(Severity.ERROR, "source table public.events_1", "FULL");

        stand.applyAndExpectNothingLeft(List.of(finding));
    }

    @Test
    void unloggedTablesAreTold() {
        stand.ready();
        stand.inSource("CREATE UNLOGGED TABLE cache (tenant_id text, id int PRIMARY KEY)");

        Finding finding = stand.only(Severity.WARNING, "source table public.cache", "is unlogged");

        stand.apply(List.of(finding));
        stand.applyAndExpectNothingLeft(stand.check());
    }

    /** As {@code pgbench -i} makes it, with bid as the tenant key. */
    @Test
    void pgbenchBecomesReadyByThePrintedStatements() {
        stand.inSource(
                "CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22))",
                "CREATE TABLE pgbench_tellers (tid int NOT NULL PRIMARY KEY, bid int, tbalance int, filler char(84)) WITH (fillfactor = 100)",
                "CREATE TABLE pgbench_accounts (aid int NOT NULL PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 100)",
                "CREATE TABLE pgbench_branches (bid int NOT NULL PRIMARY KEY, bbalance int, filler char(88)) WITH (fillfactor = 100)",
                "INSERT INTO pgbench_branches SELECT b, 0 FROM generate_series(1, 2) b",
                "INSERT INTO pgbench_tellers SELECT t, (t - 1) / 10 + 1, 0 FROM generate_series(1, 20) t",
                "INSERT INTO pgbench_accounts SELECT a, (a - 1) / 1000 + 1, 0 FROM generate_series(1, 2000) a");
        stand.tenancy = new TenancyConfig("bid", Map.<TableId, String>of(), null, Set.of());
        stand.rules = List.of(PreflightStand.rule("one", "1"), PreflightStand.rule("two", "2"));

        List<Finding> findings = stand.check();

        assertThat(findings.stream().map(it -> it.severity() + " " + it.subject()))
                .containsExactly(
                        "ERROR source table public.pgbench_accounts",
                        "WARNING source table public.pgbench_history",
                        "ERROR source table public.pgbench_tellers",
                        "ERROR source publication helios");
        stand.applyAndExpectNothingLeft(findings);
        stand.inSource(
                """
                UPDATE pgbench_accounts SET abalance = abalance + 5 WHERE aid = 7;
                UPDATE pgbench_tellers SET tbalance = tbalance + 5 WHERE tid = 7;
                UPDATE pgbench_branches SET bbalance = bbalance + 5 WHERE bid = 1;
                INSERT INTO pgbench_history VALUES (7, 1, 7, 5, now());
                UPDATE pgbench_history SET delta = 6;
                DELETE FROM pgbench_history
                """);
    }
}
