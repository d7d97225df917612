package io.heliosdb.replication.model.config;

import java.io.Serializable;
import java.time.Duration;

/**
 * The source database with its one slot and one publication.
 *
 * @param heartbeat interval of the transactional logical message that proves the path alive
 * @param status interval of standby status replies; far below {@code wal_sender_timeout}
 * @param synchronousTimeout how long a commit waits at most for a Synchronous replication
 */
public record SourceConfig(
        DatabaseConfig database,
        String slot,
        String publication,
        Duration heartbeat,
        Duration status,
        Duration synchronousTimeout)
        implements Serializable {

    private static final int LONGEST_NAME = 63;

    public static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(1);
    public static final Duration DEFAULT_STATUS = Duration.ofSeconds(5);
    public static final Duration DEFAULT_SYNCHRONOUS_TIMEOUT = Duration.ofSeconds(5);

    /** With the default timeout of Synchronous replications. */
    public SourceConfig(
            DatabaseConfig database,
            String slot,
            String publication,
            Duration heartbeat,
            Duration status) {
        this(database, slot, publication, heartbeat, status, DEFAULT_SYNCHRONOUS_TIMEOUT);
    }

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
        Bounds.check(
                "synchronous-timeout",
                synchronousTimeout,
                Duration.ofMillis(100),
                Duration.ofMinutes(1));
    }

    /**
     * The name of the stream at the source, as {@code synchronous_standby_names} has it; longer
     * ones would be cut off there.
     */
    public String applicationName() {
        String name = "heliosdb-" + slot;
        return name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
    }
}
