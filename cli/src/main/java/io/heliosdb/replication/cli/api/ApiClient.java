package io.heliosdb.replication.cli.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Refusal;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Calls of a control API. What it refuses is a {@link Refusal} with the exit code that fits. */
public final class ApiClient {

    public static final ObjectMapper MAPPER = new ObjectMapper();

    /** A page is at most this long. */
    private static final int PAGE = 100;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MOST_PAGES = 100;

    private final ApiProfile profile;
    private final HttpClient http;

    /** Of the API at this address, with this key. */
    public static ApiClient of(String url, String key) {
        return new ApiClient(ApiProfile.of(url, key), null);
    }

    ApiClient(ApiProfile profile, @Nullable SSLContext tls) {
        this.profile = profile;
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(10));
        if (tls != null) {
            builder.sslContext(tls);
        }
        this.http = builder.build();
    }

    /** The body of the reply; missing if it has none. */
    public JsonNode call(
            String method, String path, Map<String, String> query, @Nullable JsonNode body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(profile.url() + path + text(query)))
                        .timeout(PATIENCE)
                        .header("Accept", "application/json")
                        .method(
                                method,
                                body == null
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(body.toString()));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        profile.credential().ifPresent(it -> request.header(it.header(), it.value()));
        HttpResponse<String> response = send(request.build());
        JsonNode reply = parse(response.body());
        if (response.statusCode() >= 300) {
            throw refusal(response.statusCode(), reply);
        }
        return reply;
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new Refusal(
                    ExitCode.UNREACHABLE,
                    "no control API answers at "
                            + profile.url()
                            + ": "
                            + (e.getMessage() == null ? e : e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static JsonNode parse(String text) {
        try {
            return text.isBlank() ? MissingNode.getInstance() : MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new Refusal(ExitCode.UNREACHABLE, "what answers there is no control API");
        }
    }

    private Refusal refusal(int status, JsonNode reply) {
        String code = reply.path("error").path("code").asText("HTTP " + status);
        String message = reply.path("error").path("message").asText("");
        String hint =
                status == 401
                        ? "; "
                                + (profile.credential().isEmpty()
                                        ? "no key was given"
                                        : "the key is not right")
                                + ": see heliosdb-cli login --help"
                        : "";
        int exit =
                status == 429 || status == 503
                        ? ExitCode.UNREACHABLE
                        : status < 500 ? ExitCode.USAGE : ExitCode.FINDING;
        return new Refusal(exit, code + ": " + message + hint);
    }

    /** The id of a connection that is given by id or name. */
    String connection(String name) {
        if (isId(name)) {
            return name;
        }
        for (int page = 1; page <= MOST_PAGES; page++) {
            JsonNode found =
                    call(
                            "GET",
                            "/v1/connections",
                            Map.of("page", String.valueOf(page), "page_size", String.valueOf(PAGE)),
                            null);
            for (JsonNode connection : found.path("data")) {
                if (connection.path("name").asText().equals(name)) {
                    return connection.path("id").asText();
                }
            }
            if (page >= found.path("pagination").path("total_pages").asInt()) {
                break;
            }
        }
        throw new Refusal(ExitCode.USAGE, "no connection is named " + name);
    }

    /** The id of a replication that is given by id, or by a tenant that has only one. */
    String replication(String name) {
        if (isId(name)) {
            return name;
        }
        JsonNode found =
                call("GET", "/v1/replications", Map.of("tenant_id", name, "page_size", "2"), null);
        JsonNode data = found.path("data");
        if (data.size() != 1) {
            throw new Refusal(
                    ExitCode.USAGE,
                    data.isEmpty()
                            ? "no replication has the id or the tenant " + name
                            : "tenant "
                                    + name
                                    + " has several replications: name one by its id (replication"
                                    + " list --tenant "
                                    + name
                                    + ")");
        }
        return data.get(0).path("id").asText();
    }

    private static boolean isId(String name) {
        try {
            return UUID.fromString(name).toString().equalsIgnoreCase(name);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String text(Map<String, String> query) {
        List<String> pairs = new ArrayList<>();
        query.forEach((name, value) -> pairs.add(name + "=" + encode(value)));
        return pairs.isEmpty() ? "" : "?" + String.join("&", pairs);
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
