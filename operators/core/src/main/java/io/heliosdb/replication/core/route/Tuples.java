package io.heliosdb.replication.core.route;

/**
 * Walking pgoutput's TupleData in place: {@code columns(2) ('n' | 'u' | 't' length(4) bytes)*}.
 * Slices are returned packed: offset in the upper, length in the lower half; negative values say
 * why there is none.
 */
final class Tuples {

    /** The column is NULL. */
    static final long NULL = -1;

    /** The column is an unchanged TOAST value and not in the tuple. */
    static final long UNCHANGED = -2;

    private Tuples() {}

    /** Offset of the first byte behind the tuple at {@code offset}. */
    static int end(byte[] bytes, int offset) {
        int columns = (bytes[offset] & 0xFF) << 8 | bytes[offset + 1] & 0xFF;
        int at = offset + 2;
        for (int i = 0; i < columns; i++) {
            at = next(bytes, at);
        }
        return at;
    }

    /** The value of a column of the tuple at {@code offset}. */
    static long slice(byte[] bytes, int offset, int column) {
        int columns = (bytes[offset] & 0xFF) << 8 | bytes[offset + 1] & 0xFF;
        if (column >= columns) {
            throw new IllegalArgumentException(
                    "tuple has " + columns + " columns, wanted column " + column);
        }
        int at = offset + 2;
        for (int i = 0; i < column; i++) {
            at = next(bytes, at);
        }
        return switch (bytes[at]) {
            case 't' -> (long) (at + 5) << 32 | int32(bytes, at + 1);
            case 'n' -> NULL;
            case 'u' -> UNCHANGED;
            default -> throw unknown(bytes[at]);
        };
    }

    static int offset(long slice) {
        return (int) (slice >>> 32);
    }

    static int length(long slice) {
        return (int) slice;
    }

    private static int next(byte[] bytes, int at) {
        return switch (bytes[at]) {
            case 't' -> at + 5 + int32(bytes, at + 1);
            case 'n', 'u' -> at + 1;
            default -> throw unknown(bytes[at]);
        };
    }

    private static IllegalArgumentException unknown(byte kind) {
        return new IllegalArgumentException("unknown column kind '" + (char) kind + "' in tuple");
    }

    static int int32(byte[] bytes, int at) {
        return bytes[at] << 24
                | (bytes[at + 1] & 0xFF) << 16
                | (bytes[at + 2] & 0xFF) << 8
                | bytes[at + 3] & 0xFF;
    }
}
