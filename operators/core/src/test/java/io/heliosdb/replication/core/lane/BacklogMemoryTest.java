package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Heap for backlogs is bounded by the budget, not by how many replications have one. */
class BacklogMemoryTest {

    private static final long BUDGET = 1 << 20;

    private final MemoryLaneStore store = new MemoryLaneStore();
    private final Lanes lanes = new Lanes();
    private final LaneFigures figures = new LaneFigures();
    private final BacklogMemory memory = new BacklogMemory(lanes, figures, BUDGET);
    private final List<Lane> all = new ArrayList<>();

    private void makeLanes(int count) {
        for (int i = 0; i < count; i++) {
            Lane lane = new Lane(Stream.spec("r" + i, i % 2 == 0), 1, new long[0], store, null);
            lane.phase = Lane.Phase.OPEN;
            lanes.add(lane);
            all.add(lane);
        }
    }

    private long append(Lane lane, long lsn, int bytes) {
        TenantTransaction transaction = Stream.transaction(lane.id().value(), lsn, 0, true, bytes);
        long before = lane.backlog.memoryBytes();
        lane.backlog.append(transaction);
        memory.changed(lane.backlog.memoryBytes() - before);
        memory.bound();
        return transaction.weight();
    }

    private long memoryOfLanes() {
        return all.stream().mapToLong(lane -> lane.backlog.memoryBytes()).sum();
    }

    @Test
    void isBoundedHoweverManyLanesHaveABacklogAndEvictionIsRare() {
        makeLanes(3_000);
        Random random = new Random(3);
        long appended = 0;
        for (int lsn = 1; lsn <= 60_000; lsn++) {
            appended += append(all.get(random.nextInt(all.size())), lsn, random.nextInt(600));
            assertThat(memory.bytes()).isLessThanOrEqualTo(BUDGET);
        }
        assertThat(memoryOfLanes()).isEqualTo(memory.bytes());
        assertThat(figures.evictions())
                .as("passes over all lanes")
                .isLessThanOrEqualTo(appended / (BUDGET / 5) + 1);
    }

    @Test
    void lanesThatCannotRunGiveFirstAndWhatIsNeededNextGoesLast() {
        makeLanes(4);
        Lane paused = all.get(0);
        Lane runnable = all.get(1);
        append(runnable, 1, 250_000);
        append(runnable, 2, 250_000);
        append(paused, 1, 250_000);
        append(paused, 2, 250_000);
        append(all.get(2), 3, 100_000);

        assertThat(paused.backlog.memoryBytes()).isZero();
        assertThat(runnable.backlog.memoryBytes()).isGreaterThan(500_000);
    }

    /** What is read back counts too, also while nothing arrives. */
    @Test
    void isBoundedWhileManyBacklogsDrain() {
        FakeTarget target = new FakeTarget();
        AtomicLong most = new AtomicLong();
        int count = 40;
        int each = 30;
        try (EngineHarness harness = new EngineHarness(target, store, BUDGET, 1)) {
            for (int i = 0; i < count; i++) {
                harness.accept(Stream.start("r" + i, true));
                for (long lsn = 10; lsn < 10 + each; lsn++) {
                    harness.accept(Stream.part("r" + i, lsn, 0, true, 50_000));
                }
            }
            target.trouble =
                    batch -> {
                        most.accumulateAndGet(harness.engine.memoryBytes(), Math::max);
                        return null;
                    };
            for (int i = 0; i < count; i++) {
                harness.accept(new LaneInput.Update(Stream.spec("r" + i, false)));
            }
            for (int i = 0; i < count; i++) {
                String name = "r" + i;
                await(() -> target.appliedOf(name).size() == each);
                assertThat(target.appliedOf(name)).isSorted().doesNotHaveDuplicates();
            }
            await(() -> harness.engine.memoryBytes() == 0);
        }
        assertThat(most.get()).isPositive().isLessThanOrEqualTo(BUDGET);
    }
}
