package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of lanes whose batches were applied or failed. */
final class ApplyOutcomes implements ApplyWork.Callbacks {

    private static final Logger LOG = LoggerFactory.getLogger(ApplyOutcomes.class);

    /** Twice may be chance. */
    private static final int BREAKS_TO_SUSPECT = 3;

    private final Lanes lanes;
    private final TargetPools pools;
    private final LaneStates states;
    private final LaneOpening opening;
    private final ResyncRequests resyncs;
    private final BacklogMemory memory;
    private final LaneFigures figures;
    private final LagWatch watch;
    private final SourceClock clock;
    private final Timers timers;

    ApplyOutcomes(
            Lanes lanes,
            TargetPools pools,
            LaneStates states,
            LaneOpening opening,
            ResyncRequests resyncs,
            BacklogMemory memory,
            LaneFigures figures,
            LagWatch watch,
            SourceClock clock,
            Timers timers) {
        this.lanes = lanes;
        this.pools = pools;
        this.states = states;
        this.opening = opening;
        this.resyncs = resyncs;
        this.memory = memory;
        this.figures = figures;
        this.watch = watch;
        this.clock = clock;
        this.timers = timers;
    }

    @Override
    public void applied(Lane lane, ApplyWork.Applied applied) {
        if (lane.removed) {
            return;
        }
        long before = lane.backlog.memoryBytes();
        boolean consistent = lane.consistent();
        boolean trying = lane.isTrying();
        if (lane.taken.isWaiting()) {
            lane.resting = false;
        }
        lane.applied(applied.last());
        lane.totals = lane.totals.applied(applied);
        memory.changed(lane.backlog.memoryBytes() - before);
        lanes.changed(lane);
        figures.applied(applied.transactions(), applied.rows());
        applied.copies().forEach(lane::lacks);
        states.conflicts(lane, applied.found());
        if (clock.known()) {
            lane.lastLagMicros = clock.nowMicros() - lane.appliedEpochMicros;
            figures.lag(lane.lastLagMicros);
            pools.of(lane).lagged(lane.lastLagMicros);
            watch.applied(lane, clock.nowMicros() - applied.firstCommitMicros());
        }
        if (begunAnew(lane)) {
            return;
        }
        if (lane.phase != Lane.Phase.OPEN) {
            // It failed while this was out: its reason stands.
            return;
        }
        if (lane.errorReason != null
                || lane.consistent() != consistent
                || lane.isTrying() != trying) {
            lane.recovered();
            states.report(lane);
        }
        opening.grow(lane);
        pools.of(lane).ready().add(lane);
    }

    @Override
    public void loaded(Lane lane, long bytes) {
        memory.changed(bytes);
        memory.bound(lane);
        if (lane.backlog.lacksSoon() && memory.hasRoom()) {
            // Once what was just handed out is with its worker.
            timers.after(Duration.ZERO, () -> readAhead(lane));
        }
    }

    @Override
    public long piece(Lane lane, long most) {
        TargetPool pool = pools.of(lane);
        long ofTarget = pool == null ? most : pool.rate().piece(most);
        return lane.place.rate(lane.spec, System.nanoTime()).piece(ofTarget);
    }

    @Override
    public long sent(Lane lane, long bytes) {
        long now = System.nanoTime();
        TargetPool pool = pools.of(lane);
        long ofTarget = 0;
        if (pool != null) {
            pool.ready().charge(lane, bytes);
            pool.rate().take(bytes, now);
            ofTarget = pool.rate().waitNanos(now);
        }
        lane.place.rate(lane.spec, now).take(bytes, now);
        long wait = lane.place.rate(lane.spec, now).waitNanos(now);
        if (wait > 0 && !lane.place.throttled) {
            lane.place.throttled = true;
            timers.after(
                    TargetPool.roundedUp(wait),
                    () -> {
                        lane.place.throttled = false;
                        pools.offer(lane);
                    });
        }
        return Math.max(wait, ofTarget);
    }

    private void readAhead(Lane lane) {
        if (lane.removed || !lane.running || !memory.hasRoom()) {
            return;
        }
        long before = lane.backlog.memoryBytes();
        try {
            lane.backlog.readAhead();
        } catch (ReplicationException e) {
            LOG.debug("read ahead failed replication={}", lane.id());
        }
        memory.changed(lane.backlog.memoryBytes() - before);
        memory.bound(lane);
    }

    @Override
    public void unreadable(Lane lane, ReplicationException cause) {
        states.fail(
                lane,
                cause.code(),
                cause.getMessage() + "; `heliosdb-cli resync` goes on without what waited");
    }

    @Override
    public void failed(Lane lane, ApplyException cause, boolean alone, int transactions) {
        if (lane.removed) {
            return;
        }
        lane.backlog.rewind();
        lanes.changed(lane);
        if (begunAnew(lane)) {
            return;
        }
        if (lane.phase != Lane.Phase.OPEN) {
            // It failed while this was out: its reason stands.
            return;
        }
        if (cause.kind() == ApplyException.Kind.RETRY_TARGET) {
            broken(lane, cause);
        } else if (!alone) {
            lane.solo = true;
            pools.of(lane).ready().add(lane);
        } else if (cause.kind() == ApplyException.Kind.PLACE_TAKEN && transactions == 1) {
            awaitPlace(lane, cause);
        } else if (cause.kind() == ApplyException.Kind.RETRY_LANE
                || cause.kind() == ApplyException.Kind.SPLIT_GROUP) {
            rest(lane, cause);
        } else if ((cause.kind() == ApplyException.Kind.REJECTED
                        || cause.kind() == ApplyException.Kind.OUTDATED
                        || cause.kind() == ApplyException.Kind.PLACE_TAKEN)
                && transactions > 1
                && lane.oneByOne == 0) {
            // What comes before the rejected transaction is applied; then it fails alone.
            lane.oneByOne = transactions;
            pools.of(lane).ready().add(lane);
        } else if (cause.kind() == ApplyException.Kind.OUTDATED) {
            lane.taken.free();
            resyncs.outdated(lane, cause);
        } else {
            lane.taken.free();
            lane.refusedLsn = refused(lane, cause);
            states.fail(lane, cause.code(), cause.getMessage());
        }
        opening.grow(lane);
    }

    @Override
    public void givenUp(Lane lane) {
        begunAnew(lane);
    }

    private boolean begunAnew(Lane lane) {
        if (lane.reclaim) {
            opening.anew(lane);
            return true;
        }
        return false;
    }

    /** Which transaction it is; 0 if it is not about one. */
    private long refused(Lane lane, ApplyException cause) {
        if (cause.kind() != ApplyException.Kind.REJECTED
                || cause.code() == ErrorCode.STREAM_GAP
                || !lane.backlog.hasNext()) {
            return 0;
        }
        long before = lane.backlog.memoryBytes();
        long lsn = lane.backlog.peek().commitLsn();
        memory.changed(lane.backlog.memoryBytes() - before);
        return lsn;
    }

    /**
     * The connection broke. If it does so again after the target was well in between, this batch
     * may be why: then it is tried alone and ever more seldom, and the others have the target.
     */
    private void broken(Lane lane, ApplyException cause) {
        TargetPool pool = pools.of(lane);
        if (lane.brokeAfterRecoveries != pool.recoveries()) {
            lane.brokeAfterRecoveries = pool.recoveries();
            lane.breaks++;
        }
        if (lane.breaks < BREAKS_TO_SUSPECT) {
            pool.ready().add(lane);
        } else {
            lane.solo = true;
            rest(lane, cause);
        }
    }

    /**
     * The lane that removes the row may still bring that. What follows in this one may help too, so
     * it is tried with that: a row may have come and gone again.
     */
    private void awaitPlace(Lane lane, ApplyException cause) {
        lane.solo = true;
        lane.oneByOne = 0;
        pools.of(lane).waits(lane);
        Duration rest = lane.taken.found();
        if (lanes.all().stream().anyMatch(other -> isCopied(other, lane))) {
            lane.taken.othersAreCopied();
        }
        rest(lane, rest, cause);
        if (lane.errorReason == null && lane.taken.isWorthTelling()) {
            states.retrying(lane, cause);
        }
    }

    /** And not itself waiting for a place that this one may have. */
    private static boolean isCopied(Lane other, Lane lane) {
        return other != lane
                && !other.copyStuck
                && other.spec.target().equals(lane.spec.target())
                && !other.spec.paused()
                && (other.phase == Lane.Phase.SYNCING || other.phase == Lane.Phase.CLAIMING);
    }

    private void rest(Lane lane, ApplyException cause) {
        rest(lane, lane.backoff.failed(), cause);
    }

    private void rest(Lane lane, Duration rest, ApplyException cause) {
        lane.resting = true;
        timers.after(
                rest,
                () -> {
                    lane.resting = false;
                    pools.offer(lane);
                });
        if (lane.backoff.failures() == ClaimWork.FAILURES_TO_REPORT) {
            states.retrying(lane, cause);
        }
    }
}
