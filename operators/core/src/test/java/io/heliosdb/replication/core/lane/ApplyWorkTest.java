package io.heliosdb.replication.core.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.model.ReplicationException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Works on one lane, step by step, without workers. */
class ApplyWorkTest {

    private static final int PARTS = 9;

    private final FakeTarget target = new FakeTarget();
    private final TargetSession session = target.open("apply");
    private final Lane lane =
            new Lane(Stream.spec("a", false), 1, new long[0], new MemoryLaneStore(), null);
    private final Outcomes outcomes = new Outcomes();

    @Test
    void aStreamThatIsRolledBackWhenItsLaneEndsLosesAndDoublesNothingLater() {
        for (int steps = 1; steps < 3; steps++) {
            long lsn = 10L + steps;
            for (int part = 0; part < PARTS; part++) {
                lane.backlog.append(Stream.transaction("a", lsn, part, part == PARTS - 1, 400_000));
            }
            lane.phase = Lane.Phase.OPEN;
            TargetWorker.Work work = next();
            for (int step = 1; step < steps; step++) {
                work.run(session);
                work = work.succeeded();
            }
            work.run(session);
            lane.phase = Lane.Phase.ERROR;
            TargetWorker.Work rollback = work.succeeded();
            rollback.run(session);
            assertThat(rollback.succeeded()).isNull();
            assertThat(target.appliedOf("a")).doesNotContain(lsn * 1000);

            lane.phase = Lane.Phase.OPEN;
            runToItsEnd(next());

            assertThat(target.appliedOf("a").stream().filter(key -> key / 1000 == lsn))
                    .hasSize(PARTS)
                    .isSorted()
                    .doesNotHaveDuplicates();
            assertThat(lane.backlog.isEmpty()).isTrue();
        }
    }

    @Test
    void whateverInterruptsAStreamNothingIsLostOrDoubled() {
        Random random = new Random(7);
        for (long lsn = 100; lsn < 140; lsn++) {
            for (int part = 0; part < PARTS; part++) {
                lane.backlog.append(Stream.transaction("a", lsn, part, part == PARTS - 1, 400_000));
            }
        }
        while (lane.backlog.hasNext()) {
            lane.phase = Lane.Phase.OPEN;
            TargetWorker.Work work = next();
            while (work != null) {
                lane.backlog.evict(random.nextInt(2_000_000), random.nextBoolean());
                work.run(session);
                lane.phase = random.nextInt(12) == 0 ? Lane.Phase.ERROR : Lane.Phase.OPEN;
                work = work.succeeded();
            }
        }
        assertThat(target.appliedOf("a")).hasSize(40 * PARTS).isSorted().doesNotHaveDuplicates();
    }

    private TargetWorker.Work next() {
        return ApplyWork.from(outcomes).alone(lane, List.of());
    }

    private void runToItsEnd(TargetWorker.Work first) {
        TargetWorker.Work work = first;
        while (work != null) {
            work.run(session);
            work = work.succeeded();
        }
    }

    private static final class Outcomes implements ApplyWork.Callbacks {
        @Override
        public void givenUp(Lane lane) {}

        @Override
        public void applied(Lane lane, ApplyWork.Applied applied) {
            lane.applied(applied.last());
        }

        @Override
        public void loaded(Lane lane, long bytes) {}

        @Override
        public long piece(Lane lane, long most) {
            return most;
        }

        @Override
        public long sent(Lane lane, long bytes) {
            return 0;
        }

        @Override
        public void unreadable(Lane lane, ReplicationException cause) {
            throw cause;
        }

        @Override
        public void failed(Lane lane, ApplyException cause, boolean alone, int transactions) {
            throw cause;
        }
    }
}
