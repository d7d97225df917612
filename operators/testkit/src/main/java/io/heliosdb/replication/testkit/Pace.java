package io.heliosdb.replication.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The rate of a load: the pause between two beats is the load itself, nothing is waited for. An
 * interrupt ends a beat early and stays set.
 */
public final class Pace {

    private final long intervalNanos;

    public Pace(Duration interval) {
        this.intervalNanos = interval.toNanos();
    }

    /** Pauses for an interval. */
    public void beat() {
        LockSupport.parkNanos(intervalNanos);
    }
}
