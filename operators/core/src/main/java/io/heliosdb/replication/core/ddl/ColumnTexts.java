package io.heliosdb.replication.core.ddl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.core.schema.TableDefinition;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A text per column, by its number, as {@code heliosdb.ddl} keeps it: a JSON object in the order of
 * the columns.
 */
public final class ColumnTexts {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ColumnTexts() {}

    /** The names of all columns. */
    public static String names(TableShape shape) {
        ObjectNode names = JsonNodeFactory.instance.objectNode();
        shape.names().forEach((number, name) -> names.put(String.valueOf(number), name));
        return names.toString();
    }

    /**
     * What rows of before read in columns that came; null for NULL.
     *
     * @param before null if all of them came
     */
    public static String added(@Nullable TableShape before, TableShape after) {
        ObjectNode added = JsonNodeFactory.instance.objectNode();
        for (int number : after.numbers()) {
            TableDefinition.Column column = Objects.requireNonNull(after.column(number));
            if ((before == null || before.column(number) == null)
                    && !column.isGenerated()
                    && column.identity() == ' ') {
                added.put(String.valueOf(number), after.missing().get(number));
            }
        }
        return added.toString();
    }

    /** Texts by name. */
    public static Map<String, String> byName(String json) {
        Map<String, String> texts = new LinkedHashMap<>();
        try {
            MAPPER.readTree(json)
                    .properties()
                    .forEach(it -> texts.put(it.getKey(), it.getValue().asText()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not texts by name: " + json, e);
        }
        return texts;
    }

    /** What the others wrote; empty of null. */
    public static Map<Integer, @Nullable String> read(@Nullable String json) {
        Map<Integer, @Nullable String> texts = new LinkedHashMap<>();
        if (json == null) {
            return texts;
        }
        try {
            JsonNode object = MAPPER.readTree(json);
            for (Iterator<String> numbers = object.fieldNames(); numbers.hasNext(); ) {
                String number = numbers.next();
                JsonNode text = object.get(number);
                texts.put(Integer.valueOf(number), text.isNull() ? null : text.asText());
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("heliosdb.ddl holds " + json, e);
        }
        return texts;
    }
}
