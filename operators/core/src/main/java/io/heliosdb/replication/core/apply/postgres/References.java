package io.heliosdb.replication.core.apply.postgres;

import java.util.Arrays;

/** A growing list of references into {@link Segments}. */
final class References {

    private long[] items = new long[16];
    private int size;

    void add(long reference) {
        if (size == items.length) {
            items = Arrays.copyOf(items, size * 2);
        }
        items[size++] = reference;
    }

    long get(int index) {
        return items[index];
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }
}
