package io.heliosdb.replication.core.preflight.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.Severity;
import io.heliosdb.replication.core.progress.postgres.ProgressStore;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;

class TargetPreflightTest {

    private final PreflightStand stand = new PreflightStand(SourceAndTarget.source()).ready();

    @Test
    void acceptsATargetThatHasTheTablesAlready() throws Exception {
        stand.inTarget(
                "CREATE TABLE orders (tenant_id text, id int, note text, extra int, PRIMARY KEY (tenant_id, id))");
        try (Connection connection = stand.server.connect(stand.targetName)) {
            new ProgressStore(connection).create();
        }

        assertThat(stand.check()).isEmpty();
    }

    @Test
    void tellsAMissingColumn() {
        stand.inTarget("CREATE TABLE orders (tenant_id text, id int, PRIMARY KEY (tenant_id, id))");

        Finding finding =
                stand.only(
                        Severity.ERROR,
                        "target eu table public.orders",
                        "'note'",
                        "missing",
                        "text");

        assertThat(finding.code()).isEqualTo(ErrorCode.TARGET_INCOMPATIBLE);
        stand.applyAndExpectNothingLeft(List.of(finding));
    }

    @Test
    void tellsAColumnOfAnotherType() {
        stand.inSource("ALTER TABLE orders ADD amount numeric(10, 2), ADD at timestamptz");
        stand.inTarget(
                "CREATE TABLE orders (tenant_id varchar(20), id int, note text, amount int,"
                        + " at timestamptz, PRIMARY KEY (tenant_id, id))",
                "INSERT INTO orders VALUES ('acme', 1, 'x', 7, now())");

        List<Finding> findings = stand.check();

        assertThat(findings).hasSize(2).allMatch(it -> it.severity() == Severity.ERROR);
        assertThat(findings.get(0).message())
                .contains("'tenant_id'", "character varying(20)", "text");
        assertThat(findings.get(1).message()).contains("'amount'", "integer", "numeric(10,2)");
        stand.applyAndExpectNothingLeft(findings);
    }

    @Test
    void tellsAColumnThatMayNotStayEmptyAndAViewInTheWay() {
        stand.inSource("CREATE TABLE items (tenant_id text PRIMARY KEY)");
        stand.inTarget(
                "CREATE TABLE orders (tenant_id text, id int, note text, extra int NOT NULL,"
                        + " PRIMARY KEY (tenant_id, id))",
                "CREATE VIEW items AS SELECT tenant_id FROM orders");

        List<Finding> findings = stand.check();

        assertThat(findings)
                .extracting(Finding::subject)
                .containsExactly("target eu table public.items", "target eu table public.orders");
        assertThat(findings.get(0).message()).contains("is a view");
        assertThat(findings.get(1).message()).contains("'extra'");
        stand.apply(findings);
        assertThat(stand.check()).hasSize(1);
    }

    @Test
    void grantsMakeAPlainRoleAWriter() throws Exception {
        String role = stand.targetName + "_writer";
        stand.inTarget(
                "CREATE ROLE " + role + " LOGIN",
                "CREATE TABLE orders (tenant_id text, id int, note text, PRIMARY KEY (tenant_id, id))",
                "ALTER TABLE orders ENABLE ROW LEVEL SECURITY");
        stand.inSource(
                "CREATE SCHEMA sales", "CREATE TABLE sales.leads (tenant_id text PRIMARY KEY)");
        stand.target = new DatabaseConfig(stand.target.url(), role, Secret.EMPTY);

        List<Finding> findings = stand.check();

        assertThat(findings.stream().map(it -> it.severity() + " " + it.message()))
                .anyMatch(it -> it.startsWith("ERROR") && it.contains("session_replication_role"))
                .anyMatch(it -> it.startsWith("ERROR") && it.contains("create schema heliosdb"))
                .anyMatch(it -> it.startsWith("ERROR") && it.contains("may not write it"))
                .anyMatch(it -> it.startsWith("ERROR") && it.contains("row level security"))
                .anyMatch(it -> it.startsWith("ERROR") && it.contains("schemas sales"))
                .anyMatch(it -> it.startsWith("WARNING") && it.contains("replication origin"));
        stand.applyAndExpectNothingLeft(findings);
        try (Connection connection =
                Connections.open(stand.target, "test", Connections.Endpoint.TARGET)) {
            new ProgressStore(connection).create();
        }
    }

    @Test
    void bookkeepingOfAnotherRoleHasToBeWritable() throws Exception {
        String role = stand.targetName + "_writer";
        stand.inTarget("CREATE ROLE " + role + " SUPERUSER LOGIN");
        try (Connection connection = stand.server.connect(stand.targetName)) {
            new ProgressStore(connection).create();
        }
        stand.target = new DatabaseConfig(stand.target.url(), role, Secret.EMPTY);
        assertThat(stand.check()).isEmpty();
        stand.inTarget("ALTER ROLE " + role + " NOSUPERUSER");

        List<Finding> findings = stand.check();

        assertThat(findings.stream().map(Finding::message))
                .anyMatch(it -> it.contains("may not create tables in schema heliosdb"))
                .anyMatch(it -> it.contains("may not write the tables of schema heliosdb"));
        stand.applyAndExpectNothingLeft(findings);
    }

    @Test
    void theTargetMustNotBeTheSource() {
        stand.target = stand.source;

        stand.only(Severity.ERROR, "target eu", "is the source itself");
    }

    @Test
    void theTargetMustBeWritableAndOfAnEncodingThatHoldsEverything() {
        stand.inTarget(
                "ALTER DATABASE " + stand.targetName + " SET default_transaction_read_only = on");
        Finding finding = stand.only(Severity.ERROR, "target eu", "read only");
        stand.applyAndExpectNothingLeft(List.of(finding));

        String latin = stand.targetName + "_latin";
        stand.inSource(
                "CREATE DATABASE " + latin + " TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
        stand.target = PreflightStand.database(stand.server, latin);
        stand.only(Severity.ERROR, "target eu", "encoding LATIN1", "UTF8");
    }

    @Test
    void progressOfAnotherSourceIsNotContinued() throws Exception {
        try (Connection connection = stand.server.connect(stand.targetName)) {
            new ProgressStore(connection).create();
        }
        stand.inTarget(
                """
                INSERT INTO heliosdb.replication_progress (replication_id, source_id, tenant_id, epoch, state)
                SELECT r, s, 'acme', 1, 'STREAMING'
                FROM (VALUES ('acme', '7000/other'), ('of_others', '7000/other')) v (r, s)
                """);

        Finding finding = stand.only(Severity.ERROR, "target eu", "acme", "7000/other");

        stand.applyAndExpectNothingLeft(List.of(finding));
    }

    @Test
    void wantsAnIndexByWhichRowsAreFound() {
        stand.inTarget(
                "CREATE TABLE orders (tenant_id text, id int, note text)",
                "CREATE INDEX ON orders (tenant_id, id)",
                "CREATE UNIQUE INDEX ON orders (tenant_id, id) WHERE note IS NOT NULL");

        Finding finding =
                stand.only(Severity.WARNING, "target eu table public.orders", "(tenant_id, id)");

        stand.applyAndExpectNothingLeft(List.of(finding));
    }
}
