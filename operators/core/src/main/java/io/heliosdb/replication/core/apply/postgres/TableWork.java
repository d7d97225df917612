package io.heliosdb.replication.core.apply.postgres;

/** The changes of one table that wait to be written, in their order. */
final class TableWork {

    final TablePlan plan;
    final References changes = new References();

    /** The table's descriptor has changed: another work has taken over. */
    boolean retired;

    private boolean onlyInserts = true;
    private int lane = -1;
    private boolean severalLanes;
    private long bytes;

    TableWork(TablePlan plan) {
        this.plan = plan;
    }

    void add(long change, int changeLane, boolean insert, int length) {
        bytes += length;
        changes.add(change);
        onlyInserts &= insert;
        severalLanes |= lane >= 0 && lane != changeLane;
        lane = changeLane;
    }

    boolean onlyInserts() {
        return onlyInserts;
    }

    /** Whether rows of more than one replication are among them. */
    boolean severalLanes() {
        return severalLanes;
    }

    void clear() {
        changes.clear();
        onlyInserts = true;
        severalLanes = false;
        lane = -1;
        bytes = 0;
    }

    long bytes() {
        return bytes;
    }
}
