package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.synchronous.ApplyReply;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What lanes of Synchronous replications tell the source's side. */
class SynchronousRepliesTest {

    private static final ReplicationId A = new ReplicationId("a");

    private final FakeTarget target = new FakeTarget();
    private final AtomicInteger attempts = new AtomicInteger();

    private ApplyException busy() {
        attempts.incrementAndGet();
        return new ApplyException(Kind.RETRY_LANE, ErrorCode.TARGET_BUSY, "", "later", null);
    }

    private static ReplicationSpec spec(String replication, boolean paused, Tier tier) {
        ReplicationSpec spec = Stream.spec(replication, paused);
        return new ReplicationSpec(
                spec.id(),
                spec.tenant(),
                spec.target(),
                spec.tables(),
                tier,
                spec.priority(),
                spec.paused(),
                spec.existingRows());
    }

    private static LaneInput start(String replication, Tier tier) {
        return new LaneInput.Start(spec(replication, false, tier), 1, new long[0]);
    }

    private EngineHarness harness(MemoryLaneStore store) {
        return new EngineHarness(target, store, 64 << 20, 2);
    }

    private static @Nullable ApplyReply last(EngineHarness harness) {
        return harness.replies.isEmpty() ? null : harness.replies.get(harness.replies.size() - 1);
    }

    private static void awaitApplied(EngineHarness harness, long lsn) {
        await(() -> ApplyReply.applied(A, lsn).equals(last(harness)));
    }

    @Test
    void tellsWhatIsAppliedOfSynchronousOnesOnly() {
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(start("b", Tier.PREMIUM), Stream.data("b", 10));
            await(() -> target.appliedOf("b").size() == 1);
            harness.accept(start("a", Tier.SYNCHRONOUS), Stream.data("a", 20));
            awaitApplied(harness, 20);
            assertThat(harness.replies).allMatch(reply -> reply.replication().equals(A));
        }
    }

    @Test
    void tellsNothingOfWhatTheTargetRefuses() {
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(start("a", Tier.SYNCHRONOUS), Stream.data("a", 20));
            awaitApplied(harness, 20);
            target.trouble =
                    batch ->
                            new ApplyException(
                                    Kind.REJECTED, ErrorCode.ROW_REJECTED, "", "no", null);
            harness.accept(Stream.data("a", 30));
            await(() -> ApplyReply.absent(A, "it is in error").equals(last(harness)));
            assertThat(harness.replies).noneMatch(reply -> reply.throughLsn() == 30);
        }
    }

    @Test
    void aPauseIsToldAndItsEndToo() {
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(start("a", Tier.SYNCHRONOUS), Stream.data("a", 20));
            awaitApplied(harness, 20);
            harness.accept(new LaneInput.Update(spec("a", true, Tier.SYNCHRONOUS)));
            await(() -> ApplyReply.absent(A, "it is paused").equals(last(harness)));
            harness.accept(
                    Stream.data("a", 30), new LaneInput.Update(spec("a", false, Tier.SYNCHRONOUS)));
            awaitApplied(harness, 30);
        }
    }

    @Test
    void whoBecomesSynchronousTellsAtOnce() {
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(start("a", Tier.STANDARD), Stream.data("a", 20));
            await(() -> target.appliedOf("a").size() == 1);
            assertThat(harness.replies).isEmpty();
            harness.accept(new LaneInput.Update(spec("a", false, Tier.SYNCHRONOUS)));
            awaitApplied(harness, 20);
        }
    }

    /** The router does not know of it any more, but somebody may still wait for it. */
    @Test
    void afterARestartNothingIsToldUntilWhatWaitedIsApplied_R1() {
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(start("a", Tier.SYNCHRONOUS), Stream.data("a", 20));
            awaitApplied(harness, 20);
            target.trouble = batch -> busy();
            harness.accept(Stream.data("a", 30));
            checkpoint = harness.checkpoint();
        }
        int before = attempts.get();
        try (EngineHarness harness = harness(checkpoint)) {
            await(() -> attempts.get() > before);
            harness.accept(new LaneInput.Tick("0", 25, 25_000));
            harness.onOwner(() -> {});
            assertThat(harness.replies).isEmpty();
        }
        target.trouble = batch -> null;
        try (EngineHarness harness = harness(checkpoint)) {
            awaitApplied(harness, 30);
            assertThat(harness.replies).containsExactly(ApplyReply.applied(A, 30));
        }
    }

    /** The checkpoint is from before the end of the first copy, which the target has since. */
    @Test
    void afterARestartNothingIsToldWhileItLooksWhetherItMustBeCopied_R1() {
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = copying(new MemoryLaneStore(), new FakeCopies(false))) {
            harness.accept(start("a", Tier.SYNCHRONOUS));
            await(() -> ApplyReply.absent(A, "it is being copied").equals(last(harness)));
            checkpoint = harness.checkpoint();
        }
        FakeCopies copies = new FakeCopies(false);
        try (EngineHarness harness = copying(checkpoint, copies)) {
            await(() -> copies.copies("a"));
            harness.accept(new LaneInput.Tick("0", 25, 25_000));
            harness.onOwner(() -> {});
            assertThat(harness.replies).isEmpty();
            copies.finish("a");
            await(() -> !harness.replies.isEmpty());
            assertThat(harness.replies).allMatch(reply -> reply.absent() == null);
        }
    }

    private EngineHarness copying(MemoryLaneStore store, FakeCopies copies) {
        return new EngineHarness(target, store, 64 << 20, 2, copies);
    }

    @Test
    void statusShowsThatCommitsDoNotWait() {
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(start("a", Tier.SYNCHRONOUS), Stream.data("a", 20));
            awaitApplied(harness, 20);
            harness.accept(new LaneInput.Synchronism(A, "commits do not wait"));
            await(
                    () ->
                            target.stateOf("a") != null
                                    && target.stateOf("a").code()
                                            == ErrorCode.SYNCHRONOUS_DEGRADED);
            harness.accept(new LaneInput.Synchronism(A, null));
            await(() -> target.stateOf("a").code() == null);
            assertThat(target.stateOf("a").state()).isEqualTo(ReplicationState.STREAMING);
        }
    }
}
