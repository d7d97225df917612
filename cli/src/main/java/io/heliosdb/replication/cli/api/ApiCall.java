package io.heliosdb.replication.cli.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.cli.api.ApiOption.Place;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Carries a command out: options to a call, the reply to text. */
final class ApiCall implements Callable<Integer> {

    private final ApiOperation operation;
    private final ServerOptions server = new ServerOptions();
    private final Map<ApiOption, Object> values = new LinkedHashMap<>();
    private @Nullable String subject;
    private @Nullable String bodyFile;
    private boolean json;
    private @Nullable CommandSpec spec;

    ApiCall(ApiOperation operation) {
        this.operation = operation;
    }

    ServerOptions server() {
        return server;
    }

    void spec(CommandSpec itsSpec) {
        spec = itsSpec;
    }

    void set(ApiOption option, Object value) {
        values.put(option, value);
    }

    void subject(String value) {
        subject = value;
    }

    void bodyFile(@Nullable String file) {
        bodyFile = file;
    }

    void json(boolean value) {
        json = value;
    }

    @Override
    public Integer call() {
        requireAll();
        ApiClient client = server.open();
        JsonNode reply =
                client.call(
                        operation.method(),
                        path(client),
                        query(),
                        operation.method().equals("GET") || operation.method().equals("DELETE")
                                ? null
                                : body(client));
        if (spec != null) {
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(reply.isMissingNode() ? "{}" : reply.toPrettyString());
            } else {
                Rendering.of(operation, reply).forEach(out::println);
            }
            out.flush();
        }
        JsonNode ready = reply.path("ready");
        return ready.isBoolean() && !ready.asBoolean() ? ExitCode.FINDING : ExitCode.OK;
    }

    /** With --body they may be in there: the server looks at it. */
    private void requireAll() {
        List<String> missing =
                operation.options().stream()
                        .filter(option -> option.required() && !values.containsKey(option))
                        .map(ApiOption::name)
                        .toList();
        if (bodyFile == null && !missing.isEmpty()) {
            throw new Refusal(
                    ExitCode.USAGE,
                    "missing: " + String.join(", ", missing) + " (or --body with all fields)");
        }
    }

    private String path(ApiClient client) {
        String named = subject;
        if (named == null) {
            return operation.path();
        }
        String id =
                switch (operation.subject()) {
                    case REPLICATION -> client.replication(named);
                    case CONNECTION -> client.connection(named);
                    case ID, NONE -> named;
                };
        return operation.path().replaceAll("\\{[a-z_]+}", ApiClient.encode(id));
    }

    private Map<String, String> query() {
        Map<String, String> query = new LinkedHashMap<>();
        values.forEach(
                (option, value) -> {
                    if (option.place() == Place.QUERY) {
                        query.put(option.at(), String.valueOf(value));
                    }
                });
        return query;
    }

    /** The file's fields, and over them what options say. */
    private ObjectNode body(ApiClient client) {
        ObjectNode body = read();
        values.forEach(
                (option, value) -> {
                    if (option.place() == Place.BODY) {
                        put(body, option, value, client);
                    }
                });
        return body;
    }

    private ObjectNode read() {
        String file = bodyFile;
        if (file == null) {
            return ApiClient.MAPPER.createObjectNode();
        }
        try {
            JsonNode read =
                    ApiClient.MAPPER.readTree(
                            file.equals("-")
                                    ? System.in.readAllBytes()
                                    : Files.readAllBytes(Path.of(file)));
            if (read instanceof ObjectNode object) {
                return object;
            }
            throw new Refusal(ExitCode.USAGE, file + " holds no JSON object");
        } catch (java.io.IOException e) {
            throw new Refusal(ExitCode.USAGE, file + " cannot be read: " + e.getMessage());
        }
    }

    private static void put(ObjectNode body, ApiOption option, Object value, ApiClient client) {
        String[] names = option.at().split("\\.");
        ObjectNode at = body;
        for (int i = 0; i < names.length - 1; i++) {
            at = at.withObject("/" + names[i]);
        }
        String field = names[names.length - 1];
        switch (option.kind()) {
            case TEXT -> at.put(field, String.valueOf(value));
            case NUMBER -> at.put(field, (Long) value);
            case FLAG -> at.put(field, (Boolean) value);
            case OBJECT -> at.withObject("/" + field);
            case CONNECTION -> at.put(field, client.connection(String.valueOf(value)));
            case SECRET -> at.put(field, ServerOptions.secret(String.valueOf(value)));
            case LIST -> {
                var array = at.putArray(field);
                for (Object item : (List<?>) value) {
                    array.add(String.valueOf(item));
                }
            }
        }
    }
}
