package io.heliosdb.replication.control.launch.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.control.launch.ClusterException;
import io.heliosdb.replication.control.launch.StackTraces;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/** Calls of Flink's REST API. Thread-safe. */
final class FlinkRest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Uploading a jar, and running its program until the job is submitted. */
    private static final Duration LONG_PATIENCE = Duration.ofSeconds(120);

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final URI base;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(PATIENCE)
                    .build();

    FlinkRest(URI base) {
        this.base = base;
    }

    JsonNode get(String path) {
        return send(request(path, PATIENCE).GET().build());
    }

    void patch(String path) {
        send(request(path, PATIENCE).method("PATCH", BodyPublishers.noBody()).build());
    }

    JsonNode post(String path, Map<String, Object> body) {
        try {
            return send(
                    request(path, LONG_PATIENCE)
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(MAPPER.writeValueAsString(body)))
                            .build());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not writable as JSON", e);
        }
    }

    /** Uploads a jar under this name. */
    void upload(Path jar, String name) {
        String boundary = "heliosdb-" + UUID.randomUUID();
        String head =
                "--"
                        + boundary
                        + "\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\""
                        + name
                        + "\"\r\nContent-Type: application/x-java-archive\r\n\r\n";
        BodyPublisher file;
        try {
            file = BodyPublishers.ofFile(jar);
        } catch (FileNotFoundException e) {
            throw new ClusterException("the job's jar " + jar + " is missing", e);
        }
        send(
                request("/jars/upload", LONG_PATIENCE)
                        .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                        .POST(
                                BodyPublishers.concat(
                                        BodyPublishers.ofString(head),
                                        file,
                                        BodyPublishers.ofString("\r\n--" + boundary + "--\r\n")))
                        .build());
    }

    private HttpRequest.Builder request(String path, Duration patience) {
        String root = base.toString().replaceAll("/+$", "");
        return HttpRequest.newBuilder(URI.create(root + path)).timeout(patience);
    }

    private JsonNode send(HttpRequest request) {
        try {
            HttpResponse<String> response =
                    http.send(request, HttpResponse.BodyHandlers.ofString());
            JsonNode body =
                    response.body().isBlank()
                            ? MAPPER.createObjectNode()
                            : MAPPER.readTree(response.body());
            if (response.statusCode() >= 300) {
                throw new ClusterException(
                        "Flink refuses "
                                + request.method()
                                + " "
                                + request.uri().getPath()
                                + " ("
                                + response.statusCode()
                                + "): "
                                + reason(body),
                        null);
            }
            return body;
        } catch (IOException e) {
            throw new ClusterException("no Flink cluster answers at " + base + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("interrupted while waiting for " + base, e);
        }
    }

    private static String reason(JsonNode body) {
        StringBuilder all = new StringBuilder();
        body.path("errors").forEach(error -> all.append(error.asText()).append('\n'));
        return StackTraces.reason(all.isEmpty() ? body.toString() : all.toString());
    }
}
