package io.heliosdb.replication.core.lane;

/**
 * Lags of the last five minutes, counted by size. What is told of them is never better than it was,
 * and at most an eighth worse. Owned by one thread.
 */
final class LagWindow {

    static final long SLOT_MILLIS = 30_000;
    private static final int SLOTS = 10;

    /** Each power of two has so many classes, less those that are no whole numbers. */
    private static final int FINE_BITS = 3;

    private static final int FINE = 1 << FINE_BITS;
    private static final int CLASSES = (Long.SIZE - FINE_BITS) * FINE;

    private final int[][] counts = new int[SLOTS][];
    private final long[] samples = new long[SLOTS];
    private final long[] within = new long[SLOTS];
    private final long[] slotOf = new long[SLOTS];

    /** A lag, and whether it was within its limit. */
    void add(long micros, boolean isWithin, long nowMillis) {
        long slot = nowMillis / SLOT_MILLIS;
        int at = Math.floorMod(slot, SLOTS);
        if (counts[at] == null || slotOf[at] != slot) {
            counts[at] = new int[CLASSES];
            samples[at] = 0;
            within[at] = 0;
            slotOf[at] = slot;
        }
        counts[at][classOf(Math.max(0, micros))]++;
        samples[at]++;
        within[at] += isWithin ? 1 : 0;
    }

    private static int classOf(long micros) {
        if (micros < FINE) {
            return (int) micros;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(micros) - FINE_BITS;
        return (shift + 1) * FINE + (int) (micros >>> shift) - FINE;
    }

    /** The largest lag of a class. */
    private static long most(int lagClass) {
        if (lagClass < FINE) {
            return lagClass;
        }
        int shift = lagClass / FINE - 1;
        return ((long) (lagClass % FINE + FINE + 1) << shift) - 1;
    }

    /** What is told at a moment: shares of the lags, and how many were within their limits. */
    record Summary(long samples, long within, long p50, long p99, long worst) {}

    /** Of the last five minutes. */
    Summary summary(long nowMillis) {
        long slot = nowMillis / SLOT_MILLIS;
        long[] all = new long[CLASSES];
        long total = 0;
        long totalWithin = 0;
        for (int at = 0; at < SLOTS; at++) {
            if (counts[at] != null && slotOf[at] > slot - SLOTS && slotOf[at] <= slot) {
                total += samples[at];
                totalWithin += within[at];
                for (int i = 0; i < CLASSES; i++) {
                    all[i] += counts[at][i];
                }
            }
        }
        return new Summary(
                total,
                totalWithin,
                percentile(all, total, 0.50),
                percentile(all, total, 0.99),
                percentile(all, total, 1));
    }

    private static long percentile(long[] counts, long total, double share) {
        long wanted = (long) Math.ceil(share * total);
        long seen = 0;
        for (int i = 0; i < counts.length && total > 0; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return most(i);
            }
        }
        return 0;
    }
}
