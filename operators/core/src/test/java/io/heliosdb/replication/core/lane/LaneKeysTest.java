package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.secret.AeadKeys;
import io.heliosdb.replication.core.secret.TenantKeyAdmin;
import io.heliosdb.replication.core.segment.SegmentHeader;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.EncryptionConfig;
import io.heliosdb.replication.model.config.WhenFull;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Backlogs that are encrypted, damaged, or whose key is destroyed. */
class LaneKeysTest extends LimitsStand {

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
