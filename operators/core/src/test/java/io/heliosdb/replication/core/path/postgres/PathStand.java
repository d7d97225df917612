package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.ingest.postgres.SourceAdmin;
import io.heliosdb.replication.core.lane.LaneView;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TableId;
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
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A source and a target database of their own, and the {@link WholePath} between them. Tables
 * first, then {@link #start}, then changes, {@link #settle}, and both sides must be the same.
 */
final class PathStand implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final PostgresServer sourceServer = SourceAndTarget.source();
    final PostgresServer targetServer = SourceAndTarget.target();
    final String source = sourceServer.createDatabase("path_src");
    final String target = targetServer.createDatabase("path_tgt");
    private TenancyConfig tenancy = new TenancyConfig("tenant_id", Map.of(), null, Set.of());
    private String publication = "FOR ALL TABLES";
    private int partBytes = JobConfig.DEFAULT_PART_BYTES;
    private final Map<String, String> tenants = new LinkedHashMap<>();
    private PipelineConfig config;
    private WholePath path;

    PathStand(String... sourceDdl) {
        onSource(sourceDdl);
    }

    PathStand tenancy(TenancyConfig value) {
        tenancy = value;
        return this;
    }

    /** What follows CREATE PUBLICATION and its name. */
    PathStand publish(String value) {
        publication = value;
        return this;
    }

    PathStand partBytes(int value) {
        partBytes = value;
        return this;
    }

    PathStand onSource(String... statements) {
        sourceServer.execute(source, statements);
        return this;
    }

    PathStand onTarget(String... statements) {
        targetServer.execute(target, statements);
        return this;
    }

    /** The same on both. */
    PathStand onBoth(String... statements) {
        return onSource(statements).onTarget(statements);
    }

    /** Several statements in one transaction of the source. */
    PathStand inOneTransaction(String... statements) {
        try (Connection connection = sourceServer.connect(source);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
            return this;
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /**
     * Replicates these tenants, each as the replication {@code r_tenant}, and awaits the stream.
     */
    PathStand start(String... names) {
        onSource("CREATE PUBLICATION helios " + publication);
        for (String tenant : names) {
            tenants.put("r_" + tenant, tenant);
        }
        config = config();
        path = new WholePath(config);
        awaitAll(
                lane ->
                        lane.state() == ReplicationState.STREAMING
                                || lane.state() == ReplicationState.ERROR);
        lanes().forEach(PathStand::requireNoError);
        return this;
    }

    /** Waits until everything that is committed at the source now is applied. */
    PathStand settle() {
        long now =
                Lsn.parse(rows(sourceServer, source, "SELECT pg_current_wal_insert_lsn()").get(0))
                        .value();
        awaitAll(
                lane ->
                        lane.state() == ReplicationState.ERROR
                                || lane.progress().commitLsn().value() >= now);
        lanes().forEach(PathStand::requireNoError);
        return this;
    }

    private static void requireNoError(LaneView lane) {
        assertThat(lane.state()).as(() -> lane.reason()).isNotEqualTo(ReplicationState.ERROR);
    }

    private interface Condition {
        boolean holds(LaneView lane);
    }

    private void awaitAll(Condition condition) {
        Await.until(
                () -> "all lanes",
                PATIENCE,
                this::lanes,
                lanes ->
                        lanes.size() == tenants.size()
                                && lanes.stream().allMatch(condition::holds));
    }

    List<LaneView> lanes() {
        return path.lanes();
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

    LaneView lane(String tenant) {
        return lanes().stream()
                .filter(lane -> lane.replication().value().equals("r_" + tenant))
                .findFirst()
                .orElseThrow();
    }

    /** Settles; then the query, which has an order, must give the same rows on both sides. */
    PathStand assertSame(String query) {
        settle();
        assertThat(onTargetRows(query)).isEqualTo(onSourceRows(query));
        return this;
    }

    /** Waits until the query says true in the target. */
    void awaitTarget(String condition) {
        Await.until(condition, PATIENCE, () -> onTargetRows(condition).get(0).equals("t"));
    }

    List<String> onSourceRows(String query) {
        return rows(sourceServer, source, query);
    }

    List<String> onTargetRows(String query) {
        return rows(targetServer, target, query);
    }

    static List<String> rows(PostgresServer server, String database, String query) {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> found = new ArrayList<>();
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= columns; i++) {
                    row.append(i == 1 ? "" : "|").append(rows.getString(i));
                }
                found.add(row.toString());
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(query + ": " + e.getMessage(), e);
        }
    }

    PipelineConfig config() {
        List<ReplicationRule> rules = new ArrayList<>();
        tenants.forEach(
                (name, tenant) ->
                        rules.add(
                                new ReplicationRule(
                                        name,
                                        tenant,
                                        "main",
                                        TableFilter.ALL,
                                        Tier.STANDARD,
                                        ReplicationRule.DEFAULT_PRIORITY,
                                        false,
                                        ExistingRows.FAIL)));
        return new PipelineConfig(
                new SourceConfig(
                        database(sourceServer, source),
                        "slot_" + source,
                        "helios",
                        Duration.ofMillis(50),
                        SourceConfig.DEFAULT_STATUS),
                tenancy,
                List.of(new TargetConfig("main", database(targetServer, target), 2)),
                rules,
                new JobConfig(
                        "path",
                        "/nowhere",
                        JobConfig.DEFAULT_CHECKPOINT_INTERVAL,
                        1,
                        JobConfig.DEFAULT_BACKLOG_MEMORY,
                        partBytes,
                        JobConfig.DEFAULT_SYNC_WORKERS));
    }

    static DatabaseConfig database(PostgresServer server, String name) {
        return new DatabaseConfig(server.url(name), PostgresServer.USER, Secret.EMPTY);
    }

    static TenancyConfig tenancy(String column, Map<String, String> tables, String schemas) {
        Map<TableId, String> byTable = new LinkedHashMap<>();
        tables.forEach((table, key) -> byTable.put(TableId.parse(table), key));
        return new TenancyConfig(column, byTable, schemas, Set.of());
    }

    @Override
    public void close() {
        if (path != null) {
            path.close();
            Await.until(
                    "slot to be released",
                    () ->
                            SourceAdmin.slot(config.source())
                                    .map(slot -> !slot.active())
                                    .orElse(true));
            SourceAdmin.dropSlot(config.source());
            // There is a limit to them, and the server outlives the stand.
            onTarget(
                    "SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin"
                            + " WHERE roname LIKE '%"
                            + config.source().slot()
                            + "-%'");
        }
    }
}
