package io.heliosdb.replication.model.config;

import io.heliosdb.replication.model.Tier;
import java.io.Serializable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one replication is owed beside its tier, and what it may take.
 *
 * @param ownLag its lag limit; null for that of the tier
 * @param ownConnection whether a connection to the target is kept for it alone; only of {@link
 *     Tier#PREMIUM} and {@link Tier#SYNCHRONOUS}, with other tiers it has none
 * @param bytesPerSecond of changes that may go to the target; 0 for no bound
 */
public record ServiceConfig(@Nullable Duration ownLag, boolean ownConnection, long bytesPerSecond)
        implements Serializable {

    public static final ServiceConfig DEFAULT = new ServiceConfig(null, false, 0);
    public static final long LEAST_BYTES_PER_SECOND = 16L << 10;
    public static final long MOST_BYTES_PER_SECOND = 1L << 40;

    private static final String NO_LAG = "-";

    public ServiceConfig {
        if (ownLag != null) {
            Bounds.check("max-lag", ownLag, Duration.ofMillis(100), Duration.ofDays(1));
        }
        checkBandwidth(bytesPerSecond);
    }

    static void checkBandwidth(long bytesPerSecond) {
        if (bytesPerSecond != 0) {
            Bounds.check(
                    "max-bandwidth", bytesPerSecond, LEAST_BYTES_PER_SECOND, MOST_BYTES_PER_SECOND);
        }
    }

    /**
     * By how much its target may lag. Whoever is synchronous is measured as premium: what it is
     * owed beyond that is not lag.
     */
    public Duration maxLag(Tier tier) {
        if (ownLag != null) {
            return ownLag;
        }
        return tier == Tier.SYNCHRONOUS ? Tier.PREMIUM.lagLimit() : tier.lagLimit();
    }

    /** Whether a connection is kept for it, being of this tier. */
    public boolean keepsConnection(Tier tier) {
        return ownConnection && (tier == Tier.PREMIUM || tier == Tier.SYNCHRONOUS);
    }

    /** All of it in one word without a slash; {@link #parse} reads it. */
    public String text() {
        return String.join(
                ",",
                ownLag == null ? NO_LAG : Long.toString(ownLag.toMillis()),
                Boolean.toString(ownConnection),
                Long.toString(bytesPerSecond));
    }

    public static ServiceConfig parse(String text) {
        String[] parts = text.split(",");
        return new ServiceConfig(
                parts[0].equals(NO_LAG) ? null : Duration.ofMillis(Long.parseLong(parts[0])),
                Boolean.parseBoolean(parts[1]),
                Long.parseLong(parts[2]));
    }
}
