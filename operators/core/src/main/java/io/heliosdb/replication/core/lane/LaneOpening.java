package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.model.ErrorCode;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a lane from its start to where its transactions are applied:
 *
 * <pre>
 *   claim ──► gap? ──► first copy, unless the target has it ──► open
 *     ▲                    │
 *     └── try again ◄──────┘
 * </pre>
 */
final class LaneOpening implements SyncQueue.Callbacks {

    private static final Logger LOG = LoggerFactory.getLogger(LaneOpening.class);

    private final Lanes lanes;
    private final TargetPools pools;
    private final Map<String, SyncQueue> copies;
    private final LaneStates states;
    private final SourceIdentity source;
    private final Timers timers;

    /**
     * @param copies by target
     */
    LaneOpening(
            Lanes lanes,
            TargetPools pools,
            Map<String, SyncQueue> copies,
            LaneStates states,
            SourceIdentity source,
            Timers timers) {
        this.lanes = lanes;
        this.pools = pools;
        this.copies = copies;
        this.states = states;
        this.source = source;
        this.timers = timers;
    }

    /** Begins, or begins again. */
    void claim(Lane lane) {
        lane.phase = Lane.Phase.CLAIMING;
        TargetPool pool = pools.of(lane);
        if (pool == null) {
            states.fail(
                    lane,
                    ErrorCode.CONFIG_INVALID,
                    "target '"
                            + lane.spec.target()
                            + "' is not known to the running job; add it to the file and restart");
            return;
        }
        pool.chore(new ClaimWork(lane, source, this::claimed, this::claimFailed));
    }

    private void claimed(Lane lane, Claim claim) {
        if (lane.removed) {
            return;
        }
        lane.epoch = claim.epoch();
        lane.progress = claim.progress();
        LOG.info(
                "replication claimed replication={} epoch={} lsn={}",
                lane.id(),
                lane.epoch,
                lane.progress.commitLsn());
        if (lane.broken != null) {
            states.fail(lane, lane.broken.code(), lane.broken.reason());
            return;
        }
        String gap = StreamGap.find(lane, claim);
        if (gap != null && !lane.mayBeCopiedAnew()) {
            states.fail(lane, ErrorCode.STREAM_GAP, gap);
            return;
        }
        boolean begun = claim.progress().commitLsn().value() != 0;
        if (gap == null && (lane.synced || (!lane.restored && begun))) {
            open(lane, claim.syncedTables());
        } else {
            lane.phase = Lane.Phase.SYNCING;
            lane.acknowledgedLsn = claim.progress().commitLsn().value();
            states.report(lane);
            copies.get(lane.spec.target())
                    .add(lane, StreamGap.stillValid(lane, claim.syncedTables()));
        }
    }

    private void claimFailed(Lane lane, ApplyException cause) {
        if (lane.removed) {
            return;
        }
        switch (cause.kind()) {
            case RETRY_TARGET -> claim(lane);
            case RETRY_LANE, SPLIT_GROUP -> claimLater(lane);
            case FENCED, REJECTED -> states.fail(lane, cause.code(), cause.getMessage());
        }
    }

    private void claimLater(Lane lane) {
        Lane.Phase phase = lane.phase;
        timers.after(
                lane.backoff.failed(),
                () -> {
                    if (!lane.removed && lane.phase == phase) {
                        claim(lane);
                    }
                });
    }

    @Override
    public void copied(Lane lane, List<Claim.SyncedTable> tables) {
        if (!lane.removed && lane.phase == Lane.Phase.SYNCING) {
            open(lane, tables);
        }
    }

    @Override
    public void copyFailed(Lane lane, ApplyException cause) {
        if (lane.removed || lane.phase != Lane.Phase.SYNCING) {
            return;
        }
        switch (cause.kind()) {
            case RETRY_LANE, RETRY_TARGET, SPLIT_GROUP -> {
                LOG.warn(
                        "first copy is tried again replication={} cause={}",
                        lane.id(),
                        cause.getMessage());
                claimLater(lane);
            }
            case FENCED, REJECTED -> states.fail(lane, cause.code(), cause.getMessage());
        }
    }

    private void open(Lane lane, List<Claim.SyncedTable> tables) {
        lane.syncedTables = new SyncedTables(tables);
        lane.phase = Lane.Phase.OPEN;
        lane.synced = true;
        lane.pendingXids = new long[0];
        lanes.changed(lane);
        states.report(lane);
        pools.offer(lane);
    }
}
