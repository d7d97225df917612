package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.cli.Home;
import io.heliosdb.replication.control.launch.JobRequest;
import io.heliosdb.replication.control.launch.LaunchOptions;
import io.heliosdb.replication.control.launch.session.SessionCluster;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.server.ControlOptions;
import io.heliosdb.replication.control.server.ControlServer;
import io.heliosdb.replication.control.server.ListenOptions;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on a real standalone cluster of several JVMs, launched by two instances of the API. */
class SessionClusterITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration LEASE = Duration.ofSeconds(3);

    @TempDir Path directory;
    private PostgresServer postgres;
    private DatabaseConfig store;
    private final SecretKeys keys = SecretKeys.generate();
    private final List<ControlServer> servers = new ArrayList<>();
    private TestCluster cluster;

    @BeforeEach
    void start() throws IOException {
        postgres = PostgresServer.start();
        store =
                new DatabaseConfig(
                        postgres.url(postgres.createDatabase("control")),
                        PostgresServer.USER,
                        Secret.EMPTY);
        cluster = new TestCluster(directory.resolve("cluster"));
    }

    @AfterEach
    void stop() {
        try {
            servers.forEach(ControlServer::close);
            cluster.close();
        } finally {
            postgres.close();
        }
    }

    private ApiHttp serve(Function<UUID, List<String>> arguments) {
        JobDirectories directories = new JobDirectories(directory.resolve("jobs").toString());
        ControlServer server =
                ControlServer.start(
                        new ControlOptions(
                                store,
                                5,
                                keys,
                                new ListenOptions(ListenOptions.LOOPBACK, 0, null),
                                false,
                                null),
                        InstantSource.system(),
                        new ControlServer.Launch(
                                new SessionCluster(
                                        cluster.url(),
                                        Home.jobJar(),
                                        directories::newest,
                                        directories::stops),
                                new LaunchOptions(
                                        arguments,
                                        2,
                                        Duration.ofMillis(300),
                                        LEASE,
                                        Duration.ZERO,
                                        Duration.ZERO,
                                        false,
                                        null)));
        servers.add(server);
        return new ApiHttp("http://127.0.0.1:" + server.port(), server.oneTimeKey().orElseThrow());
    }

    /** A configuration of one tenant for the job of a source. */
    private void configure(String connection, Shop shop) throws IOException {
        Files.writeString(
                directory.resolve(connection + ".yaml"),
                """
                source: {url: "%s", user: postgres, slot: shop, publication: helios, heartbeat: 200ms}
                tenancy: {column: tenant_id}
                targets: [{name: t, url: "%s", user: postgres}]
                replications: [{name: acme, tenant: acme, target: t}]
                job: {name: %s, checkpoint-directory: '%s', checkpoint-interval: 500ms, parallelism: 2}
                """
                        .formatted(
                                postgres.url(shop.source),
                                postgres.url(shop.target),
                                JobRequest.name(UUID.fromString(connection)),
                                directory.resolve("jobs").resolve(connection)));
    }

    @Test
    void oneJobPerSourceThroughDeathsOfTheClusterAndOfTheApi() throws Exception {
        Function<UUID, List<String>> arguments =
                id -> List.of("--config", directory.resolve(id + ".yaml").toString());
        ApiHttp first = serve(arguments);
        ApiHttp second = serve(arguments);
        Shop shop = new Shop(postgres);
        shop.order("acme", 100);
        String source = first.connection("shop", postgres.port(), shop.source);
        String target = first.connection("copy", postgres.port(), shop.target);
        configure(source, shop);

        // Asked of the one, started by whichever launches.
        String replication = second.replication("acme", source, target);
        awaitPhase(first, source, "Running");
        awaitEqual(shop);
        assertThat(cluster.alive()).hasSize(1);
        String id = first.job(source).get("job_id").asText();

        // Somebody cancels it in Flink's web UI.
        cluster.cancel(id);
        awaitNew(first, source, id);
        shop.order("acme", 100);
        awaitEqual(shop);
        assertThat(types(first, source)).contains("JobEnded");

        // The JobManager dies, and what comes after it knows no jobs and no jar.
        String before = first.job(source).get("job_id").asText();
        cluster.killJobManager();
        cluster.start();
        awaitNew(first, source, before);
        shop.order("acme", 100);
        awaitEqual(shop);
        assertThat(types(first, source)).contains("JobLost");
        assertThat(first.job(source).get("restored_from").asText()).contains("chk-");
        assertThat(cluster.alive()).hasSize(1);

        // One instance ends; the last replication goes by way of the other.
        servers.remove(0).close();
        second.delete("/v1/replications/" + replication);
        awaitPhase(second, source, "Idle");
        assertThat(cluster.alive()).isEmpty();
        assertThat(types(second, source).get(0)).isEqualTo("JobStopped");

        shop.order("acme", 100);
        second.replication("acme", source, target);
        awaitPhase(second, source, "Running");
        awaitEqual(shop);
        assertThat(second.job(source).get("restored_from").asText()).contains("stops/savepoint-");
    }

    @Test
    void aJobThatCannotRunIsTriedAgainAndItsReasonShown() throws Exception {
        ApiHttp api = serve(id -> List.of("--config", directory.resolve(id + ".yaml").toString()));
        Shop shop = new Shop(postgres);
        String source = api.connection("shop", postgres.port(), shop.source);
        String target = api.connection("copy", postgres.port(), shop.target);
        api.replication("acme", source, target);
        JsonNode refused =
                Await.until(
                        () -> "it is told",
                        PATIENCE,
                        () -> api.job(source),
                        job -> job.path("failures").asInt() >= 2);
        assertThat(refused.get("last_failure").asText()).contains(source + ".yaml");
        assertThat(refused.get("phase").asText()).isEqualTo("Starting");

        configure(source, shop);
        shop.order("acme", 10);
        awaitPhase(api, source, "Running");
        awaitEqual(shop);
    }

    @Test
    void jobsThatHaveEndedLeaveNoClassesBehind() throws Exception {
        Path secrets = directory.resolve("secret-keys.json");
        keys.writeNew(secrets);
        JobArguments arguments =
                new JobArguments(
                        new JobDirectories(directory.resolve("jobs").toString()),
                        1,
                        store.url(),
                        store.user(),
                        "",
                        "${file:" + secrets + "}",
                        null);
        ApiHttp api = serve(arguments::of);
        Shop shop = new Shop(postgres);
        String source = api.connection("shop", postgres.port(), shop.source);
        String target = api.connection("copy", postgres.port(), shop.target);
        api.replication("acme", source, target);
        awaitPhase(api, source, "Running");
        for (int run = 0; run < 2; run++) {
            shop.order("acme", 10);
            awaitEqual(shop);
            String id = api.job(source).get("job_id").asText();
            cluster.cancel(id);
            awaitNew(api, source, id);
        }
        shop.order("acme", 10);
        awaitEqual(shop);
        // Beside that of the job that runs, the one of the first stays: threads of Flink inherit
        // it.
        for (String process : List.of("jobmanager", "taskmanager-1")) {
            Await.until(
                    () -> "the classes of jobs that have ended to be gone from " + process,
                    PATIENCE,
                    () -> cluster.jobClassLoaders(process),
                    loaders -> loaders <= 2);
        }
    }

    private static void awaitPhase(ApiHttp api, String source, String phase) {
        Await.until(
                () -> "phase " + phase,
                PATIENCE,
                () -> api.job(source),
                job -> job.get("phase").asText().equals(phase));
    }

    private static void awaitNew(ApiHttp api, String source, String before) {
        Await.until(
                () -> "another run",
                PATIENCE,
                () -> api.job(source),
                job ->
                        job.get("phase").asText().equals("Running")
                                && !job.get("job_id").asText().equals(before));
    }

    private static void awaitEqual(Shop shop) {
        Await.until(() -> "equal", PATIENCE, () -> shop.difference("acme"), String::isEmpty);
    }

    private static List<String> types(ApiHttp api, String source) {
        return api.job(source).get("events").findValuesAsText("event_type");
    }
}
