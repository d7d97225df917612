package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.model.TableId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What is left to do of a group, and whose turn it is. Used by the workers of the group. */
final class TaskQueue {

    /** How often a worker that waits for its turn looks whether there is still work. */
    private static final long TURN_MS = 100;

    private final ConcurrentLinkedDeque<CopyTask> tasks = new ConcurrentLinkedDeque<>();
    private final Map<TableId, Integer> openTablesByFamily = new HashMap<>();
    private final Map<TableId, Set<TableId>> rootsByFamily = new HashMap<>();
    private final Semaphore furtherWorkers;

    /**
     * @param furtherWorkers beside the one that each group has; they go round the groups
     */
    TaskQueue(Semaphore furtherWorkers) {
        this.furtherWorkers = furtherWorkers;
    }

    synchronized void add(List<TablePlan> tables, List<CopyTask> ofTables) {
        for (TablePlan table : tables) {
            openTablesByFamily.merge(table.family, 1, Integer::sum);
            rootsByFamily.computeIfAbsent(table.family, f -> new TreeSet<>()).add(table.root);
        }
        tasks.addAll(ofTables);
    }

    void addFirst(CopyTask task) {
        tasks.addFirst(task);
    }

    int size() {
        return tasks.size();
    }

    /**
     * The roots of the partition trees that hang together with the table's, if none of their tables
     * is left to copy; else none.
     */
    synchronized Set<TableId> treesCompletedBy(TablePlan table) {
        return openTablesByFamily.merge(table.family, -1, Integer::sum) == 0
                ? rootsByFamily.getOrDefault(table.family, Set.of())
                : Set.of();
    }

    /** Lets a worker carry out tasks until there is none left or the group is stopped. */
    void carryOut(CopyWorker worker, boolean further, BooleanSupplier stopped)
            throws InterruptedException {
        while (!stopped.getAsBoolean() && !tasks.isEmpty()) {
            if (!further) {
                next(worker);
            } else if (furtherWorkers.tryAcquire(TURN_MS, TimeUnit.MILLISECONDS)) {
                try {
                    next(worker);
                } finally {
                    furtherWorkers.release();
                }
            }
        }
    }

    private void next(CopyWorker worker) throws InterruptedException {
        CopyTask task = tasks.poll();
        if (task != null) {
            worker.run(task);
        }
    }
}
