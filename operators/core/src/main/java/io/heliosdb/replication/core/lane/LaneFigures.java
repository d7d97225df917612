package io.heliosdb.replication.core.lane;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** Counters of one engine; written by its thread, read by anybody. */
public final class LaneFigures {

    private final AtomicLong transactions = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong evictions = new AtomicLong();
    private final AtomicLong lagMicros = new AtomicLong(-1);
    private volatile Worst worst = new Worst(-1, 0, 0);

    private record Worst(long micros, int unknown, long atNanos) {}

    void applied(long transactionCount, long rowCount) {
        transactions.addAndGet(transactionCount);
        rows.addAndGet(rowCount);
    }

    void failed() {
        failures.incrementAndGet();
    }

    void evicted() {
        evictions.incrementAndGet();
    }

    void lag(long micros) {
        lagMicros.set(micros);
    }

    /** The lags of all lanes now, -1 for unknown ones. */
    void lags(LongStream micros) {
        long[] all = micros.toArray();
        long most = -1;
        int unknown = 0;
        for (long lag : all) {
            most = Math.max(most, lag);
            unknown += lag < 0 ? 1 : 0;
        }
        worst = new Worst(most, unknown, System.nanoTime());
    }

    public long transactions() {
        return transactions.get();
    }

    public long rows() {
        return rows.get();
    }

    public long failures() {
        return failures.get();
    }

    public long evictions() {
        return evictions.get();
    }

    /**
     * The largest lag of a lane, by the source's clock; grows by itself while nothing is heard of
     * the source. -1 while none is known.
     */
    public long worstLagMicros() {
        Worst last = worst;
        return last.micros < 0 ? -1 : last.micros + (System.nanoTime() - last.atNanos) / 1_000;
    }

    /** Lanes whose lag is not known: they are being claimed or copied. */
    public long unknownLags() {
        return worst.unknown;
    }

    /**
     * Commit to applied of the transaction applied last, by the source's clock; -1 while unknown.
     */
    public long lagMicros() {
        return lagMicros.get();
    }
}
