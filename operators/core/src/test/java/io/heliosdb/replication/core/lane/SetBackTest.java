package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.config.ExistingRows;
import org.junit.jupiter.api.Test;

class SetBackTest {

    private final FakeTarget target = new FakeTarget();
    private final FakeCopies copies = new FakeCopies(false);

    private EngineHarness harness() {
        return new EngineHarness(target, new MemoryLaneStore(), 64 << 20, 2, copies);
    }

    private static ReplicationSpec replacing() {
        ReplicationSpec spec = Stream.spec("r", false);
        return new ReplicationSpec(
                spec.id(),
                spec.tenant(),
                spec.target(),
                spec.tables(),
                spec.tier(),
                spec.priority(),
                spec.paused(),
                ExistingRows.REPLACE);
    }

    private boolean says(String text) {
        return target.stateOf("r").reason() != null && target.stateOf("r").reason().contains(text);
    }

    /** The first copy's marks are those of this very stream: nothing would be copied again. */
    @Test
    void aTargetThatWasSetBackIsNotTakenForCopiedAnew() {
        try (EngineHarness harness = harness()) {
            harness.accept(Stream.start("r", false), Stream.data("r", 10), Stream.data("r", 20));
            await(() -> copies.copies("r"));
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 2);
            target.trouble =
                    batch ->
                            new ApplyException(
                                    ApplyException.Kind.REJECTED,
                                    ErrorCode.STREAM_GAP,
                                    "",
                                    "told by the target",
                                    null);
            target.setProgress("r", Position.after(new Lsn(10)));
            harness.accept(Stream.data("r", 30));
            await(() -> says("told by the target"));
            target.trouble = batch -> null;

            harness.accept(new LaneInput.Update(replacing()));

            await(() -> says("was set back") || copies.copies("r"));
            assertThat(copies.copies("r")).isFalse();
            assertThat(target.stateOf("r").reason())
                    .contains("heliosdb-cli resync --replication 'r'");
            assertThat(target.appliedOf("r")).hasSize(2);
        }
    }

    @Test
    void aTargetThatIsBehindTheBeginningOfTheStreamIsCopiedAnewIfRowsMayBeReplaced() {
        target.setProgress("r", Position.after(new Lsn(5)));
        try (EngineHarness harness = harness()) {
            harness.accept(
                    new LaneInput.Start(Stream.spec("r", false), 10, new long[0]),
                    Stream.data("r", 20));
            await(() -> target.stateOf("r") != null && says("the stream begins at"));
            assertThat(target.stateOf("r").reason())
                    .contains("heliosdb-cli resync --replication 'r'");
            assertThat(target.epochs).containsEntry(new ReplicationId("r"), 1L);

            harness.accept(new LaneInput.Update(replacing()));

            await(() -> copies.copies("r"));
            copies.finish("r");
            await(() -> target.appliedOf("r").size() == 1);
        }
    }
}
