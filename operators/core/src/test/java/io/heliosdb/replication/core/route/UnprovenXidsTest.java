package io.heliosdb.replication.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.SourceSnapshot;
import io.heliosdb.replication.model.XidRange;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
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
                .containsExactly(
                        1234,
                        XidRange.of(1000 + UnprovenXids.LIMIT, 1000 + 2L * UnprovenXids.LIMIT));
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

    @Test
    void joinsConsecutiveIdsInWhateverOrderTheyCommitted() {
        for (long xid : new long[] {103, 100, 102, 200, 101, 300, 105, 201, 102}) {
            unproven.committed(xid);
        }
        assertThat(unproven.toArray())
                .containsExactly(
                        XidRange.of(100, 103), 105, XidRange.of(200, 201), XidRange.of(300, 300));
    }

    @Test
    void joinsAcrossTheWrapAndSkipsTheIdsThatAreNotUsed() {
        for (long xid : new long[] {4, WRAP - 1, 3, WRAP - 2, WRAP - 3, 5}) {
            unproven.committed(xid);
        }
        assertThat(unproven.toArray())
                .containsExactly(XidRange.of(WRAP - 3, WRAP - 1), XidRange.of(3, 5));
        unproven.restore(new long[] {XidRange.of(WRAP - 1, 2)});
        assertThat(unproven.toArray()).containsExactly(XidRange.of(WRAP - 3, 5));
    }

    @Test
    void whatIsJoinedIsExactlyWhatCommitted() {
        Random random = new Random(7);
        long base = 3 * WRAP - 500;
        Set<Long> committed = new HashSet<>();
        for (int i = 0; i < 2000; i++) {
            long xid = base + random.nextInt(1500);
            if ((xid & 0xFFFF_FFFFL) > 2 && committed.add(xid)) {
                unproven.committed(xid % WRAP);
            }
        }
        for (long xid = base; xid < base + 1500; xid++) {
            SourceSnapshot hidesOne = new SourceSnapshot(xid, base + 1500, new long[] {xid});
            assertThat(sees(hidesOne)).as("xid " + xid).isEqualTo(!committed.contains(xid));
        }
    }

    @Test
    void isJoinedAgainAfterEachChangeAndSharedUntilThen() {
        unproven.committed(20);
        unproven.committed(21);
        long[] first = unproven.toArray();
        assertThat(unproven.toArray()).isSameAs(first).containsExactly(XidRange.of(20, 21));
        unproven.committed(22);
        assertThat(unproven.toArray()).containsExactly(XidRange.of(20, 22));
        unproven.proven(SourceSnapshot.parse("21:23:21"));
        assertThat(unproven.toArray()).containsExactly(21);
        unproven.proven(SourceSnapshot.parse("23:23:"));
        assertThat(unproven.toArray()).isEmpty();
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
