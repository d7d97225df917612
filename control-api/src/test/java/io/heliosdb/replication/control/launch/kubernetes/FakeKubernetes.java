package io.heliosdb.replication.control.launch.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of a Kubernetes API server that deals with FlinkDeployments, with the operator's schema,
 * and an operator that does what the test says.
 */
final class FakeKubernetes implements AutoCloseable {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String BASE =
            "/apis/flink.apache.org/v1beta1/namespaces/flink/flinkdeployments";

    private final ResourceSchema schema = ResourceSchema.ofFlinkDeployments();
    private final Map<String, ObjectNode> resources = new LinkedHashMap<>();
    private final List<String> tokens = new ArrayList<>();
    private final HttpServer server;
    private int readsUntilGone;

    FakeKubernetes() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::serve);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private synchronized void serve(HttpExchange exchange) throws IOException {
        tokens.add(exchange.getRequestHeaders().getFirst("Authorization"));
        String path = exchange.getRequestURI().getPath();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String name = path.length() > BASE.length() ? path.substring(BASE.length() + 1) : "";
        if (!path.startsWith(BASE)) {
            reply(exchange, 404, message("no such path " + path));
            return;
        }
        switch (exchange.getRequestMethod()) {
            case "POST" -> create(exchange, (ObjectNode) MAPPER.readTree(body));
            case "PATCH" -> patch(exchange, name, MAPPER.readTree(body));
            case "DELETE" -> delete(exchange, name);
            default -> read(exchange, name);
        }
    }

    private void create(HttpExchange exchange, ObjectNode resource) throws IOException {
        String name = resource.at("/metadata/name").asText();
        List<String> problems = schema.problems(resource);
        if (!problems.isEmpty()) {
            reply(exchange, 422, message(String.join("; ", problems)));
        } else if (resources.containsKey(name)) {
            goSlowly(name);
            reply(exchange, 409, message("already exists"));
        } else {
            resources.put(name, resource);
            reply(exchange, 201, resource);
        }
    }

    private void goSlowly(String name) {
        if (resources.get(name).at("/metadata").has("deletionTimestamp") && --readsUntilGone <= 0) {
            resources.remove(name);
        }
    }

    private void patch(HttpExchange exchange, String name, JsonNode patch) throws IOException {
        ObjectNode resource = resources.get(name);
        if (resource == null) {
            reply(exchange, 404, message("not found"));
            return;
        }
        ObjectNode patched = resource.deepCopy();
        ((ObjectNode) patched.at("/spec/job")).setAll((ObjectNode) patch.at("/spec/job"));
        List<String> problems = schema.problems(patched);
        if (problems.isEmpty()) {
            resources.put(name, patched);
        }
        reply(
                exchange,
                problems.isEmpty() ? 200 : 422,
                problems.isEmpty() ? patched : message(problems.toString()));
    }

    private void delete(HttpExchange exchange, String name) throws IOException {
        ObjectNode resource = resources.get(name);
        if (resource == null) {
            reply(exchange, 404, message("not found"));
        } else if (readsUntilGone > 0) {
            resource.withObject("/metadata").put("deletionTimestamp", "2026-11-21T20:00:00Z");
            reply(exchange, 200, resource);
        } else {
            resources.remove(name);
            reply(exchange, 200, resource);
        }
    }

    private void read(HttpExchange exchange, String name) throws IOException {
        if (name.isEmpty()) {
            ObjectNode list = MAPPER.createObjectNode();
            resources.values().forEach(list.putArray("items")::add);
            reply(exchange, 200, list);
        } else if (resources.containsKey(name)) {
            reply(exchange, 200, resources.get(name));
        } else {
            reply(exchange, 404, message("not found"));
        }
    }

    private static ObjectNode message(String text) {
        return MAPPER.createObjectNode().put("message", text);
    }

    private static void reply(HttpExchange exchange, int status, JsonNode body) throws IOException {
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** What the operator reports. */
    synchronized void report(String name, String lifecycle, String job, String error) {
        ObjectNode status = resources.get(name).putObject("status");
        status.put("lifecycleState", lifecycle);
        status.putObject("jobStatus").put("state", job);
        if (!error.isEmpty()) {
            status.put("error", error);
        }
    }

    synchronized void deletionsTake(int reads) {
        readsUntilGone = reads;
    }

    synchronized JsonNode resource(String name) {
        return resources.getOrDefault(name, MAPPER.createObjectNode());
    }

    synchronized List<String> tokens() {
        return List.copyOf(tokens);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
