package io.heliosdb.replication.control.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.heliosdb.replication.control.json.Json;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads bodies into records: strictly, and with words that name the field. */
final class Bodies {

    private Bodies() {}

    static <T> T read(byte[] body, Class<T> type) {
        JsonNode tree = parse(body);
        if (!tree.isObject()) {
            throw malformed("the body must be a JSON object");
        }
        checkText(tree, "");
        try {
            T value = Json.MAPPER.treeToValue(tree, type);
            checkRequired(value, "");
            return value;
        } catch (JsonMappingException e) {
            throw mapping(e);
        } catch (JsonProcessingException e) {
            throw malformed("the body is not what it should be");
        }
    }

    private static JsonNode parse(byte[] body) {
        try {
            return Json.MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw malformed(
                    "the body is not JSON: line "
                            + (e.getLocation() == null ? 0 : e.getLocation().getLineNr())
                            + ", column "
                            + (e.getLocation() == null ? 0 : e.getLocation().getColumnNr()));
        } catch (IOException e) {
            throw malformed("the body is not JSON in UTF-8");
        }
    }

    private static ControlException malformed(String message) {
        return new ControlException(ControlError.INVALID_REQUEST, message);
    }

    private static ControlException mapping(JsonMappingException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ControlException ours) {
                return ours;
            }
        }
        String field = path(e.getPath());
        if (e instanceof UnrecognizedPropertyException) {
            return ControlException.invalid(field, "is not known here");
        }
        String message = String.valueOf(e.getOriginalMessage());
        int ours = message.lastIndexOf(": ");
        boolean says = message.contains("must be one of") || message.contains("not a time like");
        return ControlException.invalid(
                field.isEmpty() ? "body" : field,
                says && ours >= 0 ? message.substring(ours + 2) : "is not of the right type");
    }

    private static String path(List<JsonMappingException.Reference> path) {
        StringBuilder text = new StringBuilder();
        for (JsonMappingException.Reference reference : path) {
            if (reference.getFieldName() != null) {
                text.append(text.isEmpty() ? "" : ".").append(reference.getFieldName());
            } else {
                text.append('[').append(reference.getIndex()).append(']');
            }
        }
        return text.toString();
    }

    /** Text that no database can store would fail far from here. */
    private static void checkText(JsonNode node, String path) {
        if (node.isTextual() && !isStorable(node.textValue())) {
            throw ControlException.invalid(
                    path.isEmpty() ? "body" : path, "has a character that is not valid text");
        }
        node.properties()
                .forEach(
                        entry -> {
                            if (!isStorable(entry.getKey())) {
                                throw ControlException.invalid(
                                        path.isEmpty() ? "body" : path,
                                        "has a key that is not valid text");
                            }
                            checkText(
                                    entry.getValue(),
                                    path.isEmpty() ? entry.getKey() : path + "." + entry.getKey());
                        });
        if (node.isArray()) {
            node.forEach(item -> checkText(item, path));
        }
    }

    /** Whether it has neither NUL nor half a surrogate pair. */
    static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return false;
            }
            if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return false;
            }
        }
        return true;
    }

    /** What is not declared nullable must be there. */
    private static void checkRequired(@Nullable Object value, String path) {
        if (value instanceof List<?> list) {
            for (Object item : list) {
                if (item == null) {
                    throw ControlException.invalid(path, "must not hold null");
                }
                checkRequired(item, path);
            }
        } else if (value instanceof Map<?, ?> map) {
            if (map.containsValue(null)) {
                throw ControlException.invalid(path, "must not hold null");
            }
        } else if (value instanceof Record record) {
            for (RecordComponent component : record.getClass().getRecordComponents()) {
                String name =
                        PropertyNamingStrategies.SnakeCaseStrategy.INSTANCE.translate(
                                component.getName());
                String field = path.isEmpty() ? name : path + "." + name;
                Object part = component(record, component);
                if (part == null && !isNullable(component)) {
                    throw ControlException.invalid(field, "is required");
                }
                checkRequired(part, field);
            }
        }
    }

    static boolean isNullable(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private static @Nullable Object component(Record record, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(record);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("component " + component, e);
        }
    }
}
