package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.DdlScope;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.Resync;
import io.heliosdb.replication.core.apply.SkipOrder;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.report.ReplicationReport.Condition;
import io.heliosdb.replication.core.secret.TenantCipher;
import io.heliosdb.replication.core.secret.TenantKeys;
import io.heliosdb.replication.core.segment.SegmentHeader;
import io.heliosdb.replication.core.segment.SegmentSeal;
import io.heliosdb.replication.core.synchronous.ApplyReply;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The serial path on which one replication is applied: its specification, phase, backlog and what
 * is known of its target.
 *
 * <p>Owned by the engine's thread; only {@link #relations} is read by the workers too.
 */
final class Lane {

    /** Where the lane stands; pausing is apart, it is a property of the specification. */
    enum Phase {
        /** Waits for the right to write. */
        CLAIMING,
        /** Waits for the first copy. */
        SYNCING,
        /** Transactions are applied. */
        OPEN,
        /** Cannot go on; keeps its backlog. */
        ERROR
    }

    final LaneStore store;
    final Backlog backlog;
    final BlockForm form;
    final CompressionFigures compression = new CompressionFigures();

    /** Of what waits in the store; null if that is not encrypted. */
    final @Nullable TenantCipher cipher;

    final Map<Long, RelationDescriptor> relations = new ConcurrentHashMap<>();
    final Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(10));

    /** As long as the place of its next row is taken. */
    final TakenPlace taken = new TakenPlace(TakenPlace.OF_STREAM);

    /** As long as a row of its copy finds its place taken. */
    final TakenPlace copyTaken = new TakenPlace(TakenPlace.OF_COPY);

    final long startLsn;
    final boolean restored;

    /** The backlog that a checkpoint held ends before this sequence. */
    private long restoredEnd;

    ReplicationSpec spec;
    Phase phase = Phase.CLAIMING;

    /** The newest that is known to be or to have been ours. */
    Epoch epoch = new Epoch(0);

    /** Whether the right to write was taken since the start. */
    boolean claimed;

    Position progress = Position.START;
    SyncedTables syncedTables = new SyncedTables(List.of());
    long[] pendingXids;

    /** Of the specification, as the metadata store counts; 0 without one. */
    long version;

    /** What was done for it; as the target counts, but for the bytes. */
    LaneTotals totals = LaneTotals.NONE;

    /** The table filter that the target has recorded beside the progress, as far as is known. */
    @Nullable TableFilter recorded;

    /** Tables that still lack their first copy. */
    @Nullable LaneGrowth growth;

    /** What {@link #growth} was when the copy that runs was asked for. */
    @Nullable LaneGrowth copying;

    /** The resync that the claim on its way, or the last one, has told the target of. */
    @Nullable Resync begun;

    /** A resync whose copy is complete, which the target is yet to be told. */
    @Nullable Resync finished;

    /** Claimed again once nothing of it is with a worker. */
    boolean reclaim;

    /** Transactions to leave out once they are next. */
    final List<SkipOrder> skips = new ArrayList<>();

    /** Commit LSN of the transaction that the target refuses; 0 for none. */
    long refusedLsn;

    /** Commit LSN of what the target had refused when it was told to try again; 0 for none. */
    private long triedLsn;

    /** First copies that were valid when the copy that runs was asked for. */
    SyncedTables carried = new SyncedTables(List.of());

    boolean synced;
    long acknowledgedLsn;
    long appliedEpochMicros;
    long lastLagMicros = -1;
    LaneMeta.@Nullable Broken broken;
    @Nullable ErrorCode errorCode;
    @Nullable String errorReason;

    /** What limit its backlog is beyond; null for none. */
    @Nullable String alarm;

    /** Why commits do not wait for it although it is Synchronous; null if they do. */
    @Nullable String degraded;

    /** That it be copied again, because its backlog was dropped. */
    boolean resyncOrdered;

    /** Why it waits for the order to be copied again although its backlog is there; or null. */
    @Nullable ApplyException outdated;

    /** Its first copy has failed and has not moved since. */
    boolean copyStuck;

    /** What the target is to be told; the report on its way takes it along. */
    @Nullable StateReport reported;

    @Nullable ReportWork reporting;

    /** In the ready queue of its pool. */
    boolean queued;

    /** A batch of it is with a worker. */
    boolean running;

    /** Waits for its backoff to pass. */
    boolean resting;

    /** Goes alone until it has succeeded once, because a group with it failed. */
    boolean solo;

    /** Its next transaction is too large for a batch, and keeps a session until it is through. */
    boolean large;

    final LaneService service = new LaneService();

    /** Where it stands among those that are ready for its target. */
    final LanePlace place = new LanePlace();

    /** What was told last of how much the target has; if it is Synchronous. */
    @Nullable ApplyReply replied;

    /** How often the connection broke on its batch although the target had come back before. */
    int breaks;

    /** The target's recoveries when it last broke; -1 for never. */
    long brokeAfterRecoveries = -1;

    /** So many transactions go one at a time, because one of so many was rejected. */
    int oneByOne;

    /** Stopped; what comes back from workers is ignored. */
    boolean removed;

    Lane(
            ReplicationSpec spec,
            long startLsn,
            long[] pendingXids,
            LaneStore store,
            @Nullable TenantKeys keys) {
        this.spec = spec;
        this.startLsn = startLsn;
        this.pendingXids = pendingXids;
        this.store = store;
        this.cipher = keys == null ? null : keys.of(spec.tenant());
        this.form = form();
        this.backlog = new Backlog(form, store.blocks(spec.id()));
        this.restored = false;
    }

    private BlockForm form() {
        return new BlockForm(
                spec.id(),
                () -> spec.backlog().compression(spec.tier()),
                cipher == null ? null : new SegmentSeal(cipher, spec.id(), startLsn),
                compression);
    }

    private Lane(LaneMeta meta, LaneStore store, @Nullable TenantKeys keys) {
        this.spec = meta.spec();
        this.startLsn = meta.startLsn();
        this.pendingXids = meta.pendingXids();
        this.synced = meta.synced();
        this.acknowledgedLsn = meta.acknowledgedLsn();
        this.broken = meta.broken();
        this.epoch = new Epoch(meta.epoch());
        this.growth = meta.growth();
        this.skips.addAll(meta.skips());
        this.version = meta.version();
        this.totals = LaneTotals.NONE.withBytes(meta.appliedBytes());
        this.store = store;
        this.cipher = keys == null ? null : keys.of(spec.tenant());
        this.form = form();
        this.backlog = new Backlog(form, store.blocks(spec.id()));
        this.restored = true;
    }

    /**
     * @param keys null if nothing is encrypted
     * @throws ReplicationException CONFIG_INVALID if something is, and there are no keys
     */
    static Lane restore(ReplicationId id, LaneStore store, @Nullable TenantKeys keys) {
        LaneMeta meta = LaneMeta.decode(store.meta(id));
        Lane lane = new Lane(meta, store, keys);
        SortedMap<Long, byte[]> segments = store.segments(id);
        if (keys == null
                && segments.values().stream().anyMatch(it -> SegmentHeader.read(it).sealed())) {
            throw new ReplicationException(
                    ErrorCode.CONFIG_INVALID,
                    "the backlog of replication '"
                            + id
                            + "' is encrypted: job.encryption is missing");
        }
        boolean whole = lane.backlog.restore(segments, meta.nextSequence(), meta.closedSequence());
        lane.restoredEnd = meta.nextSequence();
        if (!whole && lane.broken == null) {
            lane.broken =
                    new LaneMeta.Broken(
                            ErrorCode.INTERNAL,
                            "the checkpoint lacks a part of the backlog: run `heliosdb-cli resync`");
        }
        for (RelationDescriptor relation : store.relations(id)) {
            lane.relations.put(relation.fingerprint(), relation);
        }
        return lane;
    }

    ReplicationId id() {
        return spec.id();
    }

    /** Whether rows that the target has may be replaced by a new copy. */
    boolean mayBeCopiedAnew() {
        return !restored && spec.existingRows() == ExistingRows.REPLACE;
    }

    /** Before that nothing may be applied: the progress would tell of tables that were left out. */
    boolean filterIsRecorded() {
        return spec.tables().equals(recorded);
    }

    /** Everything that a restart needs goes to the store; returns the bytes of heap freed. */
    long persist() {
        long freed = backlog.persist();
        LaneMeta meta =
                new LaneMeta(
                        spec,
                        startLsn,
                        synced,
                        pendingXids,
                        acknowledgedLsn,
                        backlog.nextSequence(),
                        backlog.closedSequence(),
                        broken,
                        epoch.value(),
                        growth,
                        skips,
                        version,
                        totals.bytes());
        store.putMeta(id(), meta.encode());
        return freed;
    }

    boolean runnable() {
        return !resting && runnableIfRested();
    }

    boolean runnableIfRested() {
        return phase == Phase.OPEN
                && !place.throttled
                && growth == null
                && filterIsRecorded()
                && !spec.paused()
                && !running
                && !removed
                && backlog.hasNext();
    }

    /** Whether it takes nothing more until it is copied again. */
    boolean isDropping() {
        return broken != null
                && (broken.code() == ErrorCode.BACKLOG_LIMIT
                        || broken.code() == ErrorCode.KEY_DESTROYED);
    }

    /** Whether it must not share a transaction, or a session, with others. */
    boolean goesAlone() {
        return solo || large || place.isBulk() || !skips.isEmpty();
    }

    /**
     * Leaves out what the target already has, by its progress; a large transaction counts as had
     * only whole.
     */
    void skipApplied() {
        boolean skipped = false;
        while (backlog.hasNext() && backlog.peek().commitLsn() <= progress.commitLsn().value()) {
            backlog.next(1, 1);
            skipped = true;
        }
        if (skipped) {
            backlog.acknowledge();
        }
    }

    /** As {@link #skipApplied}; returns the ids of the transactions left out. */
    long[] dropApplied() {
        LongStream.Builder xids = LongStream.builder();
        while (backlog.hasNext() && backlog.peek().commitLsn() <= progress.commitLsn().value()) {
            xids.add(backlog.peek().xid());
            backlog.next(1, 1);
        }
        backlog.acknowledge();
        return xids.build().toArray();
    }

    LaneBatch batch(List<TenantTransaction> transactions) {
        return new LaneBatch(
                id(),
                spec.tenant(),
                epoch,
                acknowledgedLsn,
                transactions,
                relations::get,
                syncedTables,
                taken.isPatient(),
                new DdlScope(spec.ddl(), spec.tables(), skipOf(transactions.get(0), true)));
    }

    void applied(TenantTransaction last) {
        backlog.acknowledge();
        progress = last.position();
        acknowledgedLsn = last.commitLsn();
        appliedEpochMicros = last.commitEpochMicros();
        solo = false;
        large = false;
        breaks = 0;
        oneByOne = Math.max(0, oneByOne - 1);
        skips.removeIf(order -> order.commitLsn() <= acknowledgedLsn);
        backoff.succeeded();
        taken.free();
    }

    /** The target has recorded that tables must be copied anew. */
    void lacks(TargetSession.CopyAnew copy) {
        recorded = copy.recorded();
        growth = LaneGrowth.without(growth, copy);
    }

    /** The order to leave this transaction out, or the DDL in it; null if there is none. */
    @Nullable SkipOrder skipOf(TenantTransaction transaction, boolean ddl) {
        for (SkipOrder order : skips) {
            if (order.commitLsn() == transaction.commitLsn() && order.ddl() == ddl) {
                return order;
            }
        }
        return null;
    }

    /** Whether transactions go one at a time. */
    boolean goesOneByOne() {
        return oneByOne > 0 || !skips.isEmpty();
    }

    ReplicationState state() {
        return switch (phase) {
            case CLAIMING -> ReplicationState.INITIALIZING;
            case ERROR -> ReplicationState.ERROR;
            case SYNCING -> spec.paused() ? ReplicationState.PAUSED : ReplicationState.SYNCING;
            case OPEN -> {
                if (spec.paused()) {
                    yield ReplicationState.PAUSED;
                }
                if (isTrying()) {
                    yield ReplicationState.INITIALIZING;
                }
                yield consistent() ? ReplicationState.STREAMING : ReplicationState.SYNCING;
            }
        };
    }

    /** Whether nothing is left of the backlog that a checkpoint held. */
    boolean hasAppliedWhatWasRestored() {
        return backlog.acknowledgedSequence() >= restoredEnd;
    }

    private boolean isSynchronous() {
        return spec.tier() == Tier.SYNCHRONOUS && state() == ReplicationState.STREAMING;
    }

    /** Whether every table has caught up with the snapshots of the first copy. */
    boolean consistent() {
        return progress.commitLsn().value() >= syncedTables.upperLsn();
    }

    /** Out of an error; whether it is over it is known once what was refused is through. */
    void triesAgain() {
        triedLsn = refusedLsn;
        recovered();
    }

    boolean isTrying() {
        return Long.compareUnsigned(progress.commitLsn().value(), triedLsn) < 0
                && !backlog.isEmpty();
    }

    /** What troubles it is over. */
    void recovered() {
        errorCode = null;
        errorReason = null;
        refusedLsn = 0;
        copyStuck = false;
    }

    /** What is not as it should be although it goes on. */
    List<Condition> conditions() {
        List<Condition> conditions = new ArrayList<>();
        if (alarm != null) {
            conditions.add(new Condition(ErrorCode.BACKLOG_LIMIT, alarm));
        }
        if (degraded != null && isSynchronous()) {
            conditions.add(new Condition(ErrorCode.SYNCHRONOUS_DEGRADED, degraded));
        }
        return conditions;
    }

    StateReport report() {
        List<Condition> conditions = errorReason == null ? conditions() : List.of();
        return conditions.isEmpty()
                ? new StateReport(state(), errorCode, errorReason, refusedLsn)
                : new StateReport(
                        state(), conditions.get(0).code(), conditions.get(0).reason(), refusedLsn);
    }
}
