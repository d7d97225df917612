package io.heliosdb.replication.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.SourceSnapshot;
import io.heliosdb.replication.model.XidRange;
import org.junit.jupiter.api.Test;

class UnprovenXidsTest {

    private static final long WRAP = 1L << 32;

    private final UnprovenXids unproven = new UnprovenXids();

    @Test
    void keepsWhatASnapshotDoesNotSee() {
        unproven.committed(20);
        unproven.committed(21);
        unproven.committed(22);
        unproven.proven(SourceSnapshot.parse("20:22:20"));
        assertThat(unproven.toArray()).containsExactly(20, 22);
    }

    @Test
    void isBoundedWithoutHeartbeatsAndForgetsNothing() {
        long first = 5 * WRAP + WRAP - 100_000;
        for (long xid = first; xid < first + 3L * UnprovenXids.LIMIT; xid++) {
            unproven.committed(xid % WRAP);
        }
        long last = first + 3L * UnprovenXids.LIMIT - 1;
        assertThat(unproven.toArray()).hasSizeLessThanOrEqualTo(UnprovenXids.LIMIT);
        assertThat(sees(new SourceSnapshot(last + 1, last + 1, new long[0]))).isTrue();
        for (long hidden : new long[] {first, first + 150_000, last}) {
            assertThat(sees(new SourceSnapshot(first, last + 1, new long[] {hidden})))
                    .as("xid " + hidden)
                    .isFalse();
        }
        assertThat(sees(new SourceSnapshot(first - 9, last + 1, new long[] {first - 9}))).isTrue();
    }

    @Test
    void theNextHeartbeatTellsWhatReallyIsNotSeen() {
        for (long xid = 1000; xid < 1001 + 2L * UnprovenXids.LIMIT; xid++) {
            unproven.committed(xid);
        }
        unproven.proven(new SourceSnapshot(900, 1000 + UnprovenXids.LIMIT, new long[] {900, 1234}));
        assertThat(unproven.toArray())
                .contains(1234, 1000 + 2L * UnprovenXids.LIMIT)
                .doesNotContain(1235, 900);
        unproven.proven(new SourceSnapshot(1234, 10_000_000, new long[] {1234}));
        assertThat(unproven.toArray()).containsExactly(1234);
    }

    @Test
    void isBoundedAlsoWhenAHeartbeatHasResolvedARangeIntoMoreThanTheLimit() {
        long xid = 1000;
        for (int i = 0; i <= UnprovenXids.LIMIT; i++) {
            unproven.committed(xid += 2);
        }
        long inRange = xid - 8;
        long afterRange = xid + 2;
        for (int i = 0; i < UnprovenXids.LIMIT - 2; i++) {
            unproven.committed(xid += 2);
        }
        long[] running = {inRange, inRange + 2, inRange + 4};
        unproven.proven(new SourceSnapshot(inRange, afterRange, running));
        assertThat(unproven.toArray()).hasSizeGreaterThan(UnprovenXids.LIMIT);
        unproven.committed(xid += 2);
        assertThat(unproven.toArray()).hasSizeLessThan(UnprovenXids.LIMIT);
        for (long hidden : new long[] {inRange, afterRange, xid}) {
            assertThat(sees(new SourceSnapshot(hidden, xid + 1, new long[] {hidden}))).isFalse();
        }
    }

    /** As a first copy would ask. */
    private boolean sees(SourceSnapshot snapshot) {
        for (long range : unproven.toArray()) {
            if (snapshot.unseen(range).length > 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void aRangeKnowsItsEndsAcrossTheWrap() {
        long range = XidRange.of(WRAP - 2, 3);
        assertThat(XidRange.first(range)).isEqualTo(WRAP - 2);
        assertThat(XidRange.last(range)).isEqualTo(3);
        assertThat(XidRange.following(range)).isEqualTo(5);
        assertThat(XidRange.of(7, 7)).isEqualTo(7);
    }
}
