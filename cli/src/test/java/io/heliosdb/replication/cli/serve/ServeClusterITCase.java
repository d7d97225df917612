package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two {@code serve} processes on one store and one Flink cluster, killed with -9 at random moments:
 * there is one job, and what is written arrives.
 */
class ServeClusterITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int ROUNDS = Boolean.getBoolean("heliosdb.soak") ? 15 : 3;

    @TempDir Path directory;
    private PostgresServer postgres;
    private TestCluster cluster;
    private final List<ServeProcess> serves = new ArrayList<>();
    private Path config;
    private String store;

    @BeforeEach
    void start() throws IOException {
        postgres = PostgresServer.start();
        cluster = new TestCluster(directory.resolve("cluster"));
        store = postgres.createDatabase("control");
        SecretKeys.generate().writeNew(directory.resolve("secret-keys.json"));
        Files.writeString(directory.resolve("store-password"), "of-the-store-4711\n");
        config =
                Files.writeString(
                        directory.resolve("control.yaml"),
                        """
                        store: {url: "%s", user: postgres, password-file: store-password}
                        secret-keys-file: secret-keys.json
                        listen: {port: 0}
                        flink: {rest-url: "%s", checkpoint-directory: "%s"}
                        """
                                .formatted(
                                        postgres.url(store),
                                        cluster.url(),
                                        directory.resolve("jobs")));
        for (int i = 0; i < 2; i++) {
            Path home = Files.createDirectories(directory.resolve("home-" + i));
            Files.createSymbolicLink(home.resolve("job"), TestCluster.home().resolve("job"));
            ServeProcess serve = new ServeProcess(home);
            serves.add(serve);
            serve.start("--config", config.toString());
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (ServeProcess serve : serves) {
            serve.close();
        }
        cluster.close();
        postgres.close();
    }

    @Test
    void thereIsOneJobAndItsRowsArriveWhoeverIsKilled() throws Exception {
        Shop shop = new Shop(postgres);
        Random random = new Random(7);
        ApiHttp api = serves.get(0).api();
        String source = api.connection("shop", postgres.port(), shop.source);
        String target = api.connection("copy", postgres.port(), shop.target);
        shop.order("acme", 200);
        api.replication("acme", source, target);
        for (int round = 0; round < ROUNDS; round++) {
            // In the middle of a start, or long after it.
            java.util.concurrent.locks.LockSupport.parkNanos(random.nextInt(3000) * 1_000_000L);
            for (ServeProcess serve : serves) {
                if (random.nextBoolean() || round == 0) {
                    serve.kill();
                }
            }
            shop.order("acme", 100);
            if (round == 1) {
                // Without one, the job would begin anew before it knows its replications: see the
                // limitations in the README.
                Await.until("a checkpoint", PATIENCE, () -> hasCheckpoint(shop));
                cluster.killJobManager();
                cluster.start();
            }
            for (ServeProcess serve : serves) {
                if (!serve.process().isAlive()) {
                    serve.start("--config", config.toString());
                }
            }
            Await.until(() -> "equal", PATIENCE, () -> shop.difference("acme"), String::isEmpty);
            // What is equal may have been so before the job went with its cluster.
            Await.until("a job runs", PATIENCE, () -> !cluster.alive().isEmpty());
            assertThat(cluster.alive()).as("round " + round).hasSize(1);
        }
        for (ServeProcess serve : serves) {
            JsonNode job = serve.api().job(source);
            assertThat(job.get("job_id").asText()).isEqualTo(cluster.alive().get(0));
        }
        tellsNoSecret();
    }

    /** Asked of the store: there may be no API now. */
    private boolean hasCheckpoint(Shop shop) {
        String sql = "SELECT count(*) FROM heliosdb_control.replication_checkpoints";
        return !shop.value(store, sql).equals("0");
    }

    private void tellsNoSecret() throws IOException, InterruptedException {
        JsonNode keys =
                new ObjectMapper()
                        .readTree(Files.readString(directory.resolve("secret-keys.json")));
        List<String> secrets = new ArrayList<>(keys.findValuesAsText("value"));
        secrets.add("s3cret-of-");
        secrets.add("of-the-store-4711");
        String job = cluster.alive().get(0);
        List<String> texts = new ArrayList<>();
        texts.add(cluster.logs());
        for (String path : List.of("", "/config", "/plan", "/exceptions", "/checkpoints")) {
            texts.add(cluster.call("GET", "/jobs/" + job + path).toString());
        }
        texts.add(cluster.call("GET", "/jobmanager/config").toString());
        serves.forEach(serve -> texts.add(serve.log() + serve.printed()));
        for (String secret : secrets) {
            assertThat(texts).noneMatch(text -> text.contains(secret));
        }
    }
}
