package io.heliosdb.replication.model.config;

import io.heliosdb.replication.model.Tier;

/** How much processor time it may cost to make what waits small. */
public enum CompressionLevel {
    NONE,
    LOW,
    MEDIUM,
    HIGH;

    /** What a tier has unless the replication says otherwise. */
    public static CompressionLevel of(Tier tier) {
        return switch (tier) {
            case SYNCHRONOUS, PREMIUM -> LOW;
            case STANDARD -> MEDIUM;
            case BEST_EFFORT -> HIGH;
        };
    }
}
