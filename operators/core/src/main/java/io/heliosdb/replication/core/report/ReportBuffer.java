package io.heliosdb.replication.core.report;

import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reports that wait to be written, while the store is away perhaps for long: bounded, and what is
 * out of date gives way. Of one replication the newest report of each state stays, in order; so
 * every change of state is seen as one, unless there are very many. Thread-safe.
 */
public final class ReportBuffer {

    /** So many changes of state of one replication wait; then the ones between are left out. */
    static final int LAYERS = 8;

    /** Of each other kind so many wait; then the oldest go. */
    static final int MOST = 20_000;

    /** Written at once. */
    static final int BATCH = 2_000;

    private static final long SAMPLE_IDLE_MILLIS = 60_000;
    private static final long SHORTEST_RATE_MILLIS = 1_000;

    /**
     * A report with what can be said of its speed; null if nothing can.
     *
     * @param rowsPerSecond since the report before
     */
    public record Status(
            ReplicationReport report,
            @Nullable Double rowsPerSecond,
            @Nullable Double bytesPerSecond,
            @Nullable Double transactionsPerSecond) {}

    /**
     * What is written together; a replication is in {@code statuses} once.
     *
     * @param samples points of time series
     */
    public record Batch(
            List<Status> statuses,
            List<Status> samples,
            List<LaneReport.Covered> covered,
            List<LaneReport.Table> tables,
            List<LaneReport.Quarantined> quarantined,
            List<LaneReport.Conflicted> conflicts,
            List<LaneReport.Compressed> compressed,
            List<LaneReport.Note> notes) {
        public boolean isEmpty() {
            return statuses.isEmpty()
                    && samples.isEmpty()
                    && covered.isEmpty()
                    && tables.isEmpty()
                    && quarantined.isEmpty()
                    && conflicts.isEmpty()
                    && compressed.isEmpty()
                    && notes.isEmpty();
        }
    }

    /** What the rates of a replication are counted from. */
    private record Base(Status last, ReplicationReport since, ReplicationReport sampled) {}

    private final Deque<Map<ReplicationId, Status>> layers = new ArrayDeque<>();
    private final Deque<Status> samples = new ArrayDeque<>();
    private final Deque<LaneReport.Covered> covered = new ArrayDeque<>();
    private final Deque<LaneReport.Quarantined> quarantined = new ArrayDeque<>();
    private final Deque<LaneReport.Conflicted> conflicts = new ArrayDeque<>();
    private final Deque<LaneReport.Note> notes = new ArrayDeque<>();

    /** The newest of each table. */
    private final Map<List<Object>, LaneReport.Table> tables = new LinkedHashMap<>();

    /** The newest of each replication. */
    private final Map<ReplicationId, LaneReport.Compressed> compressed = new LinkedHashMap<>();

    private final Map<ReplicationId, Base> bases = new HashMap<>();
    private boolean urgent;

    public synchronized void add(LaneReport report) {
        if (report instanceof LaneReport.Status status) {
            add(status.report());
        } else if (report instanceof LaneReport.Covered position) {
            bounded(covered, position);
        } else if (report instanceof LaneReport.Table table) {
            if (tables.size() < MOST) {
                tables.put(List.of(table.replication(), table.table()), table);
            }
        } else if (report instanceof LaneReport.Compressed figures) {
            if (compressed.size() < MOST) {
                compressed.put(figures.replication(), figures);
            }
        } else if (report instanceof LaneReport.Quarantined refused) {
            bounded(quarantined, refused);
        } else if (report instanceof LaneReport.Conflicted conflict) {
            bounded(conflicts, conflict);
        } else if (report instanceof LaneReport.Note note) {
            bounded(notes, note);
            urgent = true;
        }
        notifyAll();
    }

    private static <T> void bounded(Deque<T> queue, T next) {
        queue.addLast(next);
        if (queue.size() > MOST) {
            queue.removeFirst();
        }
    }

    private void add(ReplicationReport report) {
        Base base = bases.get(report.replication());
        Status status = rated(report, base);
        boolean changed = base == null || !report.tellsTheSameAs(base.last.report);
        urgent |= changed;
        boolean sample =
                base == null
                        || report.movedSince(base.sampled)
                                && elapsed(report, base.sampled) >= SHORTEST_RATE_MILLIS
                        || elapsed(report, base.sampled) >= SAMPLE_IDLE_MILLIS;
        boolean stopped = report.state() == ReplicationState.STOPPED;
        if (sample && !stopped) {
            bounded(samples, status);
        }
        if (stopped) {
            bases.remove(report.replication());
        } else {
            boolean counted = base == null || elapsed(report, base.since) >= SHORTEST_RATE_MILLIS;
            bases.put(
                    report.replication(),
                    new Base(
                            status, counted ? report : base.since, sample ? report : base.sampled));
        }
        put(status);
    }

    private static long elapsed(ReplicationReport now, ReplicationReport before) {
        return now.atEpochMillis() - before.atEpochMillis();
    }

    private static Status rated(ReplicationReport report, @Nullable Base base) {
        if (base == null || report.rows() < base.since.rows()) {
            return new Status(report, null, null, null);
        }
        long millis = elapsed(report, base.since);
        if (millis < SHORTEST_RATE_MILLIS) {
            return new Status(
                    report,
                    base.last.rowsPerSecond,
                    base.last.bytesPerSecond,
                    base.last.transactionsPerSecond);
        }
        return new Status(
                report,
                (report.rows() - base.since.rows()) * 1000.0 / millis,
                (report.bytes() - base.since.bytes()) * 1000.0 / millis,
                (report.transactions() - base.since.transactions()) * 1000.0 / millis);
    }

    private void put(Status status) {
        ReplicationId id = status.report().replication();
        Map<ReplicationId, Status> last = null;
        Map<ReplicationId, Status> after = null;
        int depth = 0;
        int at = 0;
        for (Map<ReplicationId, Status> layer : layers) {
            at++;
            if (layer.containsKey(id)) {
                last = layer;
                after = null;
                depth = at;
            } else if (after == null) {
                after = layer;
            }
        }
        if (last != null && (sameState(last.get(id), status) || depth >= LAYERS)) {
            last.put(id, status);
            return;
        }
        if (after == null) {
            after = new LinkedHashMap<>();
            layers.addLast(after);
        }
        after.put(id, status);
    }

    private static boolean sameState(Status one, Status other) {
        return one.report().state() == other.report().state()
                && one.report().version() == other.report().version();
    }

    /**
     * What is to be written next; waits for it, at most this long. What is urgent (a state has
     * changed) does not wait, the rest gathers.
     */
    public synchronized Batch take(long gatherMillis) throws InterruptedException {
        long end = System.currentTimeMillis() + gatherMillis;
        while (!urgent) {
            long left = end - System.currentTimeMillis();
            if (left <= 0) {
                break;
            }
            wait(left);
        }
        return poll();
    }

    /** As {@link #take}, at once. */
    public synchronized Batch poll() {
        List<Status> statuses = new ArrayList<>();
        Map<ReplicationId, Status> first = layers.peekFirst();
        if (first != null) {
            Iterator<Status> entries = first.values().iterator();
            while (entries.hasNext() && statuses.size() < BATCH) {
                statuses.add(entries.next());
                entries.remove();
            }
            if (first.isEmpty()) {
                layers.removeFirst();
            }
        }
        urgent = !layers.isEmpty();
        return new Batch(
                statuses,
                polled(samples),
                polled(covered),
                polled(tables),
                polled(quarantined),
                polled(conflicts),
                polled(compressed),
                polled(notes));
    }

    private static <T> List<T> polled(Map<?, T> newest) {
        List<T> polled = new ArrayList<>();
        Iterator<T> all = newest.values().iterator();
        while (all.hasNext() && polled.size() < BATCH) {
            polled.add(all.next());
            all.remove();
        }
        return polled;
    }

    private static <T> List<T> polled(Deque<T> queue) {
        List<T> polled = new ArrayList<>();
        while (!queue.isEmpty() && polled.size() < BATCH) {
            polled.add(queue.removeFirst());
        }
        return polled;
    }

    /** A batch could not be written: it comes again, before everything else. */
    public synchronized void putBack(Batch batch) {
        Map<ReplicationId, Status> first = new LinkedHashMap<>();
        batch.statuses().forEach(it -> first.put(it.report().replication(), it));
        if (!first.isEmpty()) {
            layers.addFirst(first);
        }
        batch.tables().forEach(it -> tables.putIfAbsent(List.of(it.replication(), it.table()), it));
        batch.compressed().forEach(it -> compressed.putIfAbsent(it.replication(), it));
        putBack(samples, batch.samples());
        putBack(covered, batch.covered());
        putBack(quarantined, batch.quarantined());
        putBack(conflicts, batch.conflicts());
        putBack(notes, batch.notes());
        urgent = true;
    }

    private static <T> void putBack(Deque<T> queue, List<T> batch) {
        for (int i = batch.size() - 1; i >= 0 && queue.size() < MOST; i--) {
            queue.addFirst(batch.get(i));
        }
    }
}
