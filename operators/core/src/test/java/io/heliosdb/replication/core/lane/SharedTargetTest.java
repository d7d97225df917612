package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many lanes share the sessions of one target: none of them takes them all, nor for ever. */
class SharedTargetTest {

    private static final long AMPLE = 64 << 20;

    private final FakeTarget target = new FakeTarget();

    private static ApplyException broken() {
        return new ApplyException(
                ApplyException.Kind.RETRY_TARGET,
                ErrorCode.TARGET_UNREACHABLE,
                "08006",
                "the backend died",
                null);
    }

    private static void acceptLarge(EngineHarness harness, String replication, long lsn) {
        for (int part = 0; part < 8; part++) {
            harness.accept(Stream.part(replication, lsn, part, false, 300_000));
        }
        harness.accept(Stream.part(replication, lsn, 8, true, 100));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void largeTransactionsLeaveASessionToTheOthers(int sessions) {
        CountDownLatch held = new CountDownLatch(sessions - 1);
        CountDownLatch released = new CountDownLatch(1);
        target.trouble =
                batch -> {
                    if (batch.replication().value().startsWith("large")) {
                        held.countDown();
                        awaitUninterruptibly(released);
                    }
                    return null;
                };
        try (EngineHarness harness =
                new EngineHarness(target, new MemoryLaneStore(), AMPLE, sessions)) {
            for (int i = 0; i <= sessions; i++) {
                harness.accept(Stream.start("large" + i, false));
                acceptLarge(harness, "large" + i, 10);
            }
            harness.accept(Stream.start("small", false));
            await(() -> held.getCount() == 0);
            for (long lsn = 11; lsn < 111; lsn++) {
                harness.accept(Stream.data("small", lsn));
            }
            await(() -> target.appliedOf("small").size() == 100);
            assertThat(target.appliedOf("large0")).isEmpty();

            released.countDown();
            for (int i = 0; i <= sessions; i++) {
                String large = "large" + i;
                await(() -> target.appliedOf(large).size() == 9);
            }
        } finally {
            released.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aBatchThatBreaksTheConnectionEachTimeHoldsUpNobodyElse(int sessions) {
        target.trouble = batch -> batch.replication().value().equals("bad") ? broken() : null;
        try (EngineHarness harness =
                new EngineHarness(target, new MemoryLaneStore(), AMPLE, sessions)) {
            harness.accept(
                    Stream.start("bad", false), Stream.start("a", false), Stream.start("b", false));
            for (long lsn = 10; lsn < 60; lsn++) {
                harness.accept(
                        Stream.data("bad", lsn), Stream.data("a", lsn), Stream.data("b", lsn));
                long last = lsn;
                await(() -> target.appliedOf("a").contains(last * 1000));
                await(() -> target.appliedOf("b").contains(last * 1000));
            }
            assertThat(target.appliedOf("bad")).isEmpty();
            await(
                    () ->
                            target.stateOf("bad") != null
                                    && target.stateOf("bad").reason() != null
                                    && target.stateOf("bad").reason().contains("backend died"));

            target.trouble = batch -> null;
            await(() -> target.appliedOf("bad").size() == 50);
            await(() -> target.stateOf("bad").reason() == null);
        }
    }

    /** The role's connection limit leaves room for two of four sessions. */
    @Test
    void sessionsThatTheTargetRefusesDoNotStopThoseItHas() {
        target.connectionLimit = 2;
        try (EngineHarness harness = new EngineHarness(target, new MemoryLaneStore(), AMPLE, 4)) {
            for (int tenant = 0; tenant < 300; tenant++) {
                harness.accept(Stream.start("t" + tenant, false));
            }
            for (long lsn = 10; lsn < 20; lsn++) {
                for (int tenant = 0; tenant < 300; tenant++) {
                    harness.accept(Stream.data("t" + tenant, lsn));
                }
            }
            await(() -> target.appliedTransactions() == 3000);
        }
    }

    /** All sessions die, and none can be opened for a while. */
    @Test
    void aTargetThatRestartsUnderAllItsSessionsIsServedAgain() {
        target.trouble =
                batch -> {
                    await(() -> target.openSessions() >= 2);
                    return null;
                };
        try (EngineHarness harness = new EngineHarness(target, new MemoryLaneStore(), AMPLE, 4)) {
            harness.accept(Stream.start("a", false), Stream.data("a", 10));
            harness.accept(Stream.start("b", false), Stream.data("b", 10));
            await(() -> target.appliedTransactions() == 2);
            target.trouble = batch -> null;
            target.down = true;
            for (long lsn = 11; lsn < 111; lsn++) {
                harness.accept(Stream.data("a", lsn), Stream.data("b", lsn));
            }
            await(() -> target.refusals() > 2);
            target.down = false;
            await(() -> target.appliedTransactions() == 202);
        }
    }

    /** The probe of a target that was unwell is a large transaction: it counts as one. */
    @Test
    void aProbeThatStreamsLeavesASessionToTheOthers() {
        CountDownLatch released = new CountDownLatch(1);
        target.trouble =
                batch -> {
                    if (batch.replication().value().startsWith("large")) {
                        awaitUninterruptibly(released);
                    }
                    return null;
                };
        try (EngineHarness harness = new EngineHarness(target, new MemoryLaneStore(), AMPLE, 2)) {
            harness.accept(
                    Stream.start("large0", false),
                    Stream.start("large1", false),
                    Stream.start("small", false),
                    Stream.data("small", 9));
            await(() -> target.appliedOf("small").size() == 1);
            target.down = true;
            harness.accept(Stream.data("small", 10));
            acceptLarge(harness, "large0", 10);
            acceptLarge(harness, "large1", 10);
            target.down = false;
            for (long lsn = 11; lsn < 111; lsn++) {
                harness.accept(Stream.data("small", lsn));
            }
            await(() -> target.appliedOf("small").size() == 102);

            released.countDown();
            await(() -> target.appliedOf("large0").size() == 9);
            await(() -> target.appliedOf("large1").size() == 9);
        } finally {
            released.countDown();
        }
    }

    @Test
    void aLaneThatStopsInTheMiddleGivesItsSessionBack() {
        try (EngineHarness harness = new EngineHarness(target, new MemoryLaneStore(), AMPLE, 2)) {
            harness.accept(Stream.start("gone", false), Stream.start("stays", false));
            for (int part = 0; part < 8; part++) {
                harness.accept(Stream.part("gone", 10, part, false, 300_000));
            }
            harness.accept(new LaneInput.Stop(Stream.spec("gone", false).id()));
            acceptLarge(harness, "stays", 11);
            await(() -> target.appliedOf("stays").size() == 9);
            assertThat(target.appliedOf("gone")).isEmpty();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
