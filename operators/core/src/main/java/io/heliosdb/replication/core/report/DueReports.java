package io.heliosdb.replication.core.report;

import io.heliosdb.replication.core.report.LaneReport.Covered;
import io.heliosdb.replication.model.ReplicationId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Chooses what is worth telling, so that a thousand idle replications cost next to nothing: a
 * change of state at once, figures that moved every few seconds, the rest now and then as a sign of
 * life. Not thread-safe.
 */
public final class DueReports {

    /** Of a replication in which something happens. */
    static final Duration BUSY = Duration.ofSeconds(5);

    /** Of one in which nothing does; the API takes a minute of silence for unknown. */
    static final Duration IDLE = Duration.ofSeconds(30);

    /** A lag beyond is told as often as if something happened. */
    private static final long LATE_MICROS = 5_000_000;

    /** Of positions that moved although nothing was applied. */
    static final Duration POSITIONS = Duration.ofMinutes(5);

    private final Map<ReplicationId, ReplicationReport> told = new HashMap<>();
    private final Map<ReplicationId, Covered> covered = new HashMap<>();

    /** Of how things are now, what is due; it counts as told. */
    public List<ReplicationReport> due(Collection<ReplicationReport> now) {
        List<ReplicationReport> due = new ArrayList<>();
        for (ReplicationReport report : now) {
            ReplicationReport before = told.get(report.replication());
            if (before == null || isDue(report, before)) {
                told.put(report.replication(), report);
                due.add(report);
            }
        }
        return due;
    }

    private static boolean isDue(ReplicationReport report, ReplicationReport before) {
        long since = report.atEpochMillis() - before.atEpochMillis();
        if (!report.tellsTheSameAs(before) || since < 0 || since >= IDLE.toMillis()) {
            return true;
        }
        return since >= BUSY.toMillis()
                && (report.movedSince(before)
                        || report.lagMicros() > LATE_MICROS
                        || before.lagMicros() > LATE_MICROS);
    }

    /** Of what a checkpoint covers, what is worth a row. */
    public List<Covered> dueOf(Collection<Covered> checkpoint) {
        List<Covered> due = new ArrayList<>();
        for (Covered now : checkpoint) {
            Covered before = covered.get(now.replication());
            long since = before == null ? 0 : now.atEpochMillis() - before.atEpochMillis();
            if (before == null
                    || now.rows() != before.rows() && since >= BUSY.toMillis()
                    || since >= POSITIONS.toMillis()) {
                covered.put(now.replication(), now);
                due.add(now);
            }
        }
        return due;
    }

    /** A replication is no more. */
    public void forget(ReplicationId replication) {
        told.remove(replication);
        covered.remove(replication);
    }
}
