package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Conflict;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.SkipOrder;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Applies the next batches of one or more lanes in one target transaction. A transaction too large
 * for a batch is streamed: its worker keeps the session until the closing part is committed.
 */
final class ApplyWork implements TargetWorker.Work {

    /**
     * One lane's share of a group, so that a lane that is far behind does not make the others wait.
     */
    private static final long LANE_BYTES = 1 << 20;

    private static final long LANE_ROWS = 10_000;
    private static final long GROUP_BYTES = 4 << 20;
    private static final long GROUP_ROWS = 20_000;
    private static final int GROUP_LANES = 500;

    /**
     * What a lane got into its target.
     *
     * @param firstCommitMicros when the oldest of it was committed
     */
    record Applied(
            TenantTransaction last,
            long firstCommitMicros,
            long transactions,
            long rows,
            long bytes,
            long conflicts,
            List<TargetSession.CopyAnew> copies,
            List<Conflict> found) {}

    /** When the oldest of a batch was committed. */
    private static long firstCommitMicros(LaneBatch batch) {
        return batch.transactions().get(0).commitEpochMicros();
    }

    /** On the engine's thread. */
    interface Callbacks {
        void applied(Lane lane, Applied applied);

        /** Backlog was read back into memory. */
        void loaded(Lane lane, long bytes);

        /** As many bytes should be sent at once, at most. */
        long piece(Lane lane, long most);

        /** So much goes to its target; returns after how many nanoseconds more of it may. */
        long sent(Lane lane, long bytes);

        /** What it keeps in the store is damaged: it cannot go on, nor lose it. */
        void unreadable(Lane lane, ReplicationException cause);

        /**
         * Nothing was applied; the batch was of this many transactions, in a group of lanes or
         * alone.
         */
        void failed(Lane lane, ApplyException cause, boolean alone, int transactions);

        /** A large transaction is given up, because its lane has ended or failed. */
        void givenUp(Lane lane);
    }

    private enum Mode {
        WHOLE,
        STREAM,
        STREAM_END,
        SKIP,
        SKIP_END
    }

    private record Share(Lane lane, LaneBatch batch) {}

    private final List<Share> shares;
    private final Mode mode;
    private final Callbacks callbacks;
    private final long streamedRows;
    private final long streamedBytes;
    private long waitNanos;
    private volatile TargetSession.ApplyResult result = new TargetSession.ApplyResult(0, 0, 0);

    /** Why the transaction is left out, if it is. */
    private final @Nullable SkipOrder skip;

    private ApplyWork(List<Share> shares, Mode mode, Callbacks callbacks) {
        this(shares, mode, 0, 0, null, callbacks);
    }

    private ApplyWork(
            List<Share> shares,
            Mode mode,
            long streamedRows,
            long streamedBytes,
            @Nullable SkipOrder skip,
            Callbacks callbacks) {
        this.skip = skip;
        this.shares = shares;
        this.mode = mode;
        this.streamedRows = streamedRows;
        this.streamedBytes = streamedBytes;
        this.callbacks = callbacks;
    }

    /** What is ready in a pool goes out through these. */
    static TargetPool.Applies from(Callbacks callbacks) {
        return new TargetPool.Applies() {
            @Override
            public TargetWorker.@Nullable Work group(TargetPool pool) {
                return ApplyWork.group(pool, callbacks);
            }

            @Override
            public TargetWorker.@Nullable Work alone(Lane lane, List<Lane> waiting) {
                ApplyWork together =
                        lane.taken.takeTurnTogether() && lane.skips.isEmpty()
                                ? together(lane, waiting, callbacks)
                                : null;
                return together == null ? ApplyWork.alone(lane, callbacks) : together;
            }
        };
    }

    private static @Nullable ApplyWork group(TargetPool pool, Callbacks callbacks) {
        List<Share> shares = new ArrayList<>();
        long bytes = 0;
        long rows = 0;
        long most = pool.rate().piece(GROUP_BYTES);
        while (bytes < most && rows < GROUP_ROWS && shares.size() < GROUP_LANES) {
            Lane lane = pool.ready().pollShared();
            if (lane == null) {
                break;
            }
            Backlog.Batch batch = take(lane, callbacks);
            if (batch == null) {
                continue;
            }
            if (!batch.complete() || batch.hasDdl()) {
                lane.backlog.rewind();
                lane.large = true;
                if (shares.isEmpty() && Discipline.CURRENT == Discipline.FIFO) {
                    return alone(lane, callbacks);
                }
                pool.ready().add(lane);
                continue;
            }
            lane.running = true;
            LaneBatch laneBatch = lane.batch(batch.transactions());
            shares.add(new Share(lane, laneBatch));
            bytes += batch.bytes();
            rows += laneBatch.rows();
            callbacks.sent(lane, batch.bytes());
        }
        return shares.isEmpty() ? null : new ApplyWork(shares, Mode.WHOLE, callbacks);
    }

    /**
     * A lane whose row finds its place taken, with those in the same plight: two tenants may have
     * exchanged rows. Null if there is no other.
     */
    private static @Nullable ApplyWork together(
            Lane first, List<Lane> waiting, Callbacks callbacks) {
        List<Share> shares = new ArrayList<>();
        List<Lane> lanes = new ArrayList<>(waiting);
        lanes.removeIf(lane -> lane == first || !lane.runnableIfRested() || !lane.skips.isEmpty());
        lanes.add(first);
        for (Lane lane : lanes) {
            Backlog.Batch batch = take(lane, callbacks);
            if (batch == null || !batch.complete()) {
                lane.backlog.rewind();
                continue;
            }
            shares.add(new Share(lane, lane.batch(batch.transactions())));
        }
        if (shares.size() < 2) {
            shares.forEach(share -> share.lane.backlog.rewind());
            return null;
        }
        for (Share share : shares) {
            share.lane.running = true;
            callbacks.sent(share.lane, bytes(share.batch));
        }
        return new ApplyWork(shares, Mode.WHOLE, callbacks);
    }

    private static @Nullable ApplyWork alone(Lane lane, Callbacks callbacks) {
        Backlog.Batch batch = take(lane, callbacks);
        if (batch == null) {
            return null;
        }
        if (batch.hasDdl() && batch.transactions().size() > 1 && batch.complete()) {
            // Others wait for what it has locked, and some DDL has no effect before its commit.
            lane.backlog.rewind();
            lane.oneByOne = Math.max(lane.oneByOne, batch.transactions().size());
            batch = take(lane, callbacks);
        }
        lane.running = true;
        callbacks.sent(lane, batch.bytes());
        LaneBatch laneBatch = lane.batch(batch.transactions());
        SkipOrder skip = lane.skipOf(batch.transactions().get(0), false);
        if (skip != null) {
            return new ApplyWork(
                    List.of(new Share(lane, laneBatch)),
                    batch.complete() ? Mode.SKIP_END : Mode.SKIP,
                    0,
                    0,
                    skip,
                    callbacks);
        }
        return new ApplyWork(
                List.of(new Share(lane, laneBatch)),
                batch.complete() ? Mode.WHOLE : Mode.STREAM,
                batch.complete() ? 0 : laneBatch.rows(),
                batch.complete() ? 0 : bytes(laneBatch),
                null,
                callbacks);
    }

    private static long bytes(LaneBatch batch) {
        long bytes = 0;
        for (TenantTransaction transaction : batch.transactions()) {
            bytes += transaction.changes().length;
        }
        return bytes;
    }

    private static Backlog.@Nullable Batch take(Lane lane, Callbacks callbacks) {
        long before = lane.backlog.memoryBytes();
        Backlog.Batch batch = null;
        try {
            lane.skipApplied();
            if (lane.backlog.hasNext()) {
                long most = lane.goesOneByOne() ? 1 : callbacks.piece(lane, LANE_BYTES);
                batch = lane.backlog.next(most, LANE_ROWS);
            }
        } catch (ReplicationException e) {
            lane.backlog.rewind();
            callbacks.unreadable(lane, e);
        }
        callbacks.loaded(lane, lane.backlog.memoryBytes() - before);
        return batch;
    }

    @Override
    public void run(TargetSession session) {
        switch (mode) {
            case WHOLE -> result = session.apply(shares.stream().map(Share::batch).toList());
            case STREAM -> session.stream(shares.get(0).batch());
            case STREAM_END -> result = session.commitStream(shares.get(0).batch());
            case SKIP, SKIP_END -> session.skip(shares.get(0).batch(), skip);
        }
    }

    @Override
    public TargetWorker.@Nullable Work succeeded() {
        if (mode == Mode.STREAM) {
            return continueStream();
        }
        if (mode == Mode.SKIP) {
            return continueSkip();
        }
        for (Share share : shares) {
            share.lane.running = false;
            List<TenantTransaction> transactions = share.batch.transactions();
            callbacks.applied(
                    share.lane,
                    new Applied(
                            share.batch.lastTransaction(),
                            firstCommitMicros(share.batch),
                            mode == Mode.WHOLE ? transactions.size() : 1,
                            skip != null ? 0 : streamedRows + share.batch.rows(),
                            skip != null ? 0 : streamedBytes + bytes(share.batch),
                            shares.size() == 1
                                    ? result.conflicts()
                                    : result.conflictsOf().getOrDefault(share.lane.id(), 0L),
                            result.copies().stream()
                                    .filter(it -> it.replication().equals(share.lane.id()))
                                    .toList(),
                            result.found().stream()
                                    .filter(it -> it.replication().equals(share.lane.id()))
                                    .toList()));
        }
        return null;
    }

    @Override
    public long waitNanos() {
        return waitNanos;
    }

    private TargetWorker.Work continueStream() {
        Lane lane = shares.get(0).lane;
        boolean goesOn = !lane.removed && lane.phase == Lane.Phase.OPEN;
        Backlog.Batch batch = goesOn ? take(lane, callbacks) : null;
        if (batch == null) {
            lane.running = false;
            lane.backlog.rewind();
            callbacks.givenUp(lane);
            return new RollbackWork();
        }
        LaneBatch laneBatch = lane.batch(batch.transactions());
        ApplyWork next =
                new ApplyWork(
                        List.of(new Share(lane, laneBatch)),
                        batch.complete() ? Mode.STREAM_END : Mode.STREAM,
                        streamedRows + laneBatch.rows(),
                        streamedBytes + bytes(laneBatch),
                        null,
                        callbacks);
        next.waitNanos = callbacks.sent(lane, batch.bytes());
        return next;
    }

    private TargetWorker.@Nullable Work continueSkip() {
        Lane lane = shares.get(0).lane;
        boolean goesOn = !lane.removed && lane.phase == Lane.Phase.OPEN;
        Backlog.Batch batch = goesOn ? take(lane, callbacks) : null;
        if (batch == null) {
            lane.running = false;
            lane.backlog.rewind();
            callbacks.givenUp(lane);
            return null;
        }
        return new ApplyWork(
                List.of(new Share(lane, lane.batch(batch.transactions()))),
                batch.complete() ? Mode.SKIP_END : Mode.SKIP,
                0,
                0,
                skip,
                callbacks);
    }

    @Override
    public void failed(ApplyException cause) {
        for (Share share : shares) {
            share.lane.running = false;
            callbacks.failed(
                    share.lane,
                    cause,
                    shares.size() == 1,
                    mode == Mode.WHOLE ? share.batch.transactions().size() : 1);
        }
    }

    /** Gives up a stream whose lane has ended. */
    private static final class RollbackWork implements TargetWorker.Work {
        @Override
        public void run(TargetSession session) {
            session.rollbackStream();
        }

        @Override
        public TargetWorker.@Nullable Work succeeded() {
            return null;
        }

        @Override
        public void failed(ApplyException cause) {}
    }
}
