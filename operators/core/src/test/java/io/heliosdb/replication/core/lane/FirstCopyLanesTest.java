package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.snapshot.SyncEngine;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Lanes whose first copies take their time. */
class FirstCopyLanesTest {

    private final FakeTarget target = new FakeTarget();
    private final FakeCopies copies = new FakeCopies(false);

    private EngineHarness harness() {
        return new EngineHarness(target, new MemoryLaneStore(), 64 << 20, 2, copies);
    }

    private static LaneInput stop(String replication) {
        return new LaneInput.Stop(new ReplicationId(replication));
    }

    private boolean is(String replication, ReplicationState state) {
        return target.stateOf(replication) != null && target.stateOf(replication).state() == state;
    }

    @Test
    void aStopEndsACopyAndFencesItAndNobodyElsesAndTheReplicationCanBeAddedAnew() {
        try (EngineHarness harness = harness()) {
            harness.accept(Stream.start("a", false), Stream.start("b", false));
            await(() -> copies.copying() == 2);
            assertThat(copies.groups()).isEqualTo(1);
            long epoch = copies.epochOf("a");

            harness.accept(stop("a"));

            await(() -> !copies.copies("a"));
            await(() -> is("a", ReplicationState.STOPPED));
            assertThat(target.epochs.get(new ReplicationId("a"))).isGreaterThan(epoch);
            assertThat(copies.copies("b")).isTrue();

            harness.accept(Stream.start("a", false), Stream.data("a", 10));
            await(() -> copies.copies("a"));
            copies.finish("a");
            copies.finish("b");
            await(() -> is("a", ReplicationState.STREAMING));
            await(() -> is("b", ReplicationState.STREAMING));
            await(() -> target.appliedOf("a").size() == 1);
        }
    }

    @Test
    void aPauseEndsACopyAndItBeginsAgainWithANewEpoch() {
        try (EngineHarness harness = harness()) {
            harness.accept(Stream.start("a", false));
            await(() -> copies.copies("a"));
            long epoch = copies.epochOf("a");

            harness.accept(new LaneInput.Update(Stream.spec("a", true)));

            await(() -> is("a", ReplicationState.PAUSED));
            assertThat(copies.copies("a")).isFalse();
            harness.accept(Stream.data("a", 10));
            for (int i = 0; i < 5; i++) {
                harness.accept(new LaneInput.Update(Stream.spec("a", false)));
                harness.accept(new LaneInput.Update(Stream.spec("a", true)));
            }
            harness.accept(new LaneInput.Update(Stream.spec("a", false)));
            await(() -> copies.copies("a"));
            assertThat(copies.epochOf("a")).isGreaterThan(epoch);
            copies.finish("a");
            await(() -> target.appliedOf("a").size() == 1);
            assertThat(harness.engine.figures().failures()).isZero();
        }
    }

    @Test
    void aStreamThatBreaksEndsTheCopyOfItsReplication() {
        try (EngineHarness harness = harness()) {
            harness.accept(Stream.start("a", false), Stream.start("b", false));
            await(() -> copies.copying() == 2);

            harness.accept(
                    new LaneInput.Fail(
                            new ReplicationId("a"), ErrorCode.TABLE_NOT_ROUTABLE, "no key"));

            await(() -> is("a", ReplicationState.ERROR));
            assertThat(copies.copies("a")).isFalse();
            assertThat(copies.copies("b")).isTrue();
            assertThat(target.stateOf("a").reason()).isEqualTo("no key");
        }
    }

    @Test
    void aPausedReplicationIsNotCopied() {
        try (EngineHarness harness = harness()) {
            harness.accept(Stream.start("asleep", true), Stream.start("awake", false));
            await(() -> copies.copies("awake"));
            await(() -> is("asleep", ReplicationState.PAUSED));
            assertThat(copies.copying()).isEqualTo(1);
        }
    }

    @Test
    void nobodyWaitsForTheEndOfAnothersLongCopyAndGroupsAreBounded() {
        try (EngineHarness harness = harness()) {
            for (int i = 0; i < SyncEngine.GROUPS_AT_A_TIME; i++) {
                String name = "long" + i;
                harness.accept(Stream.start(name, false));
                await(() -> copies.copies(name));
            }
            harness.accept(Stream.start("x", false), Stream.start("y", false));
            await(() -> is("x", ReplicationState.SYNCING) && is("y", ReplicationState.SYNCING));
            assertThat(copies.groups()).isEqualTo(SyncEngine.GROUPS_AT_A_TIME);

            harness.accept(stop("long2"));

            await(() -> copies.copies("x") && copies.copies("y"));
            assertThat(copies.groups()).isEqualTo(SyncEngine.GROUPS_AT_A_TIME + 1);
            copies.finish("x");
            await(() -> is("x", ReplicationState.STREAMING));
        }
    }

    @Test
    void groupsThatWaitForTheSourceToShowACommitDoNotKeepOthersFromBeingCopied() {
        try (EngineHarness harness = harness()) {
            for (int i = 0; i < SyncEngine.GROUPS_AT_A_TIME; i++) {
                String name = "hung" + i;
                harness.accept(Stream.start(name, false));
                await(() -> copies.copies(name));
                copies.waits(name, "no standby");
                copies.waits(name, "still none");
            }

            harness.accept(Stream.start("x", false));
            await(() -> copies.copies("x"));

            // Each has given back its place once, not more: four further ones fill the places.
            for (int i = 1; i < SyncEngine.GROUPS_AT_A_TIME; i++) {
                String name = "long" + i;
                harness.accept(Stream.start(name, false));
                await(() -> copies.copies(name));
            }
            for (int i = 0; i < SyncEngine.GROUPS_AT_A_TIME; i++) {
                copies.finish("hung" + i);
            }
            await(() -> is("hung3", ReplicationState.STREAMING));
            harness.accept(Stream.start("late", false));
            await(() -> is("late", ReplicationState.SYNCING));
            int before = copies.groups();
            harness.accept(stop("long1"));
            await(() -> copies.copies("late"));
            assertThat(before).isEqualTo(2 * SyncEngine.GROUPS_AT_A_TIME);
        }
    }

    @Test
    void aReplicationThatIsAddedAnewWhileItsFormerClaimIsUnderWayIsNotFencedByIt()
            throws InterruptedException {
        CountDownLatch claiming = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        target.claimTrouble =
                spec -> {
                    claiming.countDown();
                    try {
                        assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return null;
                };
        try (EngineHarness harness = harness()) {
            harness.accept(Stream.start("a", false));
            assertThat(claiming.await(20, TimeUnit.SECONDS)).isTrue();
            harness.accept(stop("a"), Stream.start("a", false), Stream.data("a", 10));
            target.claimTrouble = spec -> null;
            goOn.countDown();
            await(() -> copies.copies("a"));
            assertThat(copies.epochOf("a"))
                    .isEqualTo(target.epochs.get(new ReplicationId("a")))
                    .isGreaterThan(1);
            copies.finish("a");
            await(() -> target.appliedOf("a").equals(List.of(10_000L)));
        }
    }
}
