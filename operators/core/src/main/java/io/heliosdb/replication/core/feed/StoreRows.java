package io.heliosdb.replication.core.feed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.ServiceConfig;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TargetConfig;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.model.config.WhenFull;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the store's tables {@code connections} and {@code replication_configs}, as {@code
 * to_jsonb} writes them ({@code secret} in base64), in the job's own words. Columns that this
 * version does not know are ignored; a value that it does not know makes the row CONFIG_INVALID.
 */
public final class StoreRows {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private StoreRows() {}

    /** A source: where it is, and how the tenant of a row is found in it. */
    public record Source(SourceConfig config, TenancyConfig tenancy, long version) {}

    /** The row of a replication. */
    public static DesiredReplication replication(String json) {
        JsonNode row = tree(json);
        String id = text(row, "id");
        return reading(
                "replication " + id,
                () -> {
                    String desired = text(row, "desired_state");
                    boolean ended =
                            !row.path("deleted_at").isMissingNode()
                                            && !row.path("deleted_at").isNull()
                                    || desired.equals("Stopped");
                    if (!Set.of("Running", "Paused", "Stopped").contains(desired)) {
                        throw new IllegalArgumentException("desired_state is '" + desired + "'");
                    }
                    String skip = optional(row, "skip_position");
                    return new DesiredReplication(
                            new ReplicationSpec(
                                    new ReplicationId(id),
                                    new TenantId(text(row, "tenant_id")),
                                    text(row, "target_connection_id"),
                                    filter(
                                            row.path("table_filter"),
                                            optional(row, "source_schema")),
                                    constant(Tier.class, text(row, "qos_tier")),
                                    row.path("priority").asInt(),
                                    desired.equals("Paused"),
                                    constant(ExistingRows.class, text(row, "existing_rows")),
                                    DdlRules.APPLY,
                                    backlog(row.path("compression"), row.path("backlog")),
                                    service(row)),
                            version(row, "spec_version"),
                            row.path("resync_generation").asInt(),
                            row.path("retry_generation").asInt(),
                            skip == null ? 0 : Lsn.parse(skip).value(),
                            row.path("skip_ddl").asBoolean(false),
                            ended,
                            row.path("cleanup_target").asBoolean(false));
                });
    }

    private static BacklogConfig backlog(JsonNode compression, JsonNode limits) {
        BacklogConfig defaults = BacklogConfig.DEFAULT;
        String whenFull = optional(limits, "when_full");
        return new BacklogConfig(
                level(compression),
                limits.path("memory_bytes").asLong(defaults.memoryBytes()),
                limits.path("max_bytes").asLong(defaults.maxBytes()),
                Duration.ofSeconds(
                        limits.path("max_age_seconds").asLong(defaults.maxAge().toSeconds())),
                whenFull == null ? defaults.whenFull() : constant(WhenFull.class, whenFull));
    }

    private static @Nullable CompressionLevel level(JsonNode compression) {
        if (!compression.isObject()) {
            return BacklogConfig.DEFAULT.compression();
        }
        return compression.path("enabled").asBoolean(true)
                ? constant(CompressionLevel.class, text(compression, "level"))
                : CompressionLevel.NONE;
    }

    /** 0 seconds is what the store has where lag is not what is owed. */
    private static ServiceConfig service(JsonNode row) {
        long seconds = row.path("max_lag_seconds").asLong(0);
        return new ServiceConfig(
                seconds == 0 ? null : Duration.ofSeconds(seconds),
                row.path("dedicated_bandwidth").asBoolean(false),
                row.path("max_bytes_per_second").asLong(0));
    }

    /** The row of a connection that is written to. */
    public static SealedTarget target(String json) {
        JsonNode row = tree(json);
        String id = text(row, "id");
        return reading(
                "connection " + id,
                () ->
                        new SealedTarget(
                                id,
                                url(row),
                                text(row, "username"),
                                secret(row),
                                row.path("target").path("lanes").asInt(TargetConfig.DEFAULT_LANES),
                                row.path("target").path("max_bytes_per_second").asLong(0),
                                version(row, "version")));
    }

    /** The row of the connection that a job reads from. */
    public static Source source(String json, SecretOpener opener) {
        JsonNode row = tree(json);
        String id = text(row, "id");
        return reading(
                "connection " + id,
                () -> {
                    JsonNode role = row.path("source");
                    if (!role.isObject() || !row.path("deleted_at").isNull()) {
                        throw new IllegalArgumentException(
                                role.isObject() ? "is deleted" : "has no role as source");
                    }
                    byte[] secret = secret(row);
                    return new Source(
                            new SourceConfig(
                                    new DatabaseConfig(
                                            url(row),
                                            text(row, "username"),
                                            secret.length == 0
                                                    ? Secret.EMPTY
                                                    : new Secret(opener.open(secret, id))),
                                    text(role, "slot"),
                                    text(role, "publication"),
                                    SourceConfig.DEFAULT_HEARTBEAT,
                                    SourceConfig.DEFAULT_STATUS),
                            tenancy(role.path("tenancy")),
                            version(row, "version"));
                });
    }

    private static TenancyConfig tenancy(JsonNode keys) {
        Map<TableId, String> columns = new LinkedHashMap<>();
        keys.path("tables")
                .properties()
                .forEach(it -> columns.put(TableId.parse(it.getKey()), it.getValue().asText()));
        Set<TableId> references = new HashSet<>();
        texts(keys.path("reference_tables")).forEach(it -> references.add(TableId.parse(it)));
        return new TenancyConfig(
                optional(keys, "column"), columns, optional(keys, "schema_pattern"), references);
    }

    /**
     * {@code schema.table} patterns, {@code !} before what is left out; a schema is meant by
     * patterns without dot, and alone means all its tables.
     */
    private static TableFilter filter(JsonNode patterns, @Nullable String schema) {
        List<String> include = new ArrayList<>();
        List<String> exclude = new ArrayList<>();
        for (String pattern : texts(patterns)) {
            boolean out = pattern.startsWith("!");
            String name = out ? pattern.substring(1) : pattern;
            (out ? exclude : include)
                    .add(name.indexOf('.') < 0 && schema != null ? schema + "." + name : name);
        }
        if (include.isEmpty() && schema != null) {
            include.add(schema + ".*");
        }
        return new TableFilter(include, exclude);
    }

    private static String url(JsonNode row) {
        return "jdbc:postgresql://"
                + text(row, "host")
                + ":"
                + row.path("port").asInt()
                + "/"
                + text(row, "database_name")
                + "?sslmode="
                + text(row, "ssl_mode");
    }

    private static byte[] secret(JsonNode row) {
        String secret = optional(row, "secret");
        // encode() breaks lines as MIME does.
        return secret == null ? new byte[0] : Base64.getMimeDecoder().decode(secret);
    }

    private static long version(JsonNode row, String name) {
        JsonNode version = row.path(name);
        if (!version.isIntegralNumber()) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return version.asLong();
    }

    private static String text(JsonNode row, String name) {
        String text = optional(row, name);
        if (text == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return text;
    }

    private static @Nullable String optional(JsonNode row, String name) {
        JsonNode value = row.path(name);
        return value.isMissingNode() || value.isNull() ? null : value.asText();
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(it -> texts.add(it.asText()));
        return texts;
    }

    /** {@code BestEffort} is {@code BEST_EFFORT}. */
    private static <E extends Enum<E>> E constant(Class<E> type, String name) {
        return Enum.valueOf(
                type, name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT));
    }

    private interface Reading<T> {
        T read();
    }

    private static <T> T reading(String what, Reading<T> reading) {
        try {
            return reading.read();
        } catch (IllegalArgumentException e) {
            throw new ReplicationException(
                    ErrorCode.CONFIG_INVALID,
                    what + " cannot be read from the store: " + e.getMessage(),
                    e);
        }
    }

    private static JsonNode tree(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new ReplicationException(
                    ErrorCode.CONFIG_INVALID, "a row of the store is no JSON");
        }
    }
}
