package io.heliosdb.replication.core.apply.postgres;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Writes tuples as rows of COPY's text format: tab between columns, newline behind, {@code \N} for
 * null, backslash before what would be mistaken.
 */
final class CopyText {

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long BACKSLASHES = ONES * '\\';

    private CopyText() {}

    /**
     * Appends one row.
     *
     * @param written by column of the tuple, whether it is written
     */
    static void append(ByteBuilder to, byte[] from, int tuple, boolean[] written) {
        int columns = Changes.u16(from, tuple);
        int at = tuple + 2;
        boolean first = true;
        for (int i = 0; i < columns; i++) {
            byte kind = from[at];
            boolean present = kind != Changes.NULL && kind != Changes.UNCHANGED;
            int length = present ? Changes.i32(from, at + 1) : 0;
            if (written[i]) {
                if (!first) {
                    to.add((byte) '\t');
                }
                first = false;
                if (present) {
                    value(to, from, at + 5, length);
                } else if (kind == Changes.NULL) {
                    to.add((byte) '\\');
                    to.add((byte) 'N');
                } else {
                    throw new IllegalStateException("insert without a value for column " + i);
                }
            }
            at += present ? 5 + length : 1;
        }
        to.add((byte) '\n');
    }

    /** Copies eight bytes at a time while none of them can need a backslash. */
    private static void value(ByteBuilder builder, byte[] from, int offset, int length) {
        byte[] to = builder.room(2 * length + 8);
        int out = builder.size();
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (end - at >= 8) {
                long eight = (long) LONGS.get(from, at);
                long slash = eight ^ BACKSLASHES;
                long suspect =
                        (eight - ONES * 0x20) & ~eight & HIGHS | (slash - ONES) & ~slash & HIGHS;
                if (suspect == 0) {
                    LONGS.set(to, out, eight);
                    at += 8;
                    out += 8;
                    continue;
                }
            }
            int stop = Math.min(at + 8, end);
            while (at < stop) {
                byte value = from[at++];
                byte escape = escape(value);
                if (escape != 0) {
                    to[out++] = '\\';
                    to[out++] = escape;
                } else {
                    to[out++] = value;
                }
            }
        }
        builder.size(out);
    }

    private static byte escape(byte value) {
        return switch (value) {
            case '\\' -> '\\';
            case '\t' -> 't';
            case '\n' -> 'n';
            case '\r' -> 'r';
            default -> 0;
        };
    }
}
