package io.heliosdb.replication.core.synchronous;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommitWatchTest {

    private static final ReplicationId A = new ReplicationId("a");

    private final StandbyPosition position = new StandbyPosition();
    private final List<LaneInput> told = new ArrayList<>();
    private long now;
    private final CommitWatch watch =
            new CommitWatch(Duration.ofNanos(100), () -> now, position, told::add);

    private static ReplicationSpec spec(Tier tier) {
        return new ReplicationSpec(
                A, new TenantId("a"), "main", TableFilter.ALL, tier, 50, false, ExistingRows.FAIL);
    }

    private static WalChunk chunk(long lsn, boolean last) {
        return new WalChunk(lsn, 0, 1, 0, 1, last, last ? lsn + 5 : 0, new byte[0], 0);
    }

    private static LaneInput part(long lsn, boolean last) {
        return new LaneInput.Transaction(
                new TenantTransaction(A, lsn, 0, 1, 0, last, 0, 1, new long[0], new byte[0]));
    }

    @Test
    void holdsUntilItIsKnownWhatThereIs_R1() {
        watch.look();
        assertThat(position.get()).isEqualTo(StandbyPosition.HOLD);
        watch.emitted(new LaneInput.Start(spec(Tier.SYNCHRONOUS), 0, new long[0]));
        watch.look();
        assertThat(position.get()).isEqualTo(StandbyPosition.HOLD);
        watch.routed(chunk(10, true));
        assertThat(position.get().awaited()).isTrue();
        assertThat(position.get().appliedLsn()).as("the lane has not answered").isZero();
    }

    @Test
    void aLargeTransactionIsPassedOnceItsLastPartIsApplied() {
        watch.restored(List.of(spec(Tier.SYNCHRONOUS)));
        watch.replied(List.of(ApplyReply.applied(A, 0)));
        watch.emitted(part(10, false));
        watch.routed(chunk(10, false));
        watch.replied(List.of(ApplyReply.applied(A, 9)));
        assertThat(position.get().appliedLsn()).isZero();
        watch.emitted(part(10, true));
        watch.routed(chunk(10, true));
        assertThat(position.get().appliedLsn()).isZero();
        watch.replied(List.of(ApplyReply.applied(A, 10)));
        assertThat(position.get().appliedLsn()).isEqualTo(15);
    }

    @Test
    void anotherTierIsNotWaitedFor() {
        watch.restored(List.of(spec(Tier.SYNCHRONOUS)));
        watch.emitted(part(10, true));
        watch.routed(chunk(10, true));
        watch.emitted(new LaneInput.Update(spec(Tier.PREMIUM)));
        watch.look();
        assertThat(position.get().nobody()).isTrue();
        assertThat(position.get().awaited()).isFalse();
    }

    /** Also the sights of a stream before are forgotten: they would look like a stream behind. */
    @Test
    void aRestartInTheSameProcessHoldsAgain_R1() {
        position.seen(1_000, 0);
        position.set(new StandbyPosition.Standing(true, true, true, 900, 900));
        position.hold();
        now = 500;
        watch.restored(List.of(spec(Tier.SYNCHRONOUS)));
        watch.look();
        assertThat(told).isEmpty();
        assertThat(position.get().nobody()).isFalse();
        assertThat(position.get().appliedLsn()).isZero();
    }

    @Test
    void whatCannotBeRoutedLeavesAtOnce() {
        watch.restored(List.of(spec(Tier.SYNCHRONOUS)));
        watch.replied(List.of(ApplyReply.applied(A, 0)));
        watch.emitted(new LaneInput.Fail(A, ErrorCode.TABLE_NOT_ROUTABLE, "why"));
        assertThat(watch.degraded()).isOne();
    }

    @Test
    void aStreamThatIsBehindHoldsNobodyUp() {
        watch.restored(List.of(spec(Tier.SYNCHRONOUS)));
        watch.replied(List.of(ApplyReply.applied(A, 0)));
        watch.routed(chunk(10, true));
        position.seen(100, 5);
        now = 100;
        watch.look();
        assertThat(told).isEmpty();
        now = 106;
        watch.look();
        assertThat(told).hasSize(1);
        assertThat(told.get(0))
                .isInstanceOfSatisfying(
                        LaneInput.Synchronism.class,
                        it -> assertThat(it.degraded()).contains("the stream is behind"));
        assertThat(position.get().nobody()).isTrue();
        assertThat(watch.degraded()).isOne();
        assertThat(watch.departures()).isOne();
        watch.routed(chunk(100, true));
        watch.look();
        assertThat(watch.present()).isZero();
        watch.replied(List.of(ApplyReply.applied(A, 100)));
        assertThat(told).last().isEqualTo(new LaneInput.Synchronism(A, null));
        assertThat(watch.present()).isOne();
    }
}
