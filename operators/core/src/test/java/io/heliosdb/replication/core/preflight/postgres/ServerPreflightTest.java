package io.heliosdb.replication.core.preflight.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.PreflightReport;
import io.heliosdb.replication.core.preflight.Severity;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With a server that is set up badly, of its own because others could not share it. */
class ServerPreflightTest {

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server =
                PostgresServer.start(
                        Map.of(
                                "wal_level", "replica",
                                "max_replication_slots", "0",
                                "max_wal_senders", "0"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void wantsLogicalWalAndRoomForSlotAndSender() throws Exception {
        PreflightStand stand = new PreflightStand(server).ready();

        List<Finding> findings = stand.check();

        assertThat(findings)
                .extracting(Finding::fixSql)
                .containsExactly(
                        List.of("ALTER SYSTEM SET wal_level = 'logical';"),
                        List.of("ALTER SYSTEM SET max_wal_senders = 10;"),
                        List.of("ALTER SYSTEM SET max_replication_slots = 10;"),
                        List.of("ALTER SYSTEM SET max_replication_slots = 12;"));
        assertThat(findings.subList(0, 3)).allMatch(it -> it.severity() == Severity.ERROR);
        assertThat(findings.get(3).message()).contains("replication origins");
        stand.apply(findings);
        try (Connection connection = server.connect(stand.sourceName);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT setting FROM pg_file_settings WHERE name = 'wal_level'"
                                        + " AND sourcefile LIKE '%auto.conf'")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getString(1)).isEqualTo("logical");
        }
    }

    @Test
    void warnsThatASlotCanFillTheDisk() {
        PreflightStand stand = new PreflightStand(server).ready();
        Finding finding =
                Preflight.check(stand.config()).findings().stream()
                        .filter(it -> it.message().contains("max_slot_wal_keep_size"))
                        .findFirst()
                        .orElseThrow();

        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        stand.apply(List.of(finding));

        assertThat(Preflight.check(stand.config()).render())
                .doesNotContain("max_slot_wal_keep_size");
    }

    @Test
    void tellsAWrongPasswordAndChecksTheRest() {
        PreflightStand stand = new PreflightStand(server).ready();
        stand.inSource(
                "SET password_encryption = 'scram-sha-256'",
                "CREATE ROLE careful LOGIN PASSWORD 'right'",
                """
                DO $$
                BEGIN
                    EXECUTE format('COPY (SELECT unnest(ARRAY[%L, %L, %L])) TO %L',
                        'host all careful all scram-sha-256', 'host all all all trust',
                        'local all all trust', current_setting('hba_file'));
                END $$
                """,
                "SELECT pg_reload_conf()");
        stand.target = new DatabaseConfig(stand.target.url(), "careful", new Secret("wr0ng"));

        PreflightReport report = Preflight.check(stand.config());

        assertThat(report.hasUnreachable()).isTrue();
        assertThat(report.findings())
                .filteredOn(it -> it.subject().equals("target eu"))
                .hasSize(1)
                .first()
                .satisfies(
                        it ->
                                assertThat(it.message())
                                        .contains(
                                                "port " + server.port(),
                                                "database " + stand.targetName,
                                                "user careful",
                                                "password authentication failed"));
        assertThat(report.render()).contains("wal_level is replica").doesNotContain("wr0ng");
    }
}
