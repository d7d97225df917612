package io.heliosdb.replication.core.lane;

import java.time.Duration;

/**
 * How long the next row of a lane has found its place taken. Replications of one target are not
 * ordered among each other: a row that goes from one tenant to another may arrive before it has
 * left, so what is taken now may soon be free. Owned by the engine's thread.
 */
final class TakenPlace {

    /** A lane that is this far behind the one that waits for it makes it fail. */
    static final Duration OF_STREAM = Duration.ofSeconds(15);

    /**
     * As above, of a copy: the other may have to be copied first. While others come nearer, it does
     * not count.
     */
    static final Duration OF_COPY = Duration.ofMinutes(10);

    /** Up to here, after about a second, it is the ordinary wait for another lane. */
    private static final int FAILURES_TO_TELL = 6;

    private final Backoff backoff = new Backoff(Duration.ofMillis(20), Duration.ofSeconds(1));
    private final Duration patience;
    private boolean waiting;
    private long sinceNanos;
    private long firstNanos;
    private long othersAt;
    private long untilLsn;

    /** Shall go together with the others that wait, once: they may wait for each other. */
    private boolean together;

    TakenPlace(Duration patience) {
        this.patience = patience;
    }

    /** It was taken, once more; returns when to look again. */
    Duration found() {
        if (!waiting) {
            waiting = true;
            sinceNanos = System.nanoTime();
            firstNanos = sinceNanos;
        }
        together = true;
        return backoff.failed();
    }

    /** Whoever may have taken it is being copied, and will go on: that does not count. */
    void othersAreCopied() {
        long now = System.nanoTime();
        if (now - firstNanos < OF_COPY.toNanos()) {
            sinceNanos = now;
        }
    }

    /**
     * How far others have to come who may have taken it: as far as anybody was when it was first
     * found.
     *
     * @param furthest how far somebody is now
     */
    long untilLsn(long furthest) {
        if (untilLsn == 0) {
            untilLsn = furthest;
        }
        return untilLsn;
    }

    /**
     * Those who may have taken it are on their way: as long as that changes, it does not count.
     *
     * @param position where they stand, all of them in one figure
     */
    void othersStandAt(long position) {
        if (position != othersAt) {
            othersAt = position;
            sinceNanos = System.nanoTime();
        }
    }

    void free() {
        othersAt = 0;
        untilLsn = 0;
        waiting = false;
        together = false;
        backoff.succeeded();
    }

    boolean isWaiting() {
        return waiting;
    }

    /** Whether it takes so long that somebody may want to know. */
    boolean isWorthTelling() {
        return backoff.failures() >= FAILURES_TO_TELL;
    }

    /** Whether it is still worth waiting if it is taken now. */
    boolean isPatient() {
        return !waiting || System.nanoTime() - sinceNanos < patience.toNanos();
    }

    /** Whether it is the turn to go with the others that wait; that turn is used up. */
    boolean takeTurnTogether() {
        boolean turn = together;
        together = false;
        return turn;
    }
}
