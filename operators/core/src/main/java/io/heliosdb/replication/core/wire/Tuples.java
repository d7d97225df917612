package io.heliosdb.replication.core.wire;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import java.io.ByteArrayOutputStream;

/**
 * Walks pgoutput's TupleData in place, without creating objects:
 *
 * <pre>
 *   columns(2)  { 'n' | 'u' | 't' length(4) bytes(length) } * columns
 * </pre>
 *
 * Numbers are big-endian. {@code limit} is the offset behind the message; nothing is read from
 * there on. Slices are packed into a long: offset in the upper, length in the lower half; negative
 * values say why there is none.
 *
 * <p>What is not a tuple fails with {@link ErrorCode#PROTOCOL_VIOLATION}.
 */
public final class Tuples {

    /** The column is NULL. */
    public static final long NULL = -1;

    /** The column is an unchanged TOAST value and not in the tuple. */
    public static final long UNCHANGED = -2;

    private Tuples() {}

    /** Number of columns of the tuple at {@code offset}. */
    public static int columns(byte[] bytes, int offset, int limit) {
        if (offset < 0 || limit > bytes.length || limit - offset < 2) {
            throw violation("tuple", offset, "ends at " + limit);
        }
        return (bytes[offset] & 0xFF) << 8 | bytes[offset + 1] & 0xFF;
    }

    /** Offset of the first byte behind the tuple at {@code offset}. */
    public static int end(byte[] bytes, int offset, int limit) {
        int columns = columns(bytes, offset, limit);
        int at = offset + 2;
        for (int i = 0; i < columns; i++) {
            at = next(bytes, at, limit);
        }
        return at;
    }

    /** The value of a column of the tuple at {@code offset}. */
    public static long slice(byte[] bytes, int offset, int limit, int column) {
        int columns = columns(bytes, offset, limit);
        if (column < 0 || column >= columns) {
            throw violation("tuple", offset, "has " + columns + " columns, wanted " + column);
        }
        int at = offset + 2;
        for (int i = 0; i < column; i++) {
            at = next(bytes, at, limit);
        }
        int behind = next(bytes, at, limit);
        return switch (bytes[at]) {
            case PgOutput.COLUMN_NULL -> NULL;
            case PgOutput.COLUMN_UNCHANGED -> UNCHANGED;
            default -> (long) (at + 5) << 32 | behind - at - 5;
        };
    }

    /** Whether an unchanged TOAST value is left out of the tuple. */
    public static boolean hasUnchanged(byte[] bytes, int offset, int limit) {
        int columns = columns(bytes, offset, limit);
        int at = offset + 2;
        for (int i = 0; i < columns; i++) {
            int behind = next(bytes, at, limit);
            if (bytes[at] == PgOutput.COLUMN_UNCHANGED) {
                return true;
            }
            at = behind;
        }
        return false;
    }

    /**
     * The tuple at {@code offset}, with the values of the one at {@code older} for the TOAST values
     * that it leaves out.
     */
    public static byte[] complete(byte[] bytes, int offset, int older, int limit) {
        int columns = columns(bytes, offset, limit);
        if (columns(bytes, older, limit) != columns) {
            throw violation("tuple", older, "has not the " + columns + " columns of the other");
        }
        ByteArrayOutputStream row = new ByteArrayOutputStream(limit - older);
        row.write(bytes, offset, 2);
        int at = offset + 2;
        int olderAt = older + 2;
        for (int i = 0; i < columns; i++) {
            int behind = next(bytes, at, limit);
            int olderBehind = next(bytes, olderAt, limit);
            if (bytes[at] == PgOutput.COLUMN_UNCHANGED) {
                row.write(bytes, olderAt, olderBehind - olderAt);
            } else {
                row.write(bytes, at, behind - at);
            }
            at = behind;
            olderAt = olderBehind;
        }
        return row.toByteArray();
    }

    public static int offset(long slice) {
        return (int) (slice >>> 32);
    }

    public static int length(long slice) {
        return (int) slice;
    }

    private static int next(byte[] bytes, int at, int limit) {
        if (at >= limit) {
            throw violation("column", at, "ends at " + limit);
        }
        switch (bytes[at]) {
            case PgOutput.COLUMN_NULL, PgOutput.COLUMN_UNCHANGED -> {
                return at + 1;
            }
            case PgOutput.COLUMN_TEXT -> {
                if (limit - at < 5) {
                    throw violation("column", at, "ends at " + limit);
                }
                int length = int32(bytes, at + 1);
                if (length < 0 || length > limit - at - 5) {
                    throw violation("column", at, "of " + length + " bytes ends at " + limit);
                }
                return at + 5 + length;
            }
            default -> throw violation("column", at, "of kind '" + (char) bytes[at] + "'");
        }
    }

    /** The four bytes at {@code at}; the caller has made sure that they are there. */
    static int int32(byte[] bytes, int at) {
        return bytes[at] << 24
                | (bytes[at + 1] & 0xFF) << 16
                | (bytes[at + 2] & 0xFF) << 8
                | bytes[at + 3] & 0xFF;
    }

    private static ReplicationException violation(String what, int at, String problem) {
        return new ReplicationException(
                ErrorCode.PROTOCOL_VIOLATION, what + " at offset " + at + " " + problem);
    }
}
