package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ReplicationId;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records a state in the target; tried again while the target is unwell, unless a newer one is to
 * be recorded.
 */
final class ReportWork implements TargetWorker.Work {

    private static final Logger LOG = LoggerFactory.getLogger(ReportWork.class);

    private final Lane lane;
    private final ReplicationId replication;
    private final Epoch epoch;
    private final StateReport report;
    private final Consumer<TargetWorker.Work> again;

    ReportWork(Lane lane, StateReport report, Consumer<TargetWorker.Work> again) {
        this.lane = lane;
        this.replication = lane.id();
        this.epoch = lane.epoch;
        this.report = report;
        this.again = again;
    }

    @Override
    public void run(TargetSession session) {
        session.report(replication, epoch, report);
    }

    @Override
    public TargetWorker.@Nullable Work succeeded() {
        return null;
    }

    @Override
    public void failed(ApplyException cause) {
        boolean current = lane.removed || report.equals(lane.reported);
        boolean retryable =
                cause.kind() == ApplyException.Kind.RETRY_TARGET
                        || cause.kind() == ApplyException.Kind.RETRY_LANE;
        if (current && retryable) {
            again.accept(this);
        } else {
            LOG.warn(
                    "state not recorded replication={} state={} cause={}",
                    replication,
                    report.state(),
                    cause.getMessage());
        }
    }
}
