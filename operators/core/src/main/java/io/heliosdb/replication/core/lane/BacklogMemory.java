package io.heliosdb.replication.core.lane;

/**
 * The heap that the backlogs of one engine take, and its bound: what is beyond goes to the store.
 */
final class BacklogMemory {

    private final Lanes lanes;
    private final LaneFigures figures;
    private final long budget;
    private long bytes;

    BacklogMemory(Lanes lanes, LaneFigures figures, long budget) {
        this.lanes = lanes;
        this.figures = figures;
        this.budget = budget;
    }

    void changed(long difference) {
        bytes += difference;
    }

    long bytes() {
        return bytes;
    }

    /** Evicts if the budget is exceeded, and then some more, so that it is not for each record. */
    void bound() {
        if (bytes > budget) {
            bytes -= Eviction.evict(lanes, bytes - (budget - budget / 5));
            figures.evicted();
        }
    }
}
