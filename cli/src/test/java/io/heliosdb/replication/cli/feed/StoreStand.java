package io.heliosdb.replication.cli.feed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.control.connection.Connection;
import io.heliosdb.replication.control.connection.ConnectionSpec;
import io.heliosdb.replication.control.connection.SourceRole;
import io.heliosdb.replication.control.connection.TargetRole;
import io.heliosdb.replication.control.connection.postgres.ConnectionRepository;
import io.heliosdb.replication.control.replication.Actor;
import io.heliosdb.replication.control.replication.Command;
import io.heliosdb.replication.control.replication.NewReplication;
import io.heliosdb.replication.control.replication.ReplicationConfig;
import io.heliosdb.replication.control.replication.Replications;
import io.heliosdb.replication.control.replication.postgres.ReplicationRepository;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.job.StoreJob;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.job.local.LocalCluster;
import io.heliosdb.replication.job.local.LocalClusterOptions;
import io.heliosdb.replication.job.local.LocalJob;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ControlStoreConfig;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A store that can be stopped, a source and a target, and the job that follows the store. What
 * users order goes through the code of the API.
 */
final class StoreStand implements AutoCloseable {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    static final Duration PATIENCE = Duration.ofMinutes(2);
    static final Actor USER = new Actor("test", null, null);

    /** Whatever is secret: none of it may be in a log. */
    final List<String> secrets = List.of("store-pa55-4711", "source-pa55-0815", "target-pa55-1234");

    final PostgresServer server;
    final String source;
    final String target;
    final UUID sourceId;
    final UUID targetId;
    final Replications replications;
    final MetadataStore store;
    private ControlStoreConfig control;
    private final Path directory;
    private final int storePort;
    private PostgresServer storeServer;
    private LocalCluster cluster;
    private LocalJob job;

    StoreStand(PostgresServer server, Path directory) {
        this.server = server;
        this.directory = directory;
        this.source = server.createDatabase("src");
        this.target = server.createDatabase("tgt");
        this.storeServer = PostgresServer.start(Map.of(), 0, directory.resolve("store"));
        this.storePort = storeServer.port();
        storeServer.execute("postgres", role("keeper", secrets.get(0)));
        server.execute(
                source,
                "DROP ROLE IF EXISTS reader_" + source,
                role("reader_" + source, secrets.get(1)),
                role("writer_" + source, secrets.get(2)),
                "CREATE TABLE orders (tenant_id text, id bigint, note text, PRIMARY KEY (tenant_id, id))",
                "CREATE PUBLICATION helios FOR ALL TABLES");
        SecretKeys keys = SecretKeys.generate();
        Path keyFile = directory.resolve("keys.json");
        try {
            keys.writeNew(keyFile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.store =
                MetadataStore.open(
                        new DatabaseConfig(
                                storeServer.url("postgres"), "keeper", new Secret(secrets.get(0))),
                        4);
        ConnectionRepository connections = new ConnectionRepository(store, keys);
        this.replications = new Replications(new ReplicationRepository(store));
        Connection from =
                connections.insert(
                        new ConnectionSpec(
                                "source",
                                "localhost",
                                server.port(),
                                source,
                                "reader_" + source,
                                "prefer",
                                null,
                                new SourceRole(
                                        "slot_" + source,
                                        "helios",
                                        new SourceRole.TenantKeys("tenant_id", null, null, null)),
                                null),
                        new Secret(secrets.get(1)));
        Connection to =
                connections.insert(
                        new ConnectionSpec(
                                "target",
                                "localhost",
                                server.port(),
                                target,
                                "writer_" + source,
                                "prefer",
                                null,
                                null,
                                new TargetRole(2, 0)),
                        new Secret(secrets.get(2)));
        this.sourceId = from.id();
        this.targetId = to.id();
        this.control = writeControl(keyFile, "500ms");
    }

    private static String role(String name, String password) {
        return "CREATE ROLE " + name + " SUPERUSER LOGIN PASSWORD '" + password + "'";
    }

    private ControlStoreConfig writeControl(Path keyFile, String checkpointInterval) {
        Path file = directory.resolve("job.yaml");
        try {
            Files.writeString(
                    file,
                    """
                    source-connection: %s
                    store:
                      url: '%s'
                      user: keeper
                      password: '%s'
                      secret-keys: ${file:%s}
                    job:
                      checkpoint-directory: checkpoints
                      checkpoint-interval: %s
                    """
                            .formatted(
                                    sourceId,
                                    storeServer.url("postgres"),
                                    secrets.get(0),
                                    keyFile.getFileName(),
                                    checkpointInterval));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ConfigFile.readControl(file);
    }

    /** From the next start on there is no checkpoint but those that are triggered. */
    void takeNoCheckpoints() {
        control = writeControl(directory.resolve("keys.json"), "1h");
    }

    /** Starts the job from the newest checkpoint, or anew, and waits until it follows the store. */
    StoreStand start() {
        CheckpointDirectory checkpoints =
                CheckpointDirectory.open(control.job().checkpointDirectory());
        cluster = LocalCluster.start(LocalClusterOptions.in(checkpoints));
        job = cluster.submit(env -> StoreJob.build(env, control), checkpoints.newest());
        awaitFollowed();
        return this;
    }

    void awaitFollowed() {
        Await.until(
                () -> "the store to be followed" + failure(),
                PATIENCE,
                () ->
                        inStore(
                                "SELECT count(*) FROM pg_replication_slots WHERE active"
                                        + " AND slot_name LIKE 'heliosdb_control_%'"),
                List.of("1")::equals);
    }

    String failure() {
        return job == null ? "" : "; job: " + job.lastFailure().orElse("no failure");
    }

    /** What Flink's web interface says at a path. */
    JsonNode flink(String path) {
        URI address = URI.create(cluster.webUrl().replaceAll("/$", "") + path);
        try (InputStream reply = address.toURL().openStream()) {
            return MAPPER.readTree(reply);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    LocalJob job() {
        return job;
    }

    /** Ends the job like a crash: what counts is the last completed checkpoint. */
    void crash() {
        cluster.close();
        cluster = null;
    }

    /** Makes the job fail and restart by itself. */
    void breakStream() {
        server.execute(
                source,
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                        + " WHERE slot_name = 'slot_"
                        + source
                        + "'");
    }

    void stopStore() {
        storeServer.close();
        Await.until(
                "the store to be down",
                () -> Files.notExists(directory.resolve("store").resolve("postmaster.pid")));
    }

    void startStore() {
        storeServer = PostgresServer.start(Map.of(), storePort, directory.resolve("store"));
    }

    UUID replicate(String tenant) {
        return replications
                .create(
                        new NewReplication(
                                tenant,
                                sourceId,
                                null,
                                null,
                                targetId,
                                null,
                                null,
                                new ReplicationConfig(
                                        Tier.STANDARD,
                                        30,
                                        50,
                                        List.of(),
                                        ReplicationConfig.RowFilter.OFF,
                                        List.of(),
                                        ReplicationConfig.defaultCompression(Tier.STANDARD),
                                        ReplicationConfig.Encryption.OFF,
                                        ExistingRows.FAIL,
                                        false,
                                        0,
                                        ReplicationConfig.Backlog.DEFAULT)),
                        USER)
                .id();
    }

    void order(UUID replication, Command command) {
        replications.command(replication, command, null, USER);
    }

    void write(String tenant, long from, long to) {
        server.execute(
                source,
                "INSERT INTO orders SELECT '%s', g, 'n' || g FROM generate_series(%d, %d) g"
                        .formatted(tenant, from, to));
    }

    long arrived(String tenant) {
        List<String> exists =
                server.rows(target, "SELECT to_regclass('public.orders') IS NOT NULL");
        return exists.equals(List.of("f"))
                ? 0
                : Long.parseLong(
                        server.rows(
                                        target,
                                        "SELECT count(*) FROM orders WHERE tenant_id = '"
                                                + tenant
                                                + "'")
                                .get(0));
    }

    void awaitArrived(String tenant, long rows) {
        Await.until(
                () -> rows + " rows of " + tenant + failure(),
                PATIENCE,
                () -> arrived(tenant),
                found -> found == rows);
    }

    /** State and version as the job has told them last. */
    String told(UUID replication) {
        List<String> rows =
                inStore(
                        "SELECT state, observed_version FROM heliosdb_control.replication_status"
                                + " WHERE replication_id = '"
                                + replication
                                + "'");
        return rows.isEmpty() ? "" : rows.get(0);
    }

    void awaitTold(UUID replication, String state) {
        Await.until(
                () -> replication + " to be " + state + failure(),
                PATIENCE,
                () -> told(replication),
                told -> told.startsWith(state + "|") && replicationSettled(replication));
    }

    private boolean replicationSettled(UUID replication) {
        return inStore(
                        "SELECT s.observed_version >= c.spec_version"
                                + " FROM heliosdb_control.replication_status s"
                                + " JOIN heliosdb_control.replication_configs c"
                                + " ON c.id = s.replication_id WHERE c.id = '"
                                + replication
                                + "'")
                .equals(List.of("t"));
    }

    List<String> inStore(String query) {
        return storeServer.rows("postgres", query);
    }

    @Override
    public void close() {
        if (cluster != null) {
            crash();
        }
        store.close();
        storeServer.close();
        Await.until(
                "slot to be released",
                () ->
                        server
                                .rows(
                                        source,
                                        "SELECT active FROM pg_replication_slots"
                                                + " WHERE slot_name = 'slot_"
                                                + source
                                                + "'")
                                .stream()
                                .noneMatch("t"::equals));
        server.execute(
                source,
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                        + " WHERE slot_name = 'slot_"
                        + source
                        + "'");
    }
}
