package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TableId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Resync, retry and skip, in every state and after crashes. */
class LaneCommandsTest {

    private static final ReplicationId R = new ReplicationId("r");

    private final FakeTarget target = new FakeTarget();
    private final FakeCopies copies = new FakeCopies(false);

    private EngineHarness harness(MemoryLaneStore store) {
        return new EngineHarness(target, store, 64 << 20, 2, copies);
    }

    private static LaneInput resync(long lsn, String... tables) {
        return new LaneInput.Resync(R, List.of(tables), lsn, new long[] {7}, "test");
    }

    /** A lane that streams: its first copy is done, the transaction of LSN 10 applied. */
    private EngineHarness streaming() {
        EngineHarness harness = harness(new MemoryLaneStore());
        harness.accept(Stream.start("r", false), Stream.data("r", 10));
        nextCopy();
        copies.finish("r");
        await(() -> target.appliedOf("r").size() == 1);
        return harness;
    }

    private SyncRequest nextCopy() {
        await(() -> copies.copies("r"));
        return copies.requestOf("r");
    }

    private boolean inState(ReplicationState state) {
        return target.stateOf("r") != null && target.stateOf("r").state() == state;
    }

    private boolean toldOf(ReplicationState state) {
        return target.reports.stream().anyMatch(report -> report.state() == state);
    }

    private void poison(long lsn) {
        target.trouble =
                batch ->
                        batch.transactions().stream().anyMatch(tx -> tx.commitLsn() == lsn)
                                ? new ApplyException(
                                        ApplyException.Kind.REJECTED,
                                        ErrorCode.ROW_REJECTED,
                                        "23505",
                                        "poison",
                                        null)
                                : null;
    }

    @Test
    void copiesAllTablesAgainMendingWhileTheBacklogWaits_R18() {
        try (EngineHarness harness = streaming()) {
            harness.accept(resync(20), Stream.data("r", 30));
            SyncRequest request = nextCopy();
            assertThat(request.mend()).isTrue();
            assertThat(request.concerns(new TableId("public", "x"))).isTrue();
            assertThat(request.concerns(new TableId("other", "y"))).isTrue();
            assertThat(request.pendingXids()).containsExactly(7);
            assertThat(target.resyncs).containsKey(R);
            assertThat(target.appliedOf("r")).containsExactly(10_000L);
            await(() -> inState(ReplicationState.SYNCING));

            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 2);
            assertThat(target.resyncs).as("forgotten once it is done").isEmpty();
            await(() -> inState(ReplicationState.STREAMING));
        }
    }

    @Test
    void copiesSomeTablesAgainAndAppliesWhatCameBefore() {
        try (EngineHarness harness = streaming()) {
            target.down = true;
            harness.accept(Stream.data("r", 15), resync(20, "public.a*"));
            target.down = false;
            SyncRequest request = nextCopy();
            assertThat(request.mend()).isTrue();
            assertThat(request.concerns(new TableId("public", "a1"))).isTrue();
            assertThat(request.concerns(new TableId("public", "b"))).isFalse();
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 2);
            assertThat(target.appliedOf("r")).containsExactly(10_000L, 15_000L);
        }
    }

    @Test
    void getsALaneOutOfAnError_R18() {
        try (EngineHarness harness = streaming()) {
            poison(15);
            harness.accept(Stream.data("r", 15), Stream.data("r", 16));
            await(() -> inState(ReplicationState.ERROR));
            harness.accept(resync(20), Stream.data("r", 30));
            nextCopy();
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 2);
            assertThat(target.appliedOf("r"))
                    .as("what came before is in the copy")
                    .containsExactly(10_000L, 30_000L);
        }
    }

    @Test
    void mendsATargetThatWasSetBack_R18() {
        try (EngineHarness harness = streaming()) {
            harness.accept(Stream.data("r", 20));
            await(() -> target.appliedOf("r").size() == 2);
            target.setProgress("r", Position.after(new Lsn(10)));
            harness.accept(resync(25), Stream.data("r", 30));
            nextCopy();
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 3);
        }
    }

    @Test
    void getsAReplicationBackThatTheStreamCouldNotFollow() {
        try (EngineHarness harness = streaming()) {
            harness.accept(new LaneInput.Fail(R, ErrorCode.TABLE_NOT_ROUTABLE, "key lost"));
            await(() -> inState(ReplicationState.ERROR));
            harness.accept(new LaneInput.Retry(R));
            await(() -> "key lost".equals(target.stateOf("r").reason()));
            assertThat(copies.copies("r")).isFalse();
            harness.accept(resync(20), Stream.data("r", 30));
            nextCopy();
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 2);
        }
    }

    /**
     * What the former life mended must not meet changes of before: nothing is applied until the
     * command comes again.
     */
    @Test
    void waitsForTheCommandToComeAgainAfterACrash_R1() {
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = streaming()) {
            checkpoint = harness.checkpoint();
            harness.accept(Stream.data("r", 15), resync(20, "public.a"));
            nextCopy();
            copies.end("r", cancelled());
        }
        target.setProgress("r", Position.after(new Lsn(10)));
        target.applied.get(R).removeIf(it -> it > 10_000L);
        try (EngineHarness harness = harness(checkpoint)) {
            await(() -> inState(ReplicationState.SYNCING));
            harness.accept(Stream.data("r", 15), new LaneInput.Tick("t", 16, 16));
            assertThat(target.appliedOf("r")).containsExactly(10_000L);
            assertThat(copies.copies("r")).isFalse();
            harness.accept(resync(20, "public.a"));
            assertThat(nextCopy().pendingXids()).containsExactly(7);
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 2);
        }
    }

    private static ApplyException cancelled() {
        return new ApplyException(
                ApplyException.Kind.FENCED, ErrorCode.FENCED, "", "cancelled", null);
    }

    @Test
    void doesNotCopyAgainWhatWasDoneInALifeThatEndedWithACrash() {
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = streaming()) {
            checkpoint = harness.checkpoint();
            harness.accept(resync(20));
            nextCopy();
            copies.finish("r");
            await(() -> inState(ReplicationState.STREAMING));
        }
        int groups = copies.groups();
        try (EngineHarness harness = harness(checkpoint)) {
            harness.accept(resync(20), Stream.data("r", 30));
            await(() -> target.appliedOf("r").size() == 2);
            assertThat(copies.groups()).isEqualTo(groups);
            assertThat(target.resyncs).isEmpty();
        }
    }

    @Test
    void goesOnWithAResyncThatACheckpointTellsOf() {
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = streaming()) {
            harness.accept(resync(20), Stream.data("r", 30));
            nextCopy();
            checkpoint = harness.checkpoint();
            copies.end("r", cancelled());
        }
        try (EngineHarness harness = harness(checkpoint)) {
            assertThat(nextCopy().mend()).isTrue();
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 2);
            await(() -> harness.engine.memoryBytes() == 0);
        }
    }

    @Test
    void aSecondWishBeforeTheFirstIsDoneIsNotLost() {
        try (EngineHarness harness = streaming()) {
            harness.accept(resync(20, "public.a"));
            nextCopy();
            harness.accept(resync(22, "public.b"));
            await(
                    () ->
                            copies.copies("r")
                                    && copies.requestOf("r").concerns(new TableId("public", "b")));
            assertThat(nextCopy().concerns(new TableId("public", "a"))).isTrue();
            copies.finish("r");
            await(() -> inState(ReplicationState.STREAMING));
            assertThat(target.resyncs).isEmpty();
        }
    }

    @Test
    void triesAgainAtOnceWhenToldTo() {
        try (EngineHarness harness = streaming()) {
            poison(15);
            harness.accept(Stream.data("r", 15));
            await(() -> inState(ReplicationState.ERROR));
            assertThat(target.stateOf("r").refusedLsn()).isEqualTo(15);
            target.trouble = batch -> null;
            harness.accept(new LaneInput.Retry(R));
            await(() -> target.appliedOf("r").size() == 2);
            await(() -> inState(ReplicationState.STREAMING));
            assertThat(target.stateOf("r").refusedLsn()).isZero();
        }
    }

    @Test
    void doesNotTellOfStreamingBeforeWhatWasRefusedIsThrough() {
        try (EngineHarness harness = streaming()) {
            poison(15);
            harness.accept(Stream.data("r", 15), Stream.data("r", 16));
            await(() -> inState(ReplicationState.ERROR));
            target.reports.clear();
            harness.accept(new LaneInput.Retry(R));
            await(() -> toldOf(ReplicationState.ERROR));
            assertThat(toldOf(ReplicationState.INITIALIZING)).isTrue();
            assertThat(toldOf(ReplicationState.STREAMING)).isFalse();

            harness.accept(new LaneInput.Skip(R, 15, "me", "because"));
            await(() -> inState(ReplicationState.STREAMING));
            assertThat(target.skipped.get(R)).containsExactly(15L);
        }
    }

    @Test
    void retryEndsTheRestOfATargetThatWasAway_R21() {
        try (EngineHarness harness = streaming()) {
            harness.timersStand = true;
            target.down = true;
            harness.accept(Stream.data("r", 15));
            await(() -> target.sawDown);
            target.down = false;
            // Whatever was under way is over once the owner has been through it.
            harness.onOwner(() -> {});
            harness.accept(Stream.data("r", 16));
            assertThat(target.appliedOf("r")).containsExactly(10_000L);

            harness.accept(new LaneInput.Retry(R));
            await(() -> target.appliedOf("r").size() == 3);
        }
    }

    @Test
    void leavesOutTheRefusedTransactionAndNoOther() {
        try (EngineHarness harness = streaming()) {
            poison(15);
            harness.accept(Stream.data("r", 15), Stream.data("r", 16));
            await(() -> inState(ReplicationState.ERROR));
            harness.accept(new LaneInput.Skip(R, 15, "me", "because"));
            await(() -> target.appliedOf("r").size() == 2);
            assertThat(target.appliedOf("r")).containsExactly(10_000L, 16_000L);
            assertThat(target.skipped.get(R)).containsExactly(15L);
        }
    }

    @Test
    void theOrderToSkipHoldsAcrossARestartAndMayComeTwice() {
        MemoryLaneStore checkpoint;
        LaneInput skip = new LaneInput.Skip(R, 15, "me", "because");
        try (EngineHarness harness = streaming()) {
            target.down = true;
            harness.accept(
                    Stream.data("r", 14), Stream.data("r", 15), Stream.data("r", 16), skip, skip);
            checkpoint = harness.checkpoint();
        }
        target.down = false;
        try (EngineHarness harness = harness(checkpoint)) {
            harness.accept(skip);
            await(() -> target.appliedOf("r").size() == 3);
            assertThat(target.appliedOf("r")).containsExactly(10_000L, 14_000L, 16_000L);
            assertThat(target.skipped.get(R)).containsExactly(15L);
            harness.accept(skip, Stream.data("r", 20));
            await(() -> target.appliedOf("r").size() == 4);
        }
    }

    @Test
    void leavesOutALargeTransactionInAllItsParts() {
        try (EngineHarness harness = streaming()) {
            poison(15);
            for (int part = 0; part < 6; part++) {
                harness.accept(Stream.part("r", 15, part, part == 5, 400_000));
            }
            harness.accept(Stream.data("r", 16));
            await(() -> inState(ReplicationState.ERROR));
            harness.accept(new LaneInput.Skip(R, 15, "me", "because"));
            await(() -> target.appliedOf("r").contains(16_000L));
            assertThat(target.skipped.get(R)).containsExactly(15L);
        }
    }
}
