package io.heliosdb.replication.core.preflight.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.PreflightReport;
import io.heliosdb.replication.core.preflight.Severity;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

class SourcePreflightTest {

    private final PreflightStand stand = new PreflightStand(SourceAndTarget.source());

    @AfterEach
    void leavesNoSlot() {
        stand.inSource(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                        + " WHERE slot_name = '"
                        + stand.slot
                        + "'");
    }

    @Test
    void findsNothingWhereEverythingIsRight() {
        assertThat(stand.ready().check()).isEmpty();
    }

    @Test
    void acceptsTheSlotOfAnEarlierRun() {
        stand.ready();
        stand.inSource(
                "SELECT pg_create_logical_replication_slot('" + stand.slot + "', 'pgoutput')");

        assertThat(stand.check()).isEmpty();
    }

    @Test
    void namesTheProcessThatReadsTheSlot() throws Exception {
        stand.ready();
        stand.inSource(
                "SELECT pg_create_logical_replication_slot('" + stand.slot + "', 'pgoutput')");
        Properties properties = new Properties();
        PGProperty.USER.set(properties, PostgresServer.USER);
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
        PGProperty.APPLICATION_NAME.set(properties, "the-other-job");
        try (Connection connection = DriverManager.getConnection(stand.source.url(), properties)) {
            connection
                    .unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName(stand.slot)
                    .withSlotOption("proto_version", "1")
                    .withSlotOption("publication_names", "helios")
                    .start();
            int pid = connection.unwrap(PGConnection.class).getBackendPID();

            Finding finding =
                    stand.only(
                            Severity.ERROR,
                            "source slot " + stand.slot,
                            "process " + pid,
                            "the-other-job");

            assertThat(finding.code()).isEqualTo(ErrorCode.SLOT_IN_USE);
            stand.apply(List.of(finding));
            awaitInactiveSlot();
            assertThat(stand.check()).isEmpty();
        }
    }

    private void awaitInactiveSlot() throws Exception {
        String inactive =
                "SELECT NOT active FROM pg_replication_slots WHERE slot_name = '"
                        + stand.slot
                        + "'";
        try (Connection connection = stand.server.connect(stand.sourceName);
                Statement statement = connection.createStatement()) {
            Await.until(
                    inactive,
                    () -> {
                        try (ResultSet row = statement.executeQuery(inactive)) {
                            row.next();
                            return row.getBoolean(1);
                        }
                    });
        }
    }

    @Test
    void rejectsASlotOfAnotherPlugin() {
        stand.ready();
        stand.inSource(
                "SELECT pg_create_logical_replication_slot('" + stand.slot + "', 'test_decoding')");

        Finding finding =
                stand.only(
                        Severity.ERROR,
                        "source slot " + stand.slot,
                        "test_decoding",
                        "pgoutput is needed");

        stand.applyAndExpectNothingLeft(List.of(finding));
    }

    @Test
    void rejectsASlotOfAnotherDatabaseAndAPhysicalOne() {
        stand.ready();
        stand.inTarget(
                "SELECT pg_create_logical_replication_slot('" + stand.slot + "', 'pgoutput')");
        stand.only(Severity.ERROR, "source slot " + stand.slot, "database " + stand.targetName);
        stand.inTarget("SELECT pg_drop_replication_slot('" + stand.slot + "')");

        stand.inSource("SELECT pg_create_physical_replication_slot('" + stand.slot + "')");
        Finding finding = stand.only(Severity.ERROR, "source slot " + stand.slot, "physical slot");
        stand.applyAndExpectNothingLeft(List.of(finding));
    }

    @Test
    void createsThePublicationForTheCarriedTablesOnly() {
        stand.inSource(
                "CREATE TABLE orders (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                "CREATE TABLE \"Odd Name\" (tenant_id text PRIMARY KEY)",
                "CREATE TABLE jobs (id int PRIMARY KEY)",
                "INSERT INTO orders VALUES ('acme', 1)");

        Finding finding = stand.only(Severity.ERROR, "source publication helios", "does not exist");

        assertThat(finding.fixSql().get(0)).contains("\"Odd Name\"").doesNotContain("jobs");
        stand.applyAndExpectNothingLeft(List.of(finding));
    }

    @Test
    void wantsAllOperationsAndAllTablesPublished() {
        stand.inSource(
                "CREATE TABLE orders (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                "CREATE TABLE items (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                "INSERT INTO orders VALUES ('acme', 1)",
                "CREATE PUBLICATION helios FOR TABLE orders WITH (publish = 'insert, update')");

        List<Finding> findings = stand.check();

        assertThat(findings)
                .extracting(Finding::severity)
                .containsExactly(Severity.ERROR, Severity.WARNING);
        assertThat(findings.get(0).message()).contains("delete, truncate");
        assertThat(findings.get(1).message()).contains("public.items");
        stand.applyAndExpectNothingLeft(findings);
    }

    @Test
    void tellsColumnsAndRowsThatThePublicationLeavesOut() {
        stand.inSource(
                "CREATE TABLE orders (tenant_id text, id int, note text, PRIMARY KEY (tenant_id, id))",
                "CREATE TABLE bad (tenant_id text NOT NULL, id int PRIMARY KEY)",
                "INSERT INTO orders VALUES ('acme', 1)",
                "CREATE PUBLICATION helios FOR TABLE orders (tenant_id, id), bad (id)");

        List<Finding> findings = stand.check();

        assertThat(findings)
                .extracting(Finding::subject)
                .containsExactly("source table public.bad", "source table public.orders");
        assertThat(findings.get(0).severity()).isEqualTo(Severity.ERROR);
        assertThat(findings.get(1).message()).contains("note");
        stand.apply(findings);
        // The list hid that the identity lacks the key as well.
        stand.applyAndExpectNothingLeft(stand.check());
    }

    @Test
    void wantsTablesReadableByTheRole() {
        stand.ready();
        String role = stand.sourceName + "_reader";
        stand.inSource(
                "CREATE ROLE " + role + " LOGIN",
                "CREATE SCHEMA hidden",
                "CREATE TABLE hidden.items (tenant_id text PRIMARY KEY)",
                "ALTER TABLE orders ENABLE ROW LEVEL SECURITY");
        stand.source = new DatabaseConfig(stand.source.url(), role, Secret.EMPTY);

        List<Finding> findings = stand.check();

        assertThat(findings)
                .extracting(Finding::message)
                .anyMatch(it -> it.contains("may not read the WAL"))
                .anyMatch(it -> it.contains("row level security"));
        assertThat(findings)
                .filteredOn(it -> it.message().contains("may not read it"))
                .extracting(Finding::subject)
                .containsExactly("source table hidden.items", "source table public.orders");
        stand.applyAndExpectNothingLeft(findings);
    }

    @Test
    void wantsSequencesReadableByTheRole_R28() {
        stand.ready();
        String role = stand.sourceName + "_reader";
        stand.inSource(
                "CREATE ROLE " + role + " LOGIN REPLICATION",
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + role,
                "CREATE SEQUENCE \"of Items\"",
                "CREATE TABLE items (tenant_id text PRIMARY KEY, no serial, id bigint DEFAULT nextval('\"of Items\"'))",
                "CREATE SEQUENCE of_nothing",
                "GRANT SELECT ON items TO " + role);
        stand.source = new DatabaseConfig(stand.source.url(), role, Secret.EMPTY);

        List<Finding> findings =
                stand.check().stream()
                        .filter(it -> it.subject().equals("source sequences"))
                        .toList();

        assertThat(findings).hasSize(1);
        assertThat(findings.get(0).severity()).isEqualTo(Severity.WARNING);
        assertThat(findings.get(0).fixSql())
                .containsExactly(
                        "GRANT SELECT ON SEQUENCE \"public\".\"items_no_seq\" TO \"" + role + "\";",
                        "GRANT SELECT ON SEQUENCE \"public\".\"of Items\" TO \"" + role + "\";");
        stand.apply(findings);
        assertThat(stand.check()).noneMatch(it -> it.subject().equals("source sequences"));
    }

    @Test
    void wantsEveryNameOfTheConfigurationToExist() {
        stand.ready();
        stand.inSource(
                "CREATE VIEW report AS SELECT * FROM orders",
                "CREATE TABLE jobs (id int PRIMARY KEY)",
                "CREATE SCHEMA sales",
                "CREATE TABLE sales.invoices (tenant_id text PRIMARY KEY)");
        stand.tenancy =
                new TenancyConfig(
                        "tenant_id",
                        Map.of(
                                TableId.parse("orders"), "tenent_id",
                                TableId.parse("gone"), "id"),
                        null,
                        Set.of(TableId.parse("countries")));
        stand.rules =
                List.of(
                        PreflightStand.rule(
                                "a",
                                "acme",
                                List.of("invoices", "report", "jobs", "sales.*"),
                                List.of("secrets")));

        List<Finding> findings = stand.check();

        assertThat(findings.stream().map(it -> it.severity() + " " + it.message()))
                .contains(
                        "ERROR table public.orders has no column 'tenent_id', which 'tables' names"
                                + " as its tenant key",
                        "ERROR table 'public.gone' of tables does not exist in the source",
                        "ERROR table 'public.countries' of reference-tables does not exist in the"
                                + " source",
                        "ERROR table 'public.invoices' of tables.include does not exist in the"
                                + " source; did you mean 'sales.invoices'?",
                        "ERROR table 'public.report' of tables.include is a view, not a table",
                        "ERROR table 'public.jobs' of tables.include is never carried: it has no"
                                + " tenant key and is no reference table",
                        "WARNING table 'public.secrets' of tables.exclude does not exist in the"
                                + " source",
                        "WARNING tenant 'acme' has no row in any table: is the name right?");
    }

    @Test
    void tellsTenantsWithoutRows() {
        stand.ready();
        stand.inSource(
                "CREATE TABLE numbers (tenant_id int PRIMARY KEY)",
                "CREATE SCHEMA t_one",
                "CREATE TABLE t_one.things (id int PRIMARY KEY)",
                "INSERT INTO numbers VALUES (42)");
        stand.tenancy = new TenancyConfig("tenant_id", Map.of(), "t_(.*)", Set.of());
        stand.rules =
                List.of(
                        PreflightStand.rule("acme", "acme"),
                        PreflightStand.rule("n42", "42"),
                        PreflightStand.rule("n042", "042"),
                        PreflightStand.rule("nobody", "nobody"),
                        PreflightStand.rule("one", "one"));
        assertThat(stand.check().stream().map(it -> it.severity() + " " + it.subject()))
                .containsExactly(
                        "WARNING replication n042",
                        "WARNING replication nobody",
                        "WARNING replication one");

        stand.rules =
                List.of(
                        PreflightStand.rule("ac", "ac*"),
                        PreflightStand.rule("none", "a_*"),
                        PreflightStand.rule("schemas", "on*"));
        assertThat(stand.check().stream().map(it -> it.severity() + " " + it.subject()))
                .containsExactly("INFO replication none");
    }

    @Test
    void tellsThatNobodyCarriesTheReferenceTables() {
        stand.ready();
        stand.inSource(
                "CREATE TABLE plans (id int PRIMARY KEY)",
                "CREATE TABLE countries (id int PRIMARY KEY)",
                "INSERT INTO countries VALUES (1)");
        stand.tenancy =
                new TenancyConfig(
                        "tenant_id",
                        Map.of(),
                        null,
                        Set.of(TableId.parse("plans"), TableId.parse("countries")));

        stand.only(
                Severity.WARNING,
                "target eu",
                "no replication carries the reference tables public.countries, public.plans",
                "tenant: _reference");

        ReplicationRule acme = stand.rules.get(0);
        stand.rules =
                List.of(
                        acme,
                        PreflightStand.rule("ref", "_reference", List.of(), List.of("plans")));
        stand.only(Severity.WARNING, "target eu", "the reference tables public.plans to it");

        stand.rules = List.of(acme, PreflightStand.rule("ref", "_reference"));
        assertThat(stand.check()).isEmpty();
    }

    @Test
    void namesTheAddressAndNeverThePasswordIfThereIsNoConnection() {
        stand.ready();
        stand.source =
                new DatabaseConfig(
                        stand.server.url("no_such_db"), "postgres", new Secret("s3cret"));
        stand.target =
                new DatabaseConfig(
                        "jdbc:postgresql://localhost:1/app", "writer", new Secret("s3cret"));

        PreflightReport report = Preflight.check(stand.config());

        assertThat(report.hasUnreachable()).isTrue();
        assertThat(report.findings()).hasSize(2);
        assertThat(report.findings().get(0).message())
                .contains("localhost", "" + stand.server.port(), "no_such_db", "user postgres");
        assertThat(report.findings().get(1).message())
                .contains("localhost", "port 1", "database app", "user writer");
        assertThat(report.render()).doesNotContain("s3cret");
    }
}
