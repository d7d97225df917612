package io.heliosdb.replication.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.control.http.ControlStand.Answer;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every endpoint of the OpenAPI document with what nobody should send: no 5xx, no inner life. */
class FuzzTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int ROUNDS = Boolean.getBoolean("heliosdb.soak") ? 500 : 60;
    private static final long SEED = 4;

    private static final List<String> NASTY =
            List.of(
                    "",
                    " ",
                    "'",
                    "\"",
                    "'; DROP TABLE connections; --",
                    "1 OR 1=1",
                    "$(id)",
                    "../../etc/passwd",
                    "%00",
                    "\u0000",
                    "\ud800",
                    "\udfff\ud800",
                    "𝕳𝖊𝖑𝖎𝖔𝖘",
                    "\u202Eabc",
                    "\uFEFF",
                    "null",
                    "true",
                    "NaN",
                    "-1",
                    "0",
                    "99999999999999999999",
                    "1e400",
                    "2026-13-45T99:99:99Z",
                    "+1000000000-01-01T00:00:00Z",
                    "{{7*7}}",
                    "${env:PATH}",
                    "<script>alert(1)</script>",
                    "a".repeat(5000),
                    "*",
                    "!",
                    ".",
                    "_",
                    "00000000-0000-0000-0000-000000000000",
                    "1-1-1-1-1",
                    "Admin",
                    "Premium",
                    "public.*");

    private static ControlStand stand;
    private static JsonNode api;
    private static String connection;
    private static String replication;
    private static final Random RANDOM = new Random(SEED);

    @BeforeAll
    static void start() {
        stand = ControlStand.start();
        api = stand.call("GET", "/v1/openapi.json", null, ControlStand.NOTHING).json();
        connection = stand.connection("fuzz", "nowhere");
        replication = stand.replication("fuzz", connection, stand.connection("fuzz2", "nowhere"));
    }

    @AfterAll
    static void stop() {
        stand.close();
    }

    @Test
    void survivesWhateverIsSentToAnyEndpoint() {
        for (Map.Entry<String, JsonNode> path : api.get("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                for (int round = 0; round < ROUNDS; round++) {
                    send(path.getKey(), method.getKey().toUpperCase(), method.getValue());
                }
            }
        }
    }

    @Test
    void survivesWrongMethodsHugeBodiesAndBrokenHeaders() {
        for (Map.Entry<String, JsonNode> path : api.get("paths").properties()) {
            String concrete = path.getKey().replaceAll("\\{[a-z_]+}", replication);
            for (String method :
                    List.of("PUT", "OPTIONS", "DELETE", "POST", "PATCH", "QUERY", "TRACE2")) {
                check(
                        raw(method, concrete, "{}", List.of("X-Api-Key", stand.adminKey())),
                        method + concrete);
            }
        }
        String huge = "{\"tenant_id\": \"" + "x".repeat(2 << 20) + "\"}";
        check(
                raw("POST", "/v1/replications", huge, List.of("X-Api-Key", stand.adminKey())),
                "huge");
        String deep = "[".repeat(100_000);
        check(
                raw("POST", "/v1/replications", deep, List.of("X-Api-Key", stand.adminKey())),
                "deep");
        check(
                raw(
                        "POST",
                        "/v1/replications",
                        "{\"a\": " + deep,
                        List.of("X-Api-Key", stand.adminKey())),
                "deep");
        for (String authorization :
                List.of(
                        "",
                        "Bearer",
                        "Bearer ",
                        "Basic Zm9v",
                        "Bearer " + "a".repeat(6000),
                        "Bearer ..",
                        "bearer \u00ff")) {
            check(
                    raw("GET", "/v1/replications", "", List.of("Authorization", authorization)),
                    authorization);
        }
        for (String body :
                List.of(
                        "grant_type",
                                "grant_type=client_credentials&client_id=%00&client_secret=%ff",
                        "grant_type=client_credentials&client_id=0123456789ab&client_secret=%zz",
                                "&&&===")) {
            check(
                    raw(
                            "POST",
                            "/oauth/token",
                            body,
                            List.of("Content-Type", "application/x-www-form-urlencoded")),
                    body);
            check(raw("POST", "/oauth/token", "", List.of("Authorization", "Basic " + body)), body);
        }
    }

    @Test
    void survivesWrongEncodingsAndContentTypes() {
        List<byte[]> bodies =
                List.of(
                        new byte[] {(byte) 0xff, (byte) 0xfe, 0, '{'},
                        new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xc3, '(', '"', '}'},
                        "{\"tenant_id\": \"a\"}".getBytes(StandardCharsets.UTF_16),
                        new byte[] {0x1f, (byte) 0x8b, 8, 0, 0},
                        new byte[0]);
        List<String> types =
                List.of(
                        "text/plain",
                        "application/json; charset=utf-16",
                        "application/json; charset=nonsense",
                        "multipart/form-data; boundary=x",
                        "application/x-www-form-urlencoded",
                        "/",
                        "application/xml");
        for (Map.Entry<String, JsonNode> path : api.get("paths").properties()) {
            String concrete = path.getKey().replaceAll("\\{[a-z_]+}", replication);
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                for (int i = 0; i < types.size() * bodies.size(); i++) {
                    String type = types.get(i % types.size());
                    Answer answer =
                            raw(
                                    method.getKey().toUpperCase(),
                                    concrete + "?page=1&page=x&status=a&status=b",
                                    HttpRequest.BodyPublishers.ofByteArray(
                                            bodies.get(i / types.size())),
                                    List.of(
                                            "X-Api-Key",
                                            stand.adminKey(),
                                            "Content-Type",
                                            type,
                                            "Content-Encoding",
                                            i % 2 == 0 ? "gzip" : "identity"));
                    check(answer, method.getKey() + " " + concrete + " as " + type);
                }
            }
        }
    }

    private static void send(String path, String method, JsonNode operation) {
        StringBuilder url = new StringBuilder(path);
        List<String> query = new ArrayList<>();
        for (JsonNode parameter : operation.path("parameters")) {
            String name = parameter.get("name").asText();
            if (parameter.get("in").asText().equals("path")) {
                int at = url.indexOf("{" + name + "}");
                url.replace(at, at + name.length() + 2, pathValue(name));
            } else if (RANDOM.nextBoolean()) {
                query.add(name + "=" + encoded(value(parameter.get("schema"), 0)));
            }
        }
        if (!query.isEmpty()) {
            url.append('?').append(String.join("&", query));
        }
        JsonNode content = operation.path("requestBody").path("content");
        String body = "";
        if (content.has("application/json")) {
            JsonNode schema = content.get("application/json").get("schema");
            body = RANDOM.nextInt(10) == 0 ? nasty() : wrong(schema);
        }
        String what = method + " " + url + " " + body;
        check(raw(method, url.toString(), body, List.of("X-Api-Key", stand.adminKey())), what);
    }

    private static String wrong(JsonNode schema) {
        JsonNode value = value(schema, 0);
        String text = value.toString();
        return switch (RANDOM.nextInt(12)) {
            case 0 -> text.substring(0, RANDOM.nextInt(text.length() + 1));
            case 1 -> text + text;
            case 2 -> text.replaceFirst("\\{", "{\"tenant_id\": 1, \"tenant_id\": 2, ");
            case 3 -> text.replace("\"", "'");
            default -> text;
        };
    }

    private static String pathValue(String name) {
        return switch (RANDOM.nextInt(3)) {
            case 0 -> name.equals("connection_id") ? connection : replication;
            case 1 -> "0123456789ab";
            default -> {
                String text =
                        URLEncoder.encode(nasty(), StandardCharsets.UTF_8).replace("+", "%20");
                yield text.isEmpty() || text.contains("..") ? "x" : text;
            }
        };
    }

    private static String nasty() {
        return NASTY.get(RANDOM.nextInt(NASTY.size()));
    }

    private static String encoded(JsonNode value) {
        return URLEncoder.encode(
                value.isTextual() ? value.textValue() : value.toString(), StandardCharsets.UTF_8);
    }

    /** Mostly of the schema, with something wrong here and there. */
    private static JsonNode value(JsonNode schema, int depth) {
        if (RANDOM.nextInt(6) == 0 || depth > 6) {
            return anything();
        }
        JsonNode resolved =
                schema.has("$ref") ? api.at(schema.get("$ref").asText().substring(1)) : schema;
        if (resolved.has("enum")) {
            JsonNode values = resolved.get("enum");
            return values.get(RANDOM.nextInt(values.size()));
        }
        return switch (resolved.path("type").asText("any")) {
            case "object" -> object(resolved, depth);
            case "array" -> {
                ArrayNode array = MAPPER.createArrayNode();
                for (int i = RANDOM.nextInt(4); i > 0; i--) {
                    array.add(value(resolved.get("items"), depth + 1));
                }
                yield array;
            }
            case "integer" -> MAPPER.getNodeFactory().numberNode(RANDOM.nextInt(200) - 50);
            case "number" -> MAPPER.getNodeFactory().numberNode(RANDOM.nextGaussian());
            case "boolean" -> MAPPER.getNodeFactory().booleanNode(RANDOM.nextBoolean());
            case "string" -> string(resolved);
            default -> anything();
        };
    }

    private static JsonNode string(JsonNode schema) {
        String text =
                RANDOM.nextBoolean()
                        ? nasty()
                        : switch (schema.path("format").asText()) {
                            case "uuid" -> RANDOM.nextBoolean() ? connection : replication;
                            case "date-time" -> "2026-11-21T10:00:00Z";
                            default -> "t" + RANDOM.nextInt(100);
                        };
        return MAPPER.getNodeFactory().textNode(text);
    }

    private static ObjectNode object(JsonNode schema, int depth) {
        ObjectNode object = MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            if (RANDOM.nextInt(5) > 0) {
                object.set(property.getKey(), value(property.getValue(), depth + 1));
            }
        }
        if (schema.path("additionalProperties").isObject() || RANDOM.nextInt(10) == 0) {
            object.set(nasty(), anything());
        }
        return object;
    }

    private static JsonNode anything() {
        return switch (RANDOM.nextInt(7)) {
            case 0 -> MAPPER.nullNode();
            case 1 -> MAPPER.getNodeFactory().numberNode(RANDOM.nextLong());
            case 2 -> MAPPER.getNodeFactory().numberNode(1e300);
            case 3 -> MAPPER.createArrayNode().add(MAPPER.nullNode());
            case 4 -> MAPPER.createObjectNode().put(nasty(), nasty());
            default -> MAPPER.getNodeFactory().textNode(nasty());
        };
    }

    private static Answer raw(String method, String path, String body, List<String> headers) {
        return raw(method, path, HttpRequest.BodyPublishers.ofString(body), headers);
    }

    private static Answer raw(
            String method, String path, HttpRequest.BodyPublisher body, List<String> headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + stand.server.port() + path))
                        .timeout(Duration.ofSeconds(30))
                        .method(method, body);
        for (int i = 0; i < headers.size(); i += 2) {
            request.setHeader(headers.get(i), headers.get(i + 1));
        }
        return stand.send(request.build());
    }

    private static void check(Answer answer, String what) {
        assertThat(answer.status()).as("%s: %s", what, answer.body()).isLessThan(500);
        if (answer.status() >= 400 && answer.status() != 404 || answer.body().contains("error")) {
            assertThat(answer.body())
                    .as(what)
                    .doesNotContain("Exception")
                    .doesNotContain("\tat ")
                    .doesNotContain("io.heliosdb")
                    .doesNotContain("java.")
                    .doesNotContain("org.postgresql")
                    .doesNotContain("com.fasterxml");
        }
    }
}
