package io.heliosdb.replication.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The rate of a load: the pause between two beats is the load itself, nothing is waited for. An
 * interrupt ends a beat early and stays set.
 */
public final class Pace {

    private final long intervalNanos;
    private long due;

    public Pace(Duration interval) {
        this.intervalNanos = interval.toNanos();
    }

    /**
     * Pauses until an interval after the last beat of this kind was due, not at all if that is
     * over: so many beats there are, however long it takes what is done between them.
     */
    public void keepUp() {
        due = due == 0 ? System.nanoTime() + intervalNanos : due + intervalNanos;
        long left = due - System.nanoTime();
        if (left > 0) {
            LockSupport.parkNanos(left);
        }
    }

    /** Pauses for an interval. */
    public void beat() {
        LockSupport.parkNanos(intervalNanos);
    }
}
