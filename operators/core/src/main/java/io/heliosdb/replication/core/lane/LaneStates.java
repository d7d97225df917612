package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Conflict;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends lanes in an error, and records in the targets what state lanes are in. */
final class LaneStates {

    private static final Logger LOG = LoggerFactory.getLogger(LaneStates.class);

    private final Lanes lanes;
    private final TargetPools pools;
    private final LaneFigures figures;
    private final SourceIdentity source;
    private final Timers timers;
    private @Nullable LaneReporter reporter;

    LaneStates(
            Lanes lanes,
            TargetPools pools,
            LaneFigures figures,
            SourceIdentity source,
            Timers timers) {
        this.lanes = lanes;
        this.pools = pools;
        this.figures = figures;
        this.source = source;
        this.timers = timers;
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
        TargetPool pool = pools.of(lane);
        if (reporter != null && lane.refusedLsn != 0 && pool != null) {
            pool.chore(new QuarantineWork(lane.id(), lane.refusedLsn, reporter));
        }
    }

    /**
     * Its target is not known.
     *
     * @param mayCome whether it may be yet
     */
    void withoutTarget(Lane lane, boolean mayCome) {
        if (mayCome) {
            lane.errorCode = ErrorCode.TARGET_NOT_READY;
            lane.errorReason =
                    "connection "
                            + lane.spec.target()
                            + " has not come from the store, or its password cannot be decrypted"
                            + " with the secret keys of this job";
            return;
        }
        fail(
                lane,
                ErrorCode.CONFIG_INVALID,
                "target '"
                        + lane.spec.target()
                        + "' is not known to the running job; add it to the file and restart");
    }

    /** The lane goes on trying, and says why it has to. */
    void retrying(Lane lane, ApplyException cause) {
        lane.errorCode = cause.code();
        lane.errorReason = "retrying: " + cause.getMessage();
        report(lane);
    }

    /** Records the lane's state in the target if it differs from what was to be recorded last. */
    void report(Lane lane) {
        lanes.touched(lane);
        StateReport report = lane.report();
        TargetPool pool = pools.of(lane);
        if (report.equals(lane.reported) || pool == null) {
            return;
        }
        lane.reported = report;
        ReportWork work = lane.reporting;
        if (work != null) {
            work.want(report);
            return;
        }
        work = new ReportWork(lane, source, pool, timers, ended -> ended.reporting = null);
        work.want(report);
        lane.reporting = work;
        pool.chore(work);
    }

    /** Who hears of first copies, beside the targets. */
    void tellTo(LaneReporter hearer) {
        reporter = hearer;
    }

    /** Changes of it found no row. */
    void conflicts(Lane lane, List<Conflict> found) {
        if (reporter != null && !found.isEmpty()) {
            reporter.conflicts(lane, found);
        }
    }

    void copyPlanned(Lane lane, List<TableId> tables) {
        if (reporter != null) {
            tables.forEach(it -> reporter.table(lane, it, false, 0, 0));
        }
    }

    void tableCopied(Lane lane, TableId table, long rows, long bytes) {
        if (reporter != null) {
            reporter.table(lane, table, true, rows, bytes);
        }
    }

    /** What was recorded before the lane was claimed may have been refused: record it again. */
    void claimed(Lane lane) {
        lane.reported = null;
    }

    /** Records that a lane is no more, if the target may know of it. */
    void stopped(Lane lane) {
        stopped(lane, () -> {});
    }

    /**
     * As above.
     *
     * @param then once the target knows, or cannot be told
     */
    void stopped(Lane lane, Runnable then) {
        boolean known = lane.claimed || lane.epoch.value() > 0 || lane.reported != null;
        if (lane.reporting != null) {
            lane.reporting.drop();
        }
        TargetPool pool = pools.of(lane);
        if (pool != null && known) {
            pool.chore(new ReleaseWork(lane, source, pool, timers, then));
        } else {
            then.run();
        }
    }
}
