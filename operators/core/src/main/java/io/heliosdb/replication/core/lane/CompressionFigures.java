package io.heliosdb.replication.core.lane;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.core.segment.TableSample;
import io.heliosdb.replication.model.RelationDescriptor;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How small what one replication keeps has become since the job began: of all that was stored, and
 * by table of one block in {@value #ONE_IN}, beside Zstd alone on the same bytes.
 */
public final class CompressionFigures {

    /** Of the blocks that are large enough to tell. */
    static final int ONE_IN = 32;

    static final long LEAST_BYTES = 16 << 10;

    private static final int MOST_TABLES = 20;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Map<Long, TableSample> tables = new HashMap<>();
    private long rawBytes;
    private long storedBytes;
    private long blocks;
    private long samples;
    private boolean sampled;
    private long toldBytes;

    void stored(long raw, long stored) {
        rawBytes += raw;
        storedBytes += stored;
    }

    /** Whether the next block of this size is one to look into. */
    boolean isDue(long raw) {
        return raw >= LEAST_BYTES && blocks++ % ONE_IN == 0;
    }

    void sampled(List<TableSample> tableSamples) {
        sampled = true;
        samples++;
        for (TableSample sample : tableSamples) {
            tables.merge(
                    sample.fingerprint(),
                    sample,
                    (a, b) ->
                            new TableSample(
                                    a.fingerprint(),
                                    a.rawBytes() + b.rawBytes(),
                                    a.zstdBytes() + b.zstdBytes(),
                                    a.bytes() + b.bytes()));
        }
    }

    /** So many blocks were looked into. */
    long samples() {
        return samples;
    }

    /** A hundred times raw over stored size; 0 if nothing was stored. */
    long percent() {
        return storedBytes == 0 ? 0 : 100 * rawBytes / storedBytes;
    }

    long rawBytes() {
        return rawBytes;
    }

    long storedBytes() {
        return storedBytes;
    }

    /** As {@link #text}, or empty if little has changed since it was told last. */
    String newText(Map<Long, RelationDescriptor> relations) {
        if (!sampled && rawBytes <= toldBytes + toldBytes / 10) {
            return "";
        }
        sampled = false;
        toldBytes = rawBytes;
        return text(relations);
    }

    /**
     * JSON: {@code {"raw": bytes, "stored": bytes, "tables": [{"table": "public.orders", "raw":
     * bytes, "zstd": bytes, "stored": bytes, "ratio": …, "zstdRatio": …}]}}; of tables those that
     * have most.
     */
    String text(Map<Long, RelationDescriptor> relations) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("raw", rawBytes).put("stored", storedBytes);
        ArrayNode list = json.putArray("tables");
        byName(relations).entrySet().stream()
                .sorted(Comparator.comparingLong(it -> -it.getValue().rawBytes()))
                .limit(MOST_TABLES)
                .forEach(
                        it ->
                                list.addObject()
                                        .put("table", it.getKey())
                                        .put("raw", it.getValue().rawBytes())
                                        .put("zstd", it.getValue().zstdBytes())
                                        .put("stored", it.getValue().bytes())
                                        .put("ratio", ratio(it.getValue(), it.getValue().bytes()))
                                        .put(
                                                "zstdRatio",
                                                ratio(it.getValue(), it.getValue().zstdBytes())));
        return json.toString();
    }

    /** A table has another descriptor after DDL. */
    private Map<String, TableSample> byName(Map<Long, RelationDescriptor> relations) {
        Map<String, TableSample> named = new HashMap<>();
        for (TableSample sample : tables.values()) {
            RelationDescriptor relation = relations.get(sample.fingerprint());
            if (relation != null) {
                named.merge(
                        relation.table().toString(),
                        sample,
                        (a, b) ->
                                new TableSample(
                                        0,
                                        a.rawBytes() + b.rawBytes(),
                                        a.zstdBytes() + b.zstdBytes(),
                                        a.bytes() + b.bytes()));
            }
        }
        return named;
    }

    private static double ratio(TableSample sample, long bytes) {
        return rounded(sample.rawBytes(), bytes);
    }

    private static double rounded(long raw, long stored) {
        return Math.round(100.0 * raw / Math.max(1, stored)) / 100.0;
    }

    /** Raw over stored size of all that was stored, of such a text; null if nothing was. */
    public static @Nullable Double ratio(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            JsonNode json = MAPPER.readTree(text);
            long stored = json.path("stored").asLong();
            return stored == 0 ? null : Double.valueOf(rounded(json.path("raw").asLong(), stored));
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
