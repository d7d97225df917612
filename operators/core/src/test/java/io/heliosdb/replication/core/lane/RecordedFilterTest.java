package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The target tells under which filter it came to its progress, also in lives forgotten since. */
class RecordedFilterTest {

    private static final TableFilter A = including("a");
    private static final TableFilter A_B = including("a", "b");

    private final FakeTarget target = new FakeTarget();
    private final FakeCopies copies = new FakeCopies(false);

    private static TableFilter including(String... tables) {
        return new TableFilter(List.of(tables), List.of());
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

    private EngineHarness harness(MemoryLaneStore store) {
        return new EngineHarness(target, store, 64 << 20, 2, copies);
    }

    /** A lane that streams: its first copy is done, the transaction of LSN 10 applied. */
    private EngineHarness streaming(TableFilter tables) {
        EngineHarness harness = harness(new MemoryLaneStore());
        harness.accept(new LaneInput.Start(spec(tables), 1, new long[0]), Stream.data("r", 10));
        await(() -> copies.copies("r"));
        copies.finish("r");
        await(() -> target.appliedOf("r").size() == 1);
        return harness;
    }

    private SyncRequest copyOfB() {
        await(() -> copies.copies("r"));
        SyncRequest request = copies.requestOf("r");
        assertThat(request.concerns(new TableId("public", "a"))).isFalse();
        assertThat(request.concerns(new TableId("public", "b"))).isTrue();
        return request;
    }

    @Test
    void aFilterThatWidenedWhileTheJobForgotEverythingIsCopied() {
        streaming(A).close();
        target.setProgress("r", Position.after(new Lsn(30)));
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(
                    new LaneInput.Start(spec(A_B), 15, new long[] {7}),
                    Stream.data("r", 20),
                    Stream.data("r", 40),
                    new LaneInput.Tick("t", 41, 41));

            assertThat(copyOfB().pendingXids())
                    .as("not applied again, so the copy must see them")
                    .containsExactly(7, 20);
            assertThat(target.filterOf("r")).as("as long as b is not whole").isEqualTo(A);

            copies.finish("r");
            await(() -> target.appliedOf("r").equals(List.of(10_000L, 40_000L)));
            assertThat(target.filterOf("r")).isEqualTo(A_B);
        }
    }

    @Test
    void whatAFilterLeftOutUntilACrashIsCopiedIfTheFilterIsTakenBack() {
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = streaming(A_B)) {
            checkpoint = harness.checkpoint();
            harness.accept(new LaneInput.Update(spec(A)), Stream.data("r", 20));
            await(() -> target.appliedOf("r").size() == 2);
        }
        try (EngineHarness harness = harness(checkpoint)) {
            harness.accept(
                    Stream.data("r", 20), Stream.data("r", 30), new LaneInput.Tick("t", 31, 31));

            assertThat(copyOfB().pendingXids()).containsExactly(20);

            copies.finish("r");
            await(() -> target.appliedOf("r").equals(List.of(10_000L, 20_000L, 30_000L)));
            assertThat(target.filterOf("r")).isEqualTo(A_B);
        }
    }

    @Test
    void nothingIsAppliedUnderAFilterThatTheTargetDoesNotKnow() {
        AtomicReference<TableFilter> atApply = new AtomicReference<>();
        try (EngineHarness harness = streaming(A_B)) {
            assertThat(target.filterOf("r")).isEqualTo(A_B);
            target.trouble =
                    batch -> {
                        atApply.set(target.filterOf("r"));
                        return null;
                    };
            harness.accept(new LaneInput.Update(spec(A)), Stream.data("r", 20));
            await(() -> target.appliedOf("r").size() == 2);
            assertThat(atApply.get()).isEqualTo(A);
            assertThat(copies.groups()).isEqualTo(1);
        }
    }

    @Test
    void theSameOrANarrowerFilterCopiesNothing() {
        streaming(A_B).close();
        for (TableFilter tables : List.of(A_B, A)) {
            try (EngineHarness harness = harness(new MemoryLaneStore())) {
                long lsn = tables == A ? 30 : 20;
                harness.accept(
                        new LaneInput.Start(spec(tables), 5, new long[0]), Stream.data("r", lsn));
                await(() -> target.appliedOf("r").contains(lsn * 1000));
                assertThat(target.filterOf("r")).isEqualTo(tables);
            }
        }
        assertThat(copies.groups()).isEqualTo(1);
    }

    /** A first copy and a table filter that change at once, after which the lane opens. */
    @Test
    void aFilterThatNarrowsDuringTheFirstCopyIsRecordedBeforeItIsAppliedUnder() {
        try (EngineHarness harness = harness(new MemoryLaneStore())) {
            harness.accept(new LaneInput.Start(spec(A_B), 1, new long[0]));
            await(() -> copies.copies("r"));
            harness.accept(new LaneInput.Update(spec(A)), Stream.data("r", 10));
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 1);
            assertThat(target.filterOf("r")).isEqualTo(A);
            assertThat(target.epochs).containsEntry(new ReplicationId("r"), 2L);
        }
    }
}
