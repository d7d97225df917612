package io.heliosdb.replication.core.snapshot.postgres;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Finds whose a line of COPY text is by its first field, and counts lines and bytes per tenant.
 * Used by one thread.
 *
 * <p>The comparison is by the bytes of the text form, as the router of the stream compares, not by
 * the type's equality: of a citext or char(n) key both take the same rows.
 */
final class TenantCounter {

    /** Nobody's line: not to be copied. */
    static final int NOBODY = -1;

    private final byte[][] tenants;
    private final int[] slots;
    private final boolean whole;
    private final long[] rows;
    private final long[] bytes;
    private int last;

    private TenantCounter(byte[][] tenants, boolean whole) {
        this.tenants = tenants;
        this.whole = whole;
        this.rows = new long[tenants.length];
        this.bytes = new long[tenants.length];
        this.slots = new int[Integer.highestOneBit(Math.max(4, tenants.length * 2)) * 2];
        Arrays.fill(slots, NOBODY);
        for (int i = 0; i < tenants.length; i++) {
            int slot = hash(tenants[i], tenants[i].length) & slots.length - 1;
            while (slots[slot] != NOBODY) {
                slot = slot + 1 & slots.length - 1;
            }
            slots[slot] = i;
        }
    }

    /** A counter for lines whose first field is the tenant key. */
    static TenantCounter byFirstField(List<String> tenants) {
        return new TenantCounter(
                tenants.stream().map(TenantCounter::escape).toArray(byte[][]::new), false);
    }

    /** A counter for lines that are all of one tenant. */
    static TenantCounter whole() {
        return new TenantCounter(new byte[1][0], true);
    }

    /** Counts a line and says the index of its tenant, or {@link #NOBODY}. */
    int count(byte[] line) {
        int tenant = whole ? 0 : find(line);
        if (tenant != NOBODY) {
            rows[tenant]++;
            bytes[tenant] += line.length;
        }
        return tenant;
    }

    long[] rows() {
        return rows;
    }

    long[] bytes() {
        return bytes;
    }

    private int find(byte[] line) {
        int length = 0;
        while (line[length] != '\t' && line[length] != '\n') {
            length++;
        }
        // Rows of a tenant tend to lie together.
        if (isTenant(last, line, length)) {
            return last;
        }
        int slot = hash(line, length) & slots.length - 1;
        while (slots[slot] != NOBODY) {
            if (isTenant(slots[slot], line, length)) {
                last = slots[slot];
                return last;
            }
            slot = slot + 1 & slots.length - 1;
        }
        return NOBODY;
    }

    private boolean isTenant(int index, byte[] line, int length) {
        byte[] tenant = tenants[index];
        return tenant.length == length && Arrays.equals(tenant, 0, length, line, 0, length);
    }

    private static int hash(byte[] bytes, int length) {
        int hash = 1;
        for (int i = 0; i < length; i++) {
            hash = hash * 31 + bytes[i];
        }
        return hash ^ hash >>> 15;
    }

    /** A value as COPY text writes it. */
    static byte[] escape(String value) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case 0x0B -> text.append("\\v");
                default -> text.append(c);
            }
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
