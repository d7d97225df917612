package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.snapshot.SyncEngine;
import io.heliosdb.replication.core.snapshot.SyncListener;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lanes that wait for their first copy from one source into one target. Those that come within a
 * moment are copied together, in one pass over each table; the next group starts when the group
 * before has ended.
 */
final class SyncQueue implements AutoCloseable {

    private static final Duration GATHERING = Duration.ofMillis(100);

    /** On the engine's thread. */
    interface Callbacks {
        void copied(Lane lane, List<Claim.SyncedTable> tables);

        void copyFailed(Lane lane, ApplyException cause);
    }

    private final Supplier<SyncEngine> engines;
    private final Executor owner;
    private final Timers timers;
    private final Callbacks callbacks;
    private final List<SyncRequest> waiting = new ArrayList<>();
    private Map<ReplicationId, Lane> waitingLanes = new HashMap<>();
    private int running;
    private boolean gathering;
    private @Nullable SyncEngine engine;

    SyncQueue(Supplier<SyncEngine> engines, Executor owner, Timers timers, Callbacks callbacks) {
        this.engines = engines;
        this.owner = owner;
        this.timers = timers;
        this.callbacks = callbacks;
    }

    void add(Lane lane, List<Claim.SyncedTable> done) {
        Set<TableId> doneTables = new HashSet<>();
        done.forEach(table -> doneTables.add(table.table()));
        waitingLanes.put(lane.id(), lane);
        waiting.removeIf(request -> request.spec().id().equals(lane.id()));
        waiting.add(new SyncRequest(lane.spec, lane.epoch, doneTables, lane.pendingXids));
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

    private void startNext() {
        if (running > 0 || waiting.isEmpty() || gathering) {
            return;
        }
        List<SyncRequest> group = List.copyOf(waiting);
        waiting.clear();
        running = group.size();
        if (engine == null) {
            engine = engines.get();
        }
        Listener listener = new Listener(waitingLanes);
        waitingLanes = new HashMap<>();
        engine.start(group, listener);
    }

    private void ended(ReplicationId replication, Runnable outcome) {
        owner.execute(
                () -> {
                    running--;
                    outcome.run();
                    startNext();
                });
    }

    @Override
    public void close() {
        if (engine != null) {
            engine.close();
        }
    }

    /** Brings what the copying threads say to the engine's thread. */
    private final class Listener implements SyncListener {

        /** Those of this group: a replication may be stopped and begun anew meanwhile. */
        private final Map<ReplicationId, Lane> lanes;

        Listener(Map<ReplicationId, Lane> lanes) {
            this.lanes = lanes;
        }

        @Override
        public void progressed(
                ReplicationId replication, long rows, long bytes, long estimatedRows) {}

        @Override
        public void finished(ReplicationId replication, List<Claim.SyncedTable> tables) {
            ended(replication, () -> callbacks.copied(lanes.get(replication), tables));
        }

        @Override
        public void failed(ReplicationId replication, ApplyException cause) {
            ended(replication, () -> callbacks.copyFailed(lanes.get(replication), cause));
        }
    }
}
