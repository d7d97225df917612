package io.heliosdb.replication.core.snapshot.postgres;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds whose a row of a COPY is by its first field, and counts rows and bytes per tenant. Used by
 * one thread.
 *
 * <p>The comparison is by the bytes of the field, which are equal iff its text form is, as the
 * router of the stream compares, and not by the type's equality: of a citext or char(n) key both
 * take the same rows.
 */
final class TenantCounter {

    /** Nobody's row: not to be copied. */
    static final int NOBODY = -1;

    private final CopyFormat format;
    private final byte @Nullable [][] keys;
    private final int[] slots;
    private final boolean whole;
    private final long[] rows;
    private final long[] bytes;
    private int last;

    private TenantCounter(CopyFormat format, byte @Nullable [][] keys, boolean whole) {
        this.format = format;
        this.keys = keys;
        this.whole = whole;
        this.rows = new long[keys.length];
        this.bytes = new long[keys.length];
        this.slots = new int[Integer.highestOneBit(Math.max(4, keys.length * 2)) * 2];
        Arrays.fill(slots, NOBODY);
        for (int i = 0; i < keys.length; i++) {
            byte[] key = keys[i];
            if (key != null) {
                int slot = hash(key, 0, key.length) & slots.length - 1;
                while (slots[slot] != NOBODY) {
                    slot = slot + 1 & slots.length - 1;
                }
                slots[slot] = i;
            }
        }
    }

    /** A counter for rows whose first field is the tenant key, of this type. */
    static TenantCounter byFirstField(CopyFormat format, String keyType, List<String> tenants) {
        byte[][] keys = new byte[tenants.size()][];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = format.key(tenants.get(i), keyType);
        }
        return new TenantCounter(format, keys, false);
    }

    /** A counter for rows that are all of one tenant. */
    static TenantCounter whole(CopyFormat format) {
        return new TenantCounter(format, new byte[1][], true);
    }

    /** Counts a row and says the index of its tenant, or {@link #NOBODY}. */
    int count(byte[] row) {
        int tenant = whole ? 0 : find(row);
        if (tenant != NOBODY) {
            rows[tenant]++;
            bytes[tenant] += row.length;
        }
        return tenant;
    }

    long[] rows() {
        return rows;
    }

    long[] bytes() {
        return bytes;
    }

    private int find(byte[] row) {
        int from = format.keyStart(row);
        int to = format.keyEnd(row);
        if (to < from) {
            return NOBODY;
        }
        // Rows of a tenant tend to lie together.
        if (isTenant(last, row, from, to)) {
            return last;
        }
        int slot = hash(row, from, to) & slots.length - 1;
        while (slots[slot] != NOBODY) {
            if (isTenant(slots[slot], row, from, to)) {
                last = slots[slot];
                return last;
            }
            slot = slot + 1 & slots.length - 1;
        }
        return NOBODY;
    }

    private boolean isTenant(int index, byte[] row, int from, int to) {
        byte[] key = keys[index];
        return key != null && Arrays.equals(key, 0, key.length, row, from, to);
    }

    private static int hash(byte[] bytes, int from, int to) {
        int hash = 1;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + bytes[i];
        }
        return hash ^ hash >>> 15;
    }
}
