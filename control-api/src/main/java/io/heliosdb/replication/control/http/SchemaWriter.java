package io.heliosdb.replication.control.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.json.Json;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Writes records as JSON schemas, each once under its simple name, as {@link Json} writes them. */
final class SchemaWriter {

    private final ObjectNode schemas = Json.MAPPER.createObjectNode();

    ObjectNode schemas() {
        return schemas;
    }

    /** The schema of a value of this type: a reference for records. */
    ObjectNode schema(Type type) {
        ObjectNode schema = Json.MAPPER.createObjectNode();
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == List.class) {
                schema.put("type", "array").set("items", schema(arguments[0]));
                return schema;
            }
            if (generic.getRawType() == Map.class) {
                schema.put("type", "object").set("additionalProperties", schema(arguments[1]));
                return schema;
            }
        }
        if (type instanceof Class<?> plain) {
            return plain(plain, schema);
        }
        throw new IllegalArgumentException("no schema for " + type);
    }

    private ObjectNode plain(Class<?> type, ObjectNode schema) {
        if (type == String.class) {
            return schema.put("type", "string");
        }
        if (type == UUID.class) {
            return schema.put("type", "string").put("format", "uuid");
        }
        if (type == Instant.class) {
            return schema.put("type", "string").put("format", "date-time");
        }
        if (type == int.class || type == Integer.class) {
            return schema.put("type", "integer").put("format", "int32");
        }
        if (type == long.class || type == Long.class) {
            return schema.put("type", "integer").put("format", "int64");
        }
        if (type == double.class || type == Double.class) {
            return schema.put("type", "number").put("format", "double");
        }
        if (type == boolean.class || type == Boolean.class) {
            return schema.put("type", "boolean");
        }
        if (type == Object.class || type == JsonNode.class) {
            return schema;
        }
        if (type.isEnum()) {
            ArrayNode values = schema.put("type", "string").putArray("enum");
            for (Object constant : type.getEnumConstants()) {
                values.add(EnumNames.of((Enum<?>) constant));
            }
            return schema;
        }
        if (type.isRecord()) {
            return record(type, schema);
        }
        throw new IllegalArgumentException("no schema for " + type);
    }

    private ObjectNode record(Class<?> type, ObjectNode reference) {
        String name = type.getSimpleName();
        if (!schemas.has(name)) {
            ObjectNode schema = schemas.putObject(name).put("type", "object");
            ObjectNode properties = schema.putObject("properties");
            ArrayNode required = Json.MAPPER.createArrayNode();
            for (RecordComponent component : type.getRecordComponents()) {
                String property = name(component);
                properties.set(property, schema(component.getGenericType()));
                if (!Bodies.isNullable(component)) {
                    required.add(property);
                }
            }
            if (!required.isEmpty()) {
                schema.set("required", required);
            }
            schema.put("additionalProperties", false);
        }
        return reference.put("$ref", "#/components/schemas/" + name);
    }

    private static String name(RecordComponent component) {
        JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
        return named != null
                ? named.value()
                : PropertyNamingStrategies.SnakeCaseStrategy.INSTANCE.translate(
                        component.getName());
    }
}
