package io.heliosdb.replication.core.preflight.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.PreflightReport;
import io.heliosdb.replication.core.preflight.Severity;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A source and a target database of one test, and a configuration that can be bent. */
final class PreflightStand {

    final PostgresServer server;
    final String sourceName;
    final String targetName;
    final String slot;
    DatabaseConfig source;
    DatabaseConfig target;
    TenancyConfig tenancy = new TenancyConfig("tenant_id", Map.of(), null, Set.of());
    List<ReplicationRule> rules = List.of(rule("acme", "acme"));

    PreflightStand(PostgresServer server) {
        this.server = server;
        sourceName = server.createDatabase("preflight_source");
        targetName = server.createDatabase("preflight_target");
        slot = sourceName + "_slot";
        source = database(server, sourceName);
        target = database(server, targetName);
    }

    static DatabaseConfig database(PostgresServer server, String name) {
        return new DatabaseConfig(server.url(name), PostgresServer.USER, Secret.EMPTY);
    }

    static ReplicationRule rule(String name, String tenant) {
        return rule(name, tenant, List.of(), List.of());
    }

    static ReplicationRule rule(
            String name, String tenant, List<String> include, List<String> exclude) {
        return new ReplicationRule(
                name,
                tenant,
                "eu",
                new TableFilter(include, exclude),
                Tier.STANDARD,
                50,
                false,
                ExistingRows.FAIL);
    }

    /** A table with everything right, a row of tenant acme, and a publication for all tables. */
    PreflightStand ready() {
        inSource(
                "CREATE TABLE orders (tenant_id text, id int, note text, PRIMARY KEY (tenant_id, id))",
                "INSERT INTO orders VALUES ('acme', 1, 'x')",
                "CREATE PUBLICATION helios FOR ALL TABLES");
        return this;
    }

    void inSource(String... sql) {
        server.execute(sourceName, sql);
    }

    void inTarget(String... sql) {
        server.execute(targetName, sql);
    }

    PipelineConfig config() {
        return new PipelineConfig(
                new SourceConfig(
                        source,
                        slot,
                        "helios",
                        SourceConfig.DEFAULT_HEARTBEAT,
                        SourceConfig.DEFAULT_STATUS),
                tenancy,
                List.of(new TargetConfig("eu", target, 2)),
                rules,
                new JobConfig(
                        "preflight",
                        "/tmp/unused",
                        JobConfig.DEFAULT_CHECKPOINT_INTERVAL,
                        1,
                        JobConfig.DEFAULT_BACKLOG_MEMORY,
                        JobConfig.DEFAULT_PART_BYTES,
                        JobConfig.DEFAULT_SYNC_WORKERS));
    }

    /** All findings but those that every server with default settings has. */
    List<Finding> check() {
        PreflightReport report = Preflight.check(config());
        List<Finding> findings = new ArrayList<>(report.findings());
        findings.removeIf(it -> it.message().startsWith("max_slot_wal_keep_size is -1"));
        findings.removeIf(it -> it.message().startsWith("DDL is not captured"));
        return findings;
    }

    /** The only finding, as it is expected. */
    Finding only(Severity severity, String subject, String... words) {
        List<Finding> findings = check();
        assertThat(findings).as("findings").hasSize(1);
        Finding finding = findings.get(0);
        assertThat(finding.severity()).isEqualTo(severity);
        assertThat(finding.subject()).isEqualTo(subject);
        for (String word : words) {
            assertThat(finding.message()).contains(word);
        }
        return finding;
    }

    /** Does what is printed, as it is printed. */
    void apply(List<Finding> findings) {
        for (Finding finding : findings) {
            // In one session, as in psql.
            String[] statements = finding.fixSql().toArray(String[]::new);
            if (finding.subject().startsWith("target")) {
                inTarget(statements);
            } else {
                inSource(statements);
            }
        }
    }

    void applyAndExpectNothingLeft(List<Finding> findings) {
        apply(findings);
        assertThat(check()).as("findings after the statements were run").isEmpty();
    }
}
