package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.model.Tier;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** Counters of one engine; written by its thread, read by anybody. */
public final class LaneFigures {

    private final AtomicLong transactions = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong evictions = new AtomicLong();
    private final AtomicLong lagMicros = new AtomicLong(-1);
    private final AtomicLong dropped = new AtomicLong();
    private volatile Worst worst = new Worst(-1, 0, 0);
    private volatile Backlogs backlogs = new Backlogs(0, 0, 0, 0, 0, 0, 0);
    private volatile List<TierFigures> tiers = List.of();

    private record Worst(long micros, int unknown, long atNanos) {}

    /**
     * What waits in all lanes.
     *
     * @param rawBytes before compression
     * @param bytes as it is in state, and on the heap what is not there yet
     * @param oldestMicros when the oldest of it was committed, by the source's clock; 0 if nothing
     *     waits
     * @param alarms lanes beyond a limit
     * @param compressionRatio raw over stored size of what went to state since the job began; 0
     *     unknown
     */
    public record Backlogs(
            long transactions,
            long rows,
            long rawBytes,
            long bytes,
            long oldestMicros,
            long alarms,
            double compressionRatio) {}

    void backlogs(Collection<Lane> lanes, long alarms) {
        long transactions = 0;
        long rows = 0;
        long rawBytes = 0;
        long bytes = 0;
        long oldest = Long.MAX_VALUE;
        long storedRaw = 0;
        long stored = 0;
        for (Lane lane : lanes) {
            Backlog backlog = lane.backlog;
            transactions += backlog.transactions();
            rows += backlog.rows();
            rawBytes += backlog.bytes();
            bytes += backlog.size();
            storedRaw += lane.compression.rawBytes();
            stored += lane.compression.storedBytes();
            if (backlog.oldestMicros() > 0) {
                oldest = Math.min(oldest, backlog.oldestMicros());
            }
        }
        backlogs =
                new Backlogs(
                        transactions,
                        rows,
                        rawBytes,
                        bytes,
                        oldest == Long.MAX_VALUE ? 0 : oldest,
                        alarms,
                        stored == 0 ? 0 : storedRaw / (double) stored);
    }

    public Backlogs backlogs() {
        return backlogs;
    }

    void tiers(List<TierFigures> now) {
        tiers = List.copyOf(now);
    }

    /** How replications of this tier are served. */
    public TierFigures of(Tier tier) {
        return tiers.stream()
                .filter(it -> it.tier() == tier)
                .findFirst()
                .orElse(TierFigures.none(tier));
    }

    void drop() {
        dropped.incrementAndGet();
    }

    /** Backlogs dropped because they were beyond their limit. */
    public long dropped() {
        return dropped.get();
    }

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
