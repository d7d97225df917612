package io.heliosdb.replication.core.lane;

import java.time.Instant;
import java.time.InstantSource;

/**
 * The source's clock as seen from here, so that lag is measured on one clock however far apart the
 * machines' clocks are.
 *
 * <p>Each tick brings a source time; the smallest transit in sight is taken for the offset. It is
 * forgotten within a minute, so a clock that is set is followed.
 */
final class SourceClock {

    private static final int KEPT_TICKS = 60;

    private final InstantSource local;
    private final long[] offsets = new long[KEPT_TICKS];
    private int ticks;
    private long offsetMicros;
    private long lastTickLocalMicros;

    SourceClock(InstantSource local) {
        this.local = local;
    }

    void ticked(long sourceEpochMicros) {
        lastTickLocalMicros = localMicros();
        offsets[ticks++ % KEPT_TICKS] = sourceEpochMicros - lastTickLocalMicros;
        long best = Long.MIN_VALUE;
        for (int i = 0; i < Math.min(ticks, KEPT_TICKS); i++) {
            best = Math.max(best, offsets[i]);
        }
        offsetMicros = best;
    }

    /** Whether anything is known about the source's clock. */
    boolean known() {
        return ticks > 0;
    }

    /** Microseconds since the epoch by the source's clock. */
    long nowMicros() {
        return localMicros() + offsetMicros;
    }

    /** How long the source has been silent. */
    long sinceLastTickMicros() {
        return localMicros() - lastTickLocalMicros;
    }

    private long localMicros() {
        Instant now = local.instant();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    }
}
