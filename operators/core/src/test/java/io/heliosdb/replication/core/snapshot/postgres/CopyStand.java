package io.heliosdb.replication.core.snapshot.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.progress.postgres.ProgressStore;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.core.snapshot.SyncEngine;
import io.heliosdb.replication.core.snapshot.SyncListener;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TargetConfig;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A source and a target database, and an engine between them. */
final class CopyStand {

    static final String PUBLICATION = "pub";

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final PostgresServer sourceServer = SourceAndTarget.source();
    final PostgresServer targetServer = SourceAndTarget.target();
    final String source = sourceServer.createDatabase("copy_source");
    final String target = targetServer.createDatabase("copy_target");
    final Heard heard = new Heard();
    TenancyConfig tenancy = new TenancyConfig("tenant_id", Map.of(), null, Set.of());
    int workers = 2;
    private final List<PostgresSyncEngine> engines = new ArrayList<>();

    CopyStand() throws SQLException {
        try (Connection connection = targetServer.connect(target)) {
            new ProgressStore(connection).create();
        }
    }

    /** What the listener was told. */
    static final class Heard implements SyncListener {

        final Map<ReplicationId, List<Claim.SyncedTable>> finished = new ConcurrentHashMap<>();
        final Map<ReplicationId, ApplyException> failed = new ConcurrentHashMap<>();
        final Map<ReplicationId, long[]> progress = new ConcurrentHashMap<>();
        final List<String> waits = new CopyOnWriteArrayList<>();

        @Override
        public void progressed(ReplicationId replication, long rows, long bytes, long estimated) {
            progress.put(replication, new long[] {rows, bytes, estimated});
        }

        @Override
        public void waits(ReplicationId replication, String reason) {
            waits.add(reason);
        }

        @Override
        public void finished(ReplicationId replication, List<Claim.SyncedTable> tables) {
            assertThat(finished.put(replication, tables)).isNull();
        }

        @Override
        public void failed(ReplicationId replication, ApplyException cause) {
            assertThat(failed.put(replication, cause)).isNull();
        }

        boolean ended(String... tenants) {
            return Arrays.stream(tenants)
                    .map(CopyStand::id)
                    .allMatch(it -> finished.containsKey(it) || failed.containsKey(it));
        }

        void forget() {
            finished.clear();
            failed.clear();
        }
    }

    static ReplicationId id(String tenant) {
        return new ReplicationId("r-" + tenant.replace("'", ""));
    }

    void onSource(String... statements) {
        sourceServer.execute(source, statements);
    }

    void onTarget(String... statements) {
        targetServer.execute(target, statements);
    }

    /** Orders and their items, of the tenants a to e. */
    void createShop() {
        onSource(
                "CREATE TABLE orders (tenant_id text, id int, note text,"
                        + " PRIMARY KEY (tenant_id, id))",
                "CREATE TABLE items (tenant_id text, order_id int, id int, note text,"
                        + " PRIMARY KEY (tenant_id, order_id, id), CONSTRAINT items_orders"
                        + " FOREIGN KEY (tenant_id, order_id) REFERENCES orders)",
                "INSERT INTO orders SELECT t, n, 'ordered'"
                        + " FROM unnest('{a,b,c,d,e}'::text[]) t, generate_series(1, 200) n",
                "INSERT INTO items SELECT t, 1 + n % 200, n, E'\\\\N' || n"
                        + " FROM unnest('{a,b,c,d,e}'::text[]) t, generate_series(1, 400) n");
    }

    void publishAll() {
        onSource(
                "CREATE PUBLICATION "
                        + PUBLICATION
                        + " FOR ALL TABLES WITH (publish_via_partition_root = true)");
    }

    /** Claims as a target session does: a new row, or the next epoch. */
    Epoch claim(String tenant) throws SQLException {
        return new Epoch(
                targetNumber(
                        "INSERT INTO heliosdb.replication_progress AS p"
                                + " (replication_id, source_id, tenant_id, epoch, state) VALUES ('"
                                + id(tenant)
                                + "', 's', '"
                                + tenant.replace("'", "''")
                                + "', 1, 'SYNCING')"
                                + " ON CONFLICT (replication_id) DO UPDATE SET epoch = p.epoch + 1"
                                + " RETURNING epoch"));
    }

    /** The request of a lane that claimed: what is finished stays finished. */
    SyncRequest request(String tenant, long... pendingXids) throws SQLException {
        Set<TableId> done = new HashSet<>();
        for (String table :
                targetRows(
                        "SELECT schema_name || '.' || table_name FROM heliosdb.table_sync"
                                + " WHERE replication_id = '"
                                + id(tenant)
                                + "'")) {
            done.add(TableId.parse(table));
        }
        return request(tenant, TableFilter.ALL, ExistingRows.FAIL, done, pendingXids);
    }

    SyncRequest request(
            String tenant,
            TableFilter tables,
            ExistingRows existing,
            Set<TableId> done,
            long... pendingXids)
            throws SQLException {
        return new SyncRequest(
                new ReplicationSpec(
                        id(tenant),
                        new TenantId(tenant),
                        "target",
                        tables,
                        Tier.STANDARD,
                        50,
                        false,
                        existing),
                claim(tenant),
                done,
                pendingXids);
    }

    /** Starts a copy in an engine of its own. */
    SyncEngine.Copying start(SyncRequest... requests) {
        return engine().start(List.of(requests), heard);
    }

    /** Closes all engines, as a job does that ends. */
    void closeEngines() {
        engines.forEach(PostgresSyncEngine::close);
        engines.clear();
    }

    PostgresSyncEngine engine() {
        PostgresSyncEngine engine =
                new PostgresSyncEngine(
                        new SourceConfig(
                                database(sourceServer, source),
                                "slot",
                                PUBLICATION,
                                SourceConfig.DEFAULT_HEARTBEAT,
                                SourceConfig.DEFAULT_STATUS),
                        new TargetConfig("target", database(targetServer, target), 4),
                        new Tenancy(tenancy),
                        workers);
        engines.add(engine);
        return engine;
    }

    private static DatabaseConfig database(PostgresServer server, String name) {
        return new DatabaseConfig(server.url(name), PostgresServer.USER, Secret.EMPTY);
    }

    /** Copies these tenants together and waits for the end of each. */
    void copy(String... tenants) throws Exception {
        List<SyncRequest> requests = new ArrayList<>();
        for (String tenant : tenants) {
            requests.add(request(tenant));
        }
        start(requests.toArray(SyncRequest[]::new));
        awaitEnd(tenants);
    }

    void awaitEnd(String... tenants) throws Exception {
        await("the end of the copy", () -> heard.ended(tenants));
    }

    /** Asks again and again, for a limited time. */
    static void await(String what, Callable<Boolean> condition) throws Exception {
        Await.until(what, PATIENCE, condition::call);
    }

    List<String> sourceRows(String sql) throws SQLException {
        return sourceServer.rows(source, sql);
    }

    List<String> targetRows(String sql) throws SQLException {
        return targetServer.rows(target, sql);
    }

    long targetNumber(String sql) throws SQLException {
        return Long.parseLong(targetRows(sql).get(0));
    }

    /** The first column of each row, as text. */
    /** The target has exactly the rows of the source that this condition selects. */
    void assertSame(String table, @Nullable String condition) throws SQLException {
        String sql = "SELECT t::text FROM ONLY " + table + " t";
        assertThat(targetRows(sql + " ORDER BY 1"))
                .isEqualTo(
                        sourceRows(
                                sql
                                        + (condition == null ? "" : " WHERE " + condition)
                                        + " ORDER BY 1"));
    }

    /** Closes engines, and finds no session of theirs left. */
    void close() throws Exception {
        closeEngines();
        assertNoSession(sourceServer, source);
        assertNoSession(targetServer, target);
    }

    private static void assertNoSession(PostgresServer server, String database) throws Exception {
        await(
                "no session left",
                () ->
                        server.rows(
                                        "postgres",
                                        "SELECT pid FROM pg_stat_activity WHERE datname = '"
                                                + database
                                                + "'")
                                .isEmpty());
    }
}
