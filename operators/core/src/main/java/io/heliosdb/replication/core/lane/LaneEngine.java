package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.snapshot.SyncEngine;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.config.TargetConfig;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All lanes of one parallel subtask: takes the keyed stream, keeps the backlog, applies it to the
 * targets.
 *
 * <p>Everything here happens on one thread, the owner's; databases are talked to by workers, whose
 * outcomes come back through the owner's executor. The owner never waits for a database, so a
 * target that is slow, down or wrong holds up nobody: what cannot be applied stays in the backlog,
 * and the backlog goes to the store.
 *
 * <p>Exactly once: a checkpoint holds every transaction that is not acknowledged ({@link
 * #persist}); the target's progress row, which changes in the same transaction as the rows, tells
 * what was applied since.
 */
public final class LaneEngine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LaneEngine.class);

    /** What the engine needs from outside. */
    public record Environment(
            List<TargetConfig> targets,
            long memoryBudgetBytes,
            SourceIdentity source,
            LaneStore store,
            BiFunction<TargetConfig, String, TargetSession> sessions,
            Function<TargetConfig, SyncEngine> syncEngines,
            Executor owner,
            Timers timers,
            InstantSource clock) {}

    private final Environment environment;
    private final LaneStore store;
    private final Map<ReplicationId, Lane> lanes = new HashMap<>();
    private final Map<String, TargetPool> pools = new HashMap<>();
    private final Map<String, SyncQueue> syncs = new HashMap<>();
    private final Set<Lane> dirty = new LinkedHashSet<>();
    private final LaneFigures figures = new LaneFigures();
    private final SourceClock clock;
    private final Advances advances = new Advances();
    private long memoryBytes;
    private long lastTickLsn;

    public LaneEngine(Environment environment) {
        this.environment = environment;
        this.store = environment.store();
        this.clock = new SourceClock(environment.clock());
        ApplyWork.Callbacks callbacks = new ApplyCallbacks();
        for (TargetConfig target : environment.targets()) {
            pools.put(
                    target.name(),
                    new TargetPool(
                            target,
                            name -> environment.sessions().apply(target, name),
                            environment.owner(),
                            environment.timers(),
                            pool -> ApplyWork.next(pool, callbacks)));
            syncs.put(
                    target.name(),
                    new SyncQueue(
                            () -> environment.syncEngines().apply(target),
                            environment.owner(),
                            environment.timers(),
                            new SyncCallbacks()));
        }
    }

    /** Takes up the lanes that the store holds; once, before the first {@link #accept}. */
    public void restore() {
        for (ReplicationId id : store.replications()) {
            Lane lane = Lane.restore(id, store);
            lanes.put(id, lane);
            claim(lane);
        }
        if (!lanes.isEmpty()) {
            LOG.info("lanes restored count={}", lanes.size());
        }
    }

    /** Takes the next record of the stream. */
    public void accept(LaneInput input) {
        if (input instanceof LaneInput.Transaction transaction) {
            accept(transaction);
        } else if (input instanceof LaneInput.Tick tick) {
            tick(tick);
        } else if (input instanceof LaneInput.Relations relations) {
            Lane lane = lanes.get(relations.replication());
            if (lane != null) {
                for (RelationDescriptor descriptor : relations.descriptors()) {
                    if (lane.relations.put(descriptor.fingerprint(), descriptor) == null) {
                        store.putRelation(lane.id(), descriptor);
                    }
                }
            }
        } else if (input instanceof LaneInput.Start start) {
            start(start);
        } else if (input instanceof LaneInput.Update update) {
            update(update.spec());
        } else if (input instanceof LaneInput.Stop stop) {
            stop(stop.replication());
        } else if (input instanceof LaneInput.Fail fail) {
            Lane lane = lanes.get(fail.replication());
            if (lane != null) {
                lane.broken = new LaneMeta.Broken(fail.code(), fail.reason());
                fail(lane, fail.code(), fail.reason());
            }
        }
    }

    private void accept(LaneInput.Transaction input) {
        Lane lane = lanes.get(input.transaction().replication());
        if (lane == null) {
            throw new IllegalStateException("transaction for unknown lane " + input.key());
        }
        long before = lane.backlog.memoryBytes();
        lane.backlog.append(input.transaction());
        memoryBytes += lane.backlog.memoryBytes() - before;
        dirty.add(lane);
        offer(lane);
        if (memoryBytes > environment.memoryBudgetBytes()) {
            evict();
        }
    }

    private void offer(Lane lane) {
        if (lane.runnable() && !lane.queued) {
            TargetPool pool = pool(lane);
            pool.enqueue(lane);
            pool.pump();
        }
    }

    private void start(LaneInput.Start start) {
        Lane known = lanes.get(start.spec().id());
        if (known != null) {
            update(start.spec());
            return;
        }
        Lane lane = new Lane(start.spec(), start.startLsn(), start.pendingXids(), store);
        lanes.put(lane.id(), lane);
        dirty.add(lane);
        LOG.info(
                "replication started replication={} tenant={} target={} lsn={}",
                lane.id(),
                lane.spec.tenant(),
                lane.spec.target(),
                Lsn.format(start.startLsn()));
        claim(lane);
    }

    private void update(ReplicationSpec spec) {
        Lane lane = lanes.get(spec.id());
        if (lane == null || lane.spec.equals(spec)) {
            return;
        }
        lane.spec = spec;
        dirty.add(lane);
        LOG.info("replication updated replication={} paused={}", spec.id(), spec.paused());
        if (lane.phase == Lane.Phase.ERROR) {
            lane.errorCode = null;
            lane.errorReason = null;
            claim(lane);
        } else {
            report(lane);
            offer(lane);
        }
    }

    private void stop(ReplicationId id) {
        Lane lane = lanes.remove(id);
        if (lane == null) {
            return;
        }
        lane.removed = true;
        dirty.remove(lane);
        memoryBytes -= lane.backlog.memoryBytes();
        lane.backlog.clear();
        store.clear(id);
        LOG.info("replication stopped replication={}", id);
        send(lane, StateReports.stopped());
    }

    private void claim(Lane lane) {
        lane.phase = Lane.Phase.CLAIMING;
        TargetPool pool = pools.get(lane.spec.target());
        if (pool == null) {
            fail(
                    lane,
                    ErrorCode.CONFIG_INVALID,
                    "target '"
                            + lane.spec.target()
                            + "' is not known to the running job; add it to the file and restart");
            return;
        }
        pool.chore(new ClaimWork(lane, environment.source(), this::claimed, this::claimFailed));
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
            fail(lane, lane.broken.code(), lane.broken.reason());
            return;
        }
        String gap = StreamGap.find(lane, claim);
        if (gap != null && !lane.mayBeCopiedAnew()) {
            fail(lane, ErrorCode.STREAM_GAP, gap);
            return;
        }
        boolean begun = claim.progress().commitLsn().value() != 0;
        if (gap == null && (lane.synced || (!lane.restored && begun))) {
            lane.syncedTables = new SyncedTables(claim.syncedTables());
            open(lane);
        } else {
            lane.phase = Lane.Phase.SYNCING;
            lane.acknowledgedLsn = claim.progress().commitLsn().value();
            report(lane);
            syncs.get(lane.spec.target())
                    .add(lane, StreamGap.stillValid(lane, claim.syncedTables()));
        }
    }

    private void claimFailed(Lane lane, ApplyException cause) {
        if (lane.removed) {
            return;
        }
        switch (cause.kind()) {
            case RETRY_TARGET -> claim(lane);
            case RETRY_LANE, SPLIT_GROUP ->
                    environment.timers().after(lane.backoff.failed(), () -> reclaim(lane));
            case FENCED, REJECTED -> fail(lane, cause.code(), cause.getMessage());
        }
    }

    private void reclaim(Lane lane) {
        if (!lane.removed && lane.phase == Lane.Phase.CLAIMING) {
            claim(lane);
        }
    }

    private void open(Lane lane) {
        lane.phase = Lane.Phase.OPEN;
        lane.synced = true;
        lane.pendingXids = new long[0];
        dirty.add(lane);
        report(lane);
        offer(lane);
    }

    private void fail(Lane lane, ErrorCode code, String reason) {
        lane.phase = Lane.Phase.ERROR;
        lane.errorCode = code;
        lane.errorReason = reason;
        dirty.add(lane);
        figures.failed();
        LOG.error("replication failed replication={} code={} reason={}", lane.id(), code, reason);
        if (code != ErrorCode.FENCED) {
            report(lane);
        }
    }

    /** Records the lane's state in the target if it differs from what was recorded last. */
    private void report(Lane lane) {
        StateReport report = lane.report();
        if (!report.equals(lane.reported)) {
            lane.reported = report;
            send(lane, report);
        }
    }

    private void send(Lane lane, StateReport report) {
        TargetPool pool = pools.get(lane.spec.target());
        if (pool != null && lane.epoch.value() > 0) {
            pool.chore(new ReportWork(lane, report, pool::chore));
        }
    }

    private void tick(LaneInput.Tick tick) {
        if (Long.compareUnsigned(tick.lsn(), lastTickLsn) <= 0) {
            return;
        }
        lastTickLsn = tick.lsn();
        clock.ticked(tick.sourceEpochMicros());
        Position position = Position.after(new Lsn(tick.lsn()));
        for (TargetPool pool : pools.values()) {
            List<TargetSession.Advance> due =
                    advances.due(pool.target().name(), lanes.values(), position, tick);
            if (!due.isEmpty() && pool.beginAdvance()) {
                pool.chore(new AdvanceWork(due, pool, this::advanced));
            }
        }
    }

    private void advanced(TargetSession.Advance advance) {
        Lane lane = lanes.get(advance.replication());
        if (lane != null && advance.position().isAfter(lane.progress)) {
            lane.progress = advance.position();
            report(lane);
        }
    }

    private void evict() {
        long goal = environment.memoryBudgetBytes() - environment.memoryBudgetBytes() / 5;
        memoryBytes -= Eviction.evict(lanes.values(), memoryBytes - goal, dirty);
        figures.evicted();
    }

    /** Puts everything that a restart needs into the store. */
    public void persist() {
        for (Lane lane : dirty) {
            lane.persist();
        }
        dirty.clear();
    }

    private TargetPool pool(Lane lane) {
        return pools.get(lane.spec.target());
    }

    /** Heap bytes of the backlog. */
    public long memoryBytes() {
        return memoryBytes;
    }

    public LaneFigures figures() {
        return figures;
    }

    /** A view of each lane now, for metrics and tests. */
    public List<LaneView> views() {
        return lanes.values().stream().map(lane -> LaneView.of(lane, clock)).toList();
    }

    @Override
    public void close() {
        syncs.values().forEach(SyncQueue::close);
        pools.values().forEach(TargetPool::close);
    }

    /** What becomes of applied or failed batches. */
    private final class ApplyCallbacks implements ApplyWork.Callbacks {

        @Override
        public void applied(Lane lane, ApplyWork.Applied applied) {
            if (lane.removed) {
                return;
            }
            long before = lane.backlog.memoryBytes();
            boolean consistent = lane.consistent();
            lane.applied(applied.last());
            memoryBytes += lane.backlog.memoryBytes() - before;
            dirty.add(lane);
            figures.applied(applied.transactions(), applied.rows());
            if (clock.known()) {
                lane.lastLagMicros = clock.nowMicros() - lane.appliedEpochMicros;
                figures.lag(lane.lastLagMicros);
                pool(lane).lagged(lane.lastLagMicros);
            }
            if (lane.phase != Lane.Phase.OPEN) {
                // It failed while this was out: its reason stands.
                return;
            }
            if (lane.errorReason != null || lane.consistent() != consistent) {
                lane.errorCode = null;
                lane.errorReason = null;
                report(lane);
            }
            pool(lane).enqueue(lane);
        }

        @Override
        public void loaded(Lane lane, long bytes) {
            memoryBytes += bytes;
        }

        @Override
        public void failed(Lane lane, ApplyException cause, boolean alone, int transactions) {
            if (lane.removed) {
                return;
            }
            lane.backlog.rewind();
            dirty.add(lane);
            if (cause.kind() == ApplyException.Kind.RETRY_TARGET) {
                pool(lane).enqueue(lane);
            } else if (!alone) {
                lane.solo = true;
                pool(lane).enqueue(lane);
            } else if (cause.kind() == ApplyException.Kind.RETRY_LANE
                    || cause.kind() == ApplyException.Kind.SPLIT_GROUP) {
                rest(lane, cause);
            } else if (cause.kind() == ApplyException.Kind.REJECTED
                    && transactions > 1
                    && lane.oneByOne == 0) {
                // What comes before the rejected transaction is applied; then it fails alone.
                lane.oneByOne = transactions;
                pool(lane).enqueue(lane);
            } else {
                fail(lane, cause.code(), cause.getMessage());
            }
        }

        private void rest(Lane lane, ApplyException cause) {
            lane.resting = true;
            environment
                    .timers()
                    .after(
                            lane.backoff.failed(),
                            () -> {
                                lane.resting = false;
                                offer(lane);
                            });
            if (lane.backoff.failures() == ClaimWork.FAILURES_TO_REPORT) {
                lane.errorCode = cause.code();
                lane.errorReason = "retrying: " + cause.getMessage();
                report(lane);
            }
        }
    }

    /** What becomes of first copies. */
    private final class SyncCallbacks implements SyncQueue.Callbacks {

        @Override
        public void finished(Lane lane, List<Claim.SyncedTable> tables) {
            if (!lane.removed && lane.phase == Lane.Phase.SYNCING) {
                lane.syncedTables = new SyncedTables(tables);
                open(lane);
            }
        }

        @Override
        public void failed(Lane lane, ApplyException cause) {
            if (lane.removed || lane.phase != Lane.Phase.SYNCING) {
                return;
            }
            switch (cause.kind()) {
                case RETRY_LANE, RETRY_TARGET, SPLIT_GROUP -> {
                    LOG.warn(
                            "first copy is tried again replication={} cause={}",
                            lane.id(),
                            cause.getMessage());
                    environment
                            .timers()
                            .after(
                                    lane.backoff.failed(),
                                    () -> {
                                        if (!lane.removed && lane.phase == Lane.Phase.SYNCING) {
                                            claim(lane);
                                        }
                                    });
                }
                case FENCED, REJECTED -> fail(lane, cause.code(), cause.getMessage());
            }
        }
    }
}
