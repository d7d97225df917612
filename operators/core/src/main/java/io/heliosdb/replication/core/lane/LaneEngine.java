package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.core.secret.TenantKeys;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /** Longer than a tick takes to come. */
    private static final Duration SILENCE = Duration.ofSeconds(2);

    private final LaneStore store;
    private final @Nullable TenantKeys keys;
    private final ResyncOrders orders;
    private final Lanes lanes = new Lanes();
    private final LaneFigures figures = new LaneFigures();
    private final Map<String, SyncQueue> copies = new HashMap<>();
    private final LaneTargets targets;
    private final SourceClock clock;
    private final BacklogMemory memory;
    private final TargetPools pools;
    private final LaneStates states;
    private final LaneOpening opening;
    private final ApplyOutcomes outcomes;
    private final LaneCommands commands;
    private final TargetSequences sequences;
    private final LaneLimits limits;
    private final LagWatch watch;
    private final Ticks ticks;
    private final SynchronousReplies synchronous;
    private final @Nullable LaneReporter reporter;
    private final @Nullable LaneEndings endings;
    private final Timers timers;
    private boolean heard;
    private boolean closed;

    public LaneEngine(LaneEnvironment environment) {
        this.store = environment.store();
        this.keys = environment.keys();
        this.orders = environment.orders();
        this.clock = new SourceClock(environment.clock());
        this.memory = new BacklogMemory(lanes, figures, environment.memoryBudgetBytes());
        this.pools = new TargetPools();
        this.states =
                new LaneStates(lanes, pools, figures, environment.source(), environment.timers());
        ResyncRequests resyncs =
                new ResyncRequests(orders, states, environment.owner(), environment.timers());
        this.opening =
                new LaneOpening(
                        lanes,
                        pools,
                        copies,
                        states,
                        memory,
                        environment.source(),
                        environment.timeline(),
                        environment.control() != null,
                        environment.timers(),
                        resyncs);
        this.watch = new LagWatch(lanes, pools, figures, clock, environment.clock());
        this.outcomes =
                new ApplyOutcomes(
                        lanes,
                        pools,
                        states,
                        opening,
                        resyncs,
                        memory,
                        figures,
                        watch,
                        clock,
                        environment.timers());
        this.commands = new LaneCommands(lanes, pools, states, opening, memory);
        this.sequences = new TargetSequences(pools, environment.timers());
        this.limits = new LaneLimits(lanes, states, opening, memory, figures, clock);
        this.ticks = new Ticks(lanes, pools, states, figures, clock);
        this.synchronous =
                new SynchronousReplies(lanes, environment.owner(), environment.replies());
        lanes.observedBy(synchronous::touched);
        this.targets =
                new LaneTargets(environment, pools, copies, opening, outcomes, states, clock);
        LaneEnvironment.Control control = environment.control();
        this.reporter =
                control == null
                        ? null
                        : new LaneReporter(
                                lanes,
                                clock,
                                environment.clock(),
                                ticks::lastLsn,
                                environment.timers(),
                                control.output());
        if (reporter != null) {
            states.tellTo(reporter);
            watch.tellTo(reporter);
        }
        this.endings =
                reporter == null ? null : new LaneEndings(pools, environment.timers(), reporter);
        this.timers = environment.timers();
        lookInSilence();
    }

    /**
     * Limits of age hold also while no tick comes: the source is down, or sends one large thing.
     */
    private void lookInSilence() {
        timers.after(
                SILENCE,
                () -> {
                    if (closed) {
                        return;
                    }
                    if (!heard && clock.known()) {
                        look(false);
                    }
                    heard = false;
                    lookInSilence();
                });
    }

    private void look(boolean tick) {
        limits.look(tick);
        watch.look(tick);
        synchronous.look();
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
                heard = true;
                look(true);
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
        } else if (input instanceof LaneInput.Synchronism synchronism) {
            accept(synchronism);
        } else if (input instanceof LaneInput.Sequences goals) {
            sequences.accept(goals);
        } else if (input instanceof LaneInput.Observed observed) {
            observed(observed);
        } else if (input instanceof LaneInput.Ended ended) {
            ended(ended);
        } else if (input instanceof LaneInput.Target target) {
            targets.accept(target.target());
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

    private void accept(LaneInput.Synchronism input) {
        Lane lane = lanes.get(input.replication());
        if (lane != null) {
            lane.degraded = input.degraded();
            states.report(lane);
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
        LOG.info(
                "replication updated replication={} paused={} tier={} priority={}",
                spec.id(),
                spec.paused(),
                spec.tier(),
                spec.priority());
        if (lane.phase == Lane.Phase.ERROR) {
            lane.triesAgain();
            opening.claim(lane);
        } else {
            opening.updated(lane);
            states.report(lane);
            opening.grow(lane);
            pools.changed(lane);
        }
    }

    private void observed(LaneInput.Observed observed) {
        Lane lane = lanes.get(observed.replication());
        if (lane != null && observed.version() > lane.version) {
            lane.version = observed.version();
            lanes.changed(lane);
        }
    }

    private void ended(LaneInput.Ended end) {
        LaneEndings then = Objects.requireNonNull(endings, "an end comes from a store");
        if (end.cleanup()) {
            stop(end.spec().id(), () -> then.ended(end));
        } else {
            stop(end.spec().id(), () -> {});
            then.ended(end);
        }
    }

    private void stop(ReplicationId id) {
        stop(id, () -> {});
    }

    private void stop(ReplicationId id, Runnable then) {
        Lane lane = lanes.remove(id);
        if (lane == null) {
            then.run();
            return;
        }
        memory.changed(-lane.backlog.memoryBytes());
        lane.backlog.clear();
        store.clear(id);
        pools.urgencyChanged(lane);
        LOG.info("replication stopped replication={}", id);
        opening.stopped(lane, then);
    }

    /** The store is being written to a checkpoint; {@link #persist} comes before. */
    public void checkpointTaken(long checkpoint) {
        if (reporter != null) {
            reporter.taken(checkpoint);
        }
    }

    /** That checkpoint is complete. */
    public void checkpointCompleted(long checkpoint) {
        if (reporter != null) {
            reporter.completed(checkpoint);
        }
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
        closed = true;
        copies.values().forEach(SyncQueue::close);
        pools.close();
        orders.close();
        if (keys != null) {
            keys.close();
        }
    }
}
