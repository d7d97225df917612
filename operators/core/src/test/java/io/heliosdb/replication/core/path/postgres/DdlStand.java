package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.ddl.postgres.DdlCapture;
import io.heliosdb.replication.core.ingest.postgres.SourceAdmin;
import io.heliosdb.replication.core.lane.LaneView;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.DdlPolicy;
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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A source that captures DDL, a target, and the {@link WholePath} between them. The tenants share
 * one target; each may be paused, so that it falls behind the others.
 */
final class DdlStand implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final PostgresServer sourceServer = SourceAndTarget.source();
    final PostgresServer targetServer = SourceAndTarget.target();
    final String source = sourceServer.createDatabase("ddl_src");
    final String target = targetServer.createDatabase("ddl_tgt");
    private final Map<String, ReplicationRule> rules = new LinkedHashMap<>();
    private TenancyConfig tenancy = new TenancyConfig("tenant_id", Map.of(), null, Set.of());
    private int partBytes = JobConfig.DEFAULT_PART_BYTES;
    private @Nullable PipelineConfig config;
    private @Nullable WholePath path;

    DdlStand(String... sourceDdl) {
        onSource(sourceDdl);
    }

    DdlStand tenancy(TenancyConfig value) {
        tenancy = value;
        return this;
    }

    DdlStand partBytes(int value) {
        partBytes = value;
        return this;
    }

    DdlStand onSource(String... statements) {
        sourceServer.execute(source, statements);
        return this;
    }

    DdlStand onTarget(String... statements) {
        targetServer.execute(target, statements);
        return this;
    }

    DdlStand capture() {
        return onSource(DdlCapture.install(PostgresServer.USER).toArray(String[]::new));
    }

    /** Several statements in one transaction of the source. */
    DdlStand inOneTransaction(String... statements) {
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

    /** With capture, all tables published; awaits the stream. */
    DdlStand start(String... tenants) {
        capture();
        onSource("CREATE PUBLICATION helios FOR ALL TABLES");
        return startWithout(tenants);
    }

    /** As the source is. */
    DdlStand startWithout(String... tenants) {
        for (String tenant : tenants) {
            rules.put(tenant, rule(tenant));
        }
        restart();
        Await.until(
                () -> "all streaming",
                PATIENCE,
                this::lanes,
                lanes ->
                        lanes.size() >= tenants.length
                                && lanes.stream()
                                        .allMatch(it -> it.state() == ReplicationState.STREAMING));
        return this;
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

    private static ReplicationRule rule(String tenant) {
        return new ReplicationRule(
                tenant.contains("*") ? "all" : "r_" + tenant,
                tenant,
                "main",
                TableFilter.ALL,
                Tier.STANDARD,
                ReplicationRule.DEFAULT_PRIORITY,
                false,
                ExistingRows.FAIL);
    }

    private DdlStand change(String tenant, UnaryOperator<ReplicationRule> change) {
        rules.compute(tenant, (name, rule) -> change.apply(rule));
        if (path != null) {
            path.rules(List.copyOf(rules.values()));
        }
        return this;
    }

    DdlStand add(String tenant) {
        rules.put(tenant, rule(tenant));
        path.rules(List.copyOf(rules.values()));
        return this;
    }

    DdlStand pause(String tenant) {
        change(tenant, rule -> with(rule, true, rule.ddl()));
        Await.until(
                tenant + " to pause",
                PATIENCE,
                () -> lane(tenant).state() == ReplicationState.PAUSED);
        return this;
    }

    DdlStand resume(String tenant) {
        return change(tenant, rule -> with(rule, false, rule.ddl()));
    }

    DdlStand policy(String tenant, DdlPolicy policy) {
        return change(tenant, rule -> with(rule, rule.paused(), policy));
    }

    /** As a change of its entry in the file does: a lane in error is tried again. */
    DdlStand retry(String tenant) {
        return change(
                tenant,
                rule ->
                        new ReplicationRule(
                                rule.name(),
                                rule.tenant(),
                                rule.target(),
                                rule.tables(),
                                rule.tier(),
                                rule.priority() - 1,
                                rule.paused(),
                                rule.existingRows(),
                                rule.ddl()));
    }

    private static ReplicationRule with(ReplicationRule rule, boolean paused, DdlPolicy ddl) {
        return new ReplicationRule(
                rule.name(),
                rule.tenant(),
                rule.target(),
                rule.tables(),
                rule.tier(),
                rule.priority(),
                paused,
                rule.existingRows(),
                ddl);
    }

    /** Waits until everything that is committed at the source now is applied, by those that run. */
    DdlStand settle() {
        long now = Lsn.parse(onSourceRows("SELECT pg_current_wal_insert_lsn()").get(0)).value();
        Await.until(
                () -> "all lanes",
                PATIENCE,
                this::lanes,
                lanes ->
                        lanes.stream()
                                .allMatch(
                                        it ->
                                                it.state() == ReplicationState.PAUSED
                                                        || it.state() == ReplicationState.ERROR
                                                        || it.state() == ReplicationState.STREAMING
                                                                && it.progress().commitLsn().value()
                                                                        >= now));
        for (LaneView lane : lanes()) {
            assertThat(lane.state()).as(() -> lane.reason()).isNotEqualTo(ReplicationState.ERROR);
        }
        return this;
    }

    List<LaneView> lanes() {
        return path.lanes();
    }

    LaneView lane(String tenant) {
        return lanes().stream()
                .filter(it -> it.replication().value().equals("r_" + tenant))
                .findFirst()
                .orElseThrow();
    }

    String awaitError(String tenant) {
        return Await.until(
                        () -> "error of " + tenant,
                        PATIENCE,
                        () -> lane(tenant),
                        lane -> lane.state() == ReplicationState.ERROR)
                .reason();
    }

    void await(String what, java.util.function.BooleanSupplier condition) {
        Await.until(what, PATIENCE, condition::getAsBoolean);
    }

    /** Settles; then the query, which has an order, must give the same rows on both sides. */
    DdlStand assertSame(String query) {
        settle();
        assertThat(onTargetRows(query)).isEqualTo(onSourceRows(query));
        return this;
    }

    /** The table must be the same, with what may come a little later. */
    DdlStand assertSameTable(String table) {
        settle();
        String query = "SELECT heliosdb_test_shape('" + table + "')";
        for (PostgresServer server : List.of(sourceServer, targetServer)) {
            server.execute(server == sourceServer ? source : target, SHAPE);
        }
        List<String> wanted = onSourceRows(query);
        Await.until(
                () -> "shape of " + table + ": " + onTargetRows(query) + " wanted " + wanted,
                PATIENCE,
                () -> onTargetRows(query),
                wanted::equals);
        return this;
    }

    /** Columns in no order, constraints and indexes. */
    private static final String SHAPE =
            """
            CREATE OR REPLACE FUNCTION heliosdb_test_shape(which text) RETURNS text LANGUAGE sql AS $$
            SELECT (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
                                                pg_get_expr(d.adbin, d.adrelid), a.attnotnull,
                                                a.attidentity, a.attgenerated), E'\\n' ORDER BY a.attname)
                    FROM pg_attribute a
                    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                    WHERE a.attrelid = to_regclass(which) AND a.attnum > 0 AND NOT a.attisdropped)
                || coalesce((SELECT string_agg(concat_ws(' ', k.conname, pg_get_constraintdef(k.oid)),
                                               E'\\n' ORDER BY k.conname)
                             FROM pg_constraint k WHERE k.conrelid = to_regclass(which)
                             AND k.contype <> 'n'), '')
                || coalesce((SELECT string_agg(pg_get_indexdef(i.indexrelid), E'\\n'
                                               ORDER BY i.indexrelid::regclass::text)
                             FROM pg_index i
                             WHERE i.indrelid = to_regclass(which) AND i.indisvalid), '') $$
            """;

    List<String> onSourceRows(String query) {
        return rows(sourceServer, source, query);
    }

    List<String> onTargetRows(String query) {
        return rows(targetServer, target, query);
    }

    private static List<String> rows(PostgresServer server, String database, String query) {
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

    private PipelineConfig config() {
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
                        "ddl",
                        "/nowhere",
                        JobConfig.DEFAULT_CHECKPOINT_INTERVAL,
                        1,
                        JobConfig.DEFAULT_BACKLOG_MEMORY,
                        partBytes,
                        JobConfig.DEFAULT_SYNC_WORKERS));
    }

    private static DatabaseConfig database(PostgresServer server, String name) {
        return new DatabaseConfig(server.url(name), PostgresServer.USER, Secret.EMPTY);
    }

    @Override
    public void close() {
        if (config != null) {
            stop();
            SourceAdmin.dropSlot(config.source());
            onTarget(
                    "SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin"
                            + " WHERE roname LIKE '%"
                            + config.source().slot()
                            + "-%'");
        }
    }
}
