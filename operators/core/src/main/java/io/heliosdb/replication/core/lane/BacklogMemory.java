package io.heliosdb.replication.core.lane;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The heap that the backlogs of one engine take, and its bound: what is beyond goes to the store,
 * whatever it is and however many lanes there are.
 *
 * <p>A pass looks at every lane and then frees a part of the budget, so that it takes as many new
 * bytes to make the next one necessary: its cost is spread over them. The part is not so large that
 * the owner's thread would be away for long.
 */
final class BacklogMemory {

    private static final long MOST_AT_ONCE = 8 << 20;

    private final Lanes lanes;
    private final LaneFigures figures;
    private final long budget;
    private final long step;
    private long bytes;

    BacklogMemory(Lanes lanes, LaneFigures figures, long budget) {
        this.lanes = lanes;
        this.figures = figures;
        this.budget = budget;
        this.step = Math.min(budget / 5, MOST_AT_ONCE);
    }

    void changed(long difference) {
        bytes += difference;
    }

    long bytes() {
        return bytes;
    }

    /** Whether more can be brought into memory without putting something else out. */
    boolean hasRoom() {
        return bytes < budget - step;
    }

    /** Evicts if the budget is exceeded, and then some more. */
    void bound() {
        if (bytes > budget) {
            evict(budget - step);
            figures.evicted();
        }
    }

    /** As {@link #bound()}, and this lane's own bound, if it has one. */
    void bound(Lane lane) {
        long own = lane.spec.backlog().memoryBytes();
        long taken = lane.backlog.memoryBytes();
        if (own > 0 && taken > own) {
            boolean idle = !lane.running && !lane.runnable();
            bytes -= lane.backlog.evict(taken - own + own / 5, idle);
            figures.evicted();
        }
        bound();
    }

    /**
     * Lanes that cannot run give all they hold, then the others what they do not need next, then
     * that too; each time those that hold most come first.
     */
    private void evict(long goal) {
        List<Lane> idle = new ArrayList<>();
        List<Lane> busy = new ArrayList<>();
        for (Lane lane : lanes.all()) {
            if (lane.backlog.memoryBytes() > 0) {
                (lane.running || lane.runnable() ? busy : idle).add(lane);
            }
        }
        evict(idle, goal, true);
        evict(busy, goal, false);
        evict(busy, goal, true);
    }

    private void evict(List<Lane> some, long goal, boolean whole) {
        if (bytes > goal) {
            some.sort(Comparator.comparingLong(lane -> -lane.backlog.memoryBytes()));
        }
        for (Lane lane : some) {
            if (bytes <= goal) {
                return;
            }
            bytes -= lane.backlog.evict(bytes - goal, whole);
        }
    }
}
