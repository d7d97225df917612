package io.heliosdb.replication.control.replication;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.ServiceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.WhenFull;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a tenant is replicated.
 *
 * @param tableFilter {@code schema.table} patterns with {@code *}; with {@code !} before it, what
 *     is left out; empty: all tables
 * @param dedicatedBandwidth whether a connection to the target is kept for it alone; only Premium
 *     and Synchronous have it
 * @param maxBytesPerSecond of changes that may go to the target; 0 for no bound
 * @param backlog how much may wait, and for how long
 */
public record ReplicationConfig(
        Tier qosTier,
        int maxLagSeconds,
        int priority,
        List<String> tableFilter,
        RowFilter rowFilter,
        List<Transform> transforms,
        Compression compression,
        Encryption encryption,
        ExistingRows existingRows,
        boolean dedicatedBandwidth,
        long maxBytesPerSecond,
        Backlog backlog) {

    public static final int DEFAULT_PRIORITY = 50;
    private static final int LONGEST_LAG = 86_400;
    private static final int MOST_PATTERNS = 1000;
    private static final int LONGEST_PATTERN = 200;

    /** Which rows are carried. */
    public record RowFilter(boolean enabled, @Nullable String predicate) {
        public static final RowFilter OFF = new RowFilter(false, null);
    }

    /** What is done to rows on the way. */
    public record Transform(String type, @Nullable JsonNode config) {}

    /** How what waits is compressed. */
    public record Compression(boolean enabled, Level level) {
        /** The more, the smaller and the slower. */
        public enum Level {
            LOW,
            MEDIUM,
            HIGH
        }
    }

    /** How what waits is encrypted. */
    public record Encryption(boolean enabled, String algorithm) {
        public static final String AES_256_GCM = "AES256GCM";
        public static final Encryption OFF = new Encryption(false, AES_256_GCM);
    }

    /**
     * What may wait in the job. The source's slot moves on whatever waits.
     *
     * @param memoryBytes of the job's heap; 0 for no bound of its own
     * @param maxBytes as it is stored; 0 for no limit
     * @param maxAgeSeconds of the oldest change; 0 for no limit
     * @param whenFull what becomes of a backlog that is beyond a limit
     */
    public record Backlog(long memoryBytes, long maxBytes, long maxAgeSeconds, WhenFull whenFull) {

        public static final Backlog DEFAULT =
                new Backlog(
                        BacklogConfig.DEFAULT.memoryBytes(),
                        BacklogConfig.DEFAULT_MAX_BYTES,
                        BacklogConfig.DEFAULT_MAX_AGE.toSeconds(),
                        WhenFull.ALARM);

        public Backlog {
            if (memoryBytes != 0
                    && (memoryBytes < BacklogConfig.LEAST_MEMORY_BYTES
                            || memoryBytes > BacklogConfig.MOST_MEMORY_BYTES)) {
                throw ControlException.invalid(
                        "config.backlog.memory_bytes",
                        "must be 0 for no bound, or between 1048576 and 1099511627776, got "
                                + memoryBytes);
            }
            if (maxBytes != 0
                    && (maxBytes < BacklogConfig.LEAST_MAX_BYTES
                            || maxBytes > BacklogConfig.MOST_MAX_BYTES)) {
                throw ControlException.invalid(
                        "config.backlog.max_bytes",
                        "must be 0 for no limit, or between 65536 and 1125899906842624, got "
                                + maxBytes);
            }
            if (maxAgeSeconds < 0 || maxAgeSeconds > BacklogConfig.MOST_MAX_AGE.toSeconds()) {
                throw ControlException.invalid(
                        "config.backlog.max_age_seconds",
                        "must be 0 for no limit, or at most 31536000, got " + maxAgeSeconds);
            }
        }
    }

    public ReplicationConfig {
        tableFilter = List.copyOf(tableFilter);
        transforms = List.copyOf(transforms);
        if (maxLagSeconds < 0 || maxLagSeconds > LONGEST_LAG) {
            throw ControlException.invalid(
                    "config.max_lag_seconds", "must be between 0 and 86400, got " + maxLagSeconds);
        }
        if (maxBytesPerSecond != 0
                && (maxBytesPerSecond < ServiceConfig.LEAST_BYTES_PER_SECOND
                        || maxBytesPerSecond > ServiceConfig.MOST_BYTES_PER_SECOND)) {
            throw ControlException.invalid(
                    "config.max_bytes_per_second",
                    "must be 0 for no bound, or between 16384 and 1099511627776, got "
                            + maxBytesPerSecond);
        }
        if (priority < 0 || priority > 100) {
            throw ControlException.invalid(
                    "config.priority", "must be between 0 and 100, got " + priority);
        }
        if (tableFilter.size() > MOST_PATTERNS) {
            throw ControlException.invalid("config.table_filter", "has more than 1000 patterns");
        }
        for (String pattern : tableFilter) {
            String name = pattern.startsWith("!") ? pattern.substring(1) : pattern;
            if (name.isBlank()
                    || name.length() > LONGEST_PATTERN
                    || name.chars().anyMatch(Character::isISOControl)) {
                throw ControlException.invalid(
                        "config.table_filter", "patterns are like public.orders or sales.*");
            }
        }
    }

    /** As this, in another tier: what had the old tier's default has the new one's. */
    public ReplicationConfig inTier(Tier tier) {
        return new ReplicationConfig(
                tier,
                maxLagSeconds == defaultLag(qosTier) ? defaultLag(tier) : maxLagSeconds,
                priority,
                tableFilter,
                rowFilter,
                transforms,
                compression.equals(defaultCompression(qosTier))
                        ? defaultCompression(tier)
                        : compression,
                encryption,
                existingRows,
                dedicatedBandwidth,
                maxBytesPerSecond,
                backlog);
    }

    /** The compression of a tier, where none is asked for. */
    public static Compression defaultCompression(Tier tier) {
        return new Compression(
                true,
                switch (tier) {
                    case SYNCHRONOUS, PREMIUM -> Compression.Level.LOW;
                    case STANDARD -> Compression.Level.MEDIUM;
                    case BEST_EFFORT -> Compression.Level.HIGH;
                });
    }

    /** The lag limit of a tier, where none is asked for. */
    public static int defaultLag(Tier tier) {
        return (int) tier.lagLimit().toSeconds();
    }

    /**
     * As the data plane has it.
     *
     * @param schema if given, all its tables where no pattern says otherwise, and the schema of
     *     patterns without dot
     */
    public TableFilter filter(@Nullable String schema) {
        List<String> include = new ArrayList<>();
        List<String> exclude = new ArrayList<>();
        for (String pattern : tableFilter) {
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
}
