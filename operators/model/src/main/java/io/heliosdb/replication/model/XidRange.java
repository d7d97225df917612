package io.heliosdb.replication.model;

/**
 * One transaction id as the stream carries it (32 bits), or a range of them, as one long: the first
 * id in the lower half, how many more follow it in the upper half. A single id is its own range.
 * Ids wrap around at 2^32.
 */
public final class XidRange {

    private static final long LOWER = 0xFFFF_FFFFL;

    private XidRange() {}

    /** From {@code first} up to and with {@code last}, both by their lower 32 bits. */
    public static long of(long first, long last) {
        return (last - first & LOWER) << 32 | first & LOWER;
    }

    public static long first(long range) {
        return range & LOWER;
    }

    public static long last(long range) {
        return first(range) + following(range) & LOWER;
    }

    /** How many ids follow the first. */
    public static long following(long range) {
        return range >>> 32;
    }
}
