package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.Tier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is served first when several are ready for one target. */
class LaneOrderTest {

    private static final long AMPLE = 256 << 20;

    private final FakeTarget target = new FakeTarget();
    private final Set<String> order = Collections.synchronizedSet(new LinkedHashSet<>());
    private final List<CountDownLatch> releases = new ArrayList<>();

    @AfterEach
    void releaseAll() {
        releases.forEach(CountDownLatch::countDown);
    }

    /** From now on batches of one lane stay out until released, and who else comes is noted. */
    private final class Hold {

        private final CountDownLatch held = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        Hold(String name) {
            releases.add(released);
            target.trouble =
                    batch -> {
                        if (batch.replication().value().equals(name)) {
                            held.countDown();
                            awaitRelease();
                        } else {
                            order.add(batch.replication().value());
                        }
                        return null;
                    };
        }

        private void awaitRelease() {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void awaitHeld() {
            await(() -> held.getCount() == 0);
        }

        void release() {
            released.countDown();
        }
    }

    private static LaneInput start(String replication, Tier tier, int priority) {
        return new LaneInput.Start(spec(replication, tier, priority), 1, new long[0]);
    }

    private static ReplicationSpec spec(String replication, Tier tier, int priority) {
        ReplicationSpec spec = Stream.spec(replication, false);
        return new ReplicationSpec(
                spec.id(),
                spec.tenant(),
                spec.target(),
                spec.tables(),
                tier,
                priority,
                false,
                spec.existingRows());
    }

    /** Committed a moment ago. */
    private static LaneInput data(String replication, long lsn) {
        TenantTransaction made = Stream.transaction(replication, lsn, 0, true, 100);
        return new LaneInput.Transaction(
                new TenantTransaction(
                        made.replication(),
                        lsn,
                        System.currentTimeMillis() * 1000,
                        lsn,
                        0,
                        true,
                        0,
                        1,
                        made.relations(),
                        made.changes()));
    }

    /** While the only session is away all of them get something to do, then what changes. */
    private List<String> orderOf(List<LaneInput> starts, List<LaneInput> changes) {
        List<String> names = starts.stream().map(LaneOrderTest::nameOf).toList();
        try (EngineHarness harness = new EngineHarness(target, new MemoryLaneStore(), AMPLE, 1)) {
            harness.accept(start("blocker", Tier.STANDARD, 50));
            harness.accept(starts.toArray(LaneInput[]::new));
            for (String name : names) {
                harness.accept(data(name, 10));
                await(() -> target.appliedOf(name).size() == 1);
            }
            Hold hold = new Hold("blocker");
            harness.accept(Stream.data("blocker", 10));
            hold.awaitHeld();
            for (String name : names) {
                harness.accept(data(name, 20));
            }
            harness.accept(changes.toArray(LaneInput[]::new));
            hold.release();
            await(() -> order.size() == names.size());
        }
        return new ArrayList<>(order);
    }

    private static String nameOf(LaneInput start) {
        return ((LaneInput.Start) start).spec().id().value();
    }

    @Test
    void theTierAndPriorityOfTheMomentDecide() {
        assertThat(
                        orderOf(
                                List.of(
                                        start("saver", Tier.BEST_EFFORT, 50),
                                        start("plain", Tier.STANDARD, 0),
                                        start("keen", Tier.STANDARD, 100),
                                        start("changed", Tier.BEST_EFFORT, 50),
                                        start("first", Tier.PREMIUM, 50)),
                                List.of(
                                        new LaneInput.Update(
                                                spec("changed", Tier.PREMIUM, 100),
                                                20,
                                                new long[0]))))
                .containsExactly("changed", "first", "keen", "plain", "saver");
    }

    @Test
    void priorityCountsAlsoAmongSynchronous() {
        assertThat(
                        orderOf(
                                List.of(
                                        start("least", Tier.SYNCHRONOUS, 0),
                                        start("some", Tier.SYNCHRONOUS, 50),
                                        start("most", Tier.SYNCHRONOUS, 100)),
                                List.of()))
                .containsExactly("most", "some", "least");
    }

    /** Nobody's commit waits for a megabyte of somebody else's. */
    @Test
    void whoHasVeryMuchToDoGoesAloneWhileItLasts() {
        try (EngineHarness harness = new EngineHarness(target, new MemoryLaneStore(), AMPLE, 1)) {
            harness.accept(
                    Stream.start("blocker", false),
                    Stream.start("bulk", false),
                    Stream.start("small", false));
            harness.accept(Stream.data("bulk", 9), Stream.data("small", 9));
            await(() -> target.appliedTransactions() == 2);
            Hold hold = new Hold("blocker");
            harness.accept(Stream.data("blocker", 10));
            hold.awaitHeld();
            target.groupSizes.clear();
            for (long lsn = 10; lsn < 110; lsn++) {
                harness.accept(Stream.part("bulk", lsn, 0, true, 100_000));
            }
            harness.accept(Stream.data("small", 10));
            hold.release();
            await(() -> target.appliedOf("bulk").size() == 101);
            await(() -> target.appliedOf("small").size() == 2);
            assertThat(target.groupSizes).hasSizeGreaterThan(5).containsOnly(1);

            hold = new Hold("blocker");
            harness.accept(Stream.data("blocker", 11));
            hold.awaitHeld();
            harness.accept(Stream.data("small", 11), Stream.data("bulk", 110));
            hold.release();
            await(() -> target.appliedOf("bulk").size() == 102);
            await(() -> target.appliedOf("small").size() == 3);
            assertThat(target.groupSizes).as("it is over").contains(2);
        }
    }
}
