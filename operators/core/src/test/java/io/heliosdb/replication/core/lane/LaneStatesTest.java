package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import org.junit.jupiter.api.Test;

/** What the target is told of lanes that cannot do what they should. */
class LaneStatesTest {

    private static final long AMPLE = 64 << 20;
    private static final ReplicationId A = new ReplicationId("a");

    private final FakeTarget target = new FakeTarget();

    private static ApplyException failure(Kind kind, String reason) {
        ErrorCode code = kind == Kind.FENCED ? ErrorCode.FENCED : ErrorCode.TARGET_NOT_READY;
        return new ApplyException(kind, code, "", reason, null);
    }

    private boolean shows(ReplicationState state, String reason) {
        StateReport there = target.stateOf("a");
        return there != null
                && there.state() == state
                && (reason == null
                        ? there.reason() == null
                        : there.reason() != null && there.reason().contains(reason));
    }

    private EngineHarness harness(MemoryLaneStore store) {
        return new EngineHarness(target, store, AMPLE, 2);
    }

    /** Streams, and returns the checkpoint it would continue from. */
    private MemoryLaneStore streamed() {
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(Stream.start("a", false), Stream.data("a", 10));
            await(() -> shows(ReplicationState.STREAMING, null));
            await(() -> target.appliedOf("a").size() == 1);
            return harness.checkpoint();
        }
    }

    @Test
    void aClaimThatIsRejectedAfterARestartDoesNotLeaveTheOldStateStanding() {
        MemoryLaneStore checkpoint = streamed();
        target.claimTrouble = spec -> failure(Kind.REJECTED, "another tenant");
        try (EngineHarness harness = harness(checkpoint)) {
            await(() -> shows(ReplicationState.ERROR, "another tenant"));
            assertThat(harness.engine.figures().failures()).isEqualTo(1);
        }
    }

    @Test
    void aClaimThatIsRejectedSaysNothingOfARowThatSomebodyElseHasClaimedSince() {
        MemoryLaneStore checkpoint = streamed();
        target.epochs.merge(A, 1L, Long::sum);
        target.claimTrouble = spec -> failure(Kind.REJECTED, "another tenant");
        try (EngineHarness harness = harness(checkpoint)) {
            await(() -> target.reportAttempts >= 2);
            harness.accept(new LaneInput.Stop(A));
            await(() -> target.reportAttempts >= 3);
        }
        assertThat(target.stateOf("a").state()).isEqualTo(ReplicationState.STREAMING);
    }

    @Test
    void aFencedLaneTouchesNothing() {
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(Stream.start("a", false), Stream.data("a", 10));
            await(() -> shows(ReplicationState.STREAMING, null));
            await(() -> target.appliedOf("a").size() == 1);
            target.trouble = batch -> failure(Kind.FENCED, "somebody else");
            int before = target.reportAttempts;
            harness.accept(Stream.data("a", 11));
            await(() -> harness.engine.figures().failures() == 1);
            harness.onOwner(() -> {});
            assertThat(target.reportAttempts).isEqualTo(before);
        }
    }

    @Test
    void aNewReplicationThatIsRejectedIsSeenInTheTarget() {
        target.claimTrouble = spec -> failure(Kind.REJECTED, "not allowed");
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(Stream.start("a", false));
            await(() -> shows(ReplicationState.ERROR, "not allowed"));
            target.claimTrouble = spec -> null;
            harness.accept(new LaneInput.Update(Stream.spec("a", true)));
            await(() -> shows(ReplicationState.PAUSED, null));
            harness.accept(new LaneInput.Update(Stream.spec("a", false)));
            await(() -> shows(ReplicationState.STREAMING, null));
        }
    }

    @Test
    void theReasonOfAClaimThatIsTriedAgainIsSeenUntilItSucceeds() {
        target.claimTrouble = spec -> failure(Kind.RETRY_LANE, "row is locked");
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(Stream.start("a", false));
            await(() -> shows(ReplicationState.INITIALIZING, "retrying: row is locked"));
            target.claimTrouble = spec -> null;
            await(() -> shows(ReplicationState.STREAMING, null));
        }
    }

    @Test
    void theReasonOfAFirstCopyThatIsTriedAgainIsSeenUntilItMoves() {
        FakeCopies copies = new FakeCopies(false);
        try (EngineHarness harness =
                new EngineHarness(target, new MemoryLaneStore(), AMPLE, 2, copies)) {
            harness.accept(Stream.start("a", false));
            await(() -> copies.copies("a"));
            long epoch = copies.epochOf("a");
            copies.end("a", failure(Kind.RETRY_LANE, "source is away"));
            await(() -> shows(ReplicationState.SYNCING, "retrying: source is away"));
            await(() -> copies.copies("a"));
            assertThat(copies.epochOf("a")).isGreaterThan(epoch);
            assertThat(shows(ReplicationState.SYNCING, "source is away")).isTrue();
            copies.move("a");
            await(() -> shows(ReplicationState.SYNCING, null));
            copies.finish("a");
            await(() -> shows(ReplicationState.STREAMING, null));
        }
    }

    @Test
    void reportsAreTriedEverLessOftenAndOnlyTheNewestIsSent() {
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(Stream.start("a", false));
            await(() -> shows(ReplicationState.STREAMING, null));
            target.reportTrouble = failure(Kind.RETRY_LANE, "lock timeout");
            int before = target.reportAttempts;
            for (int i = 0; i < 50; i++) {
                harness.accept(new LaneInput.Update(Stream.spec("a", i % 2 == 0)));
            }
            harness.accept(new LaneInput.Update(Stream.spec("a", true)));
            await(() -> target.reportAttempts >= before + 3);
            // 100 ms, 200 ms, 400 ms apart, and one at a time.
            assertThat(target.reportAttempts).isLessThanOrEqualTo(before + 4);
            int recorded = target.reports.size();
            target.reportTrouble = null;
            await(() -> shows(ReplicationState.PAUSED, null));
            assertThat(target.reports.subList(recorded, target.reports.size()))
                    .as("what is out of date is not sent")
                    .hasSize(1);
        }
    }
}
