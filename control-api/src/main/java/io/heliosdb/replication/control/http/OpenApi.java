package io.heliosdb.replication.control.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.heliosdb.replication.control.http.CommonBodies.ErrorReply;
import io.heliosdb.replication.control.json.Json;
import io.heliosdb.replication.control.problem.ControlError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The OpenAPI 3.1 document, made from the routes that the server serves. */
final class OpenApi {

    private static final Pattern PATH_PARAMETER = Pattern.compile("\\{([a-z_]+)}");
    private static final String JSON = "application/json";

    private final SchemaWriter writer = new SchemaWriter();
    private final ObjectNode document = Json.MAPPER.createObjectNode();

    private OpenApi() {}

    static ObjectNode of(List<Route> routes, String version) {
        OpenApi api = new OpenApi();
        api.document.put("openapi", "3.1.0");
        api.document
                .putObject("info")
                .put("title", "HeliosDB Tenant Replication")
                .put("version", version)
                .put(
                        "description",
                        "What is absent in a reply is unknown. Unknown fields in a request are errors.");
        api.document.putArray("servers").addObject().put("url", "/");
        ObjectNode paths = api.document.putObject("paths");
        for (Route route : routes) {
            ObjectNode path =
                    paths.has(route.path())
                            ? (ObjectNode) paths.get(route.path())
                            : paths.putObject(route.path());
            path.set(route.method().name().toLowerCase(), api.operation(route));
        }
        api.components();
        return api.document;
    }

    static String yaml(ObjectNode document) {
        try {
            return new YAMLMapper(
                            new YAMLFactory()
                                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES))
                    .writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private void components() {
        ObjectNode components = document.putObject("components");
        components.set("schemas", writer.schemas());
        ObjectNode schemes = components.putObject("securitySchemes");
        schemes.putObject("ApiKey")
                .put("type", "apiKey")
                .put("in", "header")
                .put("name", "X-API-Key");
        schemes.putObject("Bearer")
                .put("type", "http")
                .put("scheme", "bearer")
                .put("bearerFormat", "JWT");
        schemes.putObject("ClientCredentials")
                .put("type", "oauth2")
                .putObject("flows")
                .putObject("clientCredentials")
                .put("tokenUrl", "/oauth/token")
                .putObject("scopes");
    }

    private ObjectNode operation(Route route) {
        ObjectNode operation = Json.MAPPER.createObjectNode();
        operation.putArray("tags").add(route.tag());
        operation.put("operationId", route.operation()).put("summary", route.summary());
        if (route.permission() != null) {
            operation.put("description", "Needs the permission " + route.permission().text());
        }
        ArrayNode security = operation.putArray("security");
        if (!route.isPublic()) {
            security.addObject().putArray("ApiKey");
            security.addObject().putArray("Bearer");
            security.addObject().putArray("ClientCredentials");
        }
        parameters(route, operation);
        if (route.request() != null) {
            boolean form = route.request() == AccessBodies.TokenRequest.class;
            operation
                    .putObject("requestBody")
                    .put("required", route.requestRequired())
                    .putObject("content")
                    .putObject(form ? "application/x-www-form-urlencoded" : JSON)
                    .set("schema", writer.schema(route.request()));
        }
        responses(route, operation.putObject("responses"));
        return operation;
    }

    private void parameters(Route route, ObjectNode operation) {
        ArrayNode parameters = Json.MAPPER.createArrayNode();
        Matcher names = PATH_PARAMETER.matcher(route.path());
        while (names.find()) {
            ObjectNode schema =
                    parameters
                            .addObject()
                            .put("name", names.group(1))
                            .put("in", "path")
                            .put("required", true)
                            .putObject("schema")
                            .put("type", "string");
            if (!route.path().contains("keys") && !route.path().contains("clients")) {
                schema.put("format", "uuid");
            }
        }
        for (Route.Parameter parameter : route.query()) {
            ObjectNode schema =
                    parameters
                            .addObject()
                            .put("name", parameter.name())
                            .put("in", "query")
                            .put("required", false)
                            .put("description", parameter.description())
                            .putObject("schema")
                            .put("type", parameter.type());
            if (parameter.format() != null) {
                schema.put("format", parameter.format());
            }
            if (!parameter.values().isEmpty()) {
                ArrayNode values = schema.putArray("enum");
                parameter.values().forEach(values::add);
            }
            if (parameter.standard() != null) {
                schema.set("default", Json.tree(parameter.standard()));
            }
        }
        if (!parameters.isEmpty()) {
            operation.set("parameters", parameters);
        }
    }

    private void responses(Route route, ObjectNode responses) {
        if (route.dryRun() != null && route.dryRun() != route.response()) {
            ObjectNode dry = Json.MAPPER.createObjectNode();
            if (route.success() == 200 && route.response() != null) {
                ArrayNode either = dry.putArray("oneOf");
                either.add(writer.schema(route.response()));
                either.add(writer.schema(route.dryRun()));
            } else {
                dry = writer.schema(route.dryRun());
                success(route, responses);
            }
            responses
                    .putObject("200")
                    .put("description", "OK; with dry_run what was found")
                    .putObject("content")
                    .putObject(JSON)
                    .set("schema", dry);
        } else {
            success(route, responses);
        }
        Map<Integer, TreeSet<String>> codes = new TreeMap<>();
        for (ControlError error : route.allErrors()) {
            codes.computeIfAbsent(Errors.status(error), status -> new TreeSet<>())
                    .add(error.name());
        }
        codes.forEach(
                (status, names) ->
                        responses
                                .putObject(String.valueOf(status))
                                .put("description", String.join(", ", names))
                                .putObject("content")
                                .putObject(JSON)
                                .set("schema", writer.schema(ErrorReply.class)));
    }

    private void success(Route route, ObjectNode responses) {
        ObjectNode reply =
                responses.putObject(String.valueOf(route.success())).put("description", "OK");
        if (route.response() == Text.class) {
            reply.putObject("content")
                    .putObject("text/plain")
                    .putObject("schema")
                    .put("type", "string");
        } else if (route.response() != null) {
            reply.putObject("content")
                    .putObject(JSON)
                    .set("schema", writer.schema(route.response()));
        }
    }
}
