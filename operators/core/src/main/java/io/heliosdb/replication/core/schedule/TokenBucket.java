package io.heliosdb.replication.core.schedule;

import java.time.Duration;

/**
 * Bounds how much goes somewhere in a second. Whoever wants something may take it, however much it
 * is, as soon as nothing is owed; what it took beyond what there was is owed, and everybody waits
 * until it is paid. So no rate is exceeded over any time longer than {@link #BURST} and one piece.
 *
 * <p>Owned by one thread; clocks come in.
 */
public final class TokenBucket {

    /** What was not taken in so long a time is lost. */
    public static final Duration BURST = Duration.ofMillis(250);

    /** A piece that pays for so long a time is a good one: it is no burden, and not too many. */
    private static final Duration PIECE = Duration.ofMillis(125);

    private static final double NANOS = 1e9;

    /** What is owed below that is a matter of rounding. */
    private static final double LEAST = 0.01;

    private final long bytesPerSecond;
    private double bytes;
    private long lastNanos;

    /**
     * @param bytesPerSecond 0 for no bound
     */
    public TokenBucket(long bytesPerSecond, long nowNanos) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("rate " + bytesPerSecond + " is negative");
        }
        this.bytesPerSecond = bytesPerSecond;
        this.lastNanos = nowNanos;
        this.bytes = most();
    }

    public long bytesPerSecond() {
        return bytesPerSecond;
    }

    /** In how many nanoseconds something may be taken; 0 for now. */
    public long waitNanos(long nowNanos) {
        if (bytesPerSecond == 0) {
            return 0;
        }
        refill(nowNanos);
        return bytes > -LEAST ? 0 : (long) Math.ceil(-bytes / bytesPerSecond * NANOS);
    }

    /** Takes it, whether there is as much or not. */
    public void take(long count, long nowNanos) {
        if (bytesPerSecond != 0) {
            refill(nowNanos);
            bytes -= count;
        }
    }

    /** As large should be what is taken at once, at most. */
    public long piece(long most) {
        return bytesPerSecond == 0
                ? most
                : Math.min(most, (long) Math.max(1, bytesPerSecond * seconds(PIECE)));
    }

    private void refill(long nowNanos) {
        double earned = (nowNanos - lastNanos) / NANOS * bytesPerSecond;
        lastNanos = nowNanos;
        bytes = Math.min(most(), bytes + Math.max(0, earned));
    }

    private double most() {
        return bytesPerSecond * seconds(BURST);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / NANOS;
    }
}
