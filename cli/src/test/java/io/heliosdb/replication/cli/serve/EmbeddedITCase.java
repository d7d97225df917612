package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.cli.HeliosCli;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From POST to rows with {@code serve --embedded} alone, through kill -9 and Ctrl-C. */
class EmbeddedITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String[] EMBEDDED = {"--embedded", "--port", "0"};

    @TempDir Path home;
    private PostgresServer postgres;
    private Shop shop;
    private ServeProcess serve;
    private String replication;

    @BeforeEach
    void start() {
        postgres = PostgresServer.start();
        shop = new Shop(postgres);
        serve = new ServeProcess(home);
    }

    @AfterEach
    void stop() throws InterruptedException {
        serve.close();
        postgres.close();
    }

    private void awaitEqual() {
        Await.until(() -> "equal", PATIENCE, () -> shop.difference("acme"), String::isEmpty);
    }

    private void awaitStatus(String status) {
        Await.until(
                () -> status,
                PATIENCE,
                () -> serve.api().get("/v1/replications/" + replication),
                it -> it.get("status").asText().equals(status) && it.get("settled").asBoolean());
    }

    @Test
    void replicatesWhatItIsToldThroughKillsAndRestartsAndTellsNoSecret() throws Exception {
        shop.order("acme", 500);
        shop.order("other", 500);
        shop.order("third", 50);
        serve.start(EMBEDDED);
        String source = serve.api().connection("shop", postgres.port(), shop.source);
        String target = serve.api().connection("copy", postgres.port(), shop.target);
        replication = serve.api().replication("acme", source, target);
        String encrypted = encrypted("other", source, target);
        awaitEqual();
        awaitStatus("Streaming");
        Await.until(() -> "other", PATIENCE, () -> shop.difference("other"), String::isEmpty);
        shop.order("acme", 100);
        assertThat(shop.value(shop.target, "SELECT count(*) FROM orders WHERE tenant_id = 'third'"))
                .isEqualTo("0");
        awaitEqual();
        List<String> pages = webPages(serve.api().job(source).get("job_id").asText());

        // With everything in it, the store included: it is taken over.
        shop.order("acme", 100);
        serve.kill();
        shop.order("acme", 100);
        serve.start(EMBEDDED);
        awaitEqual();

        serve.api().post("/v1/replications/" + replication + "/pause", "{}");
        awaitStatus("Paused");
        String before = shop.value(shop.target, "SELECT count(*) FROM orders");
        shop.order("acme", 100);

        assertThat(serve.end()).isEqualTo(130);
        assertThat(serve.printed()).contains("with savepoints", "stopped");
        assertThat(home.resolve(".heliosdb/control/postgres/postmaster.pid"))
                .as("the store is stopped too, also one that was taken over")
                .doesNotExist();
        assertThat(shop.value(shop.target, "SELECT count(*) FROM orders")).isEqualTo(before);
        serve.start(EMBEDDED);
        assertThat(serve.api().job(source).get("events").findValuesAsText("event_type"))
                .contains("JobSuspended");
        serve.api().post("/v1/replications/" + replication + "/start", "{}");
        awaitEqual();
        awaitStatus("Streaming");

        destroysTheKeyOf("other", encrypted);

        List<String> replies = replies(source);
        serve.api().delete("/v1/replications/" + replication);
        serve.api().delete("/v1/replications/" + encrypted);
        Await.until(
                () -> "the job is stopped",
                PATIENCE,
                () -> serve.api().job(source),
                job -> job.get("phase").asText().equals("Idle"));
        replies.addAll(replies(source));
        tellsNoSecret(pages, replies);
    }

    private String encrypted(String tenant, String source, String target) {
        return serve.api()
                .post(
                        "/v1/replications",
                        """
                        {"tenant_id": "%s", "source": {"connection_id": "%s"}, "target": {"connection_id": "%s"},
                         "config": {"encryption": {"enabled": true, "algorithm": "AES256GCM"}}}
                        """
                                .formatted(tenant, source, target))
                .get("id")
                .asText();
    }

    /** What waits cannot be read any more, until the tenant has a key again and is copied anew. */
    private void destroysTheKeyOf(String tenant, String id) throws Exception {
        Path control = home.resolve(".heliosdb/control");
        Path config =
                Files.writeString(
                        home.resolve("control.yaml"),
                        """
                        store: {url: "jdbc:postgresql://unused/", user: unused}
                        flink: {rest-url: "http://unused:1", checkpoint-directory: /unused,
                                encryption: {master-keys: '%1$s/master-keys.json', data-keys: '%1$s/keys'}}
                        """
                                .formatted(control));
        serve.api().post("/v1/replications/" + id + "/pause", "{}");
        awaitReply(
                id,
                it -> it.get("status").asText().equals("Paused") && it.get("settled").asBoolean());
        shop.order(tenant, 100);
        JsonNode waits =
                awaitReply(
                        id,
                        it ->
                                it.path("current_state").path("backlog").path("rows").asLong()
                                        == 100);
        assertThat(waits.get("current_state").get("backlog").get("encrypted").asBoolean()).isTrue();
        assertThat(waits.get("config").get("encryption").get("enabled").asBoolean()).isTrue();

        tenantKeys("rotate", "--config", config.toString(), tenant);
        tenantKeys("destroy", "--config", config.toString(), tenant, "--reason", "test", "--yes");
        JsonNode destroyed = awaitReply(id, it -> it.get("status").asText().equals("Error"));
        assertThat(destroyed.get("error").get("code").asText()).isEqualTo("KEY_DESTROYED");

        tenantKeys("renew", "--config", config.toString(), tenant);
        // The job looks for keys every few seconds; until it finds the new one it refuses to copy.
        Await.until(
                () -> "copied anew; serve says: " + serve.log(),
                PATIENCE,
                () -> {
                    JsonNode now = serve.api().get("/v1/replications/" + id);
                    if (now.get("status").asText().equals("Error")) {
                        serve.api().post("/v1/replications/" + id + "/resync", "{}");
                    }
                    return shop.difference(tenant);
                },
                String::isEmpty);
    }

    private static void tenantKeys(String... words) {
        List<String> command = new ArrayList<>(List.of("tenant-keys"));
        command.addAll(List.of(words));
        assertThat(HeliosCli.run(command.toArray(String[]::new))).isZero();
    }

    private JsonNode awaitReply(String id, Predicate<JsonNode> wanted) {
        return Await.until(
                () -> "replication " + id,
                PATIENCE,
                () -> serve.api().get("/v1/replications/" + id),
                wanted);
    }

    private List<String> webPages(String job) throws Exception {
        Matcher web =
                Pattern.compile("job runs here job=" + job + " web=(http://\\S+)")
                        .matcher(serve.log());
        assertThat(web.find()).as(serve.log()).isTrue();
        List<String> pages = new ArrayList<>();
        for (String path :
                List.of(
                        "/config",
                        "/jobmanager/config",
                        "/jobmanager/environment",
                        "/jobs/overview",
                        "/jobs/" + job,
                        "/jobs/" + job + "/config",
                        "/jobs/" + job + "/plan",
                        "/jobs/" + job + "/exceptions",
                        "/jobs/" + job + "/metrics",
                        "/jobs/" + job + "/accumulators",
                        "/jobmanager/metrics",
                        "/taskmanagers",
                        "/jobs/" + job + "/checkpoints/config")) {
            HttpResponse<String> page =
                    HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(
                                                    URI.create(
                                                            web.group(1).replaceAll("/$", "")
                                                                    + path))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString());
            assertThat(page.statusCode()).as(path).isEqualTo(200);
            pages.add(page.body());
        }
        return pages;
    }

    /** Of every endpoint that can be read, about what there is. */
    private List<String> replies(String source) {
        List<String> replies = new ArrayList<>();
        JsonNode paths = serve.api().get("/v1/openapi.json").get("paths");
        for (var path : paths.properties()) {
            String concrete =
                    path.getKey()
                            .replace("{connection_id}", source)
                            .replace("{replication_id}", replication);
            if (path.getValue().has("get") && !concrete.contains("{")) {
                replies.add(serve.api().text(concrete));
            }
        }
        assertThat(replies).hasSizeGreaterThan(15).anyMatch(it -> it.contains("# HELP"));
        return replies;
    }

    private void tellsNoSecret(List<String> pages, List<String> replies) throws Exception {
        List<String> secrets = new ArrayList<>();
        secrets.add("s3cret-of-");
        Path control = home.resolve(".heliosdb/control");
        secrets.add(Files.readString(control.resolve("store-password")).strip());
        JsonNode keys =
                new ObjectMapper().readTree(Files.readString(control.resolve("secret-keys.json")));
        secrets.addAll(keys.findValuesAsText("value"));
        JsonNode master =
                new ObjectMapper().readTree(Files.readString(control.resolve("master-keys.json")));
        secrets.addAll(master.findValuesAsText("value"));
        assertThat(secrets).hasSize(4).allMatch(secret -> secret.length() > 8);
        List<String> texts = new ArrayList<>(pages);
        texts.add(serve.printed());
        texts.add(serve.log());
        texts.addAll(replies);
        texts.add(
                shop.value(
                        shop.target,
                        "SELECT string_agg(p::text, ' ') FROM heliosdb.replication_progress p"));
        for (String secret : secrets) {
            assertThat(texts).noneMatch(text -> text.contains(secret));
        }
        assertThat(serve.log()).as("the key of this process").doesNotContain(serve.api().key());
    }
}
