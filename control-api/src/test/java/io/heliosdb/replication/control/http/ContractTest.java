package io.heliosdb.replication.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.control.http.ControlStand.Answer;
import io.heliosdb.replication.control.problem.ControlError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Compares the reference, endpoint by endpoint and field by field, with what the server serves. */
class ContractTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Of the reference, not there yet. The README says so too. */
    private static final Set<String> NOT_YET =
            Set.of(
                    "POST /replications/{replication_id}/failover",
                    "GET /failovers/{failover_id}",
                    "GET /failovers",
                    "POST /migrations",
                    "GET /migrations/{migration_id}",
                    "POST /migrations/{migration_id}/cancel");

    /** What this design adds to the reference. */
    private static final Set<String> ADDED =
            Set.of(
                    "POST /replications/{replication_id}/resync",
                    "POST /replications/{replication_id}/retry",
                    "POST /replications/{replication_id}/skip",
                    "GET /replications/{replication_id}/events",
                    "GET /replications/{replication_id}/checkpoints",
                    "GET /replications/{replication_id}/conflicts",
                    "GET /replications/{replication_id}/quarantine",
                    "POST /connections",
                    "GET /connections",
                    "GET /connections/{connection_id}",
                    "PATCH /connections/{connection_id}",
                    "DELETE /connections/{connection_id}",
                    "POST /connections/{connection_id}/test",
                    "GET /connections/{connection_id}/job",
                    "POST /api-keys",
                    "GET /api-keys",
                    "DELETE /api-keys/{key_id}",
                    "POST /oauth-clients",
                    "GET /oauth-clients",
                    "DELETE /oauth-clients/{client_id}",
                    "GET /audit-events",
                    "POST /oauth/token");

    private static ControlStand stand;
    private static JsonNode api;
    private static List<ReferenceEndpoint> reference;

    /** An endpoint of the reference with its examples. */
    private record ReferenceEndpoint(
            String method,
            String path,
            List<String> parameters,
            List<JsonNode> requests,
            List<JsonNode> replies,
            Set<Integer> statuses) {

        String name() {
            return method + " " + path;
        }
    }

    @BeforeAll
    static void start() throws IOException {
        stand = ControlStand.start();
        Answer document = stand.call("GET", "/v1/openapi.json", null, ControlStand.NOTHING);
        api = document.json();
        try (InputStream in = ContractTest.class.getResourceAsStream("api-specification.txt")) {
            reference = parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @AfterAll
    static void stop() {
        stand.close();
    }

    @Test
    void hasExactlyTheEndpointsOfTheReferenceAndThoseThatAreNamedHere() {
        Set<String> served = new TreeSet<>();
        api.get("paths")
                .properties()
                .forEach(
                        path ->
                                path.getValue()
                                        .fieldNames()
                                        .forEachRemaining(
                                                method ->
                                                        served.add(
                                                                method.toUpperCase()
                                                                        + " "
                                                                        + path.getKey())));
        Set<String> expected = new TreeSet<>();
        reference.stream()
                .map(ReferenceEndpoint::name)
                .filter(name -> !NOT_YET.contains(name))
                .forEach(name -> expected.add(name.replace(" /", " /v1/")));
        ADDED.forEach(name -> expected.add(name.replace(" /", " /v1/")));
        // Also outside of the version, where probes and OAuth libraries look for them.
        expected.addAll(Set.of("GET /health", "GET /ready", "GET /metrics", "POST /oauth/token"));
        assertThat(served).isEqualTo(expected);
        assertThat(reference.stream().map(ReferenceEndpoint::name))
                .containsAll(NOT_YET)
                .hasSize(18);
    }

    @Test
    void knowsEveryParameterFieldAndStatusOfTheReference() {
        List<String> missing = new ArrayList<>();
        for (ReferenceEndpoint endpoint : reference) {
            if (!NOT_YET.contains(endpoint.name())) {
                compare(endpoint, missing);
            }
        }
        assertThat(missing).isEmpty();
    }

    private static void compare(ReferenceEndpoint endpoint, List<String> missing) {
        JsonNode operation =
                api.get("paths")
                        .path("/v1" + endpoint.path())
                        .path(endpoint.method().toLowerCase());
        List<String> parameters =
                Stream.of(operation.path("parameters"))
                        .flatMap(all -> all.findValuesAsText("name").stream())
                        .toList();
        endpoint.parameters().stream()
                .filter(name -> !parameters.contains(name))
                .forEach(name -> missing.add(endpoint.name() + " parameter " + name));
        endpoint.statuses().stream()
                .filter(status -> !operation.path("responses").has(String.valueOf(status)))
                .forEach(status -> missing.add(endpoint.name() + " status " + status));
        JsonNode request =
                operation
                        .path("requestBody")
                        .path("content")
                        .path("application/json")
                        .path("schema");
        endpoint.requests()
                .forEach(
                        example -> fields(example, request, endpoint.name() + " request", missing));
        int success = endpoint.statuses().stream().min(Integer::compare).orElse(200);
        JsonNode reply =
                operation
                        .path("responses")
                        .path(String.valueOf(success))
                        .path("content")
                        .path("application/json")
                        .path("schema");
        JsonNode plain = reply.has("oneOf") ? reply.get("oneOf").get(0) : reply;
        endpoint.replies()
                .forEach(example -> fields(example, plain, endpoint.name() + " reply", missing));
    }

    /** Every field of the example is in the schema, with the example's type. */
    private static void fields(
            JsonNode example, JsonNode schema, String where, List<String> missing) {
        JsonNode resolved =
                schema.has("$ref") ? api.at(schema.get("$ref").asText().substring(1)) : schema;
        String type = resolved.path("type").asText("any");
        if (example.isArray()) {
            check(type.equals("array") || type.equals("any"), where + " is no array", missing);
            example.forEach(item -> fields(item, resolved.path("items"), where + "[]", missing));
        } else if (example.isObject()) {
            check(type.equals("object") || type.equals("any"), where + " is no object", missing);
            for (Map.Entry<String, JsonNode> field : example.properties()) {
                JsonNode property = resolved.path("properties").path(field.getKey());
                JsonNode values = resolved.path("additionalProperties");
                if (property.isMissingNode() && values.isObject()) {
                    property = values;
                }
                String name = where + "." + field.getKey();
                if (property.isMissingNode() && !type.equals("any")) {
                    missing.add(name);
                } else {
                    fields(field.getValue(), property, name, missing);
                }
            }
        } else if (example.isNumber()) {
            check(
                    Set.of("integer", "number", "any").contains(type),
                    where + " is " + type,
                    missing);
        } else if (example.isTextual()) {
            check(Set.of("string", "any").contains(type), where + " is " + type, missing);
            JsonNode values = resolved.path("enum");
            if (values.isArray()) {
                check(
                        Stream.of(values)
                                .flatMap(all -> stream(all))
                                .anyMatch(example.asText()::equals),
                        where + " cannot be " + example,
                        missing);
            }
        } else if (example.isBoolean()) {
            check(Set.of("boolean", "any").contains(type), where + " is " + type, missing);
        }
    }

    private static Stream<String> stream(JsonNode array) {
        List<String> values = new ArrayList<>();
        array.forEach(value -> values.add(value.asText()));
        return values.stream();
    }

    private static void check(boolean right, String problem, List<String> missing) {
        if (!right) {
            missing.add(problem);
        }
    }

    @Test
    void hasTheErrorCodesOfTheReferenceWithTheirStatuses() throws IOException {
        String text;
        try (InputStream in = ContractTest.class.getResourceAsStream("api-specification.txt")) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Matcher codes = Pattern.compile("(?m)^([A-Z_]{5,}?)([45]\\d\\d)[A-Z]").matcher(text);
        Set<String> expected = new TreeSet<>();
        while (codes.find()) {
            expected.add(codes.group(1) + " " + codes.group(2));
        }
        Set<String> ours = new TreeSet<>();
        for (ControlError error : ControlError.values()) {
            ours.add(error + " " + Errors.status(error));
        }
        assertThat(ours).isEqualTo(expected).hasSize(11);
    }

    @Test
    void answersWithTheErrorFormatOfTheReference() {
        Answer refused = stand.get("/v1/replications/550e8400-e29b-41d4-a716-446655440001");
        assertThat(refused.status()).isEqualTo(404);
        JsonNode error = refused.json().get("error");
        assertThat(error.get("code").asText()).isEqualTo("NOT_FOUND");
        assertThat(error.get("request_id").asText())
                .startsWith("req-")
                .isEqualTo(refused.header("X-Request-Id"));
        assertThat(error.get("timestamp").asText()).endsWith("Z");
    }

    @Test
    void isADocumentWhoseReferencesAndIdsAreRight() {
        assertThat(api.get("openapi").asText()).isEqualTo("3.1.0");
        api.findValuesAsText("$ref")
                .forEach(ref -> assertThat(api.at(ref.substring(1)).isObject()).as(ref).isTrue());
        List<String> ids = api.findValuesAsText("operationId");
        assertThat(ids).doesNotHaveDuplicates();
    }

    // ---- the reference

    /** The reference has no indentation: its braces are counted. */
    private static boolean isWhole(StringBuilder json) {
        return json.chars().filter(c -> c == '{').count()
                == json.chars().filter(c -> c == '}').count();
    }

    private static List<ReferenceEndpoint> parse(String text) throws IOException {
        List<ReferenceEndpoint> endpoints = new ArrayList<>();
        ReferenceEndpoint current = null;
        boolean request = false;
        StringBuilder json = null;
        for (String line : text.split("\n")) {
            Matcher endpoint =
                    Pattern.compile("Endpoint: (GET|POST|PATCH|DELETE) (\\S+)").matcher(line);
            Matcher status = Pattern.compile("^(?:Response \\(|  • )(\\d{3}).*").matcher(line);
            Matcher parameter =
                    Pattern.compile("^  • ([a-z_]+(?:, [a-z_]+)*)(?: \\(optional.*)?: .*")
                            .matcher(line);
            if (json != null) {
                json.append(line).append('\n');
                if (isWhole(json)) {
                    String example = json.toString().replace("[...]", "[]").replace("{...}", "{}");
                    if (current != null) {
                        (request ? current.requests() : current.replies())
                                .add(MAPPER.readTree(example));
                    }
                    json = null;
                }
            } else if (endpoint.matches()) {
                current =
                        new ReferenceEndpoint(
                                endpoint.group(1),
                                endpoint.group(2),
                                new ArrayList<>(),
                                new ArrayList<>(),
                                new ArrayList<>(),
                                new TreeSet<>());
                endpoints.add(current);
            } else if (line.startsWith("5. Authentication")) {
                current = null;
            } else if (current != null && status.matches()) {
                current.statuses().add(Integer.valueOf(status.group(1)));
                request = false;
            } else if (current != null && parameter.matches()) {
                current.parameters().addAll(List.of(parameter.group(1).split(", ")));
            } else if (line.startsWith("Request")) {
                request = true;
            } else if (line.equals("{")) {
                json = new StringBuilder("{\n");
            }
        }
        return endpoints;
    }
}
