package io.heliosdb.replication.core.lane;

import java.util.concurrent.atomic.AtomicLong;

/** Counters of one engine; written by its thread, read by anybody. */
public final class LaneFigures {

    private final AtomicLong transactions = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong evictions = new AtomicLong();
    private final AtomicLong lagMicros = new AtomicLong(-1);

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
     * Commit to applied of the transaction applied last, by the source's clock; -1 while unknown.
     */
    public long lagMicros() {
        return lagMicros.get();
    }
}
