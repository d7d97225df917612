package io.heliosdb.replication.core.verify.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.progress.postgres.ProgressStore;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.core.verify.VerifyListener;
import io.heliosdb.replication.core.verify.VerifyOptions;
import io.heliosdb.replication.core.verify.VerifyReport;
import io.heliosdb.replication.model.TenantId;
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
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.Pace;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A source and a target database, with rules, slots and progress, and jobs that apply. */
final class Stand implements AutoCloseable {

    private static final Duration BOUND = Duration.ofSeconds(30);

    final PostgresServer sourceServer = SourceAndTarget.source();
    final PostgresServer targetServer = SourceAndTarget.target();
    final String source = sourceServer.createDatabase("verify_source");
    final String target = targetServer.createDatabase("verify_target");
    final String slot = "job_" + source;
    final List<String> slots = new ArrayList<>();
    private final List<ReplicationRule> rules = new ArrayList<>();
    private final List<SimulatedJob> jobs = new ArrayList<>();
    private Thread heart;

    /** The server of a database of this stand. */
    private PostgresServer server(String database) {
        return database.equals(source) ? sourceServer : targetServer;
    }

    /** Runs DDL and rows at both ends. */
    Stand both(String... statements) {
        sourceServer.execute(source, statements);
        targetServer.execute(target, statements);
        return this;
    }

    /** Ends the set-up: publication, slots, progress of these tenants at the slots' position. */
    Stand replicate(String... tenants) throws SQLException {
        sourceServer.execute(source, "CREATE PUBLICATION pub FOR ALL TABLES");
        try (Connection connection = targetServer.connect(target)) {
            new ProgressStore(connection).create();
        }
        String lsn = createSlot(slot);
        for (String tenant : tenants) {
            rule("t" + tenant, tenant);
            progress("t" + tenant, tenant, lsn);
        }
        return this;
    }

    String createSlot(String name) throws SQLException {
        slots.add(name);
        return value(
                source,
                "SELECT lsn FROM pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
    }

    Stand rule(String name, String tenant) {
        rules.add(
                new ReplicationRule(
                        name,
                        tenant,
                        "target",
                        TableFilter.ALL,
                        Tier.STANDARD,
                        50,
                        false,
                        ExistingRows.FAIL));
        return this;
    }

    Stand progress(String replication, String tenant, String lsn) {
        targetServer.execute(
                target,
                "INSERT INTO heliosdb.replication_progress (replication_id, source_id, tenant_id,"
                        + " epoch, commit_lsn, ordinal, state) VALUES ('"
                        + replication
                        + "', '"
                        + value(
                                source,
                                "SELECT system_identifier || '/' || current_database() FROM"
                                        + " pg_control_system()")
                        + "', '"
                        + tenant
                        + "', 1, '"
                        + lsn
                        + "', 9223372036854775807, 'STREAMING')");
        return this;
    }

    /** Starts a job for these tenants on its own slot. */
    SimulatedJob job(String onSlot, String... tenants) throws SQLException {
        SimulatedJob job =
                new SimulatedJob(
                        database(source),
                        targetServer.connect(target),
                        onSlot,
                        "pub",
                        Set.of(tenants));
        jobs.add(job);
        return job;
    }

    void stop(SimulatedJob job) throws SQLException {
        jobs.remove(job);
        job.close();
    }

    /** Beats until the stand is closed or {@link #stopHeart}, as a job's own connection does. */
    Stand startHeart() {
        heart =
                new Thread(
                        () -> {
                            try (Connection connection = sourceServer.connect(source);
                                    Statement statement = connection.createStatement()) {
                                Pace pace = new Pace(Duration.ofMillis(50));
                                while (!Thread.currentThread().isInterrupted()) {
                                    statement.execute(
                                            "SELECT pg_logical_emit_message(true,"
                                                    + " 'heliosdb.heartbeat', '')");
                                    pace.beat();
                                }
                            } catch (SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        "heart");
        heart.start();
        return this;
    }

    void stopHeart() {
        if (heart != null) {
            heart.interrupt();
            try {
                heart.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            heart = null;
        }
    }

    /** Waits until every progress has passed what is committed at the source now. */
    void awaitApplied() {
        String now = value(source, "SELECT pg_current_wal_insert_lsn()");
        await(
                target,
                "SELECT bool_and(commit_lsn >= '" + now + "') FROM heliosdb.replication_progress");
    }

    VerifyReport verify() {
        return verify(BOUND);
    }

    VerifyReport verify(Duration timeout) {
        return new Verifier(config(), VerifyOptions.DEFAULT.withTimeout(timeout))
                .run(Optional.empty(), VerifyListener.SILENT);
    }

    VerifyReport verify(String tenant) {
        return new Verifier(config(), VerifyOptions.DEFAULT.withTimeout(BOUND))
                .run(Optional.of(new TenantId(tenant)), VerifyListener.SILENT);
    }

    PipelineConfig config() {
        return new PipelineConfig(
                new SourceConfig(
                        database(source),
                        slot,
                        "pub",
                        SourceConfig.DEFAULT_HEARTBEAT,
                        SourceConfig.DEFAULT_STATUS),
                new TenancyConfig("tenant_id", Map.of(), null, Set.of()),
                List.of(new TargetConfig("target", database(target), 1)),
                rules,
                new JobConfig(
                        "test",
                        "/tmp/none",
                        JobConfig.DEFAULT_CHECKPOINT_INTERVAL,
                        1,
                        JobConfig.DEFAULT_BACKLOG_MEMORY,
                        JobConfig.DEFAULT_PART_BYTES,
                        1));
    }

    DatabaseConfig database(String name) {
        return new DatabaseConfig(server(name).url(name), PostgresServer.USER, Secret.EMPTY);
    }

    String value(String database, String sql) {
        try (Connection connection = server(database).connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Waits until the query says true. */
    void await(String in, String condition) {
        Await.until(condition, BOUND, () -> value(in, condition).equals("t"));
    }

    /** Ends the jobs, and proves that the verifier has left no session and no slot. */
    @Override
    public void close() throws SQLException {
        stopHeart();
        for (SimulatedJob job : jobs) {
            job.close();
        }
        for (String end : List.of(source, target)) {
            await(
                    end,
                    "SELECT count(*) = 0 FROM pg_stat_activity"
                            + " WHERE application_name = 'heliosdb-verify'");
            assertThat(value(end, "SELECT count(*) FROM pg_replication_slots WHERE temporary"))
                    .isEqualTo("0");
        }
        for (String name : slots) {
            await(
                    source,
                    "SELECT NOT active FROM pg_replication_slots WHERE slot_name = '" + name + "'");
            value(source, "SELECT pg_drop_replication_slot('" + name + "')");
        }
    }
}
