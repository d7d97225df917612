package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.QuarantinedRow;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.model.ReplicationId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells what of a transaction the target refused. Once: it stays in the target, whoever asks. */
final class QuarantineWork implements TargetWorker.Work {

    private final ReplicationId replication;
    private final long commitLsn;
    private final LaneReporter reporter;
    private volatile List<QuarantinedRow> found = List.of();

    QuarantineWork(ReplicationId replication, long commitLsn, LaneReporter reporter) {
        this.replication = replication;
        this.commitLsn = commitLsn;
        this.reporter = reporter;
    }

    @Override
    public void run(TargetSession session) {
        found = session.quarantined(replication, commitLsn);
    }

    @Override
    public TargetWorker.@Nullable Work succeeded() {
        found.forEach(row -> reporter.quarantined(replication, row));
        return null;
    }

    @Override
    public void failed(ApplyException cause) {}
}
