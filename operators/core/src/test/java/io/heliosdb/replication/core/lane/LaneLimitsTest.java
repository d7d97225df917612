package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.core.secret.AeadKeys;
import io.heliosdb.replication.core.secret.TenantKeyAdmin;
import io.heliosdb.replication.core.secret.TenantKeyFiles;
import io.heliosdb.replication.core.segment.SegmentHeader;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.EncryptionConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.WhenFull;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backlogs beyond their limits, and backlogs whose key is destroyed. */
class LaneLimitsTest {

    private static final ReplicationId R = new ReplicationId("r");
    private static final long MAX_BYTES = 64 << 10;

    @TempDir Path directory;

    private final FakeTarget target = new FakeTarget();
    private final List<String> orders = Collections.synchronizedList(new ArrayList<>());
    private volatile String refusal;

    private EngineHarness harness(MemoryLaneStore store, EncryptionConfig encryption) {
        ResyncOrders resyncs =
                new ResyncOrders() {
                    @Override
                    public void order(ReplicationId id, String why, Consumer<String> failed) {
                        if (refusal == null) {
                            orders.add(id + ": " + why);
                        } else {
                            failed.accept(refusal);
                        }
                    }

                    @Override
                    public void close() {}
                };
        return new EngineHarness(
                target,
                store,
                64 << 20,
                2,
                new FakeCopies(),
                InstantSource.system(),
                encryption == null ? null : TenantKeyFiles.open(encryption),
                resyncs);
    }

    private static ReplicationSpec spec(String id, boolean paused, WhenFull whenFull) {
        return spec(
                id,
                paused,
                new BacklogConfig(
                        CompressionLevel.NONE, 0, MAX_BYTES, Duration.ofSeconds(60), whenFull));
    }

    private static ReplicationSpec spec(String id, boolean paused, BacklogConfig backlog) {
        return new ReplicationSpec(
                new ReplicationId(id),
                new TenantId(id),
                "main",
                TableFilter.ALL,
                Tier.STANDARD,
                50,
                paused,
                ExistingRows.FAIL,
                DdlRules.APPLY,
                backlog);
    }

    private static LaneInput start(ReplicationSpec spec) {
        return new LaneInput.Start(spec, 1, new long[0]);
    }

    private static LaneInput update(ReplicationSpec spec) {
        return new LaneInput.Update(spec, 1, new long[0]);
    }

    private static LaneInput tick(long lsn) {
        return new LaneInput.Tick("t", lsn, lsn * 1000);
    }

    private static LaneInput large(long lsn) {
        return Stream.part("r", lsn, 0, true, 40_000);
    }

    private ReplicationState state() {
        return target.stateOf("r") == null ? null : target.stateOf("r").state();
    }

    private String reason() {
        return target.stateOf("r") == null ? null : target.stateOf("r").reason();
    }

    private static LaneView view(EngineHarness harness) {
        List<LaneView> views = new ArrayList<>();
        harness.onOwner(() -> views.addAll(harness.engine.views()));
        return views.get(0);
    }

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

    private EncryptionConfig encryption() throws IOException {
        Path master = directory.resolve("master.json");
        AeadKeys.generate().writeNew(master);
        return new EncryptionConfig(master.toString(), directory.resolve("keys").toString());
    }

    @Test
    void encryptsWhatWaitsAndReadsItAgain() throws IOException {
        EncryptionConfig encryption = encryption();
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = harness(new MemoryLaneStore(), encryption)) {
            harness.accept(start(spec("r", true, WhenFull.ALARM)), large(10), Stream.data("r", 12));
            checkpoint = harness.checkpoint();
            checkpoint
                    .segments(R)
                    .values()
                    .forEach(it -> assertThat(SegmentHeader.read(it).sealed()).isTrue());
        }
        MemoryLaneStore same = checkpoint.copy();
        Assertions.assertThatThrownBy(() -> harness(same, null))
                .rootCause()
                .isInstanceOfSatisfying(
                        ReplicationException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
        try (EngineHarness harness = harness(checkpoint, encryption)) {
            harness.accept(update(spec("r", false, WhenFull.ALARM)));
            await(() -> target.appliedOf("r").size() == 2);
        }
    }

    @Test
    void aDestroyedKeyTakesTheBacklogWithItAndNobodyElses() throws Exception {
        EncryptionConfig encryption = encryption();
        TenantKeyAdmin admin = new TenantKeyAdmin(encryption);
        MemoryLaneStore before;
        try (EngineHarness harness = harness(new MemoryLaneStore(), encryption)) {
            harness.accept(start(spec("r", true, WhenFull.ALARM)), large(10));
            harness.accept(start(spec("s", false, WhenFull.ALARM)), Stream.data("s", 11));
            await(() -> target.appliedOf("s").size() == 1);
            before = harness.checkpoint();
            admin.destroy(new TenantId("r"), "dba", "gone", Instant.EPOCH);
            long[] lsn = {20};
            await(
                    () -> {
                        harness.accept(tick(lsn[0]++));
                        return view(harness, "r").state() == ReplicationState.ERROR;
                    });
            assertThat(view(harness, "r").reason()).contains("was destroyed");
            harness.accept(large(lsn[0] + 1), Stream.data("s", lsn[0] + 2));
            await(() -> target.appliedOf("s").size() == 2);
            assertThat(harness.checkpoint().segments(R)).isEmpty();
        }
        // Also what is in a checkpoint of before.
        try (EngineHarness harness = harness(before, encryption)) {
            assertThat(view(harness, "r").reason()).contains("was destroyed");
            harness.accept(Stream.data("s", 10_000_000));
            await(() -> target.appliedOf("s").size() == 3);
            assertThat(target.appliedOf("r")).isEmpty();

            admin.renew(new TenantId("r"));
            await(
                    () -> {
                        harness.accept(
                                update(spec("r", false, WhenFull.ALARM)),
                                new LaneInput.Resync(R, List.of(), 10_000_005, new long[0], "dba"));
                        return view(harness, "r").state() == ReplicationState.STREAMING;
                    });
            harness.accept(Stream.data("r", 10_000_009));
            await(() -> target.appliedOf("r").size() == 1);
        }
    }

    private static LaneView view(EngineHarness harness, String id) {
        List<LaneView> views = new ArrayList<>();
        harness.onOwner(() -> views.addAll(harness.engine.views()));
        return views.stream().filter(it -> it.replication().value().equals(id)).findFirst().get();
    }

    @Test
    void aDamagedSegmentStopsItsReplicationOnlyAndIsKept() {
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = harness(new MemoryLaneStore(), null)) {
            harness.accept(start(spec("r", true, WhenFull.ALARM)), large(10));
            harness.accept(start(spec("s", true, WhenFull.ALARM)), Stream.data("s", 11));
            checkpoint = harness.checkpoint();
        }
        checkpoint.change(R, segments -> segments.get(segments.firstKey())[100] ^= 1);
        try (EngineHarness harness = harness(checkpoint, null)) {
            harness.accept(update(spec("r", false, WhenFull.ALARM)));
            harness.accept(update(spec("s", false, WhenFull.ALARM)));
            await(() -> target.appliedOf("s").size() == 1);
            await(() -> state() == ReplicationState.ERROR);
            assertThat(reason()).contains("damaged").contains("heliosdb-cli resync");
            assertThat(harness.checkpoint().segments(R)).hasSize(1);
        }
    }

    @Test
    void aSegmentThatIsMissingIsNoticed() {
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = harness(new MemoryLaneStore(), null)) {
            harness.accept(start(spec("r", true, WhenFull.ALARM)));
            for (int lsn = 10; lsn < 40; lsn++) {
                harness.accept(large(lsn));
            }
            checkpoint = harness.checkpoint();
        }
        checkpoint.change(R, segments -> segments.remove(segments.lastKey()));
        try (EngineHarness harness = harness(checkpoint, null)) {
            harness.accept(update(spec("r", false, WhenFull.ALARM)));
            await(() -> state() == ReplicationState.ERROR);
            assertThat(reason()).contains("lacks a part of the backlog");
            assertThat(target.appliedOf("r")).isEmpty();
        }
    }
}
