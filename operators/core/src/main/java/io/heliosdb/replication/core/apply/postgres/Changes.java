package io.heliosdb.replication.core.apply.postgres;

/**
 * Walks the bytes of {@link io.heliosdb.replication.model.TenantTransaction#changes()} without
 * making objects. The layout stands there.
 */
final class Changes {

    static final byte INSERT = 'I';
    static final byte UPDATE = 'U';
    static final byte DELETE = 'D';
    static final byte TRUNCATE = 'T';
    static final byte DDL = 'M';

    static final byte NULL = 'n';
    static final byte UNCHANGED = 'u';
    static final byte NEW_ONLY = 'N';

    /** Flag in the result of {@link #scan}: the tuple has an unchanged TOAST value. */
    static final long HAS_UNCHANGED = 1L << 63;

    private Changes() {}

    static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }

    static int i32(byte[] bytes, int at) {
        return bytes[at] << 24
                | (bytes[at + 1] & 0xFF) << 16
                | (bytes[at + 2] & 0xFF) << 8
                | bytes[at + 3] & 0xFF;
    }

    /** The end of the tuple that starts here. */
    static int tupleEnd(byte[] bytes, int tuple) {
        return (int) scan(bytes, tuple);
    }

    /** The end of the tuple that starts here, with {@link #HAS_UNCHANGED} if it applies. */
    static long scan(byte[] bytes, int tuple) {
        int columns = u16(bytes, tuple);
        int at = tuple + 2;
        long flag = 0;
        for (int i = 0; i < columns; i++) {
            byte kind = bytes[at];
            if (kind == NULL) {
                at++;
            } else if (kind == UNCHANGED) {
                at++;
                flag = HAS_UNCHANGED;
            } else {
                at += 5 + i32(bytes, at + 1);
            }
        }
        return flag | at;
    }

    /** The start of the next column. */
    static int columnEnd(byte[] bytes, int column) {
        byte kind = bytes[column];
        return kind == NULL || kind == UNCHANGED ? column + 1 : column + 5 + i32(bytes, column + 1);
    }

    /** The start of the column with this index in a tuple. */
    static int column(byte[] bytes, int tuple, int index) {
        int at = tuple + 2;
        for (int i = 0; i < index; i++) {
            at = columnEnd(bytes, at);
        }
        return at;
    }

    /** Whether the change carries an old tuple (key or whole row). */
    static boolean hasOld(byte[] bytes, int change) {
        byte op = bytes[change];
        return op == DELETE || op == UPDATE && bytes[change + 3] != NEW_ONLY;
    }

    /** Start of the old tuple of a change that has one. */
    static int oldTuple(int change) {
        return change + 4;
    }

    /** Start of the new tuple of an insert or update. */
    static int newTuple(byte[] bytes, int change) {
        if (bytes[change] == INSERT) {
            return change + 3;
        }
        return bytes[change + 3] == NEW_ONLY ? change + 4 : tupleEnd(bytes, change + 4);
    }

    /** How many changes stand before the one that starts here. */
    static int indexOf(byte[] bytes, int change) {
        int index = 0;
        for (int at = 0; at < change; at = changeEnd(bytes, at)) {
            index++;
        }
        return index;
    }

    /** The end of the change that starts here. */
    static int changeEnd(byte[] bytes, int change) {
        return switch (bytes[change]) {
            case INSERT -> tupleEnd(bytes, change + 3);
            case UPDATE -> tupleEnd(bytes, newTuple(bytes, change));
            case DELETE -> tupleEnd(bytes, change + 4);
            case TRUNCATE -> change + 4;
            case DDL -> change + 7 + i32(bytes, change + 3);
            default ->
                    throw new IllegalStateException(
                            "no such change: operation " + bytes[change] + " at byte " + change);
        };
    }

    /** Whether two columns (of any tuples) have the same kind and bytes. */
    static boolean sameColumn(byte[] a, int columnA, byte[] b, int columnB) {
        return java.util.Arrays.equals(
                a, columnA, columnEnd(a, columnA), b, columnB, columnEnd(b, columnB));
    }
}
