package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.Conflict;
import io.heliosdb.replication.core.apply.QuarantinedRow;
import io.heliosdb.replication.core.report.DueReports;
import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.report.ReplicationReport;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Tells of lanes whose replications the metadata store knows, a few times a second what is due. On
 * the engine's thread.
 */
final class LaneReporter {

    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    private static final Duration CONFLICTS_WITHIN = Duration.ofSeconds(10);
    private static final int MOST_CONFLICTS = 20;

    private final Lanes lanes;
    private final SourceClock clock;
    private final InstantSource local;
    private final LongSupplier streamLsn;
    private final Consumer<LaneReport> output;
    private final DueReports due = new DueReports();
    private final Map<Long, List<LaneReport.Covered>> checkpoints = new HashMap<>();
    private final Map<ReplicationId, Told> conflictsTold = new HashMap<>();
    private final Map<ReplicationId, Long> samplesTold = new HashMap<>();

    /** Conflicts that were told since. */
    private record Told(long since, int many) {}

    LaneReporter(
            Lanes lanes,
            SourceClock clock,
            InstantSource local,
            LongSupplier streamLsn,
            Timers timers,
            Consumer<LaneReport> output) {
        this.lanes = lanes;
        this.clock = clock;
        this.local = local;
        this.streamLsn = streamLsn;
        this.output = output;
        look(timers);
    }

    private void look(Timers timers) {
        timers.after(
                LOOK_EVERY,
                () -> {
                    tell();
                    look(timers);
                });
    }

    void tell() {
        List<ReplicationReport> now = new ArrayList<>();
        long at = local.millis();
        for (Lane lane : lanes.all()) {
            // A pause is one when nothing of the lane is on its way any more.
            boolean pausing = lane.spec.paused() && lane.running;
            if (lane.version > 0 && !pausing) {
                now.add(report(lane, at));
            }
        }
        due.due(now).forEach(it -> output.accept(new LaneReport.Status(it)));
    }

    private ReplicationReport report(Lane lane, long at) {
        LaneTotals totals = lane.totals;
        long progress = lane.progress.commitLsn().value();
        long stream = streamLsn.getAsLong();
        return new ReplicationReport(
                lane.id(),
                lane.version,
                lane.state(),
                lane.errorCode,
                lane.errorReason,
                lane.refusedLsn,
                lane.conditions(),
                progress,
                LaneView.lag(lane, clock),
                progress == 0 || stream == 0 ? -1 : Math.max(0, stream - progress),
                waiting(lane),
                totals.transactions(),
                totals.rows(),
                totals.bytes(),
                totals.conflicts(),
                totals.rowsCopied(),
                totals.bytesCopied(),
                totals.expectedRows(),
                lane.compression.percent(),
                new ReplicationReport.Service(
                        lane.spec.tier(),
                        lane.spec.priority(),
                        lane.spec.maxLag().toMillis(),
                        lane.service.isLate(),
                        lane.service.violations()),
                at);
    }

    private ReplicationReport.Waiting waiting(Lane lane) {
        Backlog backlog = lane.backlog;
        long oldest = backlog.oldestMicros();
        long age = clock.known() ? Math.max(0, clock.nowMicros() - oldest) : -1;
        return new ReplicationReport.Waiting(
                backlog.transactions(),
                backlog.rows(),
                backlog.bytes(),
                backlog.size(),
                oldest == 0 ? 0 : age,
                lane.cipher != null);
    }

    /** The replication has ended, and whatever was to be done about that is done. */
    void stopped(ReplicationId replication, long version) {
        due.forget(replication);
        conflictsTold.remove(replication);
        samplesTold.remove(replication);
        output.accept(
                new LaneReport.Status(
                        ReplicationReport.stopped(replication, version, local.millis())));
    }

    void note(
            ReplicationId replication,
            String type,
            String severity,
            String message,
            String details) {
        output.accept(
                new LaneReport.Note(replication, type, severity, message, details, local.millis()));
    }

    /** A table of a first copy is to be copied, or is. */
    void table(Lane lane, TableId table, boolean done, long rows, long bytes) {
        if (lane.version > 0) {
            output.accept(
                    new LaneReport.Table(lane.id(), table, done, rows, bytes, local.millis()));
        }
    }

    /** So many of a lane, within so long; beyond that they are counted only. */
    void conflicts(Lane lane, List<Conflict> found) {
        if (lane.version == 0) {
            return;
        }
        long now = local.millis();
        Told known = conflictsTold.get(lane.id());
        Told told =
                known == null || now - known.since >= CONFLICTS_WITHIN.toMillis()
                        ? new Told(now, 0)
                        : known;
        for (Conflict conflict :
                found.subList(0, Math.min(found.size(), MOST_CONFLICTS - told.many))) {
            output.accept(new LaneReport.Conflicted(conflict, now));
            told = new Told(told.since, told.many + 1);
        }
        conflictsTold.put(lane.id(), told);
    }

    void quarantined(ReplicationId replication, QuarantinedRow row) {
        output.accept(new LaneReport.Quarantined(replication, row, local.millis()));
    }

    /** A checkpoint is being taken: this is what it holds. */
    void taken(long checkpoint) {
        List<LaneReport.Covered> positions = new ArrayList<>();
        long at = local.millis();
        for (Lane lane : lanes.all()) {
            long lsn = lane.progress.commitLsn().value();
            if (lane.version > 0 && lsn != 0) {
                positions.add(
                        new LaneReport.Covered(
                                lane.id(),
                                checkpoint,
                                lsn,
                                Math.max(0, lane.totals.rows()),
                                lane.totals.bytes(),
                                LaneView.lag(lane, clock),
                                at));
            }
        }
        checkpoints.put(checkpoint, positions);
    }

    /** It is complete; those before it count no more. */
    void completed(long checkpoint) {
        List<LaneReport.Covered> positions = checkpoints.get(checkpoint);
        checkpoints.keySet().removeIf(it -> it <= checkpoint);
        if (positions != null) {
            due.dueOf(positions).forEach(output);
        }
        lanes.all().forEach(this::compressed);
    }

    /** Blocks go to state with checkpoints; some of them are looked into. */
    private void compressed(Lane lane) {
        long samples = lane.compression.samples();
        if (lane.version > 0 && samples > samplesTold.getOrDefault(lane.id(), 0L)) {
            samplesTold.put(lane.id(), samples);
            output.accept(
                    new LaneReport.Compressed(
                            lane.id(), lane.compression.text(lane.relations), local.millis()));
        }
    }
}
