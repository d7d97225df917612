package io.heliosdb.replication.core.synchronous;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the source may be told is applied: set where transactions are routed, read where the stream
 * is. Beside it, how far the source itself has come.
 */
public final class StandbyPosition {

    /**
     * @param awaited whether there is any Synchronous replication, in the set or not: somebody may
     *     wait for replies
     * @param nobody whether no replication is in the set, so that nothing needs to wait
     * @param idle whether nothing that was routed is waited for
     * @param routedEndLsn end of the last commit record that was routed
     * @param appliedLsn up to here all commits are applied, as far as they are to be waited for
     */
    public record Standing(
            boolean awaited, boolean nobody, boolean idle, long routedEndLsn, long appliedLsn) {}

    /** Nothing is known yet: nothing is told. */
    public static final Standing HOLD = new Standing(false, false, false, 0, 0);

    private record Sight(long lsn, long nanos) {}

    /** Heartbeats of more than the longest timeout. */
    private static final int KEPT_SIGHTS = 2048;

    private final AtomicReference<Standing> standing = new AtomicReference<>(HOLD);
    private final ArrayDeque<Sight> sights = new ArrayDeque<>();

    public Standing get() {
        return standing.get();
    }

    public void set(Standing now) {
        standing.set(now);
    }

    /** A stream begins: what another one saw says nothing of it, its source may be another. */
    public synchronized void forgetSights() {
        sights.clear();
    }

    /** Nothing is known until somebody sets it again. */
    public void hold() {
        standing.set(HOLD);
        forgetSights();
    }

    /** The source's log reached up to here just now. */
    public synchronized void seen(long lsn, long nanos) {
        sights.addLast(new Sight(lsn, nanos));
        if (sights.size() > KEPT_SIGHTS) {
            sights.removeFirst();
        }
    }

    /** How far the source's log is known to have reached by then; 0 if that is not known. */
    public synchronized long seenBy(long nanos) {
        long lsn = 0;
        for (Sight sight : sights) {
            if (sight.nanos - nanos > 0) {
                break;
            }
            lsn = sight.lsn;
        }
        return lsn;
    }

    /** How far the source's log is known to have reached; 0 for unknown. */
    public synchronized long seen() {
        return sights.isEmpty() ? 0 : sights.peekLast().lsn;
    }
}
