package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.core.secret.TenantKeys;
import io.heliosdb.replication.core.snapshot.SyncEngine;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.config.TargetConfig;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
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

    /**
     * What the engine needs from outside.
     *
     * @param keys what waits in the store is encrypted with; null if it is not. Closed by the
     *     engine, as {@code orders} is
     */
    public record Environment(
            List<TargetConfig> targets,
            long memoryBudgetBytes,
            SourceIdentity source,
            SourceTimeline timeline,
            LaneStore store,
            BiFunction<TargetConfig, String, TargetSession> sessions,
            Function<TargetConfig, SyncEngine> syncEngines,
            Executor owner,
            Timers timers,
            InstantSource clock,
            @Nullable TenantKeys keys,
            ResyncOrders orders) {

        /** Nothing is encrypted, and no resync can be ordered. */
        public Environment(
                List<TargetConfig> targets,
                long memoryBudgetBytes,
                SourceIdentity source,
                SourceTimeline timeline,
                LaneStore store,
                BiFunction<TargetConfig, String, TargetSession> sessions,
                Function<TargetConfig, SyncEngine> syncEngines,
                Executor owner,
                Timers timers,
                InstantSource clock) {
            this(
                    targets,
                    memoryBudgetBytes,
                    source,
                    timeline,
                    store,
                    sessions,
                    syncEngines,
                    owner,
                    timers,
                    clock,
                    null,
                    ResyncOrders.NONE);
        }

        /** Of a source whose timeline is not known: a failover of it is not noticed. */
        public Environment(
                List<TargetConfig> targets,
                long memoryBudgetBytes,
                SourceIdentity source,
                LaneStore store,
                BiFunction<TargetConfig, String, TargetSession> sessions,
                Function<TargetConfig, SyncEngine> syncEngines,
                Executor owner,
                Timers timers,
                InstantSource clock) {
            this(
                    targets,
                    memoryBudgetBytes,
                    source,
                    SourceTimeline.UNKNOWN,
                    store,
                    sessions,
                    syncEngines,
                    owner,
                    timers,
                    clock);
        }
    }

    private final LaneStore store;
    private final @Nullable TenantKeys keys;
    private final ResyncOrders orders;
    private final Lanes lanes = new Lanes();
    private final LaneFigures figures = new LaneFigures();
    private final Map<String, SyncQueue> copies = new HashMap<>();
    private final SourceClock clock;
    private final BacklogMemory memory;
    private final TargetPools pools;
    private final LaneStates states;
    private final LaneOpening opening;
    private final ApplyOutcomes outcomes;
    private final LaneCommands commands;
    private final TargetSequences sequences;
    private final LaneLimits limits;
    private final Ticks ticks;

    public LaneEngine(Environment environment) {
        this.store = environment.store();
        this.keys = environment.keys();
        this.orders = environment.orders();
        this.clock = new SourceClock(environment.clock());
        this.memory = new BacklogMemory(lanes, figures, environment.memoryBudgetBytes());
        this.pools = new TargetPools();
        this.states =
                new LaneStates(lanes, pools, figures, environment.source(), environment.timers());
        this.opening =
                new LaneOpening(
                        lanes,
                        pools,
                        copies,
                        states,
                        memory,
                        environment.source(),
                        environment.timeline(),
                        environment.timers(),
                        new ResyncRequests(
                                orders, states, environment.owner(), environment.timers()));
        this.outcomes =
                new ApplyOutcomes(
                        lanes,
                        pools,
                        states,
                        opening,
                        memory,
                        figures,
                        clock,
                        environment.timers());
        this.commands = new LaneCommands(lanes, pools, states, opening, memory);
        this.sequences = new TargetSequences(pools, environment.timers());
        this.limits = new LaneLimits(lanes, states, opening, memory, figures, clock);
        this.ticks = new Ticks(lanes, pools, states, figures, clock);
        for (TargetConfig target : environment.targets()) {
            pools.add(pool(environment, target));
            copies.put(target.name(), copies(environment, target));
        }
    }

    private TargetPool pool(Environment environment, TargetConfig target) {
        return new TargetPool(
                target,
                name -> environment.sessions().apply(target, name),
                environment.owner(),
                clock::nowMicros,
                environment.timers(),
                ApplyWork.from(outcomes));
    }

    private SyncQueue copies(Environment environment, TargetConfig target) {
        return new SyncQueue(
                () -> environment.syncEngines().apply(target),
                environment.owner(),
                environment.timers(),
                opening);
    }

    /** Takes up the lanes that the store holds; once, before the first {@link #accept}. */
    public void restore() {
        List<ReplicationId> restored = store.replications();
        for (ReplicationId id : restored) {
            Lane lane = Lane.restore(id, store, keys);
            lanes.addRestored(lane);
            begin(lane);
        }
        if (!restored.isEmpty()) {
            LOG.info("lanes restored count={}", restored.size());
        }
    }

    /** Takes the next record of the stream. */
    public void accept(LaneInput input) {
        if (input instanceof LaneInput.Transaction transaction) {
            accept(transaction);
        } else if (input instanceof LaneInput.Tick tick) {
            if (ticks.accept(tick)) {
                limits.look();
            }
            opening.streamAt(tick.lsn());
        } else if (input instanceof LaneInput.Relations relations) {
            accept(relations);
        } else if (input instanceof LaneInput.Start start) {
            start(start);
        } else if (input instanceof LaneInput.Update update) {
            update(update);
        } else if (input instanceof LaneInput.Stop stop) {
            stop(stop.replication());
        } else if (input instanceof LaneInput.Fail fail) {
            accept(fail);
        } else if (input instanceof LaneInput.Sequences goals) {
            sequences.accept(goals);
        } else {
            commands.accept(input);
        }
    }

    private void accept(LaneInput.Transaction input) {
        Lane lane = lanes.get(input.transaction().replication());
        if (lane == null) {
            throw new IllegalStateException("transaction for unknown lane " + input.key());
        }
        if (lane.isDropping()) {
            return;
        }
        long before = lane.backlog.memoryBytes();
        lane.backlog.append(input.transaction());
        memory.changed(lane.backlog.memoryBytes() - before);
        lanes.changed(lane);
        pools.offer(lane);
        memory.bound(lane);
    }

    private void accept(LaneInput.Relations input) {
        Lane lane = lanes.get(input.replication());
        if (lane == null) {
            return;
        }
        for (RelationDescriptor descriptor : input.descriptors()) {
            if (lane.relations.put(descriptor.fingerprint(), descriptor) == null) {
                store.putRelation(lane.id(), descriptor);
            }
        }
    }

    private void accept(LaneInput.Fail input) {
        Lane lane = lanes.get(input.replication());
        if (lane != null) {
            lane.broken = new LaneMeta.Broken(input.code(), input.reason());
            opening.endCopy(lane);
            states.fail(lane, input.code(), input.reason());
        }
    }

    private void start(LaneInput.Start start) {
        if (lanes.get(start.spec().id()) != null) {
            update(new LaneInput.Update(start.spec(), start.startLsn(), start.pendingXids()));
            return;
        }
        Lane lane = new Lane(start.spec(), start.startLsn(), start.pendingXids(), store, keys);
        lanes.add(lane);
        LOG.info(
                "replication started replication={} tenant={} target={} lsn={}",
                lane.id(),
                lane.spec.tenant(),
                lane.spec.target(),
                Lsn.format(start.startLsn()));
        begin(lane);
    }

    private void begin(Lane lane) {
        if (lane.form.isBroken()) {
            limits.keyDestroyed(lane);
        }
        opening.claim(lane);
    }

    private void update(LaneInput.Update update) {
        ReplicationSpec spec = update.spec();
        Lane lane = lanes.get(spec.id());
        if (lane == null || lane.spec.equals(spec)) {
            return;
        }
        lane.growth = LaneGrowth.after(lane.growth, lane.spec.tables(), update);
        lane.spec = spec;
        lanes.changed(lane);
        LOG.info("replication updated replication={} paused={}", spec.id(), spec.paused());
        if (lane.phase == Lane.Phase.ERROR) {
            lane.recovered();
            opening.claim(lane);
        } else {
            opening.updated(lane);
            states.report(lane);
            opening.grow(lane);
            pools.changed(lane);
        }
    }

    private void stop(ReplicationId id) {
        Lane lane = lanes.remove(id);
        if (lane == null) {
            return;
        }
        memory.changed(-lane.backlog.memoryBytes());
        lane.backlog.clear();
        store.clear(id);
        LOG.info("replication stopped replication={}", id);
        opening.stopped(lane);
    }

    /** Puts everything that a restart needs into the store. */
    public void persist() {
        memory.changed(-lanes.persist());
    }

    /** Heap bytes of the backlog. */
    public long memoryBytes() {
        return memory.bytes();
    }

    /** Age of the oldest that waits, by the source's clock; 0 if nothing does, -1 if unknown. */
    public long oldestBacklogMicros() {
        long oldest = figures.backlogs().oldestMicros();
        if (oldest == 0) {
            return 0;
        }
        return clock.known() ? clock.nowMicros() - oldest : -1;
    }

    public LaneFigures figures() {
        return figures;
    }

    /** A view of each lane now, for metrics and tests. */
    public List<LaneView> views() {
        return lanes.all().stream().map(lane -> LaneView.of(lane, clock)).toList();
    }

    @Override
    public void close() {
        copies.values().forEach(SyncQueue::close);
        pools.close();
        orders.close();
        if (keys != null) {
            keys.close();
        }
    }
}
