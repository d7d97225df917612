package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LaneEngineTest {

    private static final long AMPLE = 64 << 20;

    private final FakeTarget target = new FakeTarget();

    private static List<Long> keys(long from, long to) {
        List<Long> keys = new ArrayList<>();
        for (long lsn = from; lsn <= to; lsn++) {
            keys.add(lsn * 1000);
        }
        return keys;
    }

    private static ApplyException rejected() {
        return new ApplyException(
                ApplyException.Kind.REJECTED, ErrorCode.ROW_REJECTED, "23505", "poison", null);
    }

    @Test
    void keepsCommitOrderWithinATenant() {
        try (EngineHarness harness = new EngineHarness(target, new MemoryLaneStore(), AMPLE, 4)) {
            harness.accept(Stream.start("a", false), Stream.start("b", false));
            for (long lsn = 10; lsn < 1010; lsn++) {
                harness.accept(Stream.data(lsn % 2 == 0 ? "a" : "b", lsn));
            }
            await(() -> target.appliedOf("a").size() + target.appliedOf("b").size() == 1000);
            assertThat(target.appliedOf("a")).isSorted();
            assertThat(target.appliedOf("b")).isSorted();
            await(() -> harness.engine.memoryBytes() == 0);
        }
    }

    @Test
    void aPausedLaneKeepsItsBacklogInTheStoreAndHoldsNobodyUp() {
        MemoryLaneStore store = new MemoryLaneStore();
        long budget = 1 << 20;
        try (EngineHarness harness = new EngineHarness(target, store, budget, 2)) {
            harness.accept(Stream.start("asleep", true), Stream.start("awake", false));
            for (long lsn = 10; lsn < 3010; lsn++) {
                harness.accept(
                        Stream.part("asleep", lsn, 0, true, 4000), Stream.data("awake", lsn));
            }
            await(() -> target.appliedOf("awake").size() == 3000);
            assertThat(target.appliedOf("asleep")).isEmpty();
            // The last batch of the other lane counts until its outcome is back.
            await(() -> harness.engine.memoryBytes() <= budget);
            assertThat(store.segmentCount()).isPositive();

            harness.accept(new LaneInput.Update(Stream.spec("asleep", false)));
            await(() -> target.appliedOf("asleep").size() == 3000);
            assertThat(target.appliedOf("asleep")).isEqualTo(keys(10, 3009));
            harness.checkpoint();
            assertThat(store.segmentCount()).as("nothing is left behind").isZero();
        }
    }

    @Test
    void poisonStopsItsReplicationOnlyAndKeepsItsBacklog() {
        target.trouble =
                batch ->
                        batch.replication().value().equals("bad")
                                        && batch.transactions().stream()
                                                .anyMatch(tx -> tx.commitLsn() == 15)
                                ? rejected()
                                : null;
        try (EngineHarness harness = new EngineHarness(target, new MemoryLaneStore(), AMPLE, 2)) {
            harness.accept(Stream.start("bad", false), Stream.start("good", false));
            for (long lsn = 10; lsn < 30; lsn++) {
                harness.accept(Stream.data("bad", lsn), Stream.data("good", lsn));
            }
            await(() -> target.appliedOf("good").size() == 20);
            await(
                    () ->
                            target.stateOf("bad") != null
                                    && target.stateOf("bad").state() == ReplicationState.ERROR);
            assertThat(target.stateOf("bad").code()).isEqualTo(ErrorCode.ROW_REJECTED);
            assertThat(target.appliedOf("bad")).isEqualTo(keys(10, 14));

            target.trouble = batch -> null;
            harness.accept(new LaneInput.Update(Stream.spec("bad", true)));
            harness.accept(new LaneInput.Update(Stream.spec("bad", false)));
            await(() -> target.appliedOf("bad").size() == 20);
            assertThat(target.appliedOf("bad")).isEqualTo(keys(10, 29));
        }
    }

    @Test
    void aTargetThatWasDownGetsEverythingInOrder() {
        try (EngineHarness harness = new EngineHarness(target, new MemoryLaneStore(), AMPLE, 2)) {
            harness.accept(Stream.start("a", false), Stream.data("a", 10));
            await(() -> target.appliedOf("a").size() == 1);
            target.down = true;
            for (long lsn = 11; lsn < 200; lsn++) {
                harness.accept(Stream.data("a", lsn));
            }
            target.down = false;
            await(() -> target.appliedOf("a").size() == 190);
            assertThat(target.appliedOf("a")).isEqualTo(keys(10, 199));
        }
    }

    @Test
    void aLargeTransactionIsStreamedWholeOrNotAtAll() {
        boolean[] failedOnce = new boolean[1];
        target.trouble =
                batch -> {
                    boolean third = batch.transactions().stream().anyMatch(tx -> tx.part() == 12);
                    if (third && !failedOnce[0]) {
                        failedOnce[0] = true;
                        return new ApplyException(
                                ApplyException.Kind.RETRY_LANE,
                                ErrorCode.TARGET_BUSY,
                                "40P01",
                                "deadlock",
                                null);
                    }
                    return null;
                };
        try (EngineHarness harness = new EngineHarness(target, new MemoryLaneStore(), 2 << 20, 2)) {
            harness.accept(Stream.start("a", false), Stream.data("a", 10));
            for (int part = 0; part < 20; part++) {
                harness.accept(Stream.part("a", 11, part, false, 300_000));
            }
            await(() -> target.appliedOf("a").size() == 1);
            harness.accept(Stream.part("a", 11, 20, true, 0), Stream.data("a", 12));
            await(() -> target.appliedOf("a").size() == 23);
            List<Long> expected = new ArrayList<>(List.of(10_000L));
            for (long part = 0; part <= 20; part++) {
                expected.add(11_000 + part);
            }
            expected.add(12_000L);
            assertThat(target.appliedOf("a")).isEqualTo(expected);
            await(() -> harness.engine.memoryBytes() == 0);
        }
    }

    @Test
    void aBrokenStreamStaysBrokenThroughARestart() {
        MemoryLaneStore checkpoint;
        try (EngineHarness harness = new EngineHarness(target, new MemoryLaneStore(), AMPLE, 2)) {
            harness.accept(
                    Stream.start("a", false),
                    Stream.data("a", 10),
                    new LaneInput.Fail(
                            new ReplicationId("a"), ErrorCode.TABLE_NOT_ROUTABLE, "no key"));
            checkpoint = harness.checkpoint();
        }
        FakeTarget fresh = new FakeTarget();
        try (EngineHarness harness = new EngineHarness(fresh, checkpoint, AMPLE, 2)) {
            await(() -> fresh.stateOf("a") != null);
            assertThat(fresh.stateOf("a").state()).isEqualTo(ReplicationState.ERROR);
            assertThat(fresh.stateOf("a").code()).isEqualTo(ErrorCode.TABLE_NOT_ROUTABLE);
            harness.accept(new LaneInput.Tick("t", 99, 99));
            assertThat(fresh.appliedOf("a")).isEmpty();
            assertThat(fresh.progress.values()).allMatch(Position.START::equals);
        }
    }

    @Test
    void forgetsAStoppedReplication() {
        MemoryLaneStore store = new MemoryLaneStore();
        try (EngineHarness harness = new EngineHarness(target, store, AMPLE, 2)) {
            harness.accept(Stream.start("a", true), Stream.data("a", 10));
            harness.checkpoint();
            assertThat(store.replications()).hasSize(1);
            harness.accept(new LaneInput.Stop(new ReplicationId("a")));
            assertThat(store.replications()).isEmpty();
            assertThat(store.segmentCount()).isZero();
            assertThat(harness.engine.memoryBytes()).isZero();
        }
    }

    @Test
    void continuesExactlyOnceFromCheckpointsTakenAtAnyMoment() {
        for (long seed = 0; seed < 30; seed++) {
            FakeTarget fake = new FakeTarget();
            continuesExactlyOnce(fake, new Random(seed));
            assertThat(fake.appliedOf("a")).as("seed " + seed).isEqualTo(keys(10, 309));
            assertThat(fake.appliedOf("b")).as("seed " + seed).isEqualTo(keys(10, 309));
        }
    }

    /**
     * Runs, takes checkpoints, dies without a word, and replays the stream from the last
     * checkpoint.
     */
    private static void continuesExactlyOnce(FakeTarget fake, Random random) {
        MemoryLaneStore durable = new MemoryLaneStore();
        long durableLsn = 9;
        boolean started = false;
        while (durableLsn < 309) {
            long lsn = durableLsn;
            MemoryLaneStore store = durable.copy();
            try (EngineHarness harness = new EngineHarness(fake, store, 20_000, 2)) {
                if (!started) {
                    harness.accept(Stream.start("a", false), Stream.start("b", false));
                }
                long crashAt = lsn + 1 + random.nextInt(120);
                while (lsn < 309 && lsn < crashAt) {
                    lsn++;
                    harness.accept(Stream.data("a", lsn), Stream.data("b", lsn));
                    if (random.nextInt(15) == 0) {
                        durable = harness.checkpoint();
                        durableLsn = lsn;
                        started = true;
                    }
                }
                if (lsn == 309) {
                    await(
                            () ->
                                    fake.appliedOf("a").size() >= 300
                                            && fake.appliedOf("b").size() >= 300);
                    durableLsn = lsn;
                }
            }
        }
    }
}
