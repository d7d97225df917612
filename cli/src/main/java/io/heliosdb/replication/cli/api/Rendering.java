package io.heliosdb.replication.cli.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.cli.terminal.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Replies as people read them. What is absent is not known, and reads as a dash in tables. */
final class Rendering {

    private static final String UNKNOWN = "-";
    private static final int LONGEST_CELL = 100;

    private Rendering() {}

    static List<String> of(ApiOperation operation, JsonNode reply) {
        if (reply.isMissingNode()) {
            return List.of("done");
        }
        if (!operation.columns().isEmpty()) {
            return page(operation.columns(), reply);
        }
        List<String> lines = new ArrayList<>();
        fields("", reply, lines);
        return lines;
    }

    private static List<String> page(List<String> columns, JsonNode reply) {
        TextTable table = new TextTable(columns.size(), columns.toArray(String[]::new));
        for (JsonNode item : reply.path("data")) {
            table.row(columns.stream().map(it -> cell(item, it)).toArray(String[]::new));
        }
        List<String> lines = new ArrayList<>(table.lines());
        JsonNode pagination = reply.path("pagination");
        if (pagination.path("total_pages").asInt() > 1) {
            lines.add(
                    "page %d of %d, %d in all"
                            .formatted(
                                    pagination.path("page").asInt(),
                                    pagination.path("total_pages").asInt(),
                                    pagination.path("total_items").asInt()));
        }
        return lines;
    }

    private static String cell(JsonNode item, String path) {
        JsonNode value = item.at("/" + path.replace('.', '/'));
        String text = value.isMissingNode() || value.isNull() ? UNKNOWN : text(value);
        return text.length() > LONGEST_CELL ? text.substring(0, LONGEST_CELL - 1) + "…" : text;
    }

    /** Text of the server, without what would move the cursor of a terminal. */
    private static String text(JsonNode value) {
        String text = value.isValueNode() ? value.asText() : value.toString();
        StringBuilder plain = new StringBuilder();
        text.codePoints()
                .map(c -> Character.isISOControl(c) ? ' ' : c)
                .forEach(plain::appendCodePoint);
        return plain.toString();
    }

    /** A line per field; lists of objects as tables. */
    private static void fields(String prefix, JsonNode node, List<String> lines) {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            String name = prefix + field.getKey();
            JsonNode value = field.getValue();
            if (value.isObject()) {
                fields(name + ".", value, lines);
            } else if (value.isArray() && !value.isEmpty() && value.get(0).isObject()) {
                lines.add(name + ":");
                table(value).forEach(line -> lines.add("  " + line));
            } else {
                lines.add(name + ": " + text(value));
            }
        }
    }

    private static List<String> table(JsonNode items) {
        TreeSet<String> known = new TreeSet<>();
        List<String> columns = new ArrayList<>();
        for (JsonNode item : items) {
            for (Map.Entry<String, JsonNode> field : item.properties()) {
                if (known.add(field.getKey())) {
                    columns.add(field.getKey());
                }
            }
        }
        TextTable table = new TextTable(columns.size(), columns.toArray(String[]::new));
        for (JsonNode item : items) {
            table.row(columns.stream().map(it -> cell(item, it)).toArray(String[]::new));
        }
        return table.lines();
    }
}
