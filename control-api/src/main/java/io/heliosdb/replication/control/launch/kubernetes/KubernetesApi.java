package io.heliosdb.replication.control.launch.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.control.launch.ClusterException;
import io.heliosdb.replication.control.tls.TrustedAuthorities;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Calls of the Kubernetes API, as a pod makes them. */
public final class KubernetesApi {

    private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final URI base;
    private final @Nullable Path token;
    private final HttpClient http;

    /** An answer of the API. */
    record Answer(int status, JsonNode body) {

        boolean isFine() {
            return status < 300;
        }

        ClusterException refused(String what) {
            return new ClusterException(
                    "Kubernetes refuses to "
                            + what
                            + " ("
                            + status
                            + "): "
                            + body.path("message").asText("no reason given"),
                    null);
        }
    }

    /**
     * @param token file with a bearer token, read for every call because it is exchanged; null:
     *     none
     */
    public KubernetesApi(URI base, @Nullable Path token, @Nullable SSLContext tls) {
        this.base = base;
        this.token = token;
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(PATIENCE);
        if (tls != null) {
            builder.sslContext(tls);
        }
        http = builder.build();
    }

    /**
     * The API of the cluster that this process is a pod of.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static KubernetesApi ofPod(UnaryOperator<@Nullable String> environment) {
        String host = environment.apply("KUBERNETES_SERVICE_HOST");
        String port = environment.apply("KUBERNETES_SERVICE_PORT");
        if (host == null || port == null) {
            throw new IllegalArgumentException(
                    "kubernetes is configured, and this is no pod: KUBERNETES_SERVICE_HOST is not set");
        }
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return new KubernetesApi(
                URI.create("https://" + name + ":" + port),
                ACCOUNT.resolve("token"),
                TrustedAuthorities.context(ACCOUNT.resolve("ca.crt")));
    }

    Answer get(String path) {
        return send("GET", path, null, null);
    }

    Answer post(String path, JsonNode body) {
        return send("POST", path, body, "application/json");
    }

    Answer merge(String path, JsonNode patch) {
        return send("PATCH", path, patch, "application/merge-patch+json");
    }

    Answer delete(String path) {
        return send("DELETE", path, null, null);
    }

    private Answer send(
            String method, String path, @Nullable JsonNode body, @Nullable String type) {
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(base + path))
                            .timeout(PATIENCE)
                            .header("Accept", "application/json")
                            .method(
                                    method,
                                    body == null
                                            ? BodyPublishers.noBody()
                                            : BodyPublishers.ofString(body.toString()));
            if (type != null) {
                request.header("Content-Type", type);
            }
            if (token != null) {
                request.header("Authorization", "Bearer " + Files.readString(token).strip());
            }
            HttpResponse<String> response =
                    http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), MAPPER.readTree(response.body()));
        } catch (IOException e) {
            throw new ClusterException(
                    "the Kubernetes API at " + base + " does not answer: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("interrupted while waiting for " + base, e);
        }
    }
}
