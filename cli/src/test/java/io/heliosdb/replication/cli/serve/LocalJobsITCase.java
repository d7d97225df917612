package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.control.launch.JobRequest;
import io.heliosdb.replication.control.launch.LaunchOptions;
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
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs in the process of the API. */
class LocalJobsITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir Path directory;
    private PostgresServer postgres;
    private DatabaseConfig store;
    private final SecretKeys keys = SecretKeys.generate();
    private ControlServer server;
    private ApiHttp api;
    private Shop shop;

    @BeforeEach
    void start() {
        postgres = PostgresServer.start();
        store =
                new DatabaseConfig(
                        postgres.url(postgres.createDatabase("control")),
                        PostgresServer.USER,
                        Secret.EMPTY);
        shop = new Shop(postgres);
        serve();
    }

    @AfterEach
    void stop() {
        server.close();
        postgres.close();
    }

    private void serve() {
        JobDirectories directories = new JobDirectories(directory.resolve("jobs").toString());
        server =
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
                                new LocalJobs(directories, JobProgram.OF_THE_JAR, "0"),
                                new LaunchOptions(
                                        id ->
                                                List.of(
                                                        "--config",
                                                        directory.resolve(id + ".yaml").toString()),
                                        1,
                                        Duration.ofMillis(100),
                                        Duration.ofSeconds(3),
                                        Duration.ZERO,
                                        Duration.ZERO,
                                        false,
                                        null)));
        api = new ApiHttp("http://127.0.0.1:" + server.port(), server.oneTimeKey().orElseThrow());
    }

    private void configure(String connection) throws IOException {
        Files.writeString(
                directory.resolve(connection + ".yaml"),
                """
                source: {url: "%s", user: postgres, slot: shop, publication: helios, heartbeat: 200ms}
                tenancy: {column: tenant_id}
                targets: [{name: t, url: "%s", user: postgres}]
                replications: [{name: acme, tenant: acme, target: t}]
                job: {name: %s, checkpoint-directory: '%s', checkpoint-interval: 500ms}
                """
                        .formatted(
                                postgres.url(shop.source),
                                postgres.url(shop.target),
                                JobRequest.name(UUID.fromString(connection)),
                                directory.resolve("jobs").resolve(connection)));
    }

    private void awaitPhase(String source, String phase) {
        Await.until(
                () -> "phase " + phase,
                PATIENCE,
                () -> api.job(source),
                job -> job.get("phase").asText().equals(phase));
    }

    private void awaitEqual() {
        Await.until(() -> "equal", PATIENCE, () -> shop.difference("acme"), String::isEmpty);
    }

    @Test
    void endsCleanlyWithTheProcessAndContinuesWithTheNextOne() throws Exception {
        shop.order("acme", 100);
        String source = api.connection("shop", postgres.port(), shop.source);
        String target = api.connection("copy", postgres.port(), shop.target);
        configure(source);
        String replication = api.replication("acme", source, target);
        awaitPhase(source, "Running");
        awaitEqual();

        server.close();
        shop.order("acme", 50);
        serve();
        awaitPhase(source, "Running");
        awaitEqual();
        List<String> types = api.job(source).get("events").findValuesAsText("event_type");
        assertThat(types)
                .containsExactly(
                        "JobStarted", "JobStarting", "JobSuspended", "JobStarted", "JobStarting");
        assertThat(api.job(source).get("restored_from").asText()).contains("stops/savepoint-");

        api.delete("/v1/replications/" + replication);
        awaitPhase(source, "Idle");
        assertThat(
                        shop.value(
                                shop.source,
                                "SELECT active FROM pg_replication_slots WHERE slot_name = 'shop'"))
                .isEqualTo("f");
    }

    @Test
    void aJobThatFailsIsStartedAgainAndTheReasonIsShown() throws Exception {
        shop.order("acme", 10);
        String source = api.connection("shop", postgres.port(), shop.source);
        String target = api.connection("copy", postgres.port(), shop.target);
        configure(source);
        String replication = api.replication("acme", source, target);
        awaitPhase(source, "Running");
        awaitEqual();

        // The slot goes: the job cannot go on, nor can the next one.
        postgres.execute(
                shop.source,
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                        + " WHERE slot_name = 'shop'");
        Await.until(
                "the slot is gone",
                PATIENCE,
                () ->
                        shop.value(
                                        shop.source,
                                        "SELECT count(pg_drop_replication_slot(slot_name)) FROM"
                                                + " pg_replication_slots WHERE slot_name = 'shop' AND NOT active")
                                .equals("1"));
        Await.until(
                () -> "the failure is told",
                PATIENCE,
                () -> api.job(source),
                job -> job.path("failures").asInt() >= 1);
        assertThat(api.job(source).get("last_failure").asText()).contains("SLOT_MISSING");
        assertThat(
                        api.get("/v1/replications/" + replication + "/events")
                                .get("data")
                                .findValuesAsText("event_type"))
                .contains("JobFailed");
    }
}
