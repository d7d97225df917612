package io.heliosdb.replication.core.verify;

/**
 * Count and sum of row hashes of a set of rows: equal sets have equal aggregates in any order, and
 * duplicates count. The sum is modulo 2^64.
 */
public record Aggregate(long count, long sum) {

    public static final Aggregate NONE = new Aggregate(0, 0);

    public Aggregate plus(Aggregate other) {
        return new Aggregate(count + other.count, sum + other.sum);
    }

    public Aggregate plus(long rowHash) {
        return new Aggregate(count + 1, sum + rowHash);
    }

    public Aggregate minus(long rowHash) {
        return new Aggregate(count - 1, sum - rowHash);
    }
}
