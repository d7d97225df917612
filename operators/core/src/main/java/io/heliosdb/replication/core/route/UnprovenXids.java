package io.heliosdb.replication.core.route;

import io.heliosdb.replication.model.SourceSnapshot;
import io.heliosdb.replication.model.XidRange;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transactions that the stream has brought but that no snapshot was proven to see.
 *
 * <p>A commit is in the WAL before it is visible: the backend still has to leave the list of
 * running transactions, and it may wait for a synchronous standby in between, for as long as that
 * takes. A first copy whose snapshot misses such a transaction would lose it, if the stream had
 * dropped it before the replication began. Each heartbeat carries a snapshot; what it sees, every
 * later one sees too, so the set stays small: about a heartbeat's worth of transactions and those
 * that hang.
 *
 * <p>Without heartbeats it would grow for ever. Beyond a limit everything in it becomes one {@link
 * XidRange range}, which also holds transactions that the stream has never brought: nothing is lost
 * by that, but a first copy that begins then also waits for whatever has been open since. The next
 * heartbeat resolves the range into what really is not seen.
 */
final class UnprovenXids {

    /** Far beyond what any heartbeat interval brings; 2 MiB. */
    static final int LIMIT = 1 << 18;

    /** PostgreSQL tells transactions apart within half of the id space. */
    private static final long LONGEST_RANGE = (1L << 31) - 1;

    private static final Logger LOG = LoggerFactory.getLogger(UnprovenXids.class);

    private long[] ranges = new long[256];
    private int size;

    /** Handed out until something changes. */
    private long[] joined = new long[0];

    private boolean changed;

    void committed(long xid32) {
        if (size >= LIMIT) {
            collapse();
        }
        add(xid32);
    }

    private void add(long range) {
        if (size == ranges.length) {
            ranges = Arrays.copyOf(ranges, size * 2);
        }
        ranges[size++] = range;
        changed = true;
    }

    /** Ids are compared around the newest one, since they wrap around. */
    private void collapse() {
        long newest = XidRange.last(ranges[size - 1]);
        int oldest = 0;
        int youngest = 0;
        for (int i = 0; i < size; i++) {
            int first = (int) (XidRange.first(ranges[i]) - newest);
            oldest = Math.min(oldest, first);
            youngest = Math.max(youngest, (int) (XidRange.last(ranges[i]) - newest));
        }
        long span = Math.min(LONGEST_RANGE, (long) youngest - oldest);
        long last = newest + youngest;
        LOG.warn(
                "no heartbeat since {} transactions: a first copy that begins now waits for every"
                        + " transaction of the source that has been open since",
                span);
        size = 0;
        ranges = new long[256];
        add(XidRange.of(last - span, last));
    }

    void proven(SourceSnapshot snapshot) {
        long[] before = ranges;
        int count = size;
        int kept = 0;
        long[] resolved = new long[0];
        for (int i = 0; i < count; i++) {
            if (XidRange.following(before[i]) > 0) {
                resolved =
                        LongStream.concat(
                                        Arrays.stream(resolved),
                                        Arrays.stream(snapshot.unseen(before[i])))
                                .toArray();
            } else if (!snapshot.sees(before[i])) {
                before[kept++] = before[i];
            }
        }
        size = kept;
        changed = true;
        for (long range : resolved) {
            add(range);
        }
    }

    /**
     * The same ids in as few ranges as they need, oldest first. Every lane that begins keeps them
     * until its first copy, and on a busy source almost all are consecutive. The array is the same
     * until something changes; nobody may write to it.
     */
    long[] toArray() {
        if (changed) {
            joined = size == 0 ? new long[0] : join();
            changed = false;
        }
        return joined;
    }

    /** Sorted by how far they are from the newest id, since ids wrap around. */
    private long[] join() {
        long newest = XidRange.last(ranges[size - 1]);
        long[] sorted = new long[size];
        for (int i = 0; i < size; i++) {
            long distance = (int) (XidRange.first(ranges[i]) - newest);
            sorted[i] = distance << 32 | XidRange.following(ranges[i]);
        }
        Arrays.sort(sorted);
        int count = 0;
        long first = sorted[0] >> 32;
        long last = first + (int) sorted[0];
        for (int i = 1; i < size; i++) {
            long nextFirst = sorted[i] >> 32;
            long nextLast = Math.max(last, nextFirst + (int) sorted[i]);
            if (nextFirst > last + 1 || nextLast - first > LONGEST_RANGE) {
                sorted[count++] = XidRange.of(newest + first, newest + last);
                first = nextFirst;
            }
            last = nextLast;
        }
        sorted[count++] = XidRange.of(newest + first, newest + last);
        return Arrays.copyOf(sorted, count);
    }

    void restore(long[] saved) {
        for (long range : saved) {
            add(range);
        }
    }
}
