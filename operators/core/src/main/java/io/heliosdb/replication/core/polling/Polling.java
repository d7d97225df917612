package io.heliosdb.replication.core.polling;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The pauses between looks at a state that nothing announces. They double from the first to the
 * longest; with {@link #within} they end at a deadline.
 *
 * <pre>
 *   Polling polling = Polling.growing(first, longest).within(patience);
 *   while (!holds()) {
 *       if (!polling.again()) {
 *           throw …
 *       }
 *   }
 * </pre>
 *
 * <p>One per wait, owned by one thread. An interrupt ends a pause at once.
 */
public final class Polling {

    private final long longestNanos;
    private long pauseNanos;
    private long beginNanos;
    private long patienceNanos = Long.MAX_VALUE;
    private @Nullable RandomGenerator jitter;

    private Polling(Duration first, Duration longest) {
        if (first.isZero() || first.isNegative() || first.compareTo(longest) > 0) {
            throw new IllegalArgumentException("pauses from " + first + " to " + longest);
        }
        this.pauseNanos = first.toNanos();
        this.longestNanos = longest.toNanos();
    }

    /** Pauses of one length, without end. */
    public static Polling every(Duration pause) {
        return new Polling(pause, pause);
    }

    /** Pauses that double, without end. */
    public static Polling growing(Duration first, Duration longest) {
        return new Polling(first, longest);
    }

    /** Ends this long after now. */
    public Polling within(Duration patience) {
        beginNanos = System.nanoTime();
        patienceNanos = patience.toNanos();
        return this;
    }

    /** Each pause is a random part of what it would be: for those who got in each other's way. */
    public Polling jittered(RandomGenerator random) {
        jitter = random;
        return this;
    }

    /**
     * Pauses, but not beyond the deadline, so that there is a last look when the time is up.
     *
     * @return false, without a pause, once the deadline has passed
     */
    public boolean again() throws InterruptedException {
        long pause = jitter == null ? pauseNanos : jitter.nextLong(pauseNanos);
        if (patienceNanos != Long.MAX_VALUE) {
            long left = patienceNanos - (System.nanoTime() - beginNanos);
            if (left <= 0) {
                return false;
            }
            pause = Math.min(pause, left);
        }
        pauseNanos = Math.min(2 * pauseNanos, longestNanos);
        TimeUnit.NANOSECONDS.sleep(pause);
        return true;
    }

    /** Whether the pauses have grown to the longest: what is awaited takes its time. */
    public boolean isLong() {
        return pauseNanos == longestNanos;
    }
}
