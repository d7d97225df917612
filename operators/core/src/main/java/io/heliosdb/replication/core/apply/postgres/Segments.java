package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.model.TenantTransaction;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The byte arrays that a target transaction is made of, and how a place in them is named.
 *
 * <p>A <em>reference</em> is one long: bit 63 says that the tuple has an unchanged TOAST value,
 * bits 62–32 are the segment, the rest is the offset in it. So a million rows can be sorted into
 * tables without an object per row.
 */
final class Segments {

    private byte[][] bytes = new byte[64][];
    private int[] lanes = new int[64];
    private @Nullable TenantTransaction[] transactions = new TenantTransaction[64];
    private int size;

    /** Adds an array; {@code transaction} is null for rows that were put together here. */
    int add(byte[] segment, int lane, @Nullable TenantTransaction transaction) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, size * 2);
            lanes = Arrays.copyOf(lanes, size * 2);
            transactions = Arrays.copyOf(transactions, size * 2);
        }
        bytes[size] = segment;
        lanes[size] = lane;
        transactions[size] = transaction;
        return size++;
    }

    void clear() {
        Arrays.fill(bytes, 0, size, null);
        Arrays.fill(transactions, 0, size, null);
        size = 0;
    }

    static long reference(int segment, int offset) {
        return (long) segment << 32 | offset;
    }

    static int offset(long reference) {
        return (int) reference;
    }

    static boolean hasUnchanged(long reference) {
        return reference < 0;
    }

    byte[] bytes(long reference) {
        return bytes[segment(reference)];
    }

    int lane(long reference) {
        return lanes[segment(reference)];
    }

    @Nullable TenantTransaction transaction(long reference) {
        return transactions[segment(reference)];
    }

    private static int segment(long reference) {
        return (int) (reference >>> 32) & Integer.MAX_VALUE;
    }
}
