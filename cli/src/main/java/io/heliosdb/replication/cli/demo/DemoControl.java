package io.heliosdb.replication.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.cli.api.ApiClient;
import io.heliosdb.replication.cli.serve.EmbeddedControl;
import io.heliosdb.replication.control.server.ControlServer;
import io.heliosdb.replication.core.polling.Polling;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The control plane of a demo: everything in this process, told by REST what to replicate as any
 * user would tell it. Closing it stops the job.
 */
final class DemoControl implements AutoCloseable {

    private static final Duration LOOK_PAUSE = Duration.ofMillis(100);
    private static final Duration START_LIMIT = Duration.ofMinutes(1);

    private final EmbeddedControl embedded;
    private final ControlServer server;
    private final String key;
    private final ApiClient api;
    private final Map<String, String> replications = new LinkedHashMap<>();
    private String source = "";

    private DemoControl(EmbeddedControl embedded, ControlServer server) {
        this.embedded = embedded;
        this.server = server;
        this.key = server.oneTimeKey().orElseThrow();
        this.api = ApiClient.of(url(), key);
    }

    static DemoControl start(Path directory, String webPorts) {
        EmbeddedControl embedded = EmbeddedControl.open(directory, 0, 1, webPorts);
        try {
            return new DemoControl(embedded, embedded.serve());
        } catch (RuntimeException e) {
            embedded.close();
            throw e;
        }
    }

    private String url() {
        return "http://127.0.0.1:" + server.port();
    }

    /** Orders a replication of each of these tenants. */
    void replicate(ObjectNode from, ObjectNode to, List<String> tenants) {
        source = made("/v1/connections", from);
        String target = made("/v1/connections", to);
        for (String tenant : tenants) {
            ObjectNode body = ApiClient.MAPPER.createObjectNode().put("tenant_id", tenant);
            body.putObject("source").put("connection_id", source);
            body.putObject("target").put("connection_id", target);
            replications.put(made("/v1/replications", body), tenant);
        }
    }

    private String made(String path, ObjectNode body) {
        return api.call("POST", path, Map.of(), body).get("id").asText();
    }

    /** Tenants by the id of their replication. */
    Map<String, String> replications() {
        return replications;
    }

    /** Waits until the job is there; the address of Flink's web UI. */
    String awaitJob() throws InterruptedException {
        Polling polling = Polling.every(LOOK_PAUSE).within(START_LIMIT);
        do {
            failIfFailed();
            Optional<String> web = embedded.webUrl(UUID.fromString(source));
            if (web.isPresent()) {
                return web.get();
            }
        } while (polling.again());
        throw new IllegalStateException("the job did not start: " + job());
    }

    private JsonNode job() {
        return api.call("GET", "/v1/connections/" + source + "/job", Map.of(), null);
    }

    void failIfFailed() {
        JsonNode job = job();
        if (job.path("phase").asText().equals("Failed")) {
            throw new IllegalStateException(
                    "the job failed: " + job.path("last_failure").asText("no cause known"));
        }
    }

    /** How to ask it, to be pasted. */
    List<String> addresses() {
        return List.of(
                "API     curl -H 'X-API-Key: " + key + "' " + url() + "/v1/replications",
                "        HELIOSDB_API="
                        + url()
                        + " HELIOSDB_API_KEY="
                        + key
                        + " ./heliosdb-cli replication list",
                "docs    " + url() + "/docs");
    }

    @Override
    public void close() {
        try {
            server.close();
        } finally {
            embedded.close();
        }
    }
}
