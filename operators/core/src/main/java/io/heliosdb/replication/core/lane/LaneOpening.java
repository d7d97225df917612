package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a lane from its start to where its transactions are applied; a pause ends its first copy,
 * and the next claim begins it again:
 *
 * <pre>
 *   claim ──► gap? ──► first copy, unless the target has it ──► open
 *     ▲                    │                                     │
 *     ├── try again ◄──────┘                                     │
 *     └── tables came to it, which lack their first copy ◄───────┘
 * </pre>
 */
final class LaneOpening implements SyncQueue.Callbacks {

    private static final Logger LOG = LoggerFactory.getLogger(LaneOpening.class);

    private final Lanes lanes;
    private final TargetPools pools;
    private final Map<String, SyncQueue> copies;
    private final LaneStates states;
    private final BacklogMemory memory;
    private final SourceIdentity source;
    private final SourceTimeline timeline;
    private final boolean targetsCome;

    /** Whose claim is with a worker. Two of one replication at a time would fence each other. */
    private final Map<Right, Lane> claiming = new HashMap<>();

    /** Whose claim comes after that of a lane which was stopped meanwhile. */
    private final Map<Right, Lane> following = new HashMap<>();

    private final Timers timers;
    private final ResyncRequests resyncs;

    /** Lanes that wait for the stream before they can grow. */
    private final Set<Lane> behind = new LinkedHashSet<>();

    private long streamLsn;

    /**
     * @param copies by target
     * @param targetsCome whether a target that is not known may be yet, see {@link #known}
     */
    LaneOpening(
            Lanes lanes,
            TargetPools pools,
            Map<String, SyncQueue> copies,
            LaneStates states,
            BacklogMemory memory,
            SourceIdentity source,
            SourceTimeline timeline,
            boolean targetsCome,
            Timers timers,
            ResyncRequests resyncs) {
        this.lanes = lanes;
        this.pools = pools;
        this.copies = copies;
        this.states = states;
        this.memory = memory;
        this.source = source;
        this.timeline = timeline;
        this.targetsCome = targetsCome;
        this.timers = timers;
        this.resyncs = resyncs;
    }

    /** What is claimed: the right to write one replication's rows into one target. */
    private record Right(String target, ReplicationId replication) {
        static Right of(Lane lane) {
            return new Right(lane.spec.target(), lane.id());
        }
    }

    /** Begins, or begins again: what copies with the right held so far ends. */
    void claim(Lane lane) {
        endCopy(lane);
        lane.outdated = null;
        lane.phase = Lane.Phase.CLAIMING;
        TargetPool pool = pools.of(lane);
        if (pool == null) {
            states.withoutTarget(lane, targetsCome);
            return;
        }
        Lane before = claiming.putIfAbsent(Right.of(lane), lane);
        if (before == null) {
            pool.chore(
                    new ClaimWork(
                            lane,
                            source,
                            timeline,
                            (it, claim) -> ended(it, () -> claimed(it, claim)),
                            (it, cause) -> ended(it, () -> claimFailed(it, cause))));
        } else if (before != lane) {
            following.put(Right.of(lane), lane);
        }
    }

    private void ended(Lane lane, Runnable outcome) {
        claiming.remove(Right.of(lane));
        Lane next = following.remove(Right.of(lane));
        outcome.run();
        if (next != null && !next.removed && next.phase == Lane.Phase.CLAIMING) {
            claim(next);
        }
    }

    /** The specification of a lane that is not in error has changed. */
    void updated(Lane lane) {
        SyncQueue queue = copies.get(lane.spec.target());
        if (lane.phase == Lane.Phase.SYNCING && queue != null) {
            if (lane.spec.paused()) {
                queue.remove(lane);
            } else if (!queue.holds(lane)) {
                claim(lane);
            }
        }
    }

    /** The lane was removed: whatever of it is on its way ends, and is not written any more. */
    void stopped(Lane lane, Runnable then) {
        endCopy(lane);
        states.stopped(lane, then);
    }

    /** A target has come to be known. */
    void known(String target) {
        for (Lane lane : lanes.all()) {
            if (lane.spec.target().equals(target)
                    && lane.phase == Lane.Phase.CLAIMING
                    && !claiming.containsKey(Right.of(lane))) {
                claim(lane);
            }
        }
    }

    /** What is copied for this lane, or waits to be, is of no use any more. */
    void endCopy(Lane lane) {
        behind.remove(lane);
        SyncQueue queue = copies.get(lane.spec.target());
        if (queue != null) {
            queue.remove(lane);
        }
    }

    private void claimed(Lane lane, Claim claim) {
        lane.epoch = claim.epoch();
        lane.claimed = true;
        lane.totals = lane.totals.claimed(claim.totals());
        if (lane.removed) {
            states.stopped(lane);
            return;
        }
        lane.progress = claim.progress();
        lanes.changed(lane);
        states.claimed(lane);
        if (!lane.copyStuck) {
            lane.recovered();
        }
        LOG.info(
                "replication claimed replication={} epoch={} lsn={}",
                lane.id(),
                lane.epoch,
                lane.progress.commitLsn());
        if (lane.broken != null) {
            states.fail(lane, lane.broken.code(), lane.broken.reason());
            resyncs.possible(lane);
            return;
        }
        switch (ResyncAgreement.of(lane, claim)) {
            case CLAIM_AGAIN -> {
                claim(lane);
                return;
            }
            case AWAIT_COMMAND -> {
                lane.phase = Lane.Phase.SYNCING;
                states.report(lane);
                return;
            }
            case GO_ON -> lanes.changed(lane);
        }
        boolean whole = lane.growth != null && lane.growth.isWhole();
        StreamGap gap = StreamGap.find(lane, claim);
        if (gap != null && !whole && !(gap.copyable() && lane.mayBeCopiedAnew())) {
            states.fail(lane, ErrorCode.STREAM_GAP, gap.reason());
            return;
        }
        boolean begun = claim.progress().commitLsn().value() != 0;
        if (gap != null && !whole) {
            lane.synced = false;
        } else if (begun && narrowed(lane, claim.filter()) || !lane.restored && begun) {
            lane.synced = true;
        }
        lane.recorded = claim.filter();
        if (lane.growth == null && !lane.filterIsRecorded()) {
            claim(lane);
            return;
        }
        if (lane.synced && lane.growth == null) {
            open(lane, new SyncedTables(claim.syncedTables()));
            return;
        }
        lane.phase = Lane.Phase.SYNCING;
        lane.acknowledgedLsn = claim.progress().commitLsn().value();
        states.report(lane);
        if (lane.spec.paused()) {
            return;
        }
        if (lane.growth != null && !allKnown(lane)) {
            behind.add(lane);
            return;
        }
        List<Claim.SyncedTable> done = StreamGap.stillValid(lane, claim.syncedTables());
        lane.carried = new SyncedTables(done);
        lane.copying = lane.growth;
        copies.get(lane.spec.target()).add(lane, done);
    }

    /** Whether the target came to its progress under a filter that left out what is carried now. */
    private static boolean narrowed(Lane lane, @Nullable TableFilter found) {
        if (found == null || found.equals(lane.recorded)) {
            return false;
        }
        LaneGrowth growth = LaneGrowth.since(found, lane);
        boolean narrowed = growth != lane.growth;
        lane.growth = growth;
        return narrowed;
    }

    /**
     * Whether the stream has told which transactions the target had before the lane grew, in a life
     * that ended with a crash. They are not applied again, so the copy of the new tables must see
     * them all.
     */
    private boolean allKnown(Lane lane) {
        long progress = lane.progress.commitLsn().value();
        if (Long.compareUnsigned(progress, lane.growth.startLsn()) <= 0) {
            return true;
        }
        if (Long.compareUnsigned(streamLsn, progress) < 0) {
            return false;
        }
        long before = lane.backlog.memoryBytes();
        long[] applied = lane.dropApplied();
        memory.changed(lane.backlog.memoryBytes() - before);
        if (applied.length > 0) {
            lane.growth = lane.growth.alsoPending(applied);
            lanes.changed(lane);
        }
        return true;
    }

    /** Everything that committed up to here has been in the stream. */
    void streamAt(long lsn) {
        streamLsn = Math.max(streamLsn, lsn);
        if (!behind.isEmpty()) {
            List<Lane> waiting = List.copyOf(behind);
            behind.clear();
            for (Lane lane : waiting) {
                if (!lane.removed && lane.phase == Lane.Phase.SYNCING) {
                    claim(lane);
                }
            }
        }
    }

    /**
     * Gets the tables that a lane has come to carry, and tells the target of those it carries no
     * more, once nothing of it is on its way.
     */
    void grow(Lane lane) {
        if ((lane.growth != null || !lane.filterIsRecorded())
                && lane.phase == Lane.Phase.OPEN
                && !lane.running) {
            claim(lane);
        }
    }

    /** Begins anew, once nothing of the lane is on its way. */
    void anew(Lane lane) {
        lane.reclaim = lane.running;
        if (!lane.running) {
            claim(lane);
        }
    }

    private void claimFailed(Lane lane, ApplyException cause) {
        if (lane.removed) {
            return;
        }
        switch (cause.kind()) {
            case RETRY_TARGET -> {
                // Told to whoever asks here; the target itself cannot be told.
                lane.errorCode = cause.code();
                lane.errorReason = "retrying: " + cause.getMessage();
                claim(lane);
            }
            case RETRY_LANE, SPLIT_GROUP -> {
                states.retrying(lane, cause);
                claimLater(lane);
            }
            case PLACE_TAKEN, FENCED, OUTDATED, REJECTED ->
                    states.fail(lane, cause.code(), cause.getMessage());
        }
    }

    private void claimLater(Lane lane) {
        Lane.Phase phase = lane.phase;
        timers.after(
                lane.backoff.failed(),
                () -> {
                    if (!lane.removed
                            && lane.phase == phase
                            && !copies.get(lane.spec.target()).holds(lane)) {
                        claim(lane);
                    }
                });
    }

    @Override
    public void copied(Lane lane, List<Claim.SyncedTable> tables) {
        if (lane.removed || lane.phase != Lane.Phase.SYNCING) {
            return;
        }
        if (lane.growth != lane.copying) {
            // It grew meanwhile.
            claim(lane);
            return;
        }
        if (lane.growth != null && lane.growth.resync() != null) {
            lane.synced = true;
            lane.finished = lane.growth.resync();
            claim(lane);
            return;
        }
        lane.growth = null;
        if (!lane.filterIsRecorded()) {
            lane.synced = true;
            claim(lane);
            return;
        }
        open(lane, lane.carried.with(tables));
    }

    @Override
    public void copyMoves(Lane lane) {
        if (lane.copyStuck && lane.phase == Lane.Phase.SYNCING) {
            lane.recovered();
            states.report(lane);
        }
    }

    @Override
    public void copyFailed(Lane lane, ApplyException cause) {
        if (lane.removed || lane.phase != Lane.Phase.SYNCING) {
            return;
        }
        Kind kind = cause.kind();
        if (kind == Kind.PLACE_TAKEN) {
            lane.copyTaken.found();
            lane.copyTaken.othersStandAt(lanes.standOfThoseBehind(lane));
            kind = lane.copyTaken.isPatient() ? Kind.RETRY_LANE : Kind.REJECTED;
        }
        switch (kind) {
            case RETRY_LANE, RETRY_TARGET, SPLIT_GROUP -> {
                LOG.warn(
                        "first copy is tried again replication={} cause={}",
                        lane.id(),
                        cause.getMessage());
                lane.copyStuck = true;
                states.retrying(lane, cause);
                claimLater(lane);
            }
            case PLACE_TAKEN, FENCED, OUTDATED, REJECTED -> {
                lane.copyTaken.free();
                states.fail(lane, cause.code(), cause.getMessage());
            }
        }
    }

    private void open(Lane lane, SyncedTables tables) {
        lane.copyTaken.free();
        lane.syncedTables = tables;
        lane.phase = Lane.Phase.OPEN;
        lane.synced = true;
        lane.recovered();
        lane.backoff.succeeded();
        lane.pendingXids = new long[0];
        lanes.changed(lane);
        states.report(lane);
        pools.offer(lane);
    }
}
