package io.heliosdb.replication.model.config;

import io.heliosdb.replication.model.Tier;
import java.io.Serializable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the backlog of one replication is kept.
 *
 * @param compression null for that of the tier
 * @param memoryBytes heap that it may take of the task's; 0 for no bound of its own. What is
 *     applied next is on the heap whatever this says
 * @param maxBytes its limit: bytes in state, and on the heap what is not there yet; 0 for none
 * @param maxAge its limit: age of its oldest transaction; zero for none
 */
public record BacklogConfig(
        @Nullable CompressionLevel compression,
        long memoryBytes,
        long maxBytes,
        Duration maxAge,
        WhenFull whenFull)
        implements Serializable {

    public static final long LEAST_MEMORY_BYTES = 1L << 20;
    public static final long MOST_MEMORY_BYTES = 1L << 40;
    public static final long LEAST_MAX_BYTES = 64L << 10;
    public static final long MOST_MAX_BYTES = 1L << 50;
    public static final Duration MOST_MAX_AGE = Duration.ofDays(365);
    public static final long DEFAULT_MAX_BYTES = 10L << 30;
    public static final Duration DEFAULT_MAX_AGE = Duration.ofHours(24);
    public static final BacklogConfig DEFAULT =
            new BacklogConfig(null, 0, DEFAULT_MAX_BYTES, DEFAULT_MAX_AGE, WhenFull.ALARM);

    private static final String NO_LEVEL = "-";

    public BacklogConfig {
        if (memoryBytes != 0) {
            Bounds.check("backlog.memory", memoryBytes, LEAST_MEMORY_BYTES, MOST_MEMORY_BYTES);
        }
        if (maxBytes != 0) {
            Bounds.check("backlog.max-size", maxBytes, LEAST_MAX_BYTES, MOST_MAX_BYTES);
        }
        if (!maxAge.isZero()) {
            Bounds.check("backlog.max-age", maxAge, Duration.ofSeconds(1), MOST_MAX_AGE);
        }
    }

    public CompressionLevel compression(Tier tier) {
        return compression == null ? CompressionLevel.of(tier) : compression;
    }

    /** All of it in one word without a slash; {@link #parse} reads it. */
    public String text() {
        return String.join(
                ",",
                compression == null ? NO_LEVEL : compression.name(),
                Long.toString(memoryBytes),
                Long.toString(maxBytes),
                Long.toString(maxAge.toMillis()),
                whenFull.name());
    }

    public static BacklogConfig parse(String text) {
        String[] parts = text.split(",");
        return new BacklogConfig(
                parts[0].equals(NO_LEVEL) ? null : CompressionLevel.valueOf(parts[0]),
                Long.parseLong(parts[1]),
                Long.parseLong(parts[2]),
                Duration.ofMillis(Long.parseLong(parts[3])),
                WhenFull.valueOf(parts[4]));
    }
}
