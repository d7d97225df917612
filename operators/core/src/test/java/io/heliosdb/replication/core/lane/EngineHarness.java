package io.heliosdb.replication.core.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.core.secret.TenantKeys;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.synchronous.ApplyReply;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.TargetConfig;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An engine with one thread of its own, a fake target and fake first copies, which have nothing to
 * copy unless told otherwise.
 */
final class EngineHarness implements AutoCloseable {

    final FakeTarget target;
    final MemoryLaneStore store;
    final LaneEngine engine;

    /** What was told of Synchronous replications. */
    final List<ApplyReply> replies = new CopyOnWriteArrayList<>();

    /** What is to be done later from now on is not done. */
    volatile boolean timersStand;

    private final ScheduledExecutorService owner = Executors.newSingleThreadScheduledExecutor();

    EngineHarness(FakeTarget target, MemoryLaneStore store, long budget, int sessions) {
        this(target, store, budget, sessions, new FakeCopies());
    }

    EngineHarness(
            FakeTarget target,
            MemoryLaneStore store,
            long budget,
            int sessions,
            FakeCopies copies) {
        this(target, store, budget, sessions, copies, InstantSource.system());
    }

    EngineHarness(
            FakeTarget target,
            MemoryLaneStore store,
            long budget,
            int sessions,
            FakeCopies copies,
            InstantSource clock) {
        this(target, store, budget, sessions, copies, clock, null, ResyncOrders.NONE);
    }

    EngineHarness(
            FakeTarget target,
            MemoryLaneStore store,
            long budget,
            int sessions,
            FakeCopies copies,
            InstantSource clock,
            @Nullable TenantKeys keys,
            ResyncOrders orders) {
        this(target, store, budget, config(sessions, 0), copies, clock, keys, orders);
    }

    static TargetConfig config(int sessions, long bytesPerSecond) {
        return new TargetConfig(
                "main",
                new DatabaseConfig("jdbc:postgresql://nowhere/x", "x", Secret.EMPTY),
                sessions,
                bytesPerSecond);
    }

    EngineHarness(
            FakeTarget target,
            MemoryLaneStore store,
            long budget,
            TargetConfig config,
            FakeCopies copies,
            InstantSource clock,
            @Nullable TenantKeys keys,
            ResyncOrders orders) {
        this(target, store, budget, config, copies, clock, keys, orders, null);
    }

    EngineHarness(
            FakeTarget target,
            MemoryLaneStore store,
            long budget,
            TargetConfig config,
            FakeCopies copies,
            InstantSource clock,
            @Nullable TenantKeys keys,
            ResyncOrders orders,
            LaneEnvironment.@Nullable Control control) {
        this.target = target;
        this.store = store;
        this.engine =
                new LaneEngine(
                        new LaneEnvironment(
                                List.of(config),
                                budget,
                                new SourceIdentity("1", "x"),
                                SourceTimeline.UNKNOWN,
                                store,
                                (targetConfig, name) -> target.open(name),
                                targetConfig -> copies,
                                owner,
                                (delay, action) -> {
                                    if (!timersStand) {
                                        owner.schedule(
                                                action, delay.toMillis(), TimeUnit.MILLISECONDS);
                                    }
                                },
                                clock,
                                keys,
                                orders,
                                replies::addAll,
                                control,
                                1));
        onOwner(engine::restore);
    }

    void accept(LaneInput... inputs) {
        onOwner(() -> List.of(inputs).forEach(engine::accept));
    }

    void onOwner(Runnable action) {
        try {
            owner.submit(action).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    /** A checkpoint: everything unacknowledged is in the copy. */
    MemoryLaneStore checkpoint() {
        MemoryLaneStore[] copy = new MemoryLaneStore[1];
        onOwner(
                () -> {
                    engine.persist();
                    copy[0] = store.copy();
                });
        return copy[0];
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        onOwner(engine::close);
        owner.shutdownNow();
    }
}
