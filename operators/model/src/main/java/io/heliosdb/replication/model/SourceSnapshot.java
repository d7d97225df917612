package io.heliosdb.replication.model;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * What {@code pg_current_snapshot()} says: which transactions are visible to a reader.
 *
 * <p>64-bit transaction ids, unsigned in practice below 2^63. The stream carries 32-bit ids; {@link
 * #sees} widens them with the snapshot's own epoch, which is right while the two are less than 2^31
 * transactions apart (PostgreSQL guarantees it).
 *
 * @param xmin all ids below are finished and visible (or aborted)
 * @param xmax all ids from here on are not visible
 * @param running ids between xmin and xmax that are not visible, ascending
 */
public record SourceSnapshot(long xmin, long xmax, long[] running) implements Serializable {

    private static final long[] NONE = new long[0];

    public SourceSnapshot {
        if (xmin > xmax) {
            throw new IllegalArgumentException("snapshot with xmin " + xmin + " > xmax " + xmax);
        }
        running = running.clone();
        Arrays.sort(running);
    }

    /** Reads PostgreSQL's text form {@code xmin:xmax:xid,xid,…}. */
    public static SourceSnapshot parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException(
                    "not a snapshot: '" + text + "', expected xmin:xmax:xip_list");
        }
        long[] running =
                parts[2].isEmpty()
                        ? new long[0]
                        : Arrays.stream(parts[2].split(",")).mapToLong(Long::parseLong).toArray();
        return new SourceSnapshot(Long.parseLong(parts[0]), Long.parseLong(parts[1]), running);
    }

    /**
     * Whether a reader with this snapshot sees what the (committed) transaction with this 32-bit id
     * wrote.
     */
    public boolean sees(long xid32) {
        long xid = widen(xid32);
        return xid < xmax && (xid < xmin || Arrays.binarySearch(running, xid) < 0);
    }

    /**
     * The ids of a {@link XidRange} that a reader with this snapshot does not see, as ranges; none
     * if it sees them all.
     */
    public long[] unseen(long range) {
        if (XidRange.following(range) == 0) {
            return sees(range) ? NONE : new long[] {range};
        }
        long last = widen(XidRange.last(range));
        long first = last - XidRange.following(range);
        LongStream hidden =
                Arrays.stream(running)
                        .filter(xid -> xid >= first && xid <= last && xid < xmax)
                        .map(xid -> XidRange.of(xid, xid));
        return last < xmax
                ? hidden.toArray()
                : LongStream.concat(hidden, LongStream.of(XidRange.of(Math.max(first, xmax), last)))
                        .toArray();
    }

    private long widen(long xid32) {
        long candidate = (xmax & 0xFFFF_FFFF_0000_0000L) | (xid32 & 0xFFFF_FFFFL);
        if (candidate - xmax > 1L << 31) {
            return candidate - (1L << 32);
        }
        if (xmax - candidate > 1L << 31) {
            return candidate + (1L << 32);
        }
        return candidate;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SourceSnapshot that
                && xmin == that.xmin
                && xmax == that.xmax
                && Arrays.equals(running, that.running);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(xmin) * 31 + Long.hashCode(xmax);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder().append(xmin).append(':').append(xmax).append(':');
        for (int i = 0; i < running.length; i++) {
            text.append(i == 0 ? "" : ",").append(running[i]);
        }
        return text.toString();
    }
}
