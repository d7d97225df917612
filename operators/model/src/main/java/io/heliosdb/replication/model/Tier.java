package io.heliosdb.replication.model;

import java.time.Duration;

/** The QoS class of a replication with its default lag limit. */
public enum Tier {
    BEST_EFFORT(Duration.ofMinutes(5)),
    STANDARD(Duration.ofSeconds(30)),
    PREMIUM(Duration.ofSeconds(1)),
    SYNCHRONOUS(Duration.ZERO);

    private final Duration lagLimit;

    Tier(Duration lagLimit) {
        this.lagLimit = lagLimit;
    }

    public Duration lagLimit() {
        return lagLimit;
    }
}
