package io.heliosdb.replication.cli.status.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.heliosdb.replication.cli.status.ReplicationStatus;
import io.heliosdb.replication.cli.status.StatusReport;
import io.heliosdb.replication.core.progress.postgres.ProgressStore;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.JobConfig;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TargetConfig;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StatusReaderTest {

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.start(PostgresVersion.target());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void tellsStateAndLagOfEachReplicationOfTheFileOnly() throws SQLException {
        String source = server.createDatabase("source");
        String target = server.createDatabase("target");
        try (Connection connection = server.connect(target)) {
            new ProgressStore(connection).create();
        }
        server.execute(
                target,
                """
                INSERT INTO heliosdb.replication_progress
                    (replication_id, source_id, tenant_id, epoch, commit_lsn, ordinal, source_time, state,
                     rows_applied, error_code, reason)
                VALUES
                    ('acme', 's', 'acme', 1, pg_current_wal_lsn() - 1024, 9223372036854775807,
                     clock_timestamp() - interval '5 seconds', 'STREAMING', 7, NULL, NULL),
                    ('trial/t1', 's', 't1', 1, '0/0', 0, NULL, 'SYNCING', 0, NULL, NULL),
                    ('trial/t2', 's', 't2', 1, '0/10', 1, NULL, 'ERROR', 0, 'ROW_REJECTED', 'bad row'),
                    ('stranger', 's', 't2', 1, '0/10', 1, NULL, 'STREAMING', 0, NULL, NULL)
                """);
        PipelineConfig config =
                config(
                        server.url(source),
                        List.of(target("a", server.url(target))),
                        List.of(
                                rule("acme", "acme", "a"),
                                rule("trial", "t*", "a"),
                                rule("new", "n", "a")));

        StatusReport report;
        try (StatusReader reader = new StatusReader(config)) {
            report = reader.read();
        }

        assertThat(report.replications())
                .extracting(ReplicationStatus::replication, ReplicationStatus::state)
                .containsExactly(
                        tuple("acme", "streaming"),
                        tuple("trial/t1", "syncing"),
                        tuple("trial/t2", "error"),
                        tuple("new", "unknown"));
        ReplicationStatus acme = report.replications().get(0);
        assertThat(acme.lagMs()).isBetween(5_000L, 30_000L);
        assertThat(acme.lagBytes()).isGreaterThanOrEqualTo(1024);
        ReplicationStatus syncing = report.replications().get(1);
        assertThat(syncing.lagMs()).isNull();
        assertThat(syncing.lagBytes()).isNull();
        assertThat(syncing.position()).isNull();
        assertThat(report.replications().get(2).reason()).isEqualTo("bad row");
        assertThat(report.replications().get(3).reason()).isEqualTo("never started");
        assertThat(report.anythingInError()).isTrue();
        assertThat(report.anythingUnreachable()).isFalse();
    }

    @Test
    void showsUnknownForWhatCannotBeReached() {
        String target = server.createDatabase("target");
        PipelineConfig config =
                config(
                        "jdbc:postgresql://localhost:1/none",
                        List.of(
                                target("up", server.url(target)),
                                target("down", "jdbc:postgresql://localhost:1/none")),
                        List.of(rule("r1", "x", "up"), rule("r2", "x", "down")));

        StatusReport report;
        try (StatusReader reader = new StatusReader(config)) {
            report = reader.read();
        }

        assertThat(report.sourceUnreachable()).contains("refused");
        assertThat(report.anythingUnreachable()).isTrue();
        assertThat(report.replications())
                .extracting(ReplicationStatus::state)
                .containsExactly("unknown", "unknown");
        assertThat(report.replications().get(1).reason()).startsWith("target unreachable: ");
    }

    private static TargetConfig target(String name, String url) {
        return new TargetConfig(name, database(url), 1);
    }

    private static ReplicationRule rule(String name, String tenant, String target) {
        return new ReplicationRule(
                name, tenant, target, TableFilter.ALL, Tier.STANDARD, 50, false, ExistingRows.FAIL);
    }

    private static DatabaseConfig database(String url) {
        return new DatabaseConfig(url, PostgresServer.USER, Secret.EMPTY);
    }

    private static PipelineConfig config(
            String sourceUrl, List<TargetConfig> targets, List<ReplicationRule> rules) {
        return new PipelineConfig(
                new SourceConfig(
                        database(sourceUrl),
                        "slot",
                        "publication",
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1)),
                new TenancyConfig("tenant_id", Map.of(), null, Set.of()),
                targets,
                rules,
                new JobConfig("job", "/nowhere", Duration.ofSeconds(1), 1, 1 << 20, 1 << 20, 1));
    }
}
