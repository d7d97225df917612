package io.heliosdb.replication.cli.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.cli.HeliosCli;
import io.heliosdb.replication.cli.api.ApiOption.Kind;
import io.heliosdb.replication.cli.api.ApiOption.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Commands and endpoints are the same ones, option by option. */
class ApiOperationsTest {

    /** Not for people at a terminal, or done by other commands. */
    private static final Set<String> WITHOUT_COMMAND =
            Set.of(
                    "getHealth",
                    "getHealthBelowVersion",
                    "getReady",
                    "getReadyBelowVersion",
                    "getMetrics",
                    "issueToken",
                    "issueTokenBelowVersion");

    /** Fields that are given by --body, or that only have one value. */
    private static final Set<String> WITHOUT_OPTION =
            Set.of(
                    "createConnection source.tenancy.tables",
                    "updateConnection source.tenancy.tables",
                    "createReplication source.database",
                    "createReplication target.database",
                    "createReplication target.schema",
                    "startReplication from_checkpoint",
                    "startReplication initial_sync_parallelism");

    private static final List<String> DEEP =
            List.of("row_filter", "transforms", "compression", "encryption");

    private static final Map<String, JsonNode> ENDPOINTS = new TreeMap<>();
    private static final Map<String, String> PATHS = new TreeMap<>();
    private static JsonNode document;

    @BeforeAll
    static void read() {
        document =
                new ApiClient(ApiProfile.of(ApiStand.shared().url(), null), null)
                        .call("GET", "/v1/openapi.json", Map.of(), null);
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                String id = method.getValue().get("operationId").asText();
                ENDPOINTS.put(id, method.getValue());
                PATHS.put(id, method.getKey().toUpperCase() + " " + path.getKey());
            }
        }
    }

    @Test
    void everyEndpointHasACommandAndEveryCommandAnEndpoint() {
        Set<String> commands = new TreeSet<>();
        ApiOperations.all().forEach(it -> assertThat(commands.add(it.operation())).isTrue());
        Set<String> endpoints = new TreeSet<>(ENDPOINTS.keySet());
        endpoints.removeAll(WITHOUT_COMMAND);
        assertThat(commands).isEqualTo(endpoints);
        assertThat(ENDPOINTS.keySet()).containsAll(WITHOUT_COMMAND);
        for (ApiOperation operation : ApiOperations.all()) {
            assertThat(operation.method() + " " + operation.path())
                    .isEqualTo(PATHS.get(operation.operation()));
        }
    }

    @Test
    void everyParameterAndFieldHasAnOptionOfItsTypeAndNoOptionIsWithoutOne() {
        for (ApiOperation operation : ApiOperations.all()) {
            JsonNode endpoint = ENDPOINTS.get(operation.operation());
            Map<String, String> expected = new TreeMap<>();
            for (JsonNode parameter : endpoint.path("parameters")) {
                if (parameter.get("in").asText().equals("query")) {
                    expected.put(
                            "QUERY " + parameter.get("name").asText(),
                            parameter.at("/schema/type").asText());
                }
            }
            JsonNode schema = endpoint.at("/requestBody/content/application~1json/schema");
            if (!schema.isMissingNode()) {
                collect("", resolved(schema), expected);
            }
            WITHOUT_OPTION.stream()
                    .filter(it -> it.startsWith(operation.operation() + " "))
                    .forEach(
                            it ->
                                    assertThat(expected.remove("BODY " + it.split(" ")[1]))
                                            .as(it)
                                            .isNotNull());
            Map<String, String> found = new TreeMap<>();
            operation
                    .options()
                    .forEach(it -> found.put(it.place() + " " + it.at(), type(it.kind())));
            // It stands for the object itself, whose fields have options of their own.
            found.values().removeIf("object"::equals);
            assertThat(found).as(operation.operation()).isEqualTo(expected);
            requiredAgree(operation, schema);
        }
    }

    private static void requiredAgree(ApiOperation operation, JsonNode schema) {
        Set<String> required = new TreeSet<>();
        resolved(schema).path("required").forEach(name -> required.add(name.asText()));
        Set<String> ours = new TreeSet<>();
        operation.options().stream()
                .filter(ApiOption::required)
                .forEach(it -> ours.add(it.at().split("\\.")[0]));
        if (operation.method().equals("POST")) {
            assertThat(ours).as(operation.operation()).isEqualTo(required);
        }
    }

    private static void collect(String prefix, JsonNode schema, Map<String, String> into) {
        for (Map.Entry<String, JsonNode> field : schema.path("properties").properties()) {
            JsonNode value = resolved(field.getValue());
            String name = prefix + field.getKey();
            if (DEEP.contains(field.getKey())) {
                continue;
            }
            if (value.path("properties").isObject()) {
                collect(name + ".", value, into);
            } else {
                into.put("BODY " + name, value.path("type").asText());
            }
        }
    }

    private static JsonNode resolved(JsonNode schema) {
        for (String any : List.of("oneOf", "anyOf")) {
            if (schema.has(any)) {
                return resolved(schema.get(any).get(0));
            }
        }
        return schema.has("$ref") ? document.at(schema.get("$ref").asText().substring(1)) : schema;
    }

    private static String type(Kind kind) {
        return switch (kind) {
            case TEXT, CONNECTION, SECRET -> "string";
            case NUMBER -> "integer";
            case FLAG -> "boolean";
            case LIST -> "array";
            case OBJECT -> "object";
        };
    }

    @Test
    void everyColumnIsAFieldOfTheList() {
        for (ApiOperation operation : ApiOperations.all()) {
            JsonNode page =
                    resolved(
                            ENDPOINTS
                                    .get(operation.operation())
                                    .at("/responses/200/content/application~1json/schema"));
            for (String column : operation.columns()) {
                JsonNode at = resolved(page.at("/properties/data/items"));
                for (String name : column.split("\\.")) {
                    at = resolved(at.path("properties").path(name));
                }
                assertThat(at.isMissingNode()).as(operation.operation() + " " + column).isFalse();
            }
        }
    }

    @Test
    void everyCommandHasHelp() {
        List<String> failed = new ArrayList<>();
        for (ApiOperation operation : ApiOperations.all()) {
            String[] words =
                    operation.group().isEmpty()
                            ? new String[] {operation.verb(), "--help"}
                            : new String[] {operation.group(), operation.verb(), "--help"};
            if (HeliosCli.run(words) != 0) {
                failed.add(String.join(" ", words));
            }
        }
        assertThat(failed).isEmpty();
        assertThat(ApiOperations.all())
                .filteredOn(it -> it.options().stream().anyMatch(o -> o.place() == Place.BODY))
                .hasSizeGreaterThan(8);
    }
}
