package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends lanes in an error, and records in the targets what state lanes are in. */
final class LaneStates {

    private static final Logger LOG = LoggerFactory.getLogger(LaneStates.class);

    private final Lanes lanes;
    private final TargetPools pools;
    private final LaneFigures figures;

    LaneStates(Lanes lanes, TargetPools pools, LaneFigures figures) {
        this.lanes = lanes;
        this.pools = pools;
        this.figures = figures;
    }

    /** The lane cannot go on; it keeps its backlog. Who is fenced touches nothing any more. */
    void fail(Lane lane, ErrorCode code, String reason) {
        lane.phase = Lane.Phase.ERROR;
        lane.errorCode = code;
        lane.errorReason = reason;
        lanes.changed(lane);
        figures.failed();
        LOG.error("replication failed replication={} code={} reason={}", lane.id(), code, reason);
        if (code != ErrorCode.FENCED) {
            report(lane);
        }
    }

    /** Records the lane's state in the target if it differs from what was recorded last. */
    void report(Lane lane) {
        StateReport report = lane.report();
        if (!report.equals(lane.reported)) {
            lane.reported = report;
            send(lane, report);
        }
    }

    /** Records that a lane is no more. */
    void stopped(Lane lane) {
        send(lane, StateReports.stopped());
    }

    private void send(Lane lane, StateReport report) {
        TargetPool pool = pools.of(lane);
        if (pool != null && lane.epoch.value() > 0) {
            pool.chore(new ReportWork(lane, report, pool::chore));
        }
    }
}
