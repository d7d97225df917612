package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.WhenFull;
import io.heliosdb.replication.testkit.changes.Sample;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Backlogs beyond their limits, and compressed as their replications want it. */
class LaneLimitsTest extends LimitsStand {

    @Test
    void growsOnAndTellsBeyondItsSize() {
        try (EngineHarness harness = harness(new MemoryLaneStore(), null)) {
            harness.accept(start(spec("r", false, WhenFull.ALARM)));
            await(() -> state() == ReplicationState.STREAMING);
            harness.accept(update(spec("r", true, WhenFull.ALARM)), large(10), tick(11));
            assertThat(view(harness).reason()).isNull();

            harness.accept(large(12), tick(13));
            await(() -> reason() != null && reason().contains("larger than max-size"));
            assertThat(state()).isEqualTo(ReplicationState.PAUSED);
            assertThat(target.stateOf("r").code()).isEqualTo(ErrorCode.BACKLOG_LIMIT);
            assertThat(harness.engine.figures().backlogs().alarms()).isEqualTo(1);
            assertThat(harness.engine.figures().backlogs().rows()).isEqualTo(2);

            harness.accept(update(spec("r", false, WhenFull.ALARM)));
            await(() -> target.appliedOf("r").size() == 2);
            harness.accept(tick(14));
            await(() -> reason() == null);
            assertThat(orders).isEmpty();
        }
    }

    @Test
    void growsOnAndTellsBeyondItsAge() {
        try (EngineHarness harness = harness(new MemoryLaneStore(), null)) {
            harness.accept(start(spec("r", false, WhenFull.ALARM)));
            await(() -> state() == ReplicationState.STREAMING);
            harness.accept(
                    update(spec("r", true, WhenFull.ALARM)), Stream.data("r", 10), tick(50_000));
            assertThat(view(harness).reason()).isNull();
            harness.accept(tick(70_000));
            await(() -> reason() != null && reason().contains("older than max-age"));
        }
    }

    /** The source is down, or reads one transaction for an hour. */
    @Test
    void limitsHoldAlsoWhileNoTickComes() {
        try (EngineHarness harness = harness(new MemoryLaneStore(), null)) {
            harness.accept(start(spec("r", false, WhenFull.ALARM)));
            await(() -> state() == ReplicationState.STREAMING);
            harness.accept(tick(9), update(spec("r", true, WhenFull.ALARM)), large(10), large(12));
            await(() -> reason() != null && reason().contains("larger than max-size"));
        }
    }

    @Test
    void dropsWhatIsBeyondItsLimitAndIsCopiedAgainOnceItMayBe() {
        try (EngineHarness harness = harness(new MemoryLaneStore(), null)) {
            harness.accept(start(spec("r", false, WhenFull.DROP_AND_RESYNC)), Stream.data("r", 5));
            await(() -> target.appliedOf("r").size() == 1);
            ReplicationSpec paused = spec("r", true, WhenFull.DROP_AND_RESYNC);
            harness.accept(update(paused), large(10), large(12), tick(13));
            await(() -> state() == ReplicationState.ERROR);
            assertThat(reason()).contains("larger than max-size").contains("dropped");
            harness.accept(large(14), tick(15));
            assertThat(view(harness).backlogBytes()).as("what comes is dropped too").isZero();
            assertThat(harness.engine.figures().dropped()).isEqualTo(1);
            assertThat(orders).as("orders while it is paused").isEmpty();

            harness.accept(update(spec("r", false, WhenFull.DROP_AND_RESYNC)));
            await(() -> orders.size() == 1);
            assertThat(orders.get(0)).startsWith("r: the backlog is larger");
            harness.accept(
                    Stream.data("r", 16),
                    new LaneInput.Resync(R, List.of(), 17, new long[0], "heliosdb: …"),
                    Stream.data("r", 20));
            await(() -> target.appliedOf("r").size() == 2);
            assertThat(target.appliedOf("r"))
                    .as("what came before the order is in the copy")
                    .containsExactly(5_000L, 20_000L);
            await(() -> state() == ReplicationState.STREAMING);
            assertThat(orders).hasSize(1);
        }
    }

    /** It would begin again, wait again, and never end. */
    @Test
    void dropsNothingWhileAFirstCopyRuns() {
        copies = new FakeCopies(false);
        try (EngineHarness harness = harness(new MemoryLaneStore(), null)) {
            harness.accept(start(spec("r", false, WhenFull.DROP_AND_RESYNC)));
            await(() -> copies.copies("r"));
            harness.accept(large(10), large(12), tick(13));
            await(() -> reason() != null && reason().contains("larger than max-size"));
            assertThat(state()).isEqualTo(ReplicationState.SYNCING);

            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 2);
            assertThat(orders).isEmpty();
        }
    }

    @Test
    void compressesAsItsTierOrItsOwnWishSays() {
        List<TenantTransaction> transactions = Sample.DOCUMENTS.transactions(500, 1);
        ReplicationId id = transactions.get(0).replication();
        for (Tier tier : Tier.values()) {
            assertThat(stored(id, tier, BacklogConfig.DEFAULT, transactions))
                    .as(tier.name())
                    .isEqualTo(size(transactions, CompressionLevel.of(tier)));
        }
        BacklogConfig none =
                new BacklogConfig(CompressionLevel.NONE, 0, 0, Duration.ZERO, WhenFull.ALARM);
        assertThat(stored(id, Tier.BEST_EFFORT, none, transactions))
                .isEqualTo(size(transactions, CompressionLevel.NONE));
    }

    private static long size(List<TenantTransaction> transactions, CompressionLevel level) {
        MemoryLaneStore store = new MemoryLaneStore();
        ReplicationId id = transactions.get(0).replication();
        Backlog backlog =
                new Backlog(
                        new BlockForm(id, () -> level, null, new CompressionFigures()),
                        store.blocks(id));
        transactions.forEach(backlog::append);
        backlog.persist();
        return store.segmentBytes();
    }

    private long stored(
            ReplicationId id,
            Tier tier,
            BacklogConfig backlog,
            List<TenantTransaction> transactions) {
        MemoryLaneStore store = new MemoryLaneStore();
        try (EngineHarness harness = harness(store, null)) {
            ReplicationSpec spec =
                    new ReplicationSpec(
                            id,
                            new TenantId("t"),
                            "main",
                            TableFilter.ALL,
                            tier,
                            50,
                            true,
                            ExistingRows.FAIL,
                            DdlRules.APPLY,
                            backlog);
            harness.accept(start(spec));
            transactions.forEach(it -> harness.accept(new LaneInput.Transaction(it)));
            return harness.checkpoint().segmentBytes();
        }
    }

    @Test
    void knowsAfterACrashThatItDropped() {
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = harness(new MemoryLaneStore(), null)) {
            harness.accept(start(spec("r", false, WhenFull.DROP_AND_RESYNC)), Stream.data("r", 5));
            await(() -> target.appliedOf("r").size() == 1);
            ReplicationSpec paused = spec("r", true, WhenFull.DROP_AND_RESYNC);
            harness.accept(update(paused), large(10), large(12), tick(13), large(14));
            checkpoint = harness.checkpoint();
            assertThat(checkpoint.segmentCount()).isZero();
        }
        try (EngineHarness harness = harness(checkpoint, null)) {
            harness.accept(large(15), update(spec("r", false, WhenFull.DROP_AND_RESYNC)));
            await(() -> orders.size() == 1);
            assertThat(target.appliedOf("r")).containsExactly(5_000L);
        }
    }

    @Test
    void dropsForATargetThatIsDownAndIsCopiedAgainWhenItIsBack() {
        try (EngineHarness harness = harness(new MemoryLaneStore(), null)) {
            harness.accept(start(spec("r", false, WhenFull.DROP_AND_RESYNC)), Stream.data("r", 5));
            await(() -> target.appliedOf("r").size() == 1);
            target.down = true;
            harness.accept(large(10), large(12), tick(13), tick(14));
            await(() -> view(harness).backlogBytes() == 0);
            target.down = false;
            await(() -> orders.size() == 1);
        }
    }

    @Test
    void saysWhyACopyCouldNotBeOrdered() {
        refusal = "no rights";
        try (EngineHarness harness = harness(new MemoryLaneStore(), null)) {
            harness.accept(start(spec("r", false, WhenFull.DROP_AND_RESYNC)));
            await(() -> state() == ReplicationState.STREAMING);
            target.trouble =
                    batch ->
                            new io.heliosdb.replication.core.apply.ApplyException(
                                    io.heliosdb.replication.core.apply.ApplyException.Kind
                                            .RETRY_LANE,
                                    ErrorCode.TARGET_BUSY,
                                    "",
                                    "busy",
                                    null);
            harness.accept(large(10), large(12), tick(13));
            await(() -> reason() != null && reason().contains("no rights"));
            assertThat(reason()).contains("heliosdb-cli resync");
            assertThat(state()).isEqualTo(ReplicationState.ERROR);
        }
    }

    @Test
    void keepsToItsOwnShareOfTheHeap() {
        BacklogConfig backlog = new BacklogConfig(null, 1 << 20, 0, Duration.ZERO, WhenFull.ALARM);
        MemoryLaneStore store = new MemoryLaneStore();
        try (EngineHarness harness = harness(store, null)) {
            harness.accept(start(spec("r", true, backlog)));
            for (int lsn = 10; lsn < 110; lsn++) {
                harness.accept(large(lsn));
                assertThat(harness.engine.memoryBytes()).isLessThanOrEqualTo(1 << 20);
            }
            assertThat(store.segmentCount()).isPositive();
        }
    }
}
