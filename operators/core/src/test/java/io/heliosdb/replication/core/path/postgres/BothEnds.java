package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.ingest.postgres.SourceAdmin;
import io.heliosdb.replication.core.lane.LaneView;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.EncryptionConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.JobConfig;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.ServiceConfig;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TargetConfig;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A source and a target database of their own, and the {@link WholePath} between them.
 *
 * @param <S> the stand itself, so that calls may follow each other
 */
abstract class BothEnds<S extends BothEnds<S>> implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    final PostgresServer sourceServer = SourceAndTarget.source();
    final PostgresServer targetServer = SourceAndTarget.target();
    final String source;
    final String target;

    /** What is replicated, by tenant. */
    final Map<String, ReplicationRule> rules = new LinkedHashMap<>();

    private TenancyConfig tenancy = new TenancyConfig("tenant_id", Map.of(), null, Set.of());
    private int partBytes = JobConfig.DEFAULT_PART_BYTES;
    private @Nullable EncryptionConfig encryption;
    private @Nullable PipelineConfig config;
    @Nullable WholePath path;

    BothEnds(String name) {
        source = sourceServer.createDatabase(name + "_src");
        target = targetServer.createDatabase(name + "_tgt");
    }

    abstract S self();

    S tenancy(TenancyConfig value) {
        tenancy = value;
        return self();
    }

    S partBytes(int value) {
        partBytes = value;
        return self();
    }

    S onSource(String... statements) {
        sourceServer.execute(source, statements);
        return self();
    }

    S onTarget(String... statements) {
        targetServer.execute(target, statements);
        return self();
    }

    S encryption(EncryptionConfig value) {
        encryption = value;
        return self();
    }

    /** Adds or changes a replication under the name that {@link #replicate} gives. */
    S replicate(String tenant, boolean paused, BacklogConfig backlog) {
        rules.put(
                tenant,
                new ReplicationRule(
                        "r_" + tenant,
                        tenant,
                        "main",
                        TableFilter.ALL,
                        Tier.STANDARD,
                        ReplicationRule.DEFAULT_PRIORITY,
                        paused,
                        ExistingRows.FAIL,
                        DdlRules.APPLY,
                        backlog,
                        ServiceConfig.DEFAULT));
        if (path != null) {
            path.rules(List.copyOf(rules.values()));
        }
        return self();
    }

    /** Several statements in one transaction of the source. */
    S inOneTransaction(String... statements) {
        try (Connection connection = sourceServer.connect(source);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
            return self();
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Adds a tenant, as the replication {@code r_tenant}; a pattern as {@code all}. */
    void replicate(String tenant) {
        rules.put(
                tenant,
                new ReplicationRule(
                        tenant.contains("*") ? "all" : "r_" + tenant,
                        tenant,
                        "main",
                        TableFilter.ALL,
                        Tier.STANDARD,
                        ReplicationRule.DEFAULT_PRIORITY,
                        false,
                        ExistingRows.FAIL));
    }

    /** The job begins again, from where the slot stands. */
    void restart() {
        stop();
        config = config();
        path = new WholePath(config);
    }

    void stop() {
        if (path != null) {
            path.close();
            path = null;
            Await.until(
                    "slot to be released",
                    () ->
                            SourceAdmin.slot(config.source())
                                    .map(slot -> !slot.active())
                                    .orElse(true));
        }
    }

    /** Waits until everything that is committed at the source now is applied, by those that run. */
    S settle() {
        long now = Lsn.parse(onSourceRows("SELECT pg_current_wal_insert_lsn()").get(0)).value();
        awaitAll(
                lane ->
                        lane.state() == ReplicationState.PAUSED
                                || lane.state() == ReplicationState.ERROR
                                || lane.state() == ReplicationState.STREAMING
                                        && lane.progress().commitLsn().value() >= now);
        return requireNoError();
    }

    S requireNoError() {
        for (LaneView lane : lanes()) {
            assertThat(lane.state()).as(() -> lane.reason()).isNotEqualTo(ReplicationState.ERROR);
        }
        return self();
    }

    /** A pattern may have found no tenant yet: then there are fewer lanes than rules. */
    void awaitAll(Predicate<LaneView> condition) {
        long named = rules.keySet().stream().filter(tenant -> !tenant.contains("*")).count();
        Await.until(
                () -> "all lanes",
                PATIENCE,
                this::lanes,
                lanes -> lanes.size() >= named && lanes.stream().allMatch(condition));
    }

    List<LaneView> lanes() {
        return path.lanes();
    }

    LaneView lane(String tenant) {
        return lanes().stream()
                .filter(lane -> lane.replication().value().equals("r_" + tenant))
                .findFirst()
                .orElseThrow();
    }

    /** Waits until this tenant's replication is in error; returns its reason. */
    String awaitError(String tenant) {
        return Await.until(
                        () -> "error of " + tenant,
                        PATIENCE,
                        () -> lane(tenant),
                        lane -> lane.state() == ReplicationState.ERROR)
                .reason();
    }

    /** Settles; then the query, which has an order, must give the same rows on both sides. */
    S assertSame(String query) {
        settle();
        assertThat(onTargetRows(query)).isEqualTo(onSourceRows(query));
        return self();
    }

    List<String> onSourceRows(String query) {
        return sourceServer.rows(source, query);
    }

    List<String> onTargetRows(String query) {
        return targetServer.rows(target, query);
    }

    PipelineConfig config() {
        return new PipelineConfig(
                new SourceConfig(
                        database(sourceServer, source),
                        "slot_" + source,
                        "helios",
                        Duration.ofMillis(50),
                        SourceConfig.DEFAULT_STATUS),
                tenancy,
                List.of(new TargetConfig("main", database(targetServer, target), 2)),
                List.copyOf(rules.values()),
                new JobConfig(
                        "path",
                        "/nowhere",
                        JobConfig.DEFAULT_CHECKPOINT_INTERVAL,
                        1,
                        JobConfig.DEFAULT_BACKLOG_MEMORY,
                        partBytes,
                        JobConfig.DEFAULT_SYNC_WORKERS,
                        encryption));
    }

    static DatabaseConfig database(PostgresServer server, String name) {
        return new DatabaseConfig(server.url(name), PostgresServer.USER, Secret.EMPTY);
    }

    @Override
    public void close() {
        if (config != null) {
            stop();
            SourceAdmin.dropSlot(config.source());
            targetServer.dropOrigins(target, "%" + config.source().slot() + "-%");
        }
    }
}
