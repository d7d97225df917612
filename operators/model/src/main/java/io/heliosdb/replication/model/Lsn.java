package io.heliosdb.replication.model;

import java.io.Serializable;

/**
 * A byte address in the write-ahead log of one PostgreSQL cluster, compared as unsigned 64-bit.
 *
 * <p>Text form is PostgreSQL's {@code pg_lsn}: two hexadecimal halves, {@code 16/B374D848}.
 */
public record Lsn(long value) implements Comparable<Lsn>, Serializable {

    /** Smaller than every address that PostgreSQL hands out. */
    public static final Lsn ZERO = new Lsn(0);

    public static Lsn parse(String text) {
        int slash = text.indexOf('/');
        try {
            if (slash < 1 || slash == text.length() - 1) {
                throw new NumberFormatException();
            }
            long high = Long.parseLong(text, 0, slash, 16);
            long low = Long.parseLong(text, slash + 1, text.length(), 16);
            if (high >>> 32 != 0 || low >>> 32 != 0) {
                throw new NumberFormatException();
            }
            return new Lsn(high << 32 | low);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "not an LSN: '" + text + "', expected e.g. 16/B374D848", e);
        }
    }

    public boolean isAfter(Lsn other) {
        return compareTo(other) > 0;
    }

    /** Bytes of WAL from {@code earlier} to this, at least 0. */
    public long bytesSince(Lsn earlier) {
        return isAfter(earlier) ? value - earlier.value : 0;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return format(value);
    }

    /** The {@code pg_lsn} text of a raw value. */
    public static String format(long value) {
        return Long.toHexString(value >>> 32).toUpperCase()
                + "/"
                + Long.toHexString(value & 0xFFFF_FFFFL).toUpperCase();
    }
}
