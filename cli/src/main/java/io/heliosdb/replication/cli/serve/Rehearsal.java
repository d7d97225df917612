package io.heliosdb.replication.cli.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.cli.api.ApiClient;
import io.heliosdb.replication.cli.serve.postgres.RehearsalDatabases;
import io.heliosdb.replication.control.launch.LaunchOptions;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.server.ControlOptions;
import io.heliosdb.replication.control.server.ControlServer;
import io.heliosdb.replication.control.server.ControlServer.Launch;
import io.heliosdb.replication.control.server.ListenOptions;
import io.heliosdb.replication.core.polling.Polling;
import io.heliosdb.replication.job.local.TemporaryDirectory;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.EncryptionConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replication, from POST to streaming, between two databases that are gone afterwards, in the
 * background. Nine tenths of the time that the first job of a process takes go into loading and
 * interpreting code for the first time; whoever makes the first replication shall not wait for
 * that. Only where no job is started anyway. If it fails, the first job starts slower.
 */
final class Rehearsal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Duration LOOK_PAUSE = Duration.ofMillis(50);
    private static final long END_LIMIT_MILLIS = 20_000;
    private static final int SESSIONS = 3;

    enum Outcome {
        RUNNING,
        DONE,
        NOT_NEEDED,
        FAILED
    }

    private final DatabaseConfig store;
    private final String passwordReference;
    private final Duration delay;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Outcome outcome = Outcome.RUNNING;
    private final Thread thread = new Thread(this::run, "rehearsal");

    private Rehearsal(DatabaseConfig store, String passwordReference, Duration delay) {
        this.store = store;
        this.passwordReference = passwordReference;
        this.delay = delay;
        thread.setDaemon(true);
    }

    /**
     * Begins it.
     *
     * @param store an embedded one that is migrated
     * @param passwordReference how a job gets the password of its user
     * @param delay who orders a replication within it, as scripts do, has the machine for himself
     */
    static Rehearsal begin(DatabaseConfig store, String passwordReference, Duration delay) {
        Rehearsal rehearsal = new Rehearsal(store, passwordReference, delay);
        rehearsal.thread.start();
        return rehearsal;
    }

    private void run() {
        Outcome ended = Outcome.FAILED;
        try {
            // Of one that was killed.
            RehearsalDatabases.drop(store);
            boolean closed = closing.await(delay.toMillis(), TimeUnit.MILLISECONDS);
            ended = !closed && RehearsalDatabases.isIdle(store) ? rehearse() : Outcome.NOT_NEEDED;
        } catch (InterruptedException e) {
            LOG.info("rehearsal not finished: this process ends");
        } catch (RuntimeException | IOException e) {
            LOG.warn("rehearsal failed, the first job will start slower", e);
        } finally {
            outcome = ended;
        }
    }

    private Outcome rehearse() throws IOException, InterruptedException {
        long began = System.nanoTime();
        LOG.info("rehearsal begins: what is told until it has ended may be of it");
        try {
            RehearsalDatabases.create(store);
            perform();
        } finally {
            RehearsalDatabases.drop(store);
        }
        LOG.info("rehearsed took={} ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
        return Outcome.DONE;
    }

    /** How it ended, once nothing of it is there any more. */
    Outcome outcome() {
        return outcome;
    }

    private void perform() throws IOException, InterruptedException {
        DatabaseConfig source = RehearsalDatabases.in(store, RehearsalDatabases.SOURCE);
        try (TemporaryDirectory directory = TemporaryDirectory.create("heliosdb-rehearsal-")) {
            SecretKeys keys = SecretKeys.generate();
            Path keysFile = directory.path().resolve("keys.json");
            keys.writeNew(keysFile);
            JobDirectories directories =
                    new JobDirectories(directory.path().resolve("jobs").toUri().toString());
            JobArguments arguments =
                    new JobArguments(
                            directories,
                            1,
                            source.url(),
                            source.user(),
                            passwordReference,
                            "${file:" + keysFile + "}",
                            new EncryptionConfig(
                                    keysFile.toString(),
                                    directory.path().resolve("keys").toString()));
            ControlOptions options =
                    new ControlOptions(
                            source,
                            SESSIONS,
                            keys,
                            new ListenOptions(ListenOptions.LOOPBACK, 0, null),
                            false,
                            null);
            Launch launch =
                    new Launch(
                            new LocalJobs(directories, JobProgram.OF_THE_JAR, "0"),
                            LaunchOptions.of(arguments::of, 1)
                                    .encrypting(true)
                                    .heldBy("rehearsal"));
            try (ControlServer server =
                    ControlServer.start(options, InstantSource.system(), launch)) {
                replicate(
                        ApiClient.of(
                                "http://" + ListenOptions.LOOPBACK + ":" + server.port(),
                                server.oneTimeKey().orElseThrow()));
            }
        }
    }

    private void replicate(ApiClient api) throws InterruptedException {
        ObjectNode from = connection(RehearsalDatabases.SOURCE);
        from.putObject("source")
                .put("slot", RehearsalDatabases.SOURCE)
                .put("publication", RehearsalDatabases.PUBLICATION)
                .putObject("tenancy")
                .put("column", "tenant_id");
        ObjectNode to = connection(RehearsalDatabases.TARGET);
        to.putObject("target").put("lanes", 2);
        ObjectNode wanted = ApiClient.MAPPER.createObjectNode().put("tenant_id", "rehearsal");
        wanted.putObject("source").put("connection_id", made(api, "/v1/connections", from));
        wanted.putObject("target").put("connection_id", made(api, "/v1/connections", to));
        String path = "/v1/replications/" + made(api, "/v1/replications", wanted);
        Polling polling = Polling.every(LOOK_PAUSE).within(LIMIT);
        do {
            String status = api.call("GET", path, Map.of(), null).get("status").asText();
            if (status.equals("Streaming")) {
                return;
            }
        } while (polling.again());
        throw new IllegalStateException("no row was replicated within " + LIMIT);
    }

    private ObjectNode connection(String database) {
        URI server = URI.create(store.url().substring("jdbc:".length()));
        return ApiClient.MAPPER
                .createObjectNode()
                .put("name", database)
                .put("host", server.getHost())
                .put("port", server.getPort())
                .put("database", database)
                .put("username", store.user())
                .put("password", store.password().value());
    }

    private static String made(ApiClient api, String path, ObjectNode body) {
        return api.call("POST", path, Map.of(), body).get("id").asText();
    }

    /** Waits until it has ended, for a while; what it leaves then is removed at the next start. */
    @Override
    public void close() {
        closing.countDown();
        thread.interrupt();
        try {
            thread.join(END_LIMIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
