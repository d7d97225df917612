package io.heliosdb.replication.model;

import java.io.Serializable;

/**
 * A place in the change stream of a source: the commit LSN of a source transaction and the ordinal
 * of a change in it.
 *
 * <p>This is the only order key. The LSN of a single change is not monotonic in the stream, because
 * transactions interleave in the WAL and are streamed in commit order.
 *
 * @param commitLsn start of the commit record, as BEGIN announces it
 * @param ordinal number of changes of that transaction before this place; {@link #WHOLE} once all
 *     are behind
 */
public record Position(Lsn commitLsn, long ordinal) implements Comparable<Position>, Serializable {

    /** The ordinal of "the whole transaction". */
    public static final long WHOLE = Long.MAX_VALUE;

    public static final Position START = new Position(Lsn.ZERO, 0);

    public Position {
        if (ordinal < 0) {
            throw new IllegalArgumentException("ordinal must not be negative: " + ordinal);
        }
    }

    /** Everything up to and including the transaction that committed at {@code commitLsn}. */
    public static Position after(Lsn commitLsn) {
        return new Position(commitLsn, WHOLE);
    }

    public boolean isAfter(Position other) {
        return compareTo(other) > 0;
    }

    @Override
    public int compareTo(Position other) {
        int byLsn = commitLsn.compareTo(other.commitLsn);
        return byLsn != 0 ? byLsn : Long.compare(ordinal, other.ordinal);
    }

    @Override
    public String toString() {
        return ordinal == WHOLE ? commitLsn.toString() : commitLsn + "+" + ordinal;
    }
}
