package io.heliosdb.replication.core.lane;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * When a group of lanes goes out to a target. A commit costs as much as dozens of rows, so while
 * one group is out the next one gathers; if every session took what there is at once, groups would
 * stay small however far behind the target is. On the engine's thread.
 */
final class Gathering {

    /**
     * What is out this long may wait for a lock, which nobody else shall wait for: a further
     * session is used.
     */
    static final Duration PATIENCE = Duration.ofMillis(4);

    /** While a group is out, so many lanes must be ready for a further session at once. */
    private static final int LANES_PER_FURTHER_SESSION = 64;

    /** Or one lane that is so many transactions behind. */
    private static final int TRANSACTIONS_PER_FURTHER_SESSION = 500;

    /** From this lag on, groups gather. */
    private static final long BEHIND_MICROS = 100_000;

    private static final Duration WHEN_BEHIND = Duration.ofMillis(8);

    /**
     * While somebody goes alone, who has a bulk load as a rule, the others gather for that part of
     * their limits: each commit that they make takes from it.
     */
    private static final int PER_LIMIT = 50;

    private static final Duration MOST = Duration.ofMillis(20);

    private final LongSupplier nanoTime;
    private final Map<Object, Long> out = new HashMap<>();
    private long lastNanos;
    private long lagMicros;

    Gathering(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Whether what is ready shall go out now. Who is behind can also wait some milliseconds more,
     * and catches up sooner for it; who is not behind goes out at once.
     *
     * @param ready so many lanes are
     * @param someoneAlone whether a lane is being applied alone
     */
    boolean isWorthASession(Lane first, int ready, boolean someoneAlone) {
        long waiting = first.backlog.transactions();
        long now = nanoTime.getAsLong();
        if (waiting < TRANSACTIONS_PER_FURTHER_SESSION
                && now - lastNanos < gatheringNanos(first, someoneAlone)) {
            return false;
        }
        int young = young(now);
        return young == 0
                || ready >= LANES_PER_FURTHER_SESSION * young
                || waiting >= TRANSACTIONS_PER_FURTHER_SESSION * (long) young;
    }

    private long gatheringNanos(Lane first, boolean someoneAlone) {
        long nanos = lagMicros > BEHIND_MICROS ? WHEN_BEHIND.toNanos() : 0;
        if (!someoneAlone || first.service.isLate()) {
            return nanos;
        }
        long share = first.spec.maxLag().toNanos() / PER_LIMIT;
        return Math.max(nanos, Math.min(MOST.toNanos(), share));
    }

    private int young(long now) {
        int young = 0;
        for (long since : out.values()) {
            young += now - since < PATIENCE.toNanos() ? 1 : 0;
        }
        return young;
    }

    /** Commit to applied, of what was applied last. */
    void lagged(long micros) {
        lagMicros = micros;
    }

    /** A group went out. */
    void sent(Object worker) {
        lastNanos = nanoTime.getAsLong();
        out.put(worker, lastNanos);
    }

    /** It is back, or it was no group. */
    void back(Object worker) {
        out.remove(worker);
    }

    boolean isEmpty() {
        return out.isEmpty();
    }
}
