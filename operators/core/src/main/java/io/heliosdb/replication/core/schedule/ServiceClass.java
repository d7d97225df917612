package io.heliosdb.replication.core.schedule;

import io.heliosdb.replication.model.Tier;

/**
 * What shares of a target are given out by: the tiers, and bulk for whoever brings so much at once
 * that it would take the share of its tier from the others.
 *
 * <p>The weights count only among classes that are late; who can be served in time is.
 */
public enum ServiceClass {
    SYNCHRONOUS(32),
    PREMIUM(16),
    STANDARD(4),
    BEST_EFFORT(1),
    BULK(1);

    private final int weight;

    ServiceClass(int weight) {
        this.weight = weight;
    }

    int weight() {
        return weight;
    }

    /** The class of a tier's ordinary work. */
    public static ServiceClass of(Tier tier) {
        return switch (tier) {
            case SYNCHRONOUS -> SYNCHRONOUS;
            case PREMIUM -> PREMIUM;
            case STANDARD -> STANDARD;
            case BEST_EFFORT -> BEST_EFFORT;
        };
    }
}
