package io.heliosdb.replication.core.apply.postgres;

import java.nio.charset.StandardCharsets;

/**
 * Turns tuples into columns: one binary {@code text[]} per column, which the server unnests again.
 *
 * <p>An element of a binary array is a 4-byte length and the bytes, or length -1 for null: but for
 * the kind byte that is what pgoutput sends, so a value is one array copy, and nothing is quoted.
 */
final class TextColumns {

    private static final int HEADER_BYTES = 20;
    private static final int TEXT_OID = 25;

    private ByteBuilder[] columns = {};
    private int width;
    private int rows;
    private long bytes;

    /** Starts a batch of so many columns. */
    void start(int newWidth) {
        if (columns.length < newWidth) {
            ByteBuilder[] more = new ByteBuilder[newWidth];
            System.arraycopy(columns, 0, more, 0, columns.length);
            for (int i = columns.length; i < newWidth; i++) {
                more[i] = new ByteBuilder(1024);
            }
            columns = more;
        }
        width = newWidth;
        rows = 0;
        bytes = 0;
        for (int i = 0; i < width; i++) {
            columns[i].clear();
            columns[i].room(HEADER_BYTES);
            columns[i].size(HEADER_BYTES);
        }
    }

    /**
     * Adds the columns of one tuple.
     *
     * @param destination by column of the tuple, which of our columns it goes to, or -1
     */
    void add(byte[] from, int tuple, int[] destination) {
        int at = tuple + 2;
        for (int to : destination) {
            byte kind = from[at];
            if (kind == Changes.NULL || kind == Changes.UNCHANGED) {
                if (to >= 0) {
                    columns[to].addInt(-1);
                }
                at++;
            } else {
                int length = 4 + Changes.i32(from, at + 1);
                if (to >= 0) {
                    columns[to].add(from, at + 1, length);
                    bytes += length;
                }
                at += 1 + length;
            }
        }
    }

    /** Adds a value of our own to one column of the row that is being added. */
    void add(int column, String value) {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        columns[column].addInt(encoded.length);
        columns[column].add(encoded, 0, encoded.length);
    }

    void endRow() {
        rows++;
    }

    int rows() {
        return rows;
    }

    long bytes() {
        return bytes;
    }

    /** The arrays as PostgreSQL receives them. */
    byte[][] arrays() {
        byte[][] arrays = new byte[width][];
        for (int i = 0; i < width; i++) {
            int size = columns[i].size();
            columns[i].size(0);
            columns[i].addInt(1); // dimensions
            columns[i].addInt(1); // may have nulls
            columns[i].addInt(TEXT_OID);
            columns[i].addInt(rows);
            columns[i].addInt(1); // lower bound
            columns[i].size(size);
            arrays[i] = columns[i].toArray();
        }
        return arrays;
    }
}
