package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.ClaimRequest;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Takes the right to write for one lane. */
final class ClaimWork implements TargetWorker.Work {

    /** A lane that fails this often in a row shows it in its state. */
    static final int FAILURES_TO_REPORT = 3;

    private final Lane lane;
    private final ClaimRequest request;
    private final BiConsumer<Lane, Claim> claimed;
    private final BiConsumer<Lane, ApplyException> failed;
    private volatile @Nullable Claim claim;

    ClaimWork(
            Lane lane,
            SourceIdentity source,
            SourceTimeline timeline,
            BiConsumer<Lane, Claim> claimed,
            BiConsumer<Lane, ApplyException> failed) {
        this.lane = lane;
        lane.begun = lane.growth == null ? null : lane.growth.resync();
        // A lane that lacks the first copy of tables is not whole under its filter.
        TableFilter now = lane.growth == null ? lane.spec.tables() : lane.recorded;
        this.request =
                new ClaimRequest(
                        lane.spec, source, timeline, lane.recorded, now, lane.begun, lane.finished);
        this.claimed = claimed;
        this.failed = failed;
    }

    @Override
    public void run(TargetSession session) {
        claim = session.claim(request);
    }

    @Override
    public TargetWorker.@Nullable Work succeeded() {
        claimed.accept(lane, claim);
        return null;
    }

    @Override
    public void failed(ApplyException cause) {
        failed.accept(lane, cause);
    }
}
