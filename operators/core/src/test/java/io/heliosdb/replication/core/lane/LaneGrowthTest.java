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
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.List;
import org.junit.jupiter.api.Test;

class LaneGrowthTest {

    private static final long AMPLE = 64 << 20;
    private static final TableFilter A = including("a");
    private static final TableFilter A_B = including("a", "b");
    private static final TableFilter A_B_C = including("a", "b", "c");

    private final FakeTarget target = new FakeTarget();
    private final FakeCopies copies = new FakeCopies(false);

    private static TableFilter including(String... tables) {
        return new TableFilter(List.of(tables), List.of());
    }

    private static TableId table(String name) {
        return new TableId("public", name);
    }

    private static ReplicationSpec spec(TableFilter tables) {
        ReplicationSpec spec = Stream.spec("r", false);
        return new ReplicationSpec(
                spec.id(),
                spec.tenant(),
                spec.target(),
                tables,
                spec.tier(),
                spec.priority(),
                spec.paused(),
                spec.existingRows());
    }

    private static LaneInput update(TableFilter tables, long lsn, long... pending) {
        return new LaneInput.Update(spec(tables), lsn, pending);
    }

    private EngineHarness harness(MemoryLaneStore store) {
        return new EngineHarness(target, store, AMPLE, 2, copies);
    }

    /** A lane that streams: its first copy is done, the transaction of LSN 10 applied. */
    private EngineHarness streaming(TableFilter tables) {
        EngineHarness harness = harness(new MemoryLaneStore());
        harness.accept(new LaneInput.Start(spec(tables), 1, new long[0]), Stream.data("r", 10));
        nextCopy();
        copies.finish("r");
        await(() -> target.appliedOf("r").size() == 1);
        return harness;
    }

    private SyncRequest nextCopy() {
        await(() -> copies.copies("r"));
        return copies.requestOf("r");
    }

    @Test
    void copiesTheTablesThatCameWhileTheBacklogWaits() {
        try (EngineHarness harness = streaming(A)) {
            harness.accept(update(A_B, 10, 7, 8), Stream.data("r", 11));
            SyncRequest request = nextCopy();
            assertThat(request.concerns(table("a"))).isFalse();
            assertThat(request.concerns(table("b"))).isTrue();
            assertThat(request.pendingXids()).containsExactly(7, 8);
            assertThat(request.epoch().value()).as("claimed anew").isEqualTo(2);
            assertThat(target.appliedOf("r")).containsExactly(10_000L);

            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 2);
        }
    }

    @Test
    void aTableThatWasLeftOutForAWhileIsNewAgain() {
        try (EngineHarness harness = streaming(A_B)) {
            harness.accept(update(A, 10), update(A_B, 20, 7));
            SyncRequest request = nextCopy();
            assertThat(request.concerns(table("a"))).isFalse();
            assertThat(request.concerns(table("b"))).isTrue();
        }
    }

    @Test
    void growsAgainWhileItGrows() {
        try (EngineHarness harness = streaming(A)) {
            harness.accept(update(A_B, 10));
            nextCopy();
            harness.accept(update(A_B_C, 12, 9), Stream.data("r", 13));
            copies.finish("r");
            SyncRequest request = nextCopy();
            assertThat(request.concerns(table("a"))).isFalse();
            assertThat(request.concerns(table("b"))).isTrue();
            assertThat(request.concerns(table("c"))).isTrue();
            assertThat(request.pendingXids()).containsExactly(9);
            assertThat(target.appliedOf("r")).containsExactly(10_000L);
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 2);
        }
    }

    @Test
    void aFilterThatWidensDuringTheFirstCopyIsCopiedToo() {
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(new LaneInput.Start(spec(A), 1, new long[0]));
            nextCopy();
            harness.accept(update(A_B, 12, 9), Stream.data("r", 13));
            copies.finish("r");
            SyncRequest request = nextCopy();
            assertThat(request.isGrowth()).as("all of it, but for what is done").isFalse();
            assertThat(request.spec().tables()).isEqualTo(A_B);
            assertThat(request.pendingXids()).containsExactly(9);
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 1);
        }
    }

    @Test
    void aNarrowerFilterCopiesNothing() {
        try (EngineHarness harness = streaming(A_B)) {
            harness.accept(update(A, 10), Stream.data("r", 11));
            await(() -> target.appliedOf("r").size() == 2);
            assertThat(copies.groups()).isEqualTo(1);
        }
    }

    @Test
    void goesOnGrowingAfterARestart() {
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = streaming(A)) {
            harness.accept(update(A_B, 10, 7), Stream.data("r", 11));
            checkpoint = harness.checkpoint();
            nextCopy();
            copies.end("r", cancelled());
        }
        try (EngineHarness harness = harness(checkpoint)) {
            SyncRequest request = nextCopy();
            assertThat(request.concerns(table("a"))).isFalse();
            assertThat(request.pendingXids()).containsExactly(7);
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 2);
            await(() -> harness.engine.memoryBytes() == 0);
        }
    }

    private static ApplyException cancelled() {
        return new ApplyException(
                ApplyException.Kind.FENCED, ErrorCode.FENCED, "", "cancelled", null);
    }

    /**
     * The target is ahead of the stream: what was applied in a life that ended with a crash comes
     * again, is not applied again, and must be in the copy.
     */
    @Test
    void theCopySeesWhatWasAppliedBeforeACrash() {
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = streaming(A)) {
            checkpoint = harness.checkpoint();
        }
        target.progress.put(new ReplicationId("r"), Position.after(new Lsn(30)));
        try (EngineHarness harness = harness(checkpoint)) {
            harness.accept(update(A_B, 12, 7), Stream.data("r", 20), Stream.data("r", 30));
            harness.accept(new LaneInput.Tick("t", 25, 25), Stream.data("r", 40));
            harness.accept(new LaneInput.Tick("t", 31, 31));
            assertThat(nextCopy().pendingXids()).containsExactly(7, 20, 30);
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 2);
            assertThat(target.appliedOf("r")).containsExactly(10_000L, 40_000L);
        }
    }
}
