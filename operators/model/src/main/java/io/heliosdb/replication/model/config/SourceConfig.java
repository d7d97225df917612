package io.heliosdb.replication.model.config;

import java.io.Serializable;
import java.time.Duration;

/**
 * The source database with its one slot and one publication.
 *
 * @param heartbeat interval of the transactional logical message that proves the path alive
 * @param status interval of standby status replies; far below {@code wal_sender_timeout}
 */
public record SourceConfig(
        DatabaseConfig database,
        String slot,
        String publication,
        Duration heartbeat,
        Duration status)
        implements Serializable {

    public static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(1);
    public static final Duration DEFAULT_STATUS = Duration.ofSeconds(5);

    public SourceConfig {
        if (!slot.matches("[a-z0-9_]{1,63}")) {
            throw new IllegalArgumentException(
                    "slot may have lower-case letters, digits and underscores, at most 63: '"
                            + slot
                            + "'");
        }
        if (publication.isBlank()) {
            throw new IllegalArgumentException("publication must not be blank");
        }
        Bounds.check("heartbeat", heartbeat, Duration.ofMillis(50), Duration.ofMinutes(1));
        Bounds.check("status", status, Duration.ofMillis(100), Duration.ofMinutes(1));
    }
}
