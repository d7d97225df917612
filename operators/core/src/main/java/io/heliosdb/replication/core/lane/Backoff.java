package io.heliosdb.replication.core.lane;

import java.time.Duration;

/** Exponential delays with a cap; owned by one thread. */
final class Backoff {

    private final long firstMillis;
    private final long mostMillis;
    private int failures;

    Backoff(Duration first, Duration most) {
        this.firstMillis = first.toMillis();
        this.mostMillis = most.toMillis();
    }

    /** The delay after one more failure. */
    Duration failed() {
        int doublings = Math.min(failures++, 20);
        return Duration.ofMillis(Math.min(mostMillis, firstMillis << doublings));
    }

    void succeeded() {
        failures = 0;
    }

    int failures() {
        return failures;
    }
}
