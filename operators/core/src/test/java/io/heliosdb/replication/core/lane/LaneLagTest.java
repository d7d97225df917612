package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantTransaction;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/**
 * The lag as the engine tells it. The machine's clock is an hour behind the source's, so whatever
 * is measured on it shows.
 */
class LaneLagTest {

    private static final ReplicationId R = new ReplicationId("r");
    private static final Instant SOURCE = Instant.parse("2026-01-01T12:00:00Z");
    private static final Duration APART = Duration.ofHours(1);

    private final FakeTarget target = new FakeTarget();
    private final FakeCopies copies = new FakeCopies(false);
    private volatile Instant now = SOURCE.minus(APART);
    private long lsn = 10;

    private EngineHarness harness() {
        return new EngineHarness(target, new MemoryLaneStore(), 64 << 20, 2, copies, () -> now);
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private long sourceMicros() {
        return Duration.between(Instant.EPOCH, now.plus(APART)).toNanos() / 1_000;
    }

    private LaneInput tick() {
        return new LaneInput.Tick("t", ++lsn, sourceMicros());
    }

    /** A transaction that commits now. */
    private LaneInput data() {
        TenantTransaction made = Stream.transaction("r", ++lsn, 0, true, 10);
        return new LaneInput.Transaction(
                new TenantTransaction(
                        R,
                        made.commitLsn(),
                        sourceMicros(),
                        made.xid(),
                        0,
                        true,
                        0,
                        1,
                        made.relations(),
                        made.changes()));
    }

    private EngineHarness streaming() {
        EngineHarness harness = harness();
        harness.accept(Stream.start("r", false), tick(), data());
        await(() -> copies.copies("r"));
        copies.finish("r");
        await(() -> target.appliedOf("r").size() == 1 && harness.engine.memoryBytes() == 0);
        return harness;
    }

    private static Duration lag(EngineHarness harness) {
        long[] micros = new long[1];
        harness.onOwner(() -> micros[0] = harness.engine.views().get(0).lagMicros());
        return Duration.ofNanos(micros[0] * 1_000);
    }

    private static long progress(EngineHarness harness) {
        long[] found = new long[1];
        harness.onOwner(
                () -> found[0] = harness.engine.views().get(0).progress().commitLsn().value());
        return found[0];
    }

    private static final Duration UNKNOWN = Duration.ofNanos(-1_000);

    @Test
    void anIdleReplicationLagsAsLongAsTheSourceIsSilent_R30() {
        try (EngineHarness harness = streaming()) {
            pass(Duration.ofSeconds(50));
            harness.accept(tick());
            assertThat(lag(harness)).isZero();
            pass(Duration.ofSeconds(7));
            assertThat(lag(harness)).isEqualTo(Duration.ofSeconds(7));
        }
    }

    @Test
    void itIsUnknownBeforeTheSourceIsHeardAndWhileSyncing_R30() {
        try (EngineHarness harness = harness()) {
            harness.accept(Stream.start("r", false));
            assertThat(lag(harness)).isEqualTo(UNKNOWN);
            harness.accept(tick());
            await(() -> copies.copies("r"));
            pass(Duration.ofSeconds(5));
            harness.accept(data(), tick());
            assertThat(lag(harness)).isEqualTo(UNKNOWN);
            assertThat(harness.engine.figures().unknownLags()).isEqualTo(1);
            assertThat(harness.engine.figures().worstLagMicros()).isEqualTo(-1);
        }
    }

    @Test
    void itGrowsWhileTheTargetIsStuck_R30() {
        try (EngineHarness harness = streaming()) {
            target.down = true;
            harness.accept(data());
            pass(Duration.ofMinutes(3));
            harness.accept(tick(), data());
            pass(Duration.ofMinutes(1));
            harness.accept(tick());
            assertThat(lag(harness)).isEqualTo(Duration.ofMinutes(4));
            assertThat(harness.engine.figures().worstLagMicros())
                    .isGreaterThanOrEqualTo(240_000_000);
        }
    }

    @Test
    void itGrowsWhilePausedWithSomethingToDo_R30() {
        try (EngineHarness harness = streaming()) {
            harness.accept(new LaneInput.Update(Stream.spec("r", true)));
            pass(Duration.ofMinutes(1));
            harness.accept(tick());
            assertThat(lag(harness)).as("nothing is missing").isZero();
            await(() -> progress(harness) == lsn);
            harness.accept(data());
            pass(Duration.ofMinutes(2));
            harness.accept(tick());
            assertThat(lag(harness)).isEqualTo(Duration.ofMinutes(2));
        }
    }

    @Test
    void itGrowsInAnErrorAlsoIfNothingWaits_R30() {
        try (EngineHarness harness = streaming()) {
            harness.accept(new LaneInput.Fail(R, ErrorCode.TABLE_NOT_ROUTABLE, "key lost"));
            pass(Duration.ofMinutes(5));
            harness.accept(tick());
            assertThat(lag(harness)).isEqualTo(Duration.ofMinutes(5));
        }
    }

    @Test
    void itGrowsWhileARowIsRefused_R30() {
        try (EngineHarness harness = streaming()) {
            target.trouble =
                    batch ->
                            new ApplyException(
                                    ApplyException.Kind.REJECTED,
                                    ErrorCode.ROW_REJECTED,
                                    "23505",
                                    "poison",
                                    null);
            harness.accept(data());
            await(() -> target.stateOf("r").reason() != null);
            for (int i = 0; i < 5; i++) {
                pass(Duration.ofMinutes(1));
                harness.accept(tick());
            }
            assertThat(lag(harness)).isEqualTo(Duration.ofMinutes(5));
        }
    }

    @Test
    void aClockThatIsSetFollowsWithinAMinute_R30() {
        try (EngineHarness harness = streaming()) {
            target.down = true;
            harness.accept(data());
            // This machine's clock is set on by an hour; the source's is not.
            now = now.plus(APART);
            for (int i = 0; i < 60; i++) {
                pass(Duration.ofSeconds(1));
                harness.accept(new LaneInput.Tick("t", ++lsn, sourceMicros() - 3_600_000_000L));
            }
            assertThat(lag(harness)).isEqualTo(Duration.ofSeconds(60));
        }
    }
}
