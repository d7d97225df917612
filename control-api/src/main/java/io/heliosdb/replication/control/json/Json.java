package io.heliosdb.replication.control.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * JSON as the interface speaks it: snake_case, times as ISO 8601 in UTC, enums in PascalCase,
 * absent instead of null. Strict in what it reads: unknown and duplicate keys, wrong types and text
 * after the end are errors.
 */
public final class Json {

    public static final ObjectMapper MAPPER = strict(new JsonFactory());

    private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("3000-01-01T00:00:00Z");
    private static final int DEEPEST = 50;

    private Json() {}

    private static ObjectMapper strict(JsonFactory factory) {
        factory.setStreamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build());
        return JsonMapper.builder(factory)
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(
                                JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .addModule(values())
                .build();
    }

    private static SimpleModule values() {
        SimpleModule module = new SimpleModule("control");
        module.addSerializer(
                Instant.class,
                new JsonSerializer<Instant>() {
                    @Override
                    public void serialize(
                            Instant value, JsonGenerator out, SerializerProvider provider)
                            throws IOException {
                        out.writeString(value.toString());
                    }
                });
        module.addDeserializer(
                Instant.class,
                new JsonDeserializer<Instant>() {
                    @Override
                    public Instant deserialize(JsonParser in, DeserializationContext context)
                            throws IOException {
                        String text = in.getText();
                        Instant time = parseTime(text);
                        return time != null
                                ? time
                                : (Instant)
                                        context.handleWeirdStringValue(
                                                Instant.class,
                                                text,
                                                "not a time like 2026-11-21T10:00:00Z");
                    }
                });
        module.setSerializerModifier(
                new BeanSerializerModifier() {
                    @Override
                    public JsonSerializer<?> modifyEnumSerializer(
                            SerializationConfig config,
                            JavaType type,
                            BeanDescription description,
                            JsonSerializer<?> serializer) {
                        return new EnumWriter();
                    }
                });
        module.setDeserializerModifier(
                new BeanDeserializerModifier() {
                    @Override
                    @SuppressWarnings("unchecked")
                    public JsonDeserializer<?> modifyEnumDeserializer(
                            DeserializationConfig config,
                            JavaType type,
                            BeanDescription description,
                            JsonDeserializer<?> deserializer) {
                        return new EnumReader((Class<? extends Enum<?>>) type.getRawClass());
                    }
                });
        return module;
    }

    /** A time between the years 2000 and 3000, which every database has too; null if it is none. */
    public static @Nullable Instant parseTime(String text) {
        try {
            Instant time = Instant.parse(text);
            return time.isBefore(EARLIEST) || time.isAfter(LATEST) ? null : time;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** Writes the names of {@link EnumNames}. */
    private static final class EnumWriter extends JsonSerializer<Enum<?>> {
        @Override
        public void serialize(Enum<?> value, JsonGenerator out, SerializerProvider provider)
                throws IOException {
            out.writeString(EnumNames.of(value));
        }
    }

    /** Reads the names that {@link EnumNames} writes. */
    private static final class EnumReader extends JsonDeserializer<Enum<?>> {

        private final Class<? extends Enum<?>> type;

        EnumReader(Class<? extends Enum<?>> type) {
            this.type = type;
        }

        @Override
        public Enum<?> deserialize(JsonParser in, DeserializationContext context)
                throws IOException {
            String text = in.getText();
            StringBuilder all = new StringBuilder();
            for (Enum<?> constant : type.getEnumConstants()) {
                String name = EnumNames.of(constant);
                if (in.currentToken().isScalarValue() && name.equals(text)) {
                    return constant;
                }
                all.append(all.isEmpty() ? "" : ", ").append(name);
            }
            return (Enum<?>) context.handleWeirdStringValue(type, text, "must be one of " + all);
        }
    }

    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not writable as JSON: " + value.getClass(), e);
        }
    }

    /** JSON of a value, or null for null: for columns. */
    public static @Nullable String column(@Nullable Object value) {
        return value == null ? null : write(value);
    }

    /** Reads what we wrote ourselves. */
    public static <T> T read(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not readable as " + type.getSimpleName(), e);
        }
    }

    public static <T> @Nullable T readColumn(@Nullable String json, Class<T> type) {
        return json == null ? null : read(json, type);
    }

    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }
}
