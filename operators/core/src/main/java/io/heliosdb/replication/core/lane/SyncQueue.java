package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.snapshot.SyncEngine;
import io.heliosdb.replication.core.snapshot.SyncListener;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * First copies from one source into one target. Lanes that come within a moment are copied
 * together, in one pass over each table. A few such groups run side by side, so that nobody waits
 * for the end of somebody else's long copy; while that many run, those that come are gathered for
 * the next. Groups that cannot begin yet are not among those: they may wait without end, and the
 * engine bounds how many copy at a time.
 */
final class SyncQueue implements AutoCloseable {

    private static final Duration GATHERING = Duration.ofMillis(100);

    /** On the engine's thread; nothing is heard of a lane that was removed. */
    interface Callbacks {
        void copied(Lane lane, List<Claim.SyncedTable> tables);

        /** The copy has begun, or begun again. */
        void copyMoves(Lane lane);

        void copyFailed(Lane lane, ApplyException cause);
    }

    private final Supplier<SyncEngine> engines;
    private final Executor owner;
    private final Timers timers;
    private final Callbacks callbacks;
    private final LaneStates states;
    private final Map<Lane, SyncRequest> waiting = new LinkedHashMap<>();

    /** The group that copies a lane, if its outcome is wanted. */
    private final Map<Lane, Group> running = new HashMap<>();

    private int groups;
    private boolean gathering;
    private @Nullable SyncEngine engine;

    SyncQueue(
            Supplier<SyncEngine> engines,
            Executor owner,
            Timers timers,
            Callbacks callbacks,
            LaneStates states) {
        this.states = states;
        this.engines = engines;
        this.owner = owner;
        this.timers = timers;
        this.callbacks = callbacks;
    }

    /** Queues a lane with its epoch as it is now. */
    void add(Lane lane, List<Claim.SyncedTable> done) {
        Set<TableId> doneTables = new HashSet<>();
        done.forEach(table -> doneTables.add(table.table()));
        waiting.put(lane, request(lane, doneTables));
        if (!gathering) {
            gathering = true;
            timers.after(
                    GATHERING,
                    () -> {
                        gathering = false;
                        startNext();
                    });
        }
    }

    /** Whether the lane waits for its copy or is being copied. */
    boolean holds(Lane lane) {
        return waiting.containsKey(lane) || running.containsKey(lane);
    }

    /** Ends the copy of a lane, and no other's. */
    void remove(Lane lane) {
        waiting.remove(lane);
        Group group = running.remove(lane);
        if (group != null) {
            group.cancel(lane);
        }
    }

    private static SyncRequest request(Lane lane, Set<TableId> done) {
        LaneGrowth growth = lane.growth;
        return new SyncRequest(
                lane.spec,
                lane.epoch,
                growth != null && lane.synced ? growth.before() : List.of(),
                done,
                growth == null ? lane.pendingXids : growth.pendingXids(),
                growth != null && growth.resync() != null);
    }

    private void startNext() {
        if (groups == SyncEngine.GROUPS_AT_A_TIME || waiting.isEmpty() || gathering) {
            return;
        }
        groups++;
        if (engine == null) {
            engine = engines.get();
        }
        Group group = new Group();
        waiting.keySet().forEach(group::add);
        List<SyncRequest> requests = List.copyOf(waiting.values());
        waiting.clear();
        group.copying = engine.start(requests, group);
    }

    @Override
    public void close() {
        if (engine != null) {
            engine.close();
        }
    }

    /** Lanes that are copied together. Brings what the copying threads say to the engine's. */
    private final class Group implements SyncListener {

        private final Map<ReplicationId, Lane> lanes = new HashMap<>();
        private final Set<ReplicationId> moving = ConcurrentHashMap.newKeySet();
        private int open;

        /** Whether this one counts among the groups that keep others from starting. */
        private boolean counts = true;

        private SyncEngine.@Nullable Copying copying;

        void add(Lane lane) {
            lanes.put(lane.id(), lane);
            running.put(lane, this);
            open++;
        }

        void cancel(Lane lane) {
            if (copying != null) {
                copying.cancel(lane.id());
            }
        }

        @Override
        public void progressed(
                ReplicationId replication, long rows, long bytes, long estimatedRows) {
            boolean first = moving.add(replication);
            owner.execute(
                    () -> {
                        Lane lane = lanes.get(replication);
                        if (running.get(lane) == this) {
                            lane.totals = lane.totals.copied(rows, bytes, estimatedRows);
                            if (first) {
                                callbacks.copyMoves(lane);
                            }
                        }
                    });
        }

        @Override
        public void planned(ReplicationId replication, List<TableId> tables) {
            whileRunning(replication, lane -> states.copyPlanned(lane, tables));
        }

        @Override
        public void copied(ReplicationId replication, TableId table, long rows, long bytes) {
            whileRunning(replication, lane -> states.tableCopied(lane, table, rows, bytes));
        }

        private void whileRunning(ReplicationId replication, Consumer<Lane> action) {
            owner.execute(
                    () -> {
                        Lane lane = lanes.get(replication);
                        if (running.get(lane) == this) {
                            action.accept(lane);
                        }
                    });
        }

        @Override
        public void waits(ReplicationId replication, String reason) {
            owner.execute(
                    () -> {
                        makeRoom();
                        startNext();
                    });
        }

        /** Once: by who waits, possibly without end, or has ended. */
        private void makeRoom() {
            if (counts) {
                counts = false;
                groups--;
            }
        }

        @Override
        public void finished(ReplicationId replication, List<Claim.SyncedTable> tables) {
            ended(replication, lane -> callbacks.copied(lane, tables));
        }

        @Override
        public void failed(ReplicationId replication, ApplyException cause) {
            ended(replication, lane -> callbacks.copyFailed(lane, cause));
        }

        private void ended(ReplicationId replication, Consumer<Lane> outcome) {
            owner.execute(
                    () -> {
                        Lane lane = lanes.get(replication);
                        open--;
                        if (open == 0) {
                            makeRoom();
                        }
                        if (running.remove(lane, this)) {
                            outcome.accept(lane);
                        }
                        startNext();
                    });
        }
    }
}
