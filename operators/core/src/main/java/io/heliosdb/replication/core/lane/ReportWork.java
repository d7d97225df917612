package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ReplicationSpec;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the state of one lane in its target. There is one at a time for each lane; what changes
 * while it waits is taken along, so nothing is sent that is out of date already. While the target
 * is unwell it is tried again, ever less often.
 */
final class ReportWork implements TargetWorker.Work {

    private static final Logger LOG = LoggerFactory.getLogger(ReportWork.class);

    /** On the engine's thread, once, when there is nothing left to record. */
    interface Callback {
        void ended(Lane lane);
    }

    /** What to record, and with which right. */
    private record Wanted(StateReport report, ReplicationSpec spec, boolean claimed, Epoch epoch) {}

    private final Lane lane;
    private final SourceIdentity source;
    private final TargetPool pool;
    private final Timers timers;
    private final Callback callback;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));
    private volatile @Nullable Wanted wanted;
    private volatile @Nullable Wanted sent;
    private volatile @Nullable Epoch rowEpoch;

    ReportWork(
            Lane lane, SourceIdentity source, TargetPool pool, Timers timers, Callback callback) {
        this.lane = lane;
        this.source = source;
        this.pool = pool;
        this.timers = timers;
        this.callback = callback;
    }

    /** The lane's state is now this; on the engine's thread. */
    void want(StateReport report) {
        wanted = new Wanted(report, lane.spec, lane.claimed, lane.epoch);
    }

    /** Nothing is to be recorded any more. */
    void drop() {
        wanted = null;
    }

    @Override
    public void run(TargetSession session) {
        Wanted now = wanted;
        sent = now;
        rowEpoch = null;
        if (now == null) {
            return;
        }
        if (now.claimed()) {
            session.report(now.spec().id(), now.epoch(), now.report());
        } else {
            rowEpoch = session.reportUnclaimed(now.spec(), source, now.epoch(), now.report());
        }
    }

    @Override
    public TargetWorker.@Nullable Work succeeded() {
        backoff.succeeded();
        Epoch found = rowEpoch;
        if (found != null && !lane.claimed) {
            lane.epoch = found;
        }
        if (wanted != sent) {
            return this;
        }
        callback.ended(lane);
        return null;
    }

    @Override
    public void failed(ApplyException cause) {
        // Null if not even a session could be opened.
        Wanted refused = sent;
        sent = null;
        if (wanted == null) {
            callback.ended(lane);
            return;
        }
        boolean retryable =
                cause.kind() == ApplyException.Kind.RETRY_TARGET
                        || cause.kind() == ApplyException.Kind.RETRY_LANE;
        if (retryable) {
            timers.after(backoff.failed(), () -> pool.chore(this));
            return;
        }
        LOG.warn("state not recorded replication={} cause={}", lane.id(), cause.getMessage());
        if (refused != null && wanted != refused) {
            pool.chore(this);
        } else {
            callback.ended(lane);
        }
    }
}
