package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.ReplicationState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back the right to write of a lane that is no more; nothing of it is written from then on,
 * whatever was on its way. Tried again until the target has heard it.
 */
final class ReleaseWork implements TargetWorker.Work {

    private static final Logger LOG = LoggerFactory.getLogger(ReleaseWork.class);

    private static final StateReport STOPPED =
            new StateReport(ReplicationState.STOPPED, null, null);

    private final ReplicationSpec spec;
    private final SourceIdentity source;
    private final Epoch epoch;
    private final boolean claimed;
    private final TargetPool pool;
    private final Timers timers;
    private final Runnable then;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

    ReleaseWork(Lane lane, SourceIdentity source, TargetPool pool, Timers timers, Runnable then) {
        this.spec = lane.spec;
        this.epoch = lane.epoch;
        this.claimed = lane.claimed;
        this.source = source;
        this.pool = pool;
        this.timers = timers;
        this.then = then;
    }

    @Override
    public void run(TargetSession session) {
        if (claimed) {
            session.release(spec.id(), epoch);
        } else {
            session.reportUnclaimed(spec, source, epoch, STOPPED);
        }
    }

    @Override
    public TargetWorker.@Nullable Work succeeded() {
        then.run();
        return null;
    }

    @Override
    public void failed(ApplyException cause) {
        switch (cause.kind()) {
            case RETRY_TARGET, RETRY_LANE -> timers.after(backoff.failed(), () -> pool.chore(this));
            default -> {
                LOG.warn(
                        "stop not recorded replication={} cause={}", spec.id(), cause.getMessage());
                then.run();
            }
        }
    }
}
