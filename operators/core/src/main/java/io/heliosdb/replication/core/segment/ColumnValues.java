package io.heliosdb.replication.core.segment;

import java.util.Arrays;

/**
 * One column of one table: what kind of value each row has, and the texts of those that have one.
 */
final class ColumnValues {

    /** A text of the column's form. */
    static final byte VALUE = 0;

    static final byte NULL = 1;

    /** An unchanged TOAST value. */
    static final byte UNCHANGED = 2;

    /** In a new row: the text that the old row of the same change has. */
    static final byte SAME = 3;

    /** A text that has not the column's form. */
    static final byte OTHER = 4;

    byte[] kinds = new byte[64];
    int rows;
    byte[] data = new byte[512];

    /** Where each text ends in the data. */
    int[] ends = new int[64];

    int texts;

    void add(byte kind) {
        if (rows == kinds.length) {
            kinds = Arrays.copyOf(kinds, rows * 2);
        }
        kinds[rows++] = kind;
    }

    void add(byte[] from, int offset, int length) {
        add(VALUE);
        int end = size();
        if (data.length - end < length) {
            data = Arrays.copyOf(data, Math.max(Math.addExact(end, length), end * 2));
        }
        System.arraycopy(from, offset, data, end, length);
        ended(end + length);
    }

    private void ended(int end) {
        if (texts == ends.length) {
            ends = Arrays.copyOf(ends, texts * 2);
        }
        ends[texts++] = end;
    }

    int start(int text) {
        return text == 0 ? 0 : ends[text - 1];
    }

    int size() {
        return start(texts);
    }

    /** Whether the last row has this text. */
    boolean lastIs(byte[] bytes, int offset, int length) {
        return rows > 0
                && kinds[rows - 1] == VALUE
                && Arrays.equals(data, start(texts - 1), size(), bytes, offset, offset + length);
    }

    boolean allValues() {
        for (int i = 0; i < rows; i++) {
            if (kinds[i] != VALUE) {
                return false;
            }
        }
        return true;
    }
}
